"""What the fact classes allow: which fields a kind has and which values a field can hold."""

from __future__ import annotations

from functools import cache
from types import NoneType
from typing import Any, Literal, NamedTuple, get_args, get_origin

from wayout.engine.errors import RuleError
from wayout.engine.facts import KINDS, Fact, Scalar
from wayout.engine.rules.hints import did_you_mean

__all__ = ["FieldType", "fact_class", "field_type", "fields_of", "is_required"]

RESERVED = {"id", "sid", "kind"}  # names the rules engine keeps for itself


class FieldType(NamedTuple):
    """The type of a field: `base` is str, int or bool; `options` lists the values of a Literal."""

    base: type
    options: tuple[Scalar, ...] = ()

    def __str__(self) -> str:
        names = {str: "text", int: "a whole number", bool: "true or false"}
        return names[self.base]

    def problem_with(self, value: object) -> str:
        """Why the field can never hold `value`, as the end of a sentence; "" when it can."""
        if type(value) is not self.base:
            return f"{value!r} is not {self}."
        if self.options and value not in self.options:
            return f"{value!r} is none of its values{did_you_mean(value, map(str, self.options))}"
        return ""

    def accepts_all_of(self, other: FieldType) -> bool:
        """Whether every value of `other` is allowed here."""
        if self.base is not other.base:
            return False
        if not self.options:
            return True
        return bool(other.options) and set(other.options) <= set(self.options)


def fact_class(kind: str) -> type[Fact]:
    """The class of a kind; raises RuleError with the nearest known kind."""
    if kind not in KINDS:
        raise RuleError(f"unknown kind {kind!r}{did_you_mean(kind, KINDS)}")
    return KINDS[kind]


def field_type(kind: str, field: str) -> FieldType:
    """The type of a field of a kind; raises RuleError with the nearest known name."""
    types = fields_of(fact_class(kind))
    if field not in types:
        raise RuleError(f"{kind} has no field {field!r}{did_you_mean(field, types)}")
    return types[field]


@cache
def fields_of(cls: type[Fact]) -> dict[str, FieldType]:
    """Field name to type, in order of declaration. Raises RuleError when the class is unfit."""
    return {name: type_of(cls, name, info.annotation) for name, info in cls.model_fields.items()}


def is_required(kind: str, field: str) -> bool:
    """Whether a fact of this kind cannot be made without the field."""
    return fact_class(kind).model_fields[field].is_required()


def type_of(cls: type[Fact], name: str, annotation: Any) -> FieldType:
    options = get_args(annotation) if get_origin(annotation) is Literal else ()
    bases = {type(option) for option in options} or {annotation}
    base = bases.pop()
    if bases or base not in (str, int, bool) or base is NoneType:
        raise RuleError(f"field {cls.kind}.{name} must be str, int, bool or a Literal of one.")
    if name in RESERVED or name.startswith("_"):
        raise RuleError(f"field {cls.kind}.{name}: the name is reserved.")
    return FieldType(base, options)
