"""The knowledge base: rules, fixes and sources as data files; see README.md."""

from __future__ import annotations

from pathlib import Path

__all__ = ["ROOT"]

ROOT = Path(__file__).parent
