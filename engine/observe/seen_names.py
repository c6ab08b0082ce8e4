"""What the case knows of names: the addresses they were seen to resolve to."""

from __future__ import annotations

from wayout.engine.case import Case, Observation, Origin
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.scope import normal

__all__ = ["resolved"]


def resolved(case: Case, name: str) -> tuple[tuple[str, ...], tuple[Origin, ...]]:
    """The addresses somebody saw the name resolve to."""
    found: dict[str, Origin] = {}
    for record in case.listing(Observation).records:
        if record.value.what == "resolved" and normal(record.value.name) == normal(name):
            for address in record.value.addresses:
                if parse_ip(address) is not None:
                    found.setdefault(normal(address), record.origin)
    return tuple(found), tuple(dict.fromkeys(found.values()))
