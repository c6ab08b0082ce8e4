"""How the ECS instance behind a host is, by its own document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from wayout.engine.case import Case
from wayout.engine.case.endpoints_of_services import EcsInstance
from wayout.engine.facts.common import Flow
from wayout.engine.facts.other_destinations import InstanceState
from wayout.engine.observe.base import Sighting
from wayout.engine.observe.host import Host

__all__ = ["instance_state", "observed_state"]

State = Literal["running", "down", "changing", "unknown"]
ECS_STATES: dict[str, State] = {
    "running": "running",
    "stopped": "down",
    "stopping": "down",
    "starting": "changing",
    "pending": "changing",
}


def observed_state(text: str | None, known: dict[str, State]) -> State:
    """The class of a status, whatever its letter case; "unknown" for one nobody described."""
    return known.get((text or "").strip().lower(), "unknown")


def instance_state(case: Case, flow: Flow, host: Host) -> Iterator[Sighting]:
    """The state of the instance that a network interface is attached to, when its document is
    in the case."""
    name = (host.eni.value.instance_id or "") if host.eni is not None and not host.is_pod else ""
    record = case.get(EcsInstance, name) if name else None
    if record is None:
        return
    fact = InstanceState(
        flow=flow.flow,
        what="instance",
        name=name,
        label=name,
        state=observed_state(record.value.status, ECS_STATES),
        text=record.value.status or "",
        lock=",".join(sorted(record.value.lock_reasons)),
    )
    yield Sighting(fact, record.origins)
