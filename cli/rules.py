"""The commands about the knowledge base."""

from __future__ import annotations

import typer

__all__ = ["rules"]

rules = typer.Typer(help="Read, check and index the knowledge base.", rich_markup_mode=None)
