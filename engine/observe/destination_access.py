"""The destination-access gate: who stands at the other end, and whether it lets the pod in.

Ingress policies of a destination pod, inbound rules of the destination's security groups, and the
network ACL of its vSwitch in both directions; each is measured apart, and rules add them up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from wayout.engine.facts.common import Flow
from wayout.engine.facts.destination_access import DestinationAclDecision
from wayout.engine.facts.network_acl import AclDecision
from wayout.engine.facts.pod import GroupCandidate, VswitchCandidate
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.flow import plan_of
from wayout.engine.observe.host import (
    Client,
    Host,
    Stranger,
    client_of,
    find_host,
    host_sighting,
    stranger_fact,
)
from wayout.engine.observe.inbound import InboundRules
from wayout.engine.observe.ingress import ingress_sightings
from wayout.engine.observe.instance_state import instance_state
from wayout.engine.observe.network_acl import (
    Bound,
    Side,
    Traffic,
    decide,
    entry_origins,
    find_binding,
    vicinity_of,
)
from wayout.engine.observe.ports import (
    ANY_PORT,
    EPHEMERAL,
    PORTLESS,
    PortRange,
    protocol_of,
    traffic_of,
)

__all__ = ["acl_sightings", "guards_of", "observe"]

# At the destination the inbound list sees the request and the outbound list the answers.
DIRECTIONS: tuple[tuple[Literal["egress", "reply"], Side], ...] = (
    ("egress", "Ingress"),
    ("reply", "Egress"),
)


def observe(view: View) -> Iterator[Sighting]:
    """Facts about the other end of each main flow that stays inside the VPC."""
    plan = plan_of(view)
    client = client_of(view)
    inbound = InboundRules(view.case)
    for main in plan.main:
        host = find_host(view, plan, main, client)
        if isinstance(host, Stranger):
            yield stranger_fact(main.flow.flow, main.flow.ip, host)
        elif host is not None and client is not None:
            yield host_sighting(view.case, main.flow.flow, host)
            yield from instance_state(view.case, main.flow, host)
            is_foreign = bool(client.vpc) and host.vpc not in ("", client.vpc)
            seen = replace(client, is_foreign=is_foreign)
            yield from guards_of(view, main.flow, host, seen, inbound)


def guards_of(
    view: View, flow: Flow, host: Host, client: Client, inbound: InboundRules
) -> Iterator[Sighting]:
    if host.is_pod:
        yield from placement(host)
        yield from ingress_sightings(view, flow, host, client)
    yield from inbound.sightings(flow, host, client, view.question.source_port or 0)
    for vswitch in dict.fromkeys(candidate.vswitch for candidate in host.vswitches):
        bound = find_binding(view.case, vswitch)
        yield Sighting(bound.fact, bound.origins)
        yield from acl_sightings(view, flow, client, vswitch, bound)


def placement(host: Host) -> Iterator[Sighting]:
    """What each source of evidence says of a destination pod, as for the pod that asks."""
    for group in host.groups:
        named = GroupCandidate(pod=host.name, source=group.source, groups=",".join(group.groups))
        yield Sighting(named, group.origins)
    for vswitch in host.vswitches:
        placed = VswitchCandidate(pod=host.name, source=vswitch.source, vswitch=vswitch.vswitch)
        yield Sighting(placed, vswitch.origins)


# ── The network ACL ──────────────────────────────────────────────────────────────────────────


def acl_sightings(
    view: View, flow: Flow, client: Client, vswitch: str, bound: Bound
) -> Iterator[Sighting]:
    if bound.acl is None:
        return
    vicinity = vicinity_of(view.case, flow, client.text, vswitch)
    for direction, side in DIRECTIONS:
        ports = ports_of(flow, direction, view.question.source_port)
        traffic = Traffic(protocol_of(flow), client.ip, ports, "pods", client.network)
        decision = decide(bound.acl, direction, traffic, side).model_copy(
            update={"vicinity": vicinity, "traffic": traffic_of(flow)}
        )
        shown = f"{traffic.protocol} {ports}" if ports.last else traffic.protocol
        fact = as_seen_from_the_host(decision, flow, vswitch, client, shown)
        yield Sighting(fact, entry_origins(bound, decision, side))


def ports_of(
    flow: Flow, direction: Literal["egress", "reply"], source_port: int | None
) -> PortRange:
    """The ports the packets of one direction go to, one of which nobody may know."""
    if protocol_of(flow) in PORTLESS:
        return PortRange(0, 0)
    if direction == "reply":
        return PortRange(source_port, source_port) if source_port else EPHEMERAL
    return PortRange(flow.port, flow.port) if flow.port else PortRange(1, ANY_PORT.last)


def as_seen_from_the_host(
    decision: AclDecision, flow: Flow, vswitch: str, client: Client, reply_ports: str
) -> DestinationAclDecision:
    """The same decision in the words of the other end."""
    kept = {
        name: value
        for name, value in decision.fields.items()
        if name in DestinationAclDecision.model_fields
    }
    own = {
        "flow": flow.flow,
        "vswitch": vswitch,
        "direction": "reply" if decision.direction == "reply" else "request",
        "client": client.text,
        "reply_ports": reply_ports if decision.direction == "reply" else "",
    }
    return DestinationAclDecision.model_validate({**kept, **own})
