"""What a case holds: records by list, owner and key, with the state of each list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from wayout.engine.case.coverage import Part, state_of
from wayout.engine.case.lists import NAMESPACED, OWNED
from wayout.engine.case.model import Listing, Origin, Record, State

__all__ = ["DIRECTIONS", "Bucket", "Contents", "key_of", "merged"]

M = TypeVar("M", bound=BaseModel)
Bucket = dict[str, Record[Any]]  # key -> record, in the order of the documents
Coverage = tuple[State, tuple[Origin, ...]]
DIRECTIONS = ("egress", "ingress")


@dataclass(slots=True)
class Contents:
    """Filled by the loader, then never changed: `patched` works on copies of what it touches.

    `records[list][of][key]`: `of` is the namespace, the owning resource, or "". `parts` say
    which documents are lists; `coverage[list, of]` is what follows from them, with `of` ""
    standing for every namespace or owner.
    """

    records: dict[str, dict[str, Bucket]] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    coverage: dict[tuple[str, str], Coverage] = field(default_factory=dict)

    def bucket(self, name: str, of: str) -> Bucket:
        return self.records.setdefault(name, {}).setdefault(of, {})

    def settle(self) -> None:
        """Work out the coverage from the parts."""
        grouped: dict[tuple[str, str], list[Part]] = defaultdict(list)
        for part in self.parts:
            grouped[part.list, part.of].append(part)
        self.coverage = {
            place: (state_of(parts), tuple(part.origin for part in parts))
            for place, parts in grouped.items()
        }

    def listing(self, name: str, of: str) -> Listing[Any]:
        owner, direction = of, ""
        if name == "security_group_rules":
            owner, _, direction = of.partition("/")
        records = self.select(name, owner)
        if direction:
            records = [r for r in records if r.value.direction.lower() in (direction, "")]
        state, origins = self.state(name, owner, direction)
        if state == "missing" and of == "" and (name in OWNED or name in NAMESPACED):
            # Some owners or namespaces are known: that is a piece of the whole.
            pieces = [c for (n, _), c in sorted(self.coverage.items()) if n == name]
            if pieces:
                state, origins = "truncated", tuple(o for _, at in pieces for o in at)
        return Listing(name, of, state, tuple(records), origins)

    def select(self, name: str, of: str) -> list[Record[Any]]:
        by_owner = self.records.get(name, {})
        if of or (name not in OWNED and name not in NAMESPACED):
            return [record for _, record in sorted(by_owner.get(of, {}).items())]
        return [r for owner in sorted(by_owner) for _, r in sorted(by_owner[owner].items())]

    def state(self, name: str, of: str, direction: str = "") -> Coverage:
        if name == "security_group_rules" and of:
            return self.state_of_rules(of, direction)
        return best(self.coverage.get((name, of)), self.coverage.get((name, "")))

    def state_of_rules(self, group: str, direction: str) -> Coverage:
        """Rules are complete by direction; a group is when both directions are."""
        name = "security_group_rules"
        everywhere = self.coverage.get((name, ""))
        found = [
            best(self.coverage.get((name, f"{group}/{d}")), everywhere)
            for d in ([direction] if direction else DIRECTIONS)
        ]
        origins = tuple(dict.fromkeys(origin for _, at in found for origin in at))
        states = {state for state, _ in found}
        if len(states) == 1:
            return states.pop(), origins
        return "truncated", origins

    def complete(self) -> Iterator[tuple[str, str, tuple[Origin, ...]]]:
        """Every complete list as (name, of, origins), sorted; rules by group and direction."""
        found = {place: at for place, (state, at) in self.coverage.items() if state == "collected"}
        for name, of in list(found):
            group, _, direction = of.partition("/")
            if name == "security_group_rules" and direction:
                state, at = self.state_of_rules(group, "")
                if state == "collected":
                    found[name, group] = at
        for (name, of), at in sorted(found.items(), key=lambda item: item[0]):
            yield name, of, at

    def find(self, name: str, key: str, of: str) -> Record[Any] | None:
        by_owner = self.records.get(name, {})
        if name in NAMESPACED:
            return by_owner.get(key.partition("/")[0], {}).get(key)
        if name in OWNED and not of:
            found = (by_owner[owner].get(key) for owner in sorted(by_owner))
            return next((record for record in found if record is not None), None)
        return by_owner.get(of, {}).get(key)

    def copy_for(self, names: Iterable[str]) -> Contents:
        """A copy that may be changed in the named lists; everything else is shared."""
        records = dict(self.records)
        for name in names:
            records[name] = {of: dict(bucket) for of, bucket in records.get(name, {}).items()}
        return Contents(records, list(self.parts), dict(self.coverage))


def best(*found: Coverage | None) -> Coverage:
    """The most complete of several statements about one list."""
    known = [coverage for coverage in found if coverage is not None]
    for coverage in known:
        if coverage[0] == "collected":
            return coverage
    return known[0] if known else ("missing", ())


def key_of(value: BaseModel) -> str:
    """The key of a record; what has no id of its own is its own key."""
    key = getattr(value, "key", "")
    if key:
        return cast(str, key)
    return "\0".join(f"{name}={part}" for name, part in value.__dict__.items())


def is_same(old: object, new: object) -> bool:
    """Equal, or lists that differ only in their order, which no API promises."""
    if isinstance(old, list) and isinstance(new, list):
        return sorted(map(repr, old)) == sorted(map(repr, new))
    return old == new


def merged(first: M, second: M, path: tuple[str, ...] = ()) -> tuple[M, list[str]]:
    """Two descriptions of one thing as one, and the fields in which they disagree.

    What only one of them says is taken from it; where both speak, the first is kept.
    """
    update: dict[str, object] = {}
    conflicts: list[str] = []
    for name in sorted(second.model_fields_set):
        new = getattr(second, name)
        old = getattr(first, name) if name in first.model_fields_set else None
        if new is None or is_same(old, new):
            continue
        if old is None:
            update[name] = new
        elif isinstance(old, BaseModel) and type(old) is type(new):
            inner, disagree = merged(old, new, (*path, name))
            conflicts += disagree
            update[name] = inner
        else:
            conflicts.append(".".join((*path, name)))
    return (first.model_copy(update=update) if update else first), conflicts
