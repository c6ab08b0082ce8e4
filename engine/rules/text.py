"""Texts with placeholders, and how values enter them: as prose, shell, YAML or structure.

A placeholder is `{$variable}` or `{kind.field}`, in fixes also `{kind.field|json}` for a field
that holds JSON text. Nothing is evaluated and no attribute is looked up, so a value from a
document can neither run code nor reach anything but its own place.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from wayout.engine.facts import Scalar

__all__ = ["Placeholder", "Values", "placeholders", "plain", "stray_braces", "visible"]

Values = Mapping[str, Scalar]  # placeholder name, such as "$nat" or "pod_exit.pod_ip", to value

pattern = re.compile(r"\{(\$[a-z][a-z0-9_]*|[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)(\|json)?\}")


class Placeholder(NamedTuple):
    """One placeholder of a text: its name and whether the value is inserted as JSON."""

    name: str
    is_json: bool


def placeholders(text: str) -> frozenset[Placeholder]:
    """The placeholders of a text."""
    return frozenset(Placeholder(m[1], m[2] is not None) for m in pattern.finditer(text))


def stray_braces(text: str) -> bool:
    """Whether braces are left that are no placeholder, most likely a misspelt one."""
    return bool(re.search(r"[{}]", pattern.sub("", text)))


def substitute(text: str, insert: Callable[[re.Match[str]], str]) -> str:
    """`text` with each placeholder replaced by what `insert` returns for its match."""
    return pattern.sub(insert, text)


def visible(value: str) -> str:
    """`value` with every control, format and separator character written as an escape.

    A name with a line break, a terminal escape or a bidirectional override then reads as what
    it is and cannot rearrange the text around it.
    """
    if value.isascii() and value.isprintable():
        return value
    return "".join(c if is_harmless(c) else escaped(c) for c in value)


def is_harmless(character: str) -> bool:
    return character == " " or unicodedata.category(character)[0] not in "CZ"


def escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def shown(value: Scalar) -> str:
    """A value as one visible line; booleans as JSON and YAML write them."""
    return visible(value) if isinstance(value, str) else json.dumps(value)


def plain(text: str, values: Values) -> str:
    """A sentence for a person. Raises KeyError when a placeholder has no value."""
    first, rest = pieces(text)
    said = [first]
    for name, literal in rest:
        said += (shown(values[name]), literal)
    return "".join(said)


@lru_cache(maxsize=4096)  # every answer says sentences of the same few hundred rules
def pieces(text: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The text before the first placeholder, then each placeholder and the text behind it."""
    first, *rest = pattern.split(text)
    return first, tuple(zip(rest[::3], rest[2::3], strict=True))
