"""What an earlier answer lists and a later one of the same list no longer has."""

from __future__ import annotations

from collections.abc import Iterator

from wayout.engine.case.contents import Bucket, Contents
from wayout.engine.case.coverage import Part
from wayout.engine.case.lists import NAMESPACED, OWNED
from wayout.engine.case.model import Origin, Record

__all__ = ["Gone", "drop_superseded"]

Gone = tuple[Origin, Origin, list[str]]  # the later answer, the earlier one, what is gone


def drop_superseded(contents: Contents) -> list[Gone]:
    """Take out of each list what a later, complete answer about the list does not hold.

    Only lists of one owner or namespace are looked at: two answers that list whole resources may
    have been asked about different VPCs or regions, which the answers do not tell.
    """
    gone: dict[tuple[Origin, Origin], list[str]] = {}
    for part in contents.parts:
        if not part.is_whole or not part.origin.collected_at:
            continue
        for bucket, direction in buckets(contents, part):
            for key, record in list(bucket.items()):
                if key not in part.keys and is_outdated(record, part, direction):
                    del bucket[key]
                    label = key if "\0" not in key else record.origin.pointer
                    gone.setdefault((part.origin, record.origin), []).append(label)
    return [(later, earlier, keys) for (later, earlier), keys in gone.items()]


def buckets(contents: Contents, part: Part) -> Iterator[tuple[Bucket, str]]:
    """The records an answer is about, and the direction of those it tells of; "" for both."""
    owner, _, direction = part.of.partition("/")
    if part.list in OWNED and owner:
        yield contents.bucket(part.list, owner), direction
    elif part.list in NAMESPACED:
        for of in [owner] if owner else [*contents.records.get(part.list, {})]:
            yield contents.bucket(part.list, of), ""


def is_outdated(record: Record[object], part: Part, direction: str) -> bool:
    mine = str(getattr(record.value, "direction", "")).lower()
    if direction and mine not in (direction, ""):
        return False
    return all(part.origin.is_after(origin) for origin in record.origins)
