"""JSON and YAML: the same data, hidden characters written as escapes that every parser undoes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from wayout.engine.report.plain import has_hidden, is_hidden

if TYPE_CHECKING:
    import yaml

__all__ = ["to_json", "to_yaml"]


def to_json(data: Any) -> str:
    """Indented JSON of a model, or of lists and dicts; fields in the order of declaration."""
    if isinstance(data, BaseModel):
        text = data.model_dump_json(indent=2)
    else:
        text = json.dumps(data, indent=2, ensure_ascii=False)
    return escape_hidden(text, json_escape) + "\n"


def to_yaml(data: Any) -> str:
    """YAML of a model, or of lists and dicts; texts of several lines as blocks."""
    import yaml

    class Dumper(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    Dumper.add_representer(str, represent_text)
    plain = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    text = yaml.dump(plain, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=100)
    return escape_hidden(text, yaml_escape)


def represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    """Quoted when something in it cannot be seen, a block when it has lines, else as usual."""
    lines = text.split("\n")
    style = None
    if any(has_hidden(line) for line in lines):
        style = '"'
    elif len(lines) > 1 and not any(line.endswith(" ") for line in lines):
        style = "|"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def escape_hidden(text: str, escape: Callable[[str], str]) -> str:
    """Only ever inside quoted strings: outside of them the format itself uses line breaks alone."""
    if not has_hidden(text.replace("\n", "")):
        return text
    return "".join(escape(c) if c != "\n" and is_hidden(c) else c for c in text)


def json_escape(char: str) -> str:
    return json.dumps(char)[1:-1] if not char.isascii() else f"\\u{ord(char):04x}"


def yaml_escape(char: str) -> str:
    code = ord(char)
    return f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}"
