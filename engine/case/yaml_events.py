"""YAML by events of libyaml: no recursion, no object construction, YAML 1.2 scalars.

Composing trees is left to nobody: a deep document would exhaust the stack of the C composer,
and aliases would be expanded before anybody could count them.

Plain `yes`, `no`, `on`, `off` are texts (kubectl writes them in quotes where they are texts, and
a field that wants true or false refuses them), so are dates, `0o7` style and `1_000` numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from wayout.engine.case.json_text import INT_DIGITS, short
from wayout.engine.errors import InputError

__all__ = ["documents", "line_at"]

DEPTH_LIMIT = 100
VALUE_LIMIT = 2_000_000
ALIAS_LIMIT = 200_000  # values that aliases may add
DOCUMENT_LIMIT = 100_000

# libyaml is part of the wheels of PyYAML; without it, reading is only slower.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
integer = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
real = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?")
constants: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
not_numbers = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
CORE = "tag:yaml.org,2002:"
core_tags = frozenset(
    {CORE + kind for kind in ("str", "int", "float", "bool", "null", "map", "seq")}
)


class Open:
    """A mapping or sequence whose end has not come yet."""

    __slots__ = ("anchor", "count_before", "is_merge", "key", "line", "merges", "value")

    def __init__(self, value: Any, anchor: str | None, count_before: int, line: int) -> None:
        self.value = value
        self.anchor = anchor
        self.count_before = count_before
        self.line = line
        self.key: str | None = None
        self.is_merge = False
        self.merges: list[dict[str, Any]] = []


def documents(text: str, name: str) -> Iterator[Any]:
    """The values of the documents of a stream; None for an empty one.

    Raises InputError for broken syntax, for a key that occurs twice, a custom tag, a text, number
    or nesting beyond the limits, and for aliases that multiply.
    """
    builder = Builder(name)
    for event in events(text, name):
        if isinstance(event, DocumentStartEvent):
            builder.begin()
        elif isinstance(event, DocumentEndEvent):
            yield builder.root
        else:
            builder.take(event)


def events(text: str, name: str) -> Iterator[Event]:
    try:
        yield from yaml.parse(text, Loader=Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        problem = (error.problem or "broken syntax")[:120]
        raise InputError(f"{name}{where}: not valid YAML ({problem}).") from None
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0) or 0) + 1
        raise InputError(
            f"{name}, line {line}: not valid YAML (a character that is not allowed)."
        ) from None
    except (RecursionError, ValueError, UnicodeError):
        raise InputError(f"{name}: not valid YAML.") from None


def line_of(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark is not None else 0


class Builder:
    """Values from events, within limits."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = 0
        self.count = 0
        self.from_aliases = 0
        self.root: Any = None
        self.stack: list[Open] = []
        self.anchors: dict[str, tuple[Any, int]] = {}

    def fail(self, line: int, problem: str) -> InputError:
        return InputError(f"{self.name}, line {line}: {problem}.")

    def begin(self) -> None:
        self.number += 1
        self.root = None
        self.stack.clear()
        self.anchors.clear()
        if self.number > DOCUMENT_LIMIT:
            raise InputError(f"{self.name}: more than {DOCUMENT_LIMIT} documents in one file.")

    def take(self, event: Event) -> None:
        if isinstance(event, ScalarEvent):
            self.scalar(event)
        elif isinstance(event, (MappingStartEvent, SequenceStartEvent)):
            self.open(event)
        elif isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            self.close()
        elif isinstance(event, AliasEvent):
            self.alias(event)

    def grow(self, line: int, by: int = 1) -> None:
        self.count += by
        if self.count > VALUE_LIMIT:
            raise self.fail(line, f"more than {VALUE_LIMIT} values")

    def scalar(self, event: ScalarEvent) -> None:
        line = line_of(event)
        top = self.stack[-1] if self.stack else None
        if top is not None and type(top.value) is dict and top.key is None:
            self.set_key(top, event, line)
            return
        self.grow(line)
        self.check_tag(event.tag, line)
        value = self.scalar_value(event, line)
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self.put(value, line)

    def set_key(self, top: Open, event: ScalarEvent, line: int) -> None:
        key = event.value
        top.is_merge = key == "<<" and event.implicit[0]
        if not top.is_merge and key in top.value:
            raise self.fail(line, f"the key {short(key)} occurs twice in one mapping")
        if event.anchor:
            self.anchors[event.anchor] = (key, 1)
        top.key = key

    def scalar_value(self, event: ScalarEvent, line: int) -> Any:
        text = event.value
        is_plain = event.implicit[0] and event.tag is None
        if not is_plain and event.tag in (None, "!", CORE + "str"):
            return text
        if text in constants:
            return constants[text]
        if integer.fullmatch(text):
            if len(text) > INT_DIGITS:
                raise self.fail(line, f"a number with {len(text)} digits is too large")
            return int(text)
        if not_numbers.fullmatch(text):
            raise self.fail(line, f"{text} is not a number wayout can read")
        if real.fullmatch(text):
            number = float(text)
            if number in (float("inf"), float("-inf")):
                raise self.fail(line, "a number is too large")
            return number
        return text

    def open(self, event: MappingStartEvent | SequenceStartEvent) -> None:
        line = line_of(event)
        self.grow(line)
        self.check_tag(event.tag, line)
        if len(self.stack) >= DEPTH_LIMIT:
            raise self.fail(line, f"nested deeper than {DEPTH_LIMIT} levels")
        top = self.stack[-1] if self.stack else None
        if top is not None and type(top.value) is dict and top.key is None:
            raise self.fail(line, "a mapping or list cannot be a key")
        value: Any = {} if isinstance(event, MappingStartEvent) else []
        self.stack.append(Open(value, event.anchor, self.count, line))

    def close(self) -> None:
        top = self.stack.pop()
        for inherited in reversed(top.merges):
            for key, value in inherited.items():
                top.value.setdefault(key, value)
        if top.anchor:
            self.anchors[top.anchor] = (top.value, self.count - top.count_before + 1)
        self.put(top.value, top.line)

    def alias(self, event: AliasEvent) -> None:
        line = line_of(event)
        anchor = event.anchor or ""
        found = self.anchors.get(anchor)
        if found is None:
            raise self.fail(line, f"the alias {short(anchor)} names no finished anchor")
        value, size = found
        self.from_aliases += size
        if self.from_aliases > ALIAS_LIMIT:
            raise self.fail(line, f"aliases add more than {ALIAS_LIMIT} values")
        self.grow(line, size)
        top = self.stack[-1] if self.stack else None
        if top is not None and type(top.value) is dict and top.key is None:
            raise self.fail(line, "an alias cannot be a key")
        self.put(value, line)

    def put(self, value: Any, line: int) -> None:
        if not self.stack:
            self.root = value
            return
        top = self.stack[-1]
        if type(top.value) is list:
            top.value.append(value)
            return
        if top.is_merge:
            self.merge(top, value, line)
        else:
            top.value[top.key] = value
        top.key, top.is_merge = None, False

    def merge(self, top: Open, value: Any, line: int) -> None:
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            raise self.fail(line, "<< must be followed by a mapping or a list of mappings")
        top.merges += reversed(parts)

    def check_tag(self, tag: str | None, line: int) -> None:
        if tag not in (None, "!") and tag not in core_tags:
            raise self.fail(line, f"the tag {short(str(tag).replace(CORE, '!!'))} is not supported")


