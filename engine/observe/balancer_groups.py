"""What the security groups of an ALB or NLB do to a source address.

They are deny-lists: unlike at an instance, what no rule matches is let in. Priorities, and Drop
before Accept within one, count as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from wayout.engine.facts.balancer import Balancer
from wayout.engine.facts.common import Flow
from wayout.engine.facts.destination_access import InboundDecision
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.balancer_acl import Seen
from wayout.engine.observe.base import Sighting
from wayout.engine.observe.group_rule import Packet
from wayout.engine.observe.inbound import InboundRules, Judged, with_target
from wayout.engine.observe.ports import protocol_of, traffic_of
from wayout.engine.observe.security_group import (
    Doubt,
    Group,
    change,
    common_type,
    describe,
    first_match,
    winning_priority,
)

__all__ = ["decide", "group_sightings"]


def decide(inbound: InboundRules, groups: tuple[Group, ...], packet: Packet) -> Judged:
    """The first rule of all groups that matches; without one, the packet is let in."""
    base = InboundDecision(
        flow="",
        host="",
        groups=",".join(group.name for group in groups),
        group=groups[0].name,
        group_type=common_type(groups),
    )
    winner, doubts = first_match(groups, packet, inbound.around)
    verdict = winner.policy if winner is not None else "accept"
    doubt = next((doubt for doubt in doubts if doubt.may_turn(verdict, winner)), None)
    if doubt is not None:
        return undetermined(base, doubt, groups)
    if winner is None:
        origins = tuple(origin for group in groups for origin in group.rule_origins)
        return Judged(change(base, action="accept", reason="no-rule"), origins)
    group = next(group for group in groups if group.name == winner.group)
    fact = change(
        describe(base, winner),
        action="accept" if winner.policy == "accept" else "drop",
        reason="rule",
        is_managed=group.is_managed,
    )
    if fact.action == "drop":
        best = winning_priority(groups, packet, inbound.around)
        fact = change(fact, winning_priority=best)
        opened, _ = inbound.inner_access(groups, packet)
        if opened is not None:  # whether members may talk here too, no document says
            fact = change(fact, shared="isolated", shared_group=opened.name)
    return Judged(fact, winner.origins)


def undetermined(base: InboundDecision, doubt: Doubt, groups: tuple[Group, ...]) -> Judged:
    fact, origins = base, groups[0].rule_origins
    if doubt.rule is not None:
        fact, origins = describe(base, doubt.rule), doubt.rule.origins
    fact = change(
        fact,
        action="undetermined",
        reason="rules-missing" if doubt.rule is None else "rule-unknown",
        group=doubt.rule.group if doubt.rule is not None else doubt.lack.of or base.group,
        lacks=doubt.lack.list,
        lacks_of=doubt.lack.of,
    )
    return Judged(fact, origins)


def group_sightings(
    inbound: InboundRules,
    flow: Flow,
    balancer: Balancer,
    vpc: str,
    sources: Sequence[Seen],
    source_port: int,
) -> Iterator[Sighting]:
    """One decision per source address; near misses of those that drop."""
    if balancer.has_groups != "yes":
        return
    groups = tuple(inbound.group(name) for name in balancer.groups.split(","))
    for source in sources:
        ip = parse_ip(source.address)
        packet = Packet(
            protocol=protocol_of(flow),
            port=flow.port,
            peer=ip,
            source_port=source_port,
            vpc=vpc,
            is_public=source.is_public,
            address_list="pods",
        )
        judged = decide(inbound, groups, packet)
        fact = change(
            judged.fact,
            flow=flow.flow,
            host=balancer.balancer,
            traffic=traffic_of(flow),
            client=source.address,
        )
        if fact.action != "drop":
            yield Sighting(fact, judged.origins)
            continue
        fact = with_target(fact, packet, source.target)
        yield Sighting(fact, judged.origins)
        yield from inbound.near(fact, groups, packet)
