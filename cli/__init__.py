"""The command line: a thin layer over `wayout.engine`."""

from wayout.cli.main import main

__all__ = ["main"]
