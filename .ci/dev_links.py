"""Lets an editable install see engine/, knowledge/, cli/ and service/ as the package `wayout`.

The build hook runs by itself on `pip install -e .`; run as a script, it restores the links
after build/ was removed.
"""

from os.path import relpath
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def link(root: Path) -> None:
    package = root / "build/dev/wayout"
    package.mkdir(parents=True, exist_ok=True)
    for name in ("engine", "knowledge", "cli", "service"):
        place = package / name
        place.unlink(missing_ok=True)
        place.symlink_to(relpath(root / name, package), target_is_directory=True)


class DevLinks(BuildHookInterface):
    def initialize(self, version, build_data):
        if version == "editable":
            link(Path(self.root))


if __name__ == "__main__":
    link(Path(__file__).resolve().parents[1])
