"""A case with something else in the place of what it says: other documents, or one thing less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from wayout.engine.case.case import Case
from wayout.engine.case.contents import Contents
from wayout.engine.case.kubernetes import NetworkPolicy, TrafficPolicy
from wayout.engine.case.model import Observation, Origin, Record

__all__ = ["Part", "overlaid", "parts", "without", "without_attempts"]


def overlaid(case: Case, other: Case) -> Case:
    """The case in which what `other` says replaces what was said before.

    A record of `other` replaces the one with its key; a list that `other` says is complete replaces
    the whole list of that owner or namespace. Single objects are no list here, whatever there is
    besides: whoever tries one more policy does not take the others away. The question stays that of
    `case`, if it has one.
    """
    mine, theirs = case._contents, other._contents
    said = [part for part in theirs.parts if not part.is_assumed]
    listed = Contents(theirs.records, said)
    listed.settle()
    whole = [(name, of) for name, of, _ in listed.complete()]
    contents = mine.copy_for({*theirs.records, *(name for name, _ in whole)})
    for name, of in whole:
        owner, _, direction = of.partition("/")
        for place in [owner] if of else [*contents.records[name]]:
            bucket = contents.bucket(name, place)
            for key in [k for k, record in bucket.items() if is_of(record, direction)]:
                del bucket[key]
    for name, buckets in theirs.records.items():
        for of, bucket in buckets.items():
            contents.bucket(name, of).update(bucket)
    replaced = {(part.list, part.of) for part in said}
    contents.parts = [p for p in mine.parts if (p.list, p.of) not in replaced] + said
    contents.settle()
    return Case(
        contents,
        case.question or other.question,
        case.unknown | other.unknown,
        tuple(dict.fromkeys((*case.notices, *other.notices))),
        {**case._sources, **other._sources},
    )


def is_of(record: Record[Any], direction: str) -> bool:
    """Whether a record belongs to a direction of a security group; "" stands for both."""
    return not direction or record.value.direction.lower() in (direction, "")


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that can be taken away: a record, or one entry of a list inside it."""

    list: str
    of: str
    key: str
    origins: tuple[Origin, ...]
    field: str = ""  # of the record; "" for the whole record
    place: int = 0  # in that field, from 0

    @property
    def name(self) -> str:
        """`snat_entries/ngw-1/snat-1`, `network_acls/nacl-1 egress_entries[2]`."""
        key = self.key if "\0" not in self.key else self.origins[0].pointer
        owner = f"{self.of}/" if self.of and not key.startswith(f"{self.of}/") else ""
        inner = f" {self.field}[{self.place}]" if self.field else ""
        return f"{self.list}/{owner}{key}{inner}"


# Lists whose records let something pass or give a way out, and lists inside records that do.
ALLOWING = (
    "network_policies",
    "traffic_policies",
    "global_traffic_policies",
    "security_group_rules",
    "network_acls",
    "route_entries",
    "nat_gateways",
    "snat_entries",
    "forward_entries",
    "eips",
    "pod_eips",
    "firewall_policies",
    "private_zones",
    "endpoint_slices",
    "endpoints",
    "services",
)


def parts(case: Case) -> Iterator[Part]:
    """Everything whose loss may close a path, in the order a packet meets it."""
    for name in ALLOWING:
        buckets = case._contents.records.get(name, {})
        for of in sorted(buckets):
            for key, record in sorted(buckets[of].items()):
                inner = list(entries(name, of, key, record))
                yield from inner or [Part(name, of, key, record.origins)]


def entries(name: str, of: str, key: str, record: Record[Any]) -> Iterator[Part]:
    """The entries of a record that stand for themselves: of an ACL, of a policy."""
    for field in ("egress_entries", "ingress_entries") if name == "network_acls" else ():
        for place in range(len(getattr(record.value, field) or ())):
            yield Part(name, of, key, record.origins, field, place)
    if isinstance(record.value, NetworkPolicy):
        for place in range(len(record.value.spec.egress or ())):
            yield Part(name, of, key, record.origins, "egress", place)
    elif isinstance(record.value, TrafficPolicy):
        direction = record.value.spec.egress
        for place in range(len(direction.rules) if direction else 0):
            yield Part(name, of, key, record.origins, "egress.rules", place)


def without(case: Case, part: Part) -> Case:
    """The case without one part; the lists it stood in stay as complete as they were."""
    contents: Contents = case._contents.copy_for([part.list])
    bucket = contents.records[part.list][part.of]
    if part.field:
        record = bucket[part.key]
        value = shortened(record.value, part.field.split("."), part.place, part.list)
        bucket[part.key] = Record(value, record.origins)
    else:
        del bucket[part.key]
    return Case(contents, case.question, case.unknown, case.notices, case._sources)


def shortened(value: BaseModel, path: list[str], place: int, name: str) -> BaseModel:
    if name != "network_acls" and path[0] == "egress":  # of a policy: inside its spec
        path = ["spec", *path]
    return cut(value, path, place)


def cut(value: BaseModel, path: list[str], place: int) -> BaseModel:
    first, *rest = path
    inner = getattr(value, first)
    if rest:
        return value.model_copy(update={first: cut(inner, rest, place)})
    return value.model_copy(update={first: [*inner[:place], *inner[place + 1 :]]})


def without_attempts(case: Case) -> Case:
    """The case without the attempts to connect that somebody saw and the error texts of them."""
    if not any(is_attempt(record) for record in case.listing(Observation).records):
        return case
    contents = case._contents.copy_for(["observations"])
    for bucket in contents.records["observations"].values():
        for key in [key for key, record in bucket.items() if is_attempt(record)]:
            del bucket[key]
    return Case(contents, case.question, case.unknown, case.notices, case._sources)


def is_attempt(record: Record[Observation]) -> bool:
    return record.value.what in ("error_text", "tcp")
