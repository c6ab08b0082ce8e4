"""JSON with duplicate keys, endless numbers and lone surrogates refused; and line numbers."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NoReturn

from wayout.engine.errors import InputError

__all__ = ["decode", "line_at", "printable", "short"]

INT_DIGITS = 20  # more than any 64-bit number has
space = re.compile(r"[ \t\r\n]*")
surrogate = re.compile(r"\\u[dD][89a-fA-F]")


class RefusedError(Exception):
    """Valid for the parser, refused by us: the reason, and the token it is about."""

    def __init__(self, reason: str, token: str) -> None:
        super().__init__(reason)
        self.token = token


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise RefusedError(f"the key {short(key)} occurs twice in one object", "}")
            seen.add(key)
    return made


def whole_number(digits: str) -> int:
    if len(digits) > INT_DIGITS:
        raise RefusedError(f"a number with {len(digits)} digits is too large", digits)
    return int(digits)


def fraction(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise RefusedError("a number is too large", digits)
    return number


def no_constant(name: str) -> NoReturn:
    raise RefusedError(f"{name} is not a number of JSON", name)


def decoder_with(hook: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> json.JSONDecoder:
    return json.JSONDecoder(
        object_pairs_hook=hook,
        parse_int=whole_number,
        parse_float=fraction,
        parse_constant=no_constant,
    )


decoder = decoder_with(unique)
plain_decoder = json.JSONDecoder()


def printable(text: str, limit: int = 200) -> str:
    """The text for a message: one line, no control characters, not long."""
    safe = "".join(c if c.isprintable() else "?" for c in text[:limit])
    return f"{safe}…" if len(text) > limit else safe


def short(text: str) -> str:
    return f'"{printable(text, 40)}"'


def decode(text: str, start: int, name: str) -> tuple[Any, int]:
    """The JSON value that begins at `start`, and where it ends.

    Raises json.JSONDecodeError for broken syntax and InputError for what is refused.
    """
    try:
        value, end = decoder.raw_decode(text, start)
        if surrogate.search(text, start, end):
            check_strings(value)
        return value, end
    except RefusedError as error:
        line = line_of(text, refused_at(text, start, error.token))
        raise InputError(f"{name}, line {line}: {error}.") from None
    except RecursionError:
        raise InputError(f"{name}, line {line_of(text, start)}: nested too deeply.") from None


def line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def refused_at(text: str, start: int, token: str) -> int:
    """Where the refused token stands; of a key that occurs twice, where its object ends."""
    nth = objects_before_refusal(text, start) if token == "}" else 1
    for match in re.finditer(rf'"(?:[^"\\]|\\.)*"|{re.escape(token)}', text[start:]):
        if match[0] == token:
            nth -= 1
            if nth == 0:
                return start + match.start()
    return start


def objects_before_refusal(text: str, start: int) -> int:
    """Objects are handed to the hook in the order of their closing braces: count them."""
    count = 0

    def hook(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal count
        count += 1
        return unique(pairs)

    with contextlib.suppress(RefusedError):
        decoder_with(hook).raw_decode(text, start)
    return count


def check_strings(value: Any) -> None:
    """Refuse half of a surrogate pair: it cannot be written out again."""
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest += item
            rest += item.values()
        elif isinstance(item, list):
            rest += item
        elif isinstance(item, str) and not item.isascii():
            try:
                item.encode()
            except UnicodeEncodeError:
                raise RefusedError("a text holds half of a surrogate pair", "\\u") from None


def line_at(text: str, start: int, path: tuple[str, ...]) -> tuple[int, int]:
    """The line of the value at `path`, or of its nearest ancestor; how many steps exist."""
    at, depth = start, 0
    for token in path:
        found = child(text, at, token)
        if found is None:
            break
        at, depth = found, depth + 1
    return line_of(text, at), depth


def child(text: str, at: int, token: str) -> int | None:
    """The offset of one member or element of the value at `at`; others are skipped in C."""
    if text[at] not in "{[":
        return None
    is_object = text[at] == "{"
    number = 0
    at = skip(text, at + 1)
    while text[at] not in "]}":
        name = str(number)
        if is_object:
            name, at = scanstring(text, at + 1)
            at = skip(text, skip(text, at) + 1)
        if name == token:
            return at
        _, at = plain_decoder.raw_decode(text, at)
        at = skip(text, at)
        if text[at] == ",":
            at = skip(text, at + 1)
        number += 1
    return None


def skip(text: str, at: int) -> int:
    match = space.match(text, at)
    return match.end() if match else at
