"""JSON Schema of a rule file, for editors: completes kinds, fields and values while one writes.

Says less than the loader checks (bound variables, placeholders, stratification), never more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wayout.engine.facts import KINDS, Fact
from wayout.engine.rules.model import GATE_PREFIXES, Conclusive
from wayout.engine.rules.vocabulary import FieldType, fields_of, is_required

__all__ = ["rule_schema"]

Schema = dict[str, Any]

NAMES = {str: "string", int: "integer", bool: "boolean"}
VARIABLE: Schema = {"type": "string", "pattern": r"^\$[a-z][a-z0-9_]*$"}
SENTENCE: Schema = {"type": "string", "minLength": 1}
BOTH_LANGUAGES: Schema = {
    "type": "object",
    "properties": {"en": SENTENCE, "zh": SENTENCE},
    "required": ["en", "zh"],
    "additionalProperties": False,
}


def rule_schema() -> Schema:
    """The schema of one file below knowledge/rules/, in JSON Schema 2020-12."""
    pattern = one_of_kinds(kind_tests, KINDS)
    properties = {
        "id": {"type": "string", "pattern": "^[A-Z]{2,3}-[0-9]{3}$"},
        "title": BOTH_LANGUAGES,
        "gate": {"enum": list(GATE_PREFIXES)},
        "certainty": {"enum": ["confirmed", "possible"]},
        "when": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/condition"}},
        "concludes": concludes(),
        "infers": {"$ref": "#/$defs/inferred"},
        "says": BOTH_LANGUAGES,
        "fixes": names(),
        "about": {"anyOf": [{"type": "string"}, names()]},
        "sources": names() | {"minItems": 1},
        "examples": {"type": "array", "minItems": 2, "items": {"$ref": "#/$defs/example"}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "wayout rule",
        "type": "object",
        "properties": properties,
        "required": ["id", "title", "gate", "when", "sources", "examples"],
        "oneOf": [{"required": ["concludes", "says"]}, {"required": ["infers"]}],
        "additionalProperties": False,
        "$defs": {
            "condition": pattern | {"properties": pattern["properties"] | {"none": pattern}},
            "inferred": one_of_kinds(
                kind_result, {kind: cls for kind, cls in KINDS.items() if cls.is_derived}
            ),
            "given": one_of_kinds(kind_values, KINDS),
            "example": example(),
        },
    }


def names() -> Schema:
    return {"type": "array", "items": {"type": "string"}}


def concludes() -> Schema:
    statuses = Conclusive.model_json_schema()["properties"]["status"]["enum"]
    texts = {field: {"type": "string"} for field in ("subject", "needs", "of")}
    return {
        "type": "object",
        "properties": {"status": {"enum": statuses}, **texts},
        "required": ["status"],
        "additionalProperties": False,
    }


def example() -> Schema:
    return {
        "type": "object",
        "properties": {
            "name": SENTENCE,
            "given": {"type": "array", "items": {"$ref": "#/$defs/given"}},
            "fires": {"enum": [True, False, "not-assessed"]},
            "says": {"type": "string"},
        },
        "required": ["name", "given", "fires"],
        "additionalProperties": False,
    }


def one_of_kinds(body: Callable[[str], Schema], kinds: dict[str, type[Fact]]) -> Schema:
    """A mapping with exactly one kind as its key."""
    return {
        "type": "object",
        "properties": {kind: described(kinds[kind], body(kind)) for kind in sorted(kinds)},
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def described(cls: type[Fact], schema: Schema) -> Schema:
    """What an editor shows beside a kind: the first paragraph of its docstring."""
    first = (cls.__doc__ or "").strip().split("\n\n")[0]
    return {"description": " ".join(first.split())} | schema


def kind_tests(kind: str) -> Schema:
    """Tests on fields: a constant, a $variable or one operator with a constant."""
    properties = {field: test(of) for field, of in fields_of(KINDS[kind]).items()}
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def kind_values(kind: str) -> Schema:
    """A fact of an example: constants only, key fields required."""
    fields = fields_of(KINDS[kind])
    return {
        "type": "object",
        "properties": {field: constant(of) for field, of in fields.items()},
        "required": [field for field in fields if is_required(kind, field)],
        "additionalProperties": False,
    }


def kind_result(kind: str) -> Schema:
    """A fact that a rule infers: constants and $variables."""
    schema = kind_values(kind)
    properties = {f: {"anyOf": [s, VARIABLE]} for f, s in schema["properties"].items()}
    return schema | {"properties": properties}


def constant(of: FieldType) -> Schema:
    return {"enum": list(of.options)} if of.options else {"type": NAMES[of.base]}


def test(of: FieldType) -> Schema:
    operators = {"not": constant(of)}
    if of.base is int:
        operators |= {order: constant(of) for order in ("lt", "at_most", "gt", "at_least")}
    comparison = {
        "type": "object",
        "properties": operators,
        "additionalProperties": False,
        "minProperties": 1,
    }
    return {"anyOf": [constant(of), VARIABLE, comparison]}
