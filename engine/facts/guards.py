"""Facts of the guards gate: what watches over the exit from outside the VPC."""

from __future__ import annotations

from typing import Literal

from wayout.engine.facts.base import Fact

__all__ = ["GuardDocument"]


class GuardDocument(Fact):
    """Whether the case holds documents of one guard; one fact per guard."""

    guard: Literal["cloud-firewall", "ddos", "account"]
    state: Literal["present", "missing"] = "missing"
