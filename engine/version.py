"""The version of the engine, as pyproject.toml states it."""

__all__ = ["__version__"]

__version__ = "0.1.0"
