"""What people told, applied to what documents say: a document is believed rather than a reply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wayout.engine.case.contents import Bucket, Contents, merged
from wayout.engine.case.json_text import short
from wayout.engine.case.model import Notice, Record, Told
from wayout.engine.case.patching import changed_by, item_of

__all__ = ["UNNAMED", "Brought", "tell"]

# By which field a thing is known that was told of without its id.
KNOWN_BY = {"network_interfaces": "private_ip_address"}
UNNAMED = "-unnamed"  # ends the ids of what somebody told of without its id


class Brought(NamedTuple):
    """The records that a told `add` brought, read already: list, owner, key and record of each."""

    records: tuple[tuple[str, str, str, Record[Any]], ...]


def tell(contents: Contents, told: Sequence[Told]) -> tuple[Contents, list[Notice]]:
    """The contents with everything that was told, and what of it contradicts the rest.

    Raises RefusedError for a change that cannot be read.
    """
    teller = Teller(contents)
    for one in told:
        teller.take(one)
    return teller.contents, teller.notices


@dataclass(slots=True)
class Teller:
    """Applies replies one after the other."""

    contents: Contents
    notices: list[Notice] = field(default_factory=list)
    added: dict[tuple[str, str, str], Told] = field(default_factory=dict)

    def take(self, one: Told) -> None:
        change = one.change
        if isinstance(change, Brought) or (isinstance(change, Mapping) and "add" in change):
            self.add(one)
        elif isinstance(change, Mapping) and "complete" in change:
            self.complete(one)
        else:
            self.contents = changed_by(self.contents, change, one.origin)

    def add(self, one: Told) -> None:
        """A record, or more about one that is known; what is known already stays."""
        changed = self.contents.copy_for([])
        told = one.change
        found = told.records if isinstance(told, Brought) else item_of(told, one.origin)
        for name, owner, key, record in found:
            changed = changed.copy_for([name])
            bucket = changed.bucket(name, owner)
            key = self.named(name, bucket, key, record)
            known = bucket.get(key)
            if known is None:
                self.added[name, owner, key] = one
                bucket[key] = record
                continue
            both, conflicts = merged(known.value, record.value)
            conflicts = [path for path in conflicts if not is_unnamed(record.value, path)]
            if conflicts:
                self.say_other(one, known, (name, owner, key), conflicts)
            bucket[key] = Record(both, (*known.origins, one.origin))
        self.contents = changed

    def named(self, name: str, bucket: Bucket, key: str, record: Record[Any]) -> str:
        """The key of the thing that was told of without its id, when a document describes it."""
        field = KNOWN_BY.get(name, "")
        if not field or not key.endswith(UNNAMED):
            return key
        wanted = getattr(record.value, field)
        same = [k for k, known in bucket.items() if getattr(known.value, field) == wanted]
        return same[0] if len(same) == 1 else key

    def say_other(
        self, one: Told, known: Record[Any], at: tuple[str, str, str], fields: Sequence[str]
    ) -> None:
        other = self.added.get(at)
        place = other.place if other is not None else str(known.origin)
        place_zh = other.place_zh if other is not None else str(known.origin)
        what = f"{at[0]} {short(at[2])} ({', '.join(fields[:5])})"
        self.contradiction(one, place, place_zh, what)

    def complete(self, one: Told) -> None:
        """Nothing else is in the list; with `knowing`, there are no more than so many at all."""
        change = one.change
        name, of = change["complete"], change.get("of") or ""
        owner = of.partition("/")[0] if isinstance(of, str) else ""
        knowing = change.get("knowing")
        changed = changed_by(self.contents, change, one.origin)  # refuses what cannot be read
        others = self.others(name, owner, of)
        if knowing is None:
            # As far as it matters to what was asked; a document that has it all knows better.
            is_known = self.contents.listing(name, of).is_complete
            if is_known and others:
                self.withdraw(name, owner)
            else:
                self.contents = changed
            return
        if len(others) <= knowing:
            self.contents = changed
            return
        extra = others[-1]
        what = f"{name} {of}".strip()
        self.contradiction(one, str(extra.origin), str(extra.origin), what)
        self.withdraw(name, owner)

    def others(self, name: str, owner: str, of: str) -> list[Record[Any]]:
        """The entries of a list that no reply added."""
        direction = of.partition("/")[2] if name == "security_group_rules" else ""
        return [
            record
            for place, bucket in sorted(self.contents.records.get(name, {}).items())
            for key, record in sorted(bucket.items())
            if (not owner or place == owner)
            and (name, place, key) not in self.added
            and (not direction or record.value.direction.lower() in (direction, ""))
        ]

    def withdraw(self, name: str, owner: str) -> None:
        """Takes back what replies added to a list that a document knows better."""
        changed = self.contents.copy_for([name])
        for at in [at for at in self.added if at[0] == name and owner in ("", at[1])]:
            del self.added[at]
            changed.bucket(name, at[1]).pop(at[2], None)
        self.contents = changed

    def contradiction(self, one: Told, place: str, place_zh: str, what: str) -> None:
        self.notices.append(
            Notice(
                f"{one.place} contradicts {place} about {what}; what was known before counts.",
                f"{one.place_zh}与 {place_zh} 在 {what} 上矛盾，以后者为准。",
                one.origin,
            )
        )


def is_unnamed(value: object, path: str) -> bool:
    """Whether a field only holds an id that stands for one nobody told."""
    for name in path.split("."):
        value = getattr(value, name, None)
    return UNNAMED in str(value)
