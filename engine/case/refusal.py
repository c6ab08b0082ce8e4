"""What is wrong with a document, in one sentence that says where."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from wayout.engine.case.json_text import short
from wayout.engine.case.model import Origin

__all__ = ["RefusedError", "complaint", "did_you_mean", "refusal"]

wanted = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "dict_type": "must be a mapping",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a smaller number",
    "int_type": "must be a whole number",
    "list_type": "must be a list",
    "model_type": "must be a mapping",
    "none_required": "must be empty",
    "string_pattern_mismatch": "is not a valid name",
    "string_too_long": "is too long",
    "string_too_short": "must not be empty",
    "string_type": "must be text",
    "string_unicode": "is not valid text",
}


# Kind of complaint -> where pydantic keeps the limit, and how it is said.
limits = {
    "greater_than_equal": ("ge", "at least"),
    "less_than_equal": ("le", "at most"),
}


class RefusedError(Exception):
    """Raised by the parsers; the loader adds the line and makes an InputError of it."""

    def __init__(self, origin: Origin, problem: str) -> None:
        super().__init__(problem)
        self.origin = origin
        self.problem = problem


def did_you_mean(word: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f" (did you mean {close[0]}?)" if close else ""


def complaint(error: ValidationError, data: Any) -> ErrorDetails:
    """The complaint about the deepest part: of the variants of a field, the one that was meant."""
    errors = error.errors(include_url=False, include_input=False)
    return max(errors, key=lambda details: depth_of(details["loc"], data))


def depth_of(loc: tuple[str | int, ...], data: Any) -> int:
    depth = 0
    for token in loc:
        if has_part(data, token):
            data = data[token]
            depth += 1
    return depth


def has_part(value: Any, token: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(token, int) and token < len(value)
    return isinstance(value, dict) and token in value


def refusal(
    error: ValidationError, data: Any, origin: Origin, known: Collection[str] = ()
) -> RefusedError:
    """What pydantic says about `data` as one sentence with a JSON pointer.

    Values are never repeated: they may be long or secret.
    """
    first = complaint(error, data)
    kind = first["type"]
    place, name = origin, ""
    value = data
    for token in first["loc"]:
        if not has_part(value, token):
            continue  # a field that lacks, or the name of a variant of the model
        value = value[token]
        place = place.at(token)
        name = token if isinstance(token, str) else "an item"
    if kind == "missing":
        return RefusedError(place, f"the field {first['loc'][-1]} is missing")
    if kind == "extra_forbidden":
        return RefusedError(place, f"unknown key {short(name)}{did_you_mean(name, known)}")
    if kind == "literal_error":
        expected = first.get("ctx", {}).get("expected", "")
        return RefusedError(place, f"{name} must be {expected}")
    if kind in limits:
        field, words = limits[kind]
        return RefusedError(place, f"{name} must be {words} {first.get('ctx', {}).get(field, '')}")
    if kind == "value_error":
        return RefusedError(place, str(first.get("ctx", {}).get("error", first["msg"])))
    return RefusedError(place, f"{name or 'the document'} {wanted.get(kind, 'has the wrong type')}")
