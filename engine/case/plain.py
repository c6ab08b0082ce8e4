"""Already parsed documents, made sure to be plain data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from wayout.engine.case.json_text import printable
from wayout.engine.errors import InputError

__all__ = ["plain"]

VALUE_LIMIT = 2_000_000
DEPTH_LIMIT = 100


def plain(value: Any, name: str) -> Any:
    """The same value, or a plain copy where it holds mappings, tuples or dates of other types.

    Raises InputError for other objects, numbers that are none, half surrogate pairs, endless or
    deep values.
    """
    if is_plain(value, name):
        return value
    try:
        return copied(value, name, "", DEPTH_LIMIT)
    except RecursionError:
        raise InputError(f"{name}: nested too deeply.") from None


def is_plain(value: Any, name: str) -> bool:
    """True when nothing has to be converted; cheap, because nothing is built."""
    rest = [value]
    count = 0
    while rest:
        item = rest.pop()
        kind = type(item)
        if kind is dict:
            count += len(item)
            for key in item:
                if type(key) is not str or not is_text(key):
                    return False
            rest.extend(item.values())
        elif kind is list:
            count += len(item)
            rest.extend(item)
        elif kind is str:
            if not is_text(item):
                return False
        elif kind is float:
            if item != item or item in (float("inf"), float("-inf")):
                return False
        elif kind is not bool and item is not None and not (kind is int and is_small(item)):
            return False
        if count > VALUE_LIMIT:
            raise InputError(
                f"{name}: more than {VALUE_LIMIT} values, or a document that holds itself."
            )
    return True


def is_small(number: int) -> bool:
    return -(2**64) < number < 2**64


def is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def copied(value: Any, name: str, pointer: str, depth: int) -> Any:
    def refused(problem: str) -> InputError:
        shown = printable(pointer)
        return InputError(f"{name}{f' ({shown})' if shown else ''}: {problem}.")

    if depth == 0:
        raise refused(f"nested deeper than {DEPTH_LIMIT} levels")
    if isinstance(value, Mapping):
        made = {}
        for key, item in value.items():
            if not isinstance(key, str) or not is_text(key):
                raise refused("a key must be text")
            part = key.replace("~", "~0").replace("/", "~1")
            made[str(key)] = copied(item, name, f"{pointer}/{part}", depth - 1)
        return made
    if isinstance(value, (list, tuple)):
        return [
            copied(item, name, f"{pointer}/{index}", depth - 1) for index, item in enumerate(value)
        ]
    if isinstance(value, str):
        if not is_text(value):
            raise refused("a text holds half of a surrogate pair")
        return str.__str__(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        if not is_small(value):
            raise refused("a number is too large")
        return int(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            raise refused("NaN and Infinity are no numbers of a document")
        return float(value)
    if isinstance(value, date):  # datetime too
        return value.isoformat()
    raise refused(f"a {type(value).__name__} is not plain data")
