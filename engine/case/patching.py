"""Changes on a case, so that a fix can be tried out before anybody applies it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from pydantic import BaseModel

from wayout.engine.case import alibaba as api
from wayout.engine.case.case import Case
from wayout.engine.case.cloud import take_item
from wayout.engine.case.contents import DIRECTIONS, Bucket, Contents, key_of
from wayout.engine.case.coverage import Part
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.json_text import printable, short
from wayout.engine.case.kube import KINDS, parse_object
from wayout.engine.case.kubernetes import KubeObject
from wayout.engine.case.lists import MODELS, NAMESPACED, OWNED
from wayout.engine.case.model import Addon, Observation, Origin, Record
from wayout.engine.case.openapi import canonical_item
from wayout.engine.case.plain import plain
from wayout.engine.case.refusal import RefusedError, did_you_mean
from wayout.engine.errors import InputError

__all__ = ["changed_by", "item_of", "patch"]

FIX = Origin("<fix>")
VERBS: Mapping[str, frozenset[str]] = {
    "add": frozenset({"add", "of", "item"}),
    "set": frozenset({"set", "of", "key", "fields"}),
    "remove": frozenset({"remove", "of", "key"}),
    "complete": frozenset({"complete", "of", "knowing"}),
}
NUMBERED = re.compile(r"#[1-9][0-9]{0,5}")
Op = Mapping[str, Any]


def patch(case: Case, ops: Sequence[Op]) -> Case:
    """The body of `Case.patched`."""
    contents = case._contents
    for number, op in enumerate(ops, start=1):
        name = f"change {number}"
        op = plain(op, name)
        try:
            contents = changed_by(contents, op, FIX.at(number - 1))
        except RefusedError as error:
            where = f" ({printable(error.origin.pointer)})" if error.origin.pointer else ""
            raise InputError(f"{name}{where}: {error.problem}.") from None
        except RecursionError:
            raise InputError(f"{name}: nested too deeply.") from None
    return Case(contents, case.question, case.unknown, case.notices, case._sources, case.asked)


def changed_by(contents: Contents, op: Any, origin: Origin) -> Contents:
    """What a case holds after one change; raises RefusedError."""
    verb, name = verb_of(op, origin)
    if verb == "add":
        return with_item(contents, name, op, origin)
    if verb == "complete":
        if not isinstance(op.get("knowing", 0), int):
            raise RefusedError(origin.at("knowing"), "must be a whole number")
        return with_whole_list(contents, name, text(op, "of", origin, ""), origin)
    changed = contents.copy_for([name])
    if verb == "set":
        set_fields(changed, name, op, origin)
    else:
        place = found(changed, name, op, origin)
        del changed.records[name][place[0]][place[1]]
    return changed


def with_whole_list(contents: Contents, name: str, of: str, origin: Origin) -> Contents:
    """Nothing is missing from the list, as far as it is known now."""
    if of and name not in OWNED and name not in NAMESPACED:
        raise RefusedError(origin.at("of"), f"{name} is a list without owner")
    changed = contents.copy_for([])
    both = name == "security_group_rules" and of and "/" not in of
    for owner in [f"{of}/{direction}" for direction in DIRECTIONS] if both else [of]:
        known = contents.records.get(name, {}).get(owner.partition("/")[0], {})
        changed.parts.append(Part(name, owner, origin, tuple(known)))
        changed.coverage[name, owner] = ("collected", (origin,))
    return changed


def verb_of(op: Any, origin: Origin) -> tuple[str, str]:
    verbs = [verb for verb in VERBS if isinstance(op, dict) and verb in op]
    if len(verbs) != 1:
        raise RefusedError(origin, f"a change has exactly one of {', '.join(VERBS)}")
    verb = verbs[0]
    for key in op:
        if key not in VERBS[verb]:
            hint = did_you_mean(key, VERBS[verb])
            raise RefusedError(origin.at(key), f"unknown key {short(key)}{hint}")
    if not isinstance(op[verb], str):
        raise RefusedError(origin.at(verb), "must name a list")
    if op[verb] not in MODELS:
        hint = did_you_mean(op[verb], MODELS)
        raise RefusedError(origin.at(verb), f"no list is called {short(op[verb])}{hint}")
    return verb, op[verb]


def text(op: Op, key: str, origin: Origin, default: str | None = None) -> str:
    value = op.get(key, default)
    if not isinstance(value, str) or (not value and default is None):
        raise RefusedError(origin.at(key), f"{key} must be text")
    return value


def mapping(op: Op, key: str, origin: Origin) -> dict[str, Any]:
    value = op.get(key)
    if not isinstance(value, dict):
        raise RefusedError(origin.at(key), f"{key} must be a mapping")
    return value


# ── add ──────────────────────────────────────────────────────────────────────────────────────


def with_item(contents: Contents, name: str, op: Op, origin: Origin) -> Contents:
    """The item is read by the same parsers as documents, then replaces what has its key."""
    read = read_change(name, op, origin)
    changed = contents.copy_for(read)
    for list_name, buckets in read.items():
        for owner, bucket in buckets.items():
            changed.bucket(list_name, owner).update(bucket)
    return changed


def read_change(name: str, op: Op, origin: Origin) -> dict[str, dict[str, Bucket]]:
    """The records of an item, by list and owner."""
    item = mapping(op, "item", origin)
    of = text(op, "of", origin, "")
    if name in OWNED and not of:
        raise RefusedError(origin, f"of must name the {OWNED[name]}")
    gatherer = Gatherer()
    read_item(gatherer, name, item, origin.at("item"), of)
    return gatherer.contents.records


def item_of(op: Any, origin: Origin) -> Iterator[tuple[str, str, str, Record[Any]]]:
    """List, owner, key and record of everything an `add` brings; raises RefusedError."""
    _, name = verb_of(op, origin)
    for list_name, buckets in read_change(name, op, origin).items():
        for owner, bucket in buckets.items():
            for key, record in bucket.items():
                yield list_name, owner, key, record


def read_item(gatherer: Gatherer, name: str, item: Mapping[str, Any], at: Origin, of: str) -> None:
    model = MODELS[name]
    if issubclass(model, KubeObject):
        kind = item.get("kind")
        known = KINDS.get(kind) if isinstance(kind, str) else None
        if known is None or known.list != name:
            kinds = ", ".join(k for k, known in KINDS.items() if known.list == name)
            raise RefusedError(at.at("kind"), f"kind must be {kinds}")
        value = parse_object(gatherer, known, str(kind), item, at)
        if value is None:
            raise RefusedError(at, "no rule reads this ConfigMap")
        gatherer.add(name, value, at, value.metadata.namespace if name in NAMESPACED else "")
    elif model in (Addon, Observation, api.Cluster):
        gatherer.add(name, gatherer.parse(model, item, at), at)
    elif name == "security_group_rules":
        rule = gatherer.parse(api.SecurityGroupRule, canonical_item(item), at)
        gatherer.add(name, rule, at, of)
    else:
        take_item(gatherer, name, item, at, Frame(at), of)


# ── set ──────────────────────────────────────────────────────────────────────────────────────


def found(contents: Contents, name: str, op: Op, origin: Origin) -> tuple[str, str]:
    """Where the record of an op is: its owner or namespace, and its key.

    Records without an id go by their place in the list: "#3" is the third.
    """
    key = text(op, "key", origin)
    of = text(op, "of", origin, "")
    if name in NAMESPACED and "/" not in key and of:
        key = f"{of}/{key}"
    for owner, bucket in sorted(contents.records.get(name, {}).items()):
        if of and owner != of:
            continue
        if key in bucket:
            return owner, key
        if NUMBERED.fullmatch(key) and 0 < int(key[1:]) <= len(bucket):
            return owner, sorted(bucket)[int(key[1:]) - 1]
    raise RefusedError(origin.at("key"), f"{name} has no {short(key)}")


def set_fields(contents: Contents, name: str, op: Op, origin: Origin) -> None:
    owner, key = found(contents, name, op, origin)
    fields = mapping(op, "fields", origin)
    bucket = contents.bucket(name, owner)
    record = bucket[key]
    place = origin.at("fields")
    gatherer = Gatherer()
    value: BaseModel
    if isinstance(record.value, KubeObject):
        data = record.value.model_dump(by_alias=True, exclude_unset=True)
        value = gatherer.parse(type(record.value), overlaid(data, fields), place)
    elif isinstance(record.value, (Addon, Observation, api.Cluster)):
        data = record.value.model_dump(exclude_unset=True)
        value = gatherer.parse(type(record.value), {**data, **fields}, place)
    else:
        value = with_fields(gatherer, name, record.value, owner, fields, place)
    if key_of(value) != key and "\0" not in key:
        raise RefusedError(place, "the key of a record cannot be changed")
    bucket[key] = Record(value, (place, *record.origins))


def overlaid(data: Any, change: Any) -> Any:
    """JSON merge patch (RFC 7386): null removes, lists are replaced."""
    if not isinstance(data, dict) or not isinstance(change, dict):
        return change
    made = dict(data)
    for key, value in change.items():
        if value is None:
            made.pop(key, None)
        else:
            made[key] = overlaid(made.get(key, {}), value)
    return made


def with_fields(
    gatherer: Gatherer, name: str, value: api.CloudModel, owner: str,
    fields: Mapping[str, Any], place: Origin,
) -> BaseModel:  # fmt: skip
    """Cloud models: read the fields as an item with the same id, then take over what was said."""
    identity = {
        field.alias or name_: getattr(value, name_)
        for name_, field in type(value).model_fields.items()
        if field.is_required()
    }
    read_item(gatherer, name, {**identity, **fields}, place, owner)
    part = next(
        record.value
        for bucket in gatherer.contents.records[name].values()
        for record in bucket.values()
    )
    said = set(canonical_item(fields))
    update = {
        key: getattr(part, key)
        for key in part.model_fields_set
        if key not in DERIVED.get(name, {}) or said & DERIVED[name][key]
    }
    return cast(BaseModel, value.model_copy(update=update))


# Fields that the parser fills even when an item says nothing of them, and what they come from.
DERIVED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "eips": {"lock_reasons": frozenset({"OperationLocks"})},
    "network_interfaces": {
        "private_ips": frozenset({"PrivateIpAddress", "PrivateIpSets"}),
        "ipv6_addresses": frozenset({"Ipv6Sets"}),
    },
}
