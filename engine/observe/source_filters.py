"""Filters of a host, held against every address a flow to it may come from."""

from __future__ import annotations

from collections.abc import Iterator

from wayout.engine.facts.common import Flow
from wayout.engine.facts.destination_access import (
    DestinationAclDecision,
    InboundDecision,
    InboundNearMiss,
)
from wayout.engine.facts.other_destinations import SourceCheck, SourceFilter
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_access import acl_sightings
from wayout.engine.observe.host import Client, Host
from wayout.engine.observe.inbound import InboundRules
from wayout.engine.observe.network_acl import find_binding
from wayout.engine.observe.sources import SourceCandidate

__all__ = ["acl_filters", "group_filter", "outsider"]

VERDICTS = {"accept": "admits", "drop": "refuses", "partial": "partly"}


def outsider(candidate: SourceCandidate) -> Client:
    """A client that no network interface of the destination's VPC has the address of."""
    ip = parse_ip(candidate.address)
    assert ip is not None  # candidates are IPv4 addresses
    return Client(ip, candidate.address, "", f"{candidate.address}/32", is_foreign=True)


def group_filter(
    view: View,
    flow: Flow,
    host: Host,
    inbound: InboundRules,
    candidates: tuple[SourceCandidate, ...],
) -> Iterator[Sighting]:
    """The inbound rules of the groups of a host, for each source address."""
    if not host.groups:
        return
    groups = ",".join(host.groups[0].groups)
    made = SourceFilter(flow=flow.flow, filter="group", guard=groups, label=host.name)
    yield Sighting(made, host.origins)
    port = view.question.source_port or 0
    for candidate in candidates:
        for sighting in inbound.sightings(flow, host, outsider(candidate), port):
            if isinstance(sighting.fact, InboundNearMiss):
                yield sighting
            elif isinstance(sighting.fact, InboundDecision):
                origins = (*sighting.origins, *candidate.origins)
                yield Sighting(group_check(sighting.fact, candidate.address), origins)


def group_check(decision: InboundDecision, address: str) -> SourceCheck:
    return SourceCheck.model_validate(
        {
            "flow": decision.flow,
            "filter": "group",
            "address": address,
            "verdict": VERDICTS.get(decision.action, "undetermined"),
            "guard": decision.group,
            "entry": decision.rule,
            "order": decision.priority,
            "traffic": decision.traffic,
            "lacks": decision.lacks,
            "lacks_of": decision.lacks_of,
            "target": decision.target,
            "target_protocol": decision.target_protocol,
            "target_ports": decision.target_ports,
            "winning": decision.winning_priority,
        }
    )


def acl_filters(
    view: View, flow: Flow, host: Host, candidates: tuple[SourceCandidate, ...]
) -> Iterator[Sighting]:
    """Both lists of the network ACL of a host's vSwitch, for each source address."""
    vswitch = host.vswitches[0].vswitch if host.vswitches else ""
    bound = find_binding(view.case, vswitch)
    if vswitch:
        yield Sighting(bound.fact, bound.origins)
    if bound.acl is None:
        return
    for name in ("acl-in", "acl-out"):
        guard = bound.acl.network_acl_id
        fact = SourceFilter.model_validate(
            {"flow": flow.flow, "filter": name, "guard": guard, "label": vswitch}
        )
        yield Sighting(fact, bound.origins)
    for candidate in candidates:
        for sighting in acl_sightings(view, flow, outsider(candidate), vswitch, bound):
            if isinstance(sighting.fact, DestinationAclDecision):
                origins = (*sighting.origins, *candidate.origins)
                yield Sighting(acl_check(sighting.fact, candidate.address), origins)


def acl_check(decision: DestinationAclDecision, address: str) -> SourceCheck:
    return SourceCheck.model_validate(
        {
            "flow": decision.flow,
            "filter": "acl-in" if decision.direction == "request" else "acl-out",
            "address": address,
            "verdict": VERDICTS.get(decision.action, "undetermined"),
            "guard": decision.acl,
            "entry": decision.entry,
            "order": decision.position,
            "traffic": decision.traffic,
            "lacks": decision.lacks,
            "lacks_of": decision.lacks_of,
            "target": decision.target,
            "target_protocol": decision.target_protocol,
            "target_ports": decision.target_ports,
            "winning": decision.position,
            "new_entries": decision.new_entries,
        }
    )
