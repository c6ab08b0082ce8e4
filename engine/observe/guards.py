"""What guards the exit from outside the VPC, as far as documents tell."""

from __future__ import annotations

from collections.abc import Iterator

from wayout.engine.facts.guards import GuardDocument
from wayout.engine.observe.base import Sighting, View

__all__ = ["observe"]


def observe(view: View) -> Iterator[Sighting]:
    """One fact per guard about its documents."""
    yield Sighting(GuardDocument(guard="cloud-firewall"))
    yield Sighting(GuardDocument(guard="ddos"))
    yield Sighting(GuardDocument(guard="account"))
