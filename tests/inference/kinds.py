"""A vocabulary for tests only, put beside the real one while a test runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from wayout.engine.facts.base import KINDS, Fact, ListRef


class Common(Fact):
    flow: str = "main"
    text: str = ""
    owner: str = ""
    number: int = 0
    other: int = 0
    is_set: bool = False
    colour: Literal["red", "green"] = "red"


class Apple(Common):
    """Read from documents."""


class Banana(Common):
    """Read from documents."""


class Entry(Common):
    """Read from a list that has an owner."""

    from_list = ListRef("entries", of="owner")


class Member(Common):
    """Read from a list without owner."""

    from_list = ListRef("members")


class Juice(Common):
    """Inferred."""

    is_derived = True


class Jam(Common):
    """Inferred."""

    is_derived = True


class Jelly(Common):
    """Inferred."""

    is_derived = True


MEASURED: tuple[type[Common], ...] = (Apple, Banana, Entry, Member)
DERIVED: tuple[type[Common], ...] = (Juice, Jam, Jelly)
_mine: tuple[type[Common], ...] = (Common, *MEASURED, *DERIVED)
for _cls in _mine:
    del KINDS[_cls.kind]


@contextmanager
def test_vocabulary() -> Iterator[None]:
    """Makes the kinds of this module known."""
    mine = {cls.kind: cls for cls in (*MEASURED, *DERIVED)}
    KINDS.update(mine)
    try:
        yield
    finally:
        for kind in mine:
            del KINDS[kind]


test_vocabulary.__test__ = False  # type: ignore[attr-defined]  # no test by itself