class Place:
    """An open collection while a path is followed; `matched` is -1 off the path."""

    __slots__ = ("index", "is_mapping", "key", "key_line", "matched")

    def __init__(self, is_mapping: bool, matched: int) -> None:
        self.is_mapping = is_mapping
        self.matched = matched
        self.index = 0
        self.key: str | None = None
        self.key_line = 0


def line_at(text: str, number: int, path: tuple[str, ...]) -> tuple[int | None, int]:
    """The line of the value at `path` in one document of a stream, or of its nearest ancestor.

    Also how many steps of the path exist.
    """
    best: int | None = None
    depth = 0
    document = -1
    stack: list[Place] = []
    for event in events(text, ""):
        if isinstance(event, DocumentStartEvent):
            document += 1
        if document < number:
            continue
        if document > number:
            break
        if isinstance(event, (MappingEndEvent, SequenceEndEvent)):
            if stack.pop().matched >= 0:
                return best, depth
        elif isinstance(event, (ScalarEvent, AliasEvent, MappingStartEvent, SequenceStartEvent)):
            line = line_of(event)
            top = stack[-1] if stack else None
            if top and top.is_mapping and top.key is None:
                top.key, top.key_line = getattr(event, "value", ""), line
                continue
            matched = step(top, path)
            if matched >= 0:
                best, depth = top.key_line if top and top.is_mapping else line, matched
                if matched == len(path):
                    return best, depth
            if isinstance(event, (MappingStartEvent, SequenceStartEvent)):
                stack.append(Place(isinstance(event, MappingStartEvent), matched))
    return best, depth


def step(top: Place | None, path: tuple[str, ...]) -> int:
    """How much of the path is matched by the value that comes now; moves its parent on."""
    if top is None:
        return 0
    token = top.key if top.is_mapping else str(top.index)
    top.key = None
    top.index += 1
    return top.matched + 1 if top.matched >= 0 and token == path[top.matched] else -1
