"""The engine's version is the package's."""

from importlib.metadata import version

from wayout.engine import __version__


def test_version_agrees_with_the_package() -> None:
    assert __version__ == version("wayout")
