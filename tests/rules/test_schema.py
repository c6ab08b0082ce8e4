"""The JSON Schema accepts every rule there is and refuses what the loader refuses."""

import copy
import re
from typing import Any

import pytest
import yaml

from wayout import knowledge
from wayout.engine.rules.schema import rule_schema

SCHEMA = rule_schema()
FILES = sorted(knowledge.ROOT.glob("rules/*/*.yaml"))
TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "boolean": bool,
    "null": type(None),
}


def accepts(schema: dict[str, Any], value: Any) -> bool:
    """The part of JSON Schema that the schema uses."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]]
    return all(
        CHECKS[key](operand, value, schema) for key, operand in schema.items() if key in CHECKS
    )


def has_type(names: str | list[str], value: Any, _: Any) -> bool:
    expected = [names] if isinstance(names, str) else names
    return any(
        isinstance(value, TYPES[name]) and (name != "integer" or not isinstance(value, bool))
        for name in expected
    )


def allows_properties(properties: dict[str, Any], value: Any, schema: dict[str, Any]) -> bool:
    if not isinstance(value, dict):
        return True
    extra = set(value) - set(properties)
    return not (extra and schema.get("additionalProperties") is False) and all(
        accepts(properties[key], item) for key, item in value.items() if key in properties
    )


CHECKS: dict[str, Any] = {
    "type": has_type,
    "properties": allows_properties,
    "enum": lambda allowed, value, _: any(v == value and type(v) is type(value) for v in allowed),
    "pattern": lambda p, value, _: not isinstance(value, str) or bool(re.search(p, value)),
    "required": lambda names, value, _: not isinstance(value, dict) or set(names) <= set(value),
    "items": lambda s, value, _: not isinstance(value, list) or all(accepts(s, v) for v in value),
    "minItems": lambda n, value, _: not isinstance(value, list) or len(value) >= n,
    "minLength": lambda n, value, _: not isinstance(value, str) or len(value) >= n,
    "minProperties": lambda n, value, _: not isinstance(value, dict) or len(value) >= n,
    "maxProperties": lambda n, value, _: not isinstance(value, dict) or len(value) <= n,
    "anyOf": lambda schemas, value, _: any(accepts(s, value) for s in schemas),
    "oneOf": lambda schemas, value, _: sum(accepts(s, value) for s in schemas) == 1,
}
IGNORED = {"$schema", "title", "$defs", "description", "$ref", "additionalProperties"}


def keywords(schema: Any) -> set[str]:
    """Every keyword that stands in a schema, those of inner schemas included."""
    found = set(schema)
    for inner in (*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
        found |= keywords(inner)
    for key in ("anyOf", "oneOf"):
        for inner in schema.get(key, ()):
            found |= keywords(inner)
    return found | (keywords(schema["items"]) if "items" in schema else set())


def test_the_checks_here_cover_the_schema() -> None:
    assert keywords(SCHEMA) - IGNORED == set(CHECKS)


def test_every_shipped_rule_is_accepted() -> None:
    refused = [
        path.name
        for path in FILES
        if not accepts(SCHEMA, yaml.safe_load(path.read_text(encoding="utf-8")))
    ]
    assert refused == []


GOOD: dict[str, Any] = {
    "id": "NAT-900",
    "title": {"en": "Title", "zh": "标题"},
    "gate": "internet-exit",
    "when": [
        {"flow": {"flow": "$flow", "port": {"at_least": 1024, "not": 8080}, "scope": "internet"}},
        {"none": {"collected": {"list": "eips"}}},
    ],
    "concludes": {"status": "passes", "subject": "$flow"},
    "says": {"en": "Good.", "zh": "好。"},
    "sources": ["NAT"],
    "examples": [
        {"name": "a", "given": [{"flow": {"flow": "main", "pod": "a/b"}}], "fires": True},
        {"name": "b", "given": [{"flow": {"flow": "main", "pod": "a/b"}}], "fires": False},
    ],
}


def test_a_good_rule() -> None:
    assert accepts(SCHEMA, GOOD)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("id",), "nat-1"),
        (("gate",), "internet"),
        (("certainty",), "sure"),
        (("when",), []),
        (("when", 0), {"flows": {}}),
        (("when", 0), {"flow": {}, "collected": {}}),
        (("when", 0, "flow", "colour"), "red"),
        (("when", 0, "flow", "port"), "443"),
        (("when", 0, "flow", "port"), True),
        (("when", 0, "flow", "port"), {"over": 1}),
        (("when", 0, "flow", "scope"), {"at_most": 3}),
        (("when", 0, "flow", "scope"), "everywhere"),
        (("when", 1), {"none": {"none": {"flow": {}}}}),
        (("concludes", "status"), "fails"),
        (("says",), {"en": "Only English."}),
        (("sources",), []),
        (("examples", 0, "given", 0), {"flow": {"flow": "main"}}),
        (("examples", 0, "fires"), "yes"),
        (("infers",), {"barrier": {"flow": "$flow", "gate": "policy"}}),
    ],
    ids=str,
)
def test_a_mistake_is_refused(path: tuple[str | int, ...], value: object) -> None:
    rule = copy.deepcopy(GOOD)
    target: Any = rule
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value
    assert not accepts(SCHEMA, rule)
