"""The commands about wayout itself: schemas and version."""

from __future__ import annotations

import json
import platform
from typing import Annotated, Any, Literal

import typer

from wayout.cli import console

__all__ = ["schema", "version"]


What = Literal[
    "answer", "assessment", "case", "next-question", "question", "reply", "rule", "tools"
]


def schema(
    of: Annotated[
        What,
        typer.Argument(
            metavar="answer|assessment|case|next-question|question|reply|rule|tools",
            help="Whose JSON Schema; tools are the definitions for a language model.",
            show_default=False,
        ),
    ],
    form: Annotated[
        Literal["openai", "openai-responses", "anthropic", "json-schema"] | None,
        typer.Option(help="For whose API tools are written.", show_default="openai"),
    ] = None,
) -> None:
    """Print the published JSON Schema of what wayout takes and gives.

    Example: wayout schema tools --form anthropic > tools.json
    """
    from wayout import engine

    if form is not None and of != "tools":
        raise typer.BadParameter("only tools have a --form")
    found: Any
    match of:
        case "rule":
            found = engine.rule_schema()
        case "tools":
            found = engine.tool_definitions(form or "openai")
        case _:
            found = engine.published_schema(of)
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
