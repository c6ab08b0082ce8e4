"""The comparison of schemas catches each kind of break, and lets compatible changes pass."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from tests.protocol.compatibility import Direction, breaks
from wayout.engine import published_schema

TEXT, NUMBER, YES = {"type": "string"}, {"type": "integer"}, {"type": "boolean"}


def record(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(required)}


def closed(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {**record(required, **properties), "additionalProperties": False}


def choice(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def either(*schemas: Any) -> dict[str, Any]:
    return {"anyOf": list(schemas)}


def named(schema: Any) -> dict[str, Any]:
    return {"$defs": {"Part": schema}, **record(part={"$ref": "#/$defs/Part"})}


GIVEN: list[tuple[str, Any, Any, str]] = [
    ("removed", record(("a", "b"), a=TEXT, b=TEXT), record(("a",), a=TEXT), "it.b: is gone."),
    ("removed, was optional", record(a=TEXT), record(), "it.a: is gone."),
    ("optional", record(("a",), a=TEXT), record(a=TEXT), "it.a: was always there"),
    ("type", record(a=TEXT), record(a=NUMBER), "it.a: can now be integer, readers expect string."),
    ("wider", record(a=NUMBER), record(a={"type": "number"}), "it.a: can now be number"),
    ("null", record(a=TEXT), record(a=either(TEXT, {"type": "null"})), "it.a: can now be null"),
    ("enum", record(a=choice("x")), record(a=choice("x", "y")), "it.a: can now be 'y'."),
    ("enum dropped", record(a=choice("x")), record(a=TEXT), "it.a: can now be any string."),
    ("const", {"const": "v1"}, {"const": "v2"}, "it: can now be 'v2'."),
    ("anything", record(a=TEXT), record(a={}), "it.a: can now be anything"),
    ("items", {"type": "array", "items": TEXT}, {"type": "array", "items": YES}, "it[]: can now"),
    ("items dropped", {"type": "array", "items": TEXT}, {"type": "array"}, "it[]: can now be any"),
    ("values of a map", {"type": "object", "additionalProperties": NUMBER},
     {"type": "object", "additionalProperties": TEXT}, "it.*: can now be string"),
    ("open", {"type": "object", "additionalProperties": NUMBER}, {"type": "object"}, "it.*: can"),
    ("new in a closed one", closed(a=TEXT), closed(a=TEXT, b=TEXT), "it.b: is new, where readers"),
    ("longer", {"type": "string", "maxLength": 5}, TEXT, "it: maxLength was 5, is None."),
    ("shorter", {"type": "array", "minItems": 1}, {"type": "array"}, "it: minItems was 1"),
    ("pattern", {"type": "string", "pattern": "a+"}, TEXT, "it: pattern was a+, is None."),
    ("const and pattern", {"type": "string", "pattern": "^v"}, {"type": "string", "const": "w"},
     "it: can now be 'w'."),
    ("format", {"type": "string", "format": "uri"}, TEXT, "it: format was uri"),
    ("in a definition", named(record(("a",), a=TEXT)), named(record()), "it.part.a: is gone."),
    ("unknown word", {"type": "string"}, {"type": "string", "contentEncoding": "base64"},
     "it: contentEncoding changed"),
    ("tuple", {"type": "array", "prefixItems": [TEXT]}, {"type": "array", "prefixItems": [YES]},
     "it: the items of the list changed"),
    ("variant", either(TEXT, NUMBER), either(TEXT, YES), "it: can now be boolean"),
    ("in a variant", either(record(("a",), a=TEXT), {"type": "null"}),
     either(record(("a",), a=YES), {"type": "null"}), "it.a: can now be boolean"),
]  # fmt: skip
TAKEN: list[tuple[str, Any, Any, str]] = [
    ("removed", closed(a=TEXT), closed(), "it.a: is no longer taken."),
    ("ignored", record(a=TEXT), record(), "it.a: is no longer taken."),
    ("required", closed(a=TEXT), closed(("a",), a=TEXT), "it.a: must be given now."),
    ("new and required", closed(), closed(("b",), b=TEXT), "it.b: must be given now."),
    ("type", record(a=TEXT), record(a=NUMBER), "it.a: string is no longer taken, only integer."),
    ("narrower", record(a={"type": "number"}), record(a=NUMBER), "it.a: number is no longer"),
    ("null", record(a=either(TEXT, {"type": "null"})), record(a=TEXT), "it.a: null is no longer"),
    ("enum", choice("x", "y"), choice("x"), "it: no longer takes 'y'."),
    ("enum new", TEXT, choice("x"), "it: no longer takes any string."),
    ("closed", record(a=TEXT), closed(a=TEXT), "it: no longer takes further fields."),
    ("values of a map", {"type": "object"}, {"type": "object", "additionalProperties": TEXT},
     "it.*: anything is no longer taken"),
    ("shorter", TEXT, {"type": "string", "maxLength": 5}, "it: maxLength was None, is 5."),
    ("smaller", {**NUMBER, "maximum": 9}, {**NUMBER, "maximum": 8}, "it: maximum was 9, is 8."),
    ("larger", NUMBER, {**NUMBER, "minimum": 1}, "it: minimum was None, is 1."),
    ("pattern", TEXT, {"type": "string", "pattern": "a+"}, "it: pattern was None, is a+."),
    ("items", {"type": "array", "items": TEXT}, {"type": "array", "items": YES}, "it[]: string is"),
    ("variant", either(TEXT, NUMBER), TEXT, "it: integer is no longer taken, only string."),
    ("default", record(a={**TEXT, "default": "tcp"}), record(a={**TEXT, "default": "udp"}),
     "it.a: left out it meant 'tcp', now 'udp'."),
    ("in a definition", named(closed(a=TEXT)), named(closed()), "it.part.a: is no longer taken."),
]  # fmt: skip
COMPATIBLE: list[tuple[str, Direction, Any, Any]] = [
    ("new field of an open one", "given", record(a=TEXT), record(("b",), a=TEXT, b=TEXT)),
    ("always there now", "given", record(a=TEXT), record(("a",), a=TEXT)),
    ("fewer values", "given", choice("x", "y"), choice("x")),
    ("never null now", "given", either(TEXT, {"type": "null"}), TEXT),
    ("whole numbers", "given", {"type": "number"}, NUMBER),
    ("shorter", "given", TEXT, {"type": "string", "maxLength": 5}),
    ("closed", "given", record(a=TEXT), closed(a=TEXT)),
    ("words", "given", {**TEXT, "description": "a"}, {**TEXT, "description": "b", "title": "c"}),
    ("new optional field", "taken", closed(a=TEXT), closed(a=TEXT, b=TEXT)),
    ("no longer required", "taken", closed(("a",), a=TEXT), closed(a=TEXT)),
    ("more values", "taken", choice("x"), choice("x", "y")),
    ("any value", "taken", choice("x"), TEXT),
    ("null too", "taken", TEXT, either(TEXT, {"type": "null"})),
    ("list or text", "taken", {"type": "array", "items": TEXT},
     either({"type": "array", "items": TEXT}, TEXT)),
    ("longer", "taken", {"type": "string", "maxLength": 5}, TEXT),
    ("open", "taken", closed(a=TEXT), record(a=TEXT)),
    ("anything", "taken", TEXT, {}),
    ("inlined", "given", named(record(a=TEXT)), record(part=record(a=TEXT))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "sentence"), GIVEN, ids=[row[0] for row in GIVEN])
def test_readers_of_what_is_given(name: str, old: Any, new: Any, sentence: str) -> None:
    [found] = breaks(old, new, "given")
    assert found.startswith(sentence), name


@pytest.mark.parametrize(("name", "old", "new", "sentence"), TAKEN, ids=[row[0] for row in TAKEN])
def test_writers_of_what_is_taken(name: str, old: Any, new: Any, sentence: str) -> None:
    [found] = breaks(old, new, "taken")
    assert found.startswith(sentence), name


@pytest.mark.parametrize(
    ("name", "direction", "old", "new"), COMPATIBLE, ids=[row[0] for row in COMPATIBLE]
)
def test_compatible_changes_pass(name: str, direction: Direction, old: Any, new: Any) -> None:
    assert breaks(old, new, direction) == [], name


def test_a_schema_that_holds_itself_ends() -> None:
    tree = {"$defs": {"Part": record(("a",), a=TEXT, parts={"$ref": "#/$defs/Part"})},
            **record(part={"$ref": "#/$defs/Part"})}  # fmt: skip
    other = copy.deepcopy(tree)
    assert breaks(tree, other, "given") == []
    del other["$defs"]["Part"]["properties"]["a"]
    assert breaks(tree, other, "given") == ["it.part.a: is gone."]


def objects_of(schema: Any) -> Iterator[dict[str, Any]]:
    """The schema and every definition below it that has fields."""
    return (part for part in (schema, *schema["$defs"].values()) if "properties" in part)


@pytest.mark.parametrize("name", ["answer", "case"])
def test_no_field_of_what_is_published_can_go_or_change_unnoticed(name: Any) -> None:
    direction: Direction = "given" if name == "answer" else "taken"
    published, now = published_schema(name), published_schema(name)
    count = 0
    for part in objects_of(now):
        fields = part["properties"]
        for key, schema in list(fields.items())[:: 3 if name == "case" else 1]:  # all take long
            del fields[key]
            assert breaks(published, now, direction), key
            fields[key] = {"type": "number", "const": 0.5}
            assert breaks(published, now, direction), key
            fields[key] = schema
            count += 1
    assert breaks(published, now, direction) == []
    assert count > 100
