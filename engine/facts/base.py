"""What a fact is: a flat, frozen, typed statement of what was measured or inferred."""

# Nowhere in this package are annotations postponed (`from __future__ import annotations`): pydantic
# would evaluate the text of each of them anew, half the time it takes to define a class.

import re
from typing import Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

__all__ = ["KINDS", "Fact", "ListRef", "Scalar", "make_fact"]

type_name = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

Scalar = str | int | bool
KINDS: dict[str, type["Fact"]] = {}


class ListRef(NamedTuple):
    """The list a kind of fact is read from: `none` over the kind is only valid when it is complete.

    `name` is a list name of `wayout.engine.case`; `of` is the field of the fact that scopes the
    list (for example the security group whose rules they are), or "" for a list without owner.
    """

    name: str
    of: str = ""


class Fact(BaseModel):
    """One statement. A subclass is one kind of fact; its fields are what rules may test.

    Flat on purpose: every field is `str`, `int` or `bool` and never None. What is not known is
    said by the absence of the fact or by a value such as "undetermined", never by a default that
    looks like a measurement. `is_derived` marks kinds that only rules may produce.
    """

    # Built on first use: a run needs a fraction of the kinds.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)

    kind: ClassVar[str]
    is_derived: ClassVar[bool] = False
    from_list: ClassVar[ListRef | None] = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        cls.kind = type_name.sub("_", cls.__name__).lower()
        KINDS[cls.kind] = cls

    @property
    def fields(self) -> dict[str, Scalar]:
        """Field name to value, in the order of declaration."""
        return dict(self.__dict__)

    def __str__(self) -> str:
        inner = ", ".join(f"{name}={value}" for name, value in self.__dict__.items() if value != "")
        return f"{self.kind}({inner})"


def make_fact(kind: str, fields: dict[str, Scalar]) -> Fact:
    """The fact of `kind`; raises KeyError for an unknown kind, ValidationError for bad fields."""
    return KINDS[kind].model_validate(fields)
