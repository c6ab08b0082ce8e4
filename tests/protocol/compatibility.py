"""Says in sentences what a change of a JSON Schema breaks.

A schema says what wayout gives (an old reader meets a new document) or takes (an old document
meets a new reader). Whatever may be met must be something that is accepted: values of the one
side are compared with what the other takes, keyword by keyword. A keyword that is not known here
counts as a break when it changed, so nothing passes because nobody thought of it.

No kept library does this: those there are answer yes or no without a place, or know only closed
objects.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from jsonschema import Draft202012Validator

Schema = Any  # a mapping, True or False
Direction = Literal["given", "taken"]

SAYS_NOTHING = frozenset({
    "title", "description", "default", "examples", "$schema", "$id", "$defs", "$comment",
    "deprecated", "discriminator",
})  # fmt: skip
TYPES = ("string", "integer", "number", "boolean", "null", "array", "object")
# Keyword -> whether a larger number lets more in.
LIMITS = {
    "minimum": False, "exclusiveMinimum": False, "minLength": False, "minItems": False,
    "minProperties": False, "maximum": True, "exclusiveMaximum": True, "maxLength": True,
    "maxItems": True, "maxProperties": True,
}  # fmt: skip
COMPARED = frozenset({
    "type", "enum", "const", "anyOf", "oneOf", "$ref", "items", "prefixItems", "properties",
    "required", "additionalProperties", "pattern", "format", "uniqueItems", "propertyNames",
}) | set(LIMITS)  # fmt: skip


def breaks(published: Schema, now: Schema, direction: Direction, name: str = "it") -> list[str]:
    """What a change breaks, one sentence each; empty for a compatible one."""
    return list(Comparison(published, now, direction).schemas(published, now, name))


@dataclass
class Comparison:
    """Two schemas, and which of them stands for what is met."""

    published: Schema
    now: Schema
    direction: Direction
    seen: set[tuple[str, str]] = field(default_factory=set)

    @property
    def is_given(self) -> bool:
        return self.direction == "given"

    def schemas(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        """What breaks between two parts of the schemas."""
        refs = (ref_of(old), ref_of(new))
        if all(refs):
            if refs in self.seen:
                return
            self.seen.add(refs)
        if not self.is_given:
            yield from default_problems(old, new, place)
        olds = self.variants(old, self.published)
        news = self.variants(new, self.now)
        met, accepting = (news, olds) if self.is_given else (olds, news)
        for variant in met:
            yield from self.nearest(variant, accepting, place)

    def nearest(self, met: Schema, accepting: list[Schema], place: str) -> Iterator[str]:
        """What keeps a variant from all that accept, told for the one that it is nearest to."""
        found: list[list[str]] = []
        for one in accepting:
            if not fits_type(met, one):
                continue
            kept = set(self.seen)
            old, new = (one, met) if self.is_given else (met, one)
            problems = list(self.same_type(old, new, place))
            if not problems:
                return
            self.seen = kept
            found.append(problems)
        if found:
            yield from min(found, key=len)
        elif self.is_given:
            yield f"{place}: can now be {type_of(met)}, readers expect {types_of(accepting)}."
        else:
            yield f"{place}: {type_of(met)} is no longer taken, only {types_of(accepting)}."

    def same_type(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        old, new = as_mapping(old), as_mapping(new)
        yield from self.values(old, new, place)
        yield from self.limits(old, new, place)
        if "object" in (type_of(old), type_of(new)):
            yield from self.objects(old, new, place)
        if "array" in (type_of(old), type_of(new)):
            yield from self.arrays(old, new, place)
        for key in sorted((set(old) | set(new)) - COMPARED - SAYS_NOTHING):
            if old.get(key) != new.get(key):
                yield f"{place}: {key} changed, and nobody can say here what that breaks."

    def values(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[str]:
        """Enumerations and constants."""
        olds, news = values_of(old), values_of(new)
        met, accepting = (news, olds) if self.is_given else (olds, news)
        if accepting is None:
            taker = Draft202012Validator(old if self.is_given else new)
            accepting = [value for value in met or () if taker.is_valid(value)]
            met = met or []
        if met is None:
            told = "can now be any" if self.is_given else "no longer takes any"
            yield f"{place}: {told} {type_of(new if self.is_given else old)}."
            return
        for value in met:
            if value not in accepting:
                told = "can now be" if self.is_given else "no longer takes"
                yield f"{place}: {told} {value!r}."

    def limits(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[str]:
        met, accepting = (new, old) if self.is_given else (old, new)
        if values_of(met) is not None:
            return
        for key, is_more_larger in LIMITS.items():
            bound, mine = accepting.get(key), met.get(key)
            if bound is None or (bound == 0 and key.startswith("min")):
                continue
            if mine is None or (mine > bound if is_more_larger else mine < bound):
                yield f"{place}: {key} was {old.get(key)}, is {new.get(key)}."
        for key in ("pattern", "format", "uniqueItems", "propertyNames"):
            if key in accepting and accepting[key] != met.get(key):
                yield f"{place}: {key} was {old.get(key)}, is {new.get(key)}."

    def objects(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[str]:
        olds, news = old.get("properties", {}), new.get("properties", {})
        was, must = set(old.get("required", ())), set(new.get("required", ()))
        for name in olds:
            if name not in news:
                told = "is gone" if self.is_given else "is no longer taken"
                yield f"{place}.{name}: {told}."
            else:
                yield from self.schemas(olds[name], news[name], f"{place}.{name}")
        if self.is_given:
            for name in sorted(was - must):
                if name in news:
                    yield f"{place}.{name}: was always there, may be left out now."
        else:
            for name in sorted(must - was):
                yield f"{place}.{name}: must be given now."
        yield from self.others(old, new, place)

    def others(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[str]:
        """What objects hold beside the fields that are named."""
        olds, news = (part.get("additionalProperties", True) for part in (old, new))
        if self.is_given and olds is False:
            for name in new.get("properties", {}):
                if name not in old.get("properties", {}):
                    yield f"{place}.{name}: is new, where readers refuse what they do not know."
        if self.is_given and news is False:
            return  # fewer fields than before are no harm
        if not self.is_given and olds is False:
            return
        if news is False:
            yield f"{place}: no longer takes further fields."
        elif olds is False:
            yield f"{place}: can now hold further fields."
        elif not (self.is_given and is_anything(olds) and "properties" in old):
            yield from self.schemas(olds, news, f"{place}.*")

    def arrays(self, old: Mapping[str, Any], new: Mapping[str, Any], place: str) -> Iterator[str]:
        if old.get("prefixItems") != new.get("prefixItems"):
            yield f"{place}: the items of the list changed their places."
        yield from self.schemas(old.get("items", True), new.get("items", True), f"{place}[]")

    def variants(self, schema: Schema, root: Schema) -> list[Schema]:
        """The schema as alternatives of one type each."""
        if is_anything(schema):
            return [True]
        if schema is False:
            return []
        if ref := ref_of(schema):
            return self.variants(root["$defs"][ref.removeprefix("#/$defs/")], root)
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return [one for part in schema[key] for one in self.variants(part, root)]
        if isinstance(schema.get("type"), list):
            return [{**schema, "type": name} for name in schema["type"]]
        return [schema]


def default_problems(old: Schema, new: Schema, place: str) -> Iterator[str]:
    """What is left out must keep its meaning."""
    was, now = (part.get("default") if isinstance(part, dict) else None for part in (old, new))
    if was != now and was is not None:
        yield f"{place}: left out it meant {was!r}, now {now!r}."


def ref_of(schema: Schema) -> str:
    return str(schema.get("$ref", "")) if isinstance(schema, dict) else ""


def as_mapping(schema: Schema) -> Mapping[str, Any]:
    return schema if isinstance(schema, dict) else {}


def is_anything(schema: Schema) -> bool:
    return schema is True or (isinstance(schema, dict) and not set(schema) - SAYS_NOTHING)


def fits_type(met: Schema, accepting: Schema) -> bool:
    if is_anything(accepting):
        return True
    there, wanted = type_of(met), type_of(accepting)
    return there == wanted or (there, wanted) == ("integer", "number")


def type_of(schema: Schema) -> str:
    """The name of the type; of constants that of their value."""
    if not isinstance(schema, dict) or is_anything(schema):
        return "anything"
    if "type" in schema:
        return str(schema["type"])
    values = values_of(schema)
    if values:
        return {str: "string", bool: "boolean", int: "integer", type(None): "null"}.get(
            type(values[0]), "anything"
        )
    return "anything"


def types_of(schemas: list[Schema]) -> str:
    return " or ".join(dict.fromkeys(type_of(schema) for schema in schemas)) or "nothing"


def values_of(schema: Mapping[str, Any]) -> list[Any] | None:
    """The values a schema lists; None when it lists none."""
    if "const" in schema:
        return [schema["const"]]
    return schema.get("enum")
