"""The commands about wayout itself: schema and version."""

from __future__ import annotations

import json
import platform
from typing import Annotated, Literal

import typer

from wayout.cli import console

__all__ = ["schema", "version"]


def schema(
    of: Annotated[
        Literal["answer", "case", "rule"],
        typer.Argument(metavar="answer|case|rule", help="Whose JSON Schema.", show_default=False),
    ],
) -> None:
    """Print the JSON Schema of answers, case files or rules.

    Example: wayout schema rule > rule.schema.json
    """
    from wayout import engine

    match of:
        case "answer":
            found = engine.Answer.model_json_schema()
        case "case":
            found = engine.case_file_schema()
        case "rule":
            found = engine.rule_schema()
    console.emit(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def version() -> None:
    """Print versions: wayout, knowledge, Python, engine."""
    import importlib.metadata

    from wayout import engine

    lines = (
        ("wayout", engine.__version__),
        ("knowledge", engine.knowledge_version()),
        ("Python", platform.python_version()),
        ("durable_rules", importlib.metadata.version("durable_rules")),
    )
    console.emit("".join(f"{name} {number}\n" for name, number in lines))
