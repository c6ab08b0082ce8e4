"""The style and the script of the page. Nothing of a case ever stands in them."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

__all__ = ["SCRIPT", "STYLE"]

HERE = files("wayout.engine.report.html")
STYLE: Final = (HERE / "answer.css").read_text(encoding="utf-8")
SCRIPT: Final = (HERE / "answer.js").read_text(encoding="utf-8")
