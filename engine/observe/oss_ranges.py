"""Whether the filters of the pod let it reach every range that OSS may move a bucket to.

The name of an internal endpoint resolves to one address of several ranges of its region, and OSS
moves buckets between them. The ranges are of an older edition, so what is found here is a risk,
never a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Literal, TypeVar

from wayout.engine.case.alibaba import NetworkAcl
from wayout.engine.facts.common import Flow
from wayout.engine.facts.network_acl import AclDecision
from wayout.engine.facts.security_group import SgDecision
from wayout.engine.facts.storage import RangeGap
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.group_rule import Surroundings
from wayout.engine.observe.moving import CLOUD_SERVICES
from wayout.engine.observe.network_acl import decide as decide_acl
from wayout.engine.observe.network_acl import find_binding, side_of_source, traffic_towards
from wayout.engine.observe.network_policy import Decision, Destination
from wayout.engine.observe.oss_endpoint import Dialled, dialled
from wayout.engine.observe.peers import destinations
from wayout.engine.observe.placement import vswitch_candidates
from wayout.engine.observe.policy import (
    Policies,
    isolating_of,
    judge,
    may_matter,
    policies_of,
)
from wayout.engine.observe.policy_advice import compact, policy_name, port_item
from wayout.engine.observe.ports import traffic_of
from wayout.engine.observe.security_group import (
    Group,
    PodGroups,
    decide,
    packet_of,
    read_group,
    read_pod,
)
from wayout.engine.observe.selectors import lasting, selector_json
from wayout.engine.products import Products

__all__ = ["observe"]

DIRECTIONS: tuple[Literal["egress", "reply"], ...] = ("egress", "reply")

T = TypeVar("T")


def observe(view: View) -> Iterator[Sighting]:
    """One fact per filter that lets the present address of an internal endpoint pass, not all."""
    for end in dialled(view):
        ranges = ranges_of(view.products, end.fact.region)
        if not ranges or end.flow.scope != "cloud-service" or end.flow.family != "ipv4":
            continue
        yield from policy_gap(view, end, ranges)
        yield from group_gaps(view, end, ranges)
        yield from acl_gaps(view, end, ranges)


def ranges_of(products: Products, region: str) -> tuple[Network, ...]:
    """The ranges of one region that can be read."""
    cidrs = [
        cidr
        for known in products.ranges
        if known.product == "oss" and known.region == region
        for cidr in known.cidrs
    ]
    return tuple(network for network in map(parse_cidr, cidrs) if network is not None)


def elsewhere(flow: Flow, network: Network) -> tuple[Flow, ...]:
    """The same flow to the first and the last host of a range."""
    last = network.base + (1 << (32 - network.prefix)) - 2
    ends = (Ip(4, network.base + 1), Ip(4, last))
    return tuple(flow.model_copy(update={"ip": str(ip)}) for ip in ends)


def refusals(
    flow: Flow,
    ranges: tuple[Network, ...],
    judge_flow: Callable[[Flow], T],
    drops: Callable[[T], bool | None],
) -> dict[str, T]:
    """Each range of which an end is dropped, with the decision; none if the flow itself is."""
    if drops(judge_flow(flow)) is not False:
        return {}
    found: dict[str, T] = {}
    for network in ranges:
        for other in elsewhere(flow, network):
            decision = judge_flow(other)
            if drops(decision):
                found.setdefault(str(network), decision)
    return found


def gap(end: Dialled, ranges: tuple[Network, ...], shut: Iterable[str], **more: Any) -> RangeGap:
    return RangeGap(
        flow=end.flow.flow,
        region=end.fact.region,
        address=end.flow.ip,
        ranges=", ".join(shut),
        count=len(tuple(shut)),
        total=len(ranges),
        traffic=traffic_of(end.flow),
        port=end.flow.port,
        **more,
    )


# ── Network policies ─────────────────────────────────────────────────────────────────────────


def policy_gap(view: View, end: Dialled, ranges: tuple[Network, ...]) -> Iterator[Sighting]:
    policies = tuple(policies_of(view))
    to = destinations(view).get(end.flow.flow) if may_matter(view, policies) else None
    if to is None or view.pod_record is None:
        return
    asked = partial(policy_decision, view, policies, to)
    shut = refusals(end.flow, ranges, asked, denies)
    if not shut:
        return
    isolating = isolating_of(policies)
    namespace, _, name = view.pod.partition("/")
    own = lasting(view.pod_record.value.metadata.labels)
    selector = isolating[0].value.spec.pod_selector
    fact = gap(
        end,
        ranges,
        shut,
        gate="policy",
        subject=", ".join(record.value.key for record in isolating),
        namespace=namespace,
        name=f"{policy_name(name, end.flow)}-ranges",
        selector_json=compact({"matchLabels": own}) if own else selector_json(selector),
        peers_json=compact([{"ipBlock": {"cidr": CLOUD_SERVICES}}]),
        ports_json=compact([port_item(end.flow.protocol.upper(), end.flow.port)]),
    )
    yield Sighting(fact, tuple(o.at("spec") for record in isolating for o in record.origins))


def policy_decision(view: View, policies: Policies, to: Destination, flow: Flow) -> Decision:
    return judge(view, policies, replace(to, ip=parse_ip(flow.ip)))


def denies(decision: Decision) -> bool | None:
    return {"deny": True, "allow": False}.get(decision.verdict)


# ── Security groups ──────────────────────────────────────────────────────────────────────────


def group_gaps(view: View, end: Dialled, ranges: tuple[Network, ...]) -> Iterator[Sighting]:
    pod, around = read_pod(view, end.flow.pod), Surroundings(view.case)
    for candidate in pod.candidates:
        members = tuple(read_group(view.case, name) for name in candidate.groups)
        asked = partial(group_decision, members, pod, around, view.question.source_port or 0)
        shut = refusals(end.flow, ranges, asked, is_dropped)
        if not shut:
            continue
        fact = gap(
            end,
            ranges,
            shut,
            gate="security-group",
            subject=next(iter(shut.values())).group,
            group_source=candidate.source,
            priority=max(min(found.winning_priority for found in shut.values()), 1),
        )
        yield Sighting(fact, candidate.origins)


def group_decision(
    members: tuple[Group, ...], pod: PodGroups, around: Surroundings, port: int, flow: Flow
) -> SgDecision:
    return decide(members, packet_of(flow, pod, port), around).fact


def is_dropped(decision: SgDecision | AclDecision) -> bool | None:
    return {"drop": True, "accept": False}.get(decision.action)


# ── Network ACLs ─────────────────────────────────────────────────────────────────────────────


def acl_gaps(view: View, end: Dialled, ranges: tuple[Network, ...]) -> Iterator[Sighting]:
    for candidate in vswitch_candidates(view):
        bound = find_binding(view.case, candidate.vswitch)
        for direction in DIRECTIONS if bound.acl is not None else ():
            assert bound.acl is not None
            asked = partial(acl_decision, bound.acl, direction, view.question.source_port)
            shut = refusals(end.flow, ranges, asked, is_dropped)
            if not shut:
                continue
            fact = gap(
                end,
                ranges,
                shut,
                gate="network-acl",
                subject=bound.acl.network_acl_id,
                vswitch=candidate.vswitch,
                vswitch_source=candidate.source,
                direction=direction,
                new_entries=next(iter(shut.values())).new_entries,
            )
            yield Sighting(fact, (*bound.origins, *candidate.origins))


def acl_decision(
    acl: NetworkAcl, direction: Literal["egress", "reply"], source_port: int | None, flow: Flow
) -> AclDecision:
    traffic = traffic_towards(flow, direction, source_port)._replace(network=CLOUD_SERVICES)
    return decide_acl(acl, direction, traffic, side_of_source(direction))
