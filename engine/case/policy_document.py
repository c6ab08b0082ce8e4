"""Statements of policy documents (Version, Statement) in one form: every value a list of texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import normal
from wayout.engine.case.refusal import RefusedError

__all__ = ["buckets_of", "statements_of"]

LISTED = ("Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource")
ARN = "acs:oss:"
Made = dict[str, Any]


def statements_of(value: Any, origin: Origin) -> list[Made]:
    """The items of `Statement`; raises RefusedError for what is no statement."""
    found = value if isinstance(value, list) else [value]
    return [statement(item, origin.at(index)) for index, item in enumerate(found)]


def statement(item: Any, origin: Origin) -> Made:
    if not isinstance(item, dict):
        raise RefusedError(origin, "a statement must be a mapping")
    spelled = {normal(key): key for key in item}
    made: Made = {}
    for field in ("Sid", "Effect"):
        if (key := spelled.get(field.lower())) is not None:
            made[field] = one_text(item[key], origin.at(key))
    for field in LISTED:
        if (key := spelled.get(field.lower())) is not None:
            made[field] = texts(item[key], origin.at(key))
    if (key := spelled.get("condition")) is not None:
        made["Condition"] = condition(item[key], origin.at(key))
    if str(made.get("Effect", "")).strip().lower() not in ("allow", "deny"):
        raise RefusedError(origin, "the Effect of a statement must be Allow or Deny")
    return made


def one_text(value: Any, origin: Origin) -> str:
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        raise RefusedError(origin, "must be text")
    return str(value)


def texts(value: Any, origin: Origin) -> list[str]:
    """A text, a list of them, or a mapping of such (principals by type)."""
    if isinstance(value, dict):
        return [text for key, inner in value.items() for text in texts(inner, origin.at(key))]
    found = value if isinstance(value, list) else [value]
    return [scalar(item, origin.at(index)) for index, item in enumerate(found)]


def scalar(value: Any, origin: Origin) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, (str, int, float)):
        raise RefusedError(origin, "must be text")
    return str(value)


def condition(value: Any, origin: Origin) -> dict[str, dict[str, list[str]]]:
    """Operator to key to values."""
    if not isinstance(value, dict):
        raise RefusedError(origin, "a Condition must map operators to keys and values")
    made: dict[str, dict[str, list[str]]] = {}
    for operator, keys in value.items():
        place = origin.at(operator)
        if not isinstance(keys, dict):
            raise RefusedError(place, "an operator must map condition keys to values")
        made[operator] = {key: texts(inner, place.at(key)) for key, inner in keys.items()}
    return made


def buckets_of(statements: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """The buckets and the access points that the resources of OSS policies name outright."""
    named = [
        resource.split(":", 4)[4]
        for item in statements
        for field in ("Resource", "NotResource")
        for resource in item.get(field, ())
        if resource.startswith(ARN) and resource.count(":") >= 4
    ]
    points = (name.split("/")[1] for name in named if name.startswith("accesspoint/"))
    buckets = (name.split("/")[0] for name in named if not name.startswith("accesspoint/"))
    return outright(buckets), outright(points)


def outright(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name and not {"*", "?"} & set(name)))
