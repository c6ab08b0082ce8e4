"""What the inbound rules of the security groups at the destination do to a main flow.

Stateful: the outbound rules of the destination have no say on the answers. Inbound, nothing is
let in by default, whatever the type; members of one basic group may talk to each other before any
rule is read, unless its InnerAccessPolicy says Drop.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from wayout.engine.case import Case, Origin
from wayout.engine.case.alibaba import SecurityGroup
from wayout.engine.facts.common import Flow
from wayout.engine.facts.destination_access import InboundDecision, InboundNearMiss
from wayout.engine.observe.base import Sighting
from wayout.engine.observe.group_rule import FIRST_PRIORITY, Lack, Packet, Surroundings
from wayout.engine.observe.host import Client, Host
from wayout.engine.observe.ports import PORTLESS, protocol_of, traffic_of
from wayout.engine.observe.security_group import (
    Group,
    change,
    common_type,
    describe,
    first_match,
    near_misses,
    read_group,
    winning_priority,
)

__all__ = ["InboundRules", "Judged", "with_target"]


class Judged(NamedTuple):
    """A decision without flow and host, and what proves it."""

    fact: InboundDecision
    origins: tuple[Origin, ...]


class InboundRules:
    """The inbound rules of a case, each group read at most once per diagnosis."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.around = Surroundings(case)
        self._groups: dict[str, Group] = {}

    def group(self, name: str) -> Group:
        if name not in self._groups:
            self._groups[name] = read_group(self.case, name, "ingress")
        return self._groups[name]

    def sightings(
        self, flow: Flow, host: Host, client: Client, source_port: int
    ) -> Iterator[Sighting]:
        """One decision per candidate set of groups; near misses of those that drop."""
        packet = Packet(
            protocol=protocol_of(flow),
            port=flow.port,
            peer=client.ip,
            local=(host.ip,),
            source_port=source_port,
            vpc=client.vpc or host.vpc,
            address_list="pods",
            is_foreign=client.is_foreign,
        )
        for candidate in host.groups:
            groups = tuple(self.group(name) for name in candidate.groups)
            judged = self.decide(groups, packet)
            fact = change(
                judged.fact,
                flow=flow.flow,
                host=host.name,
                source=candidate.source,
                traffic=traffic_of(flow),
                client=client.text,
            )
            if fact.action == "drop":
                fact = with_target(fact, packet, client.network)
            yield Sighting(fact, (*judged.origins, *candidate.origins))
            if fact.action != "drop":
                continue
            yield from self.near(fact, groups, packet)

    def near(
        self, fact: InboundDecision, groups: tuple[Group, ...], packet: Packet
    ) -> Iterator[Sighting]:
        """The rules that miss what a decision drops by one field."""
        for miss, rule in near_misses(fact, groups, packet, self.around):
            near = InboundNearMiss(
                flow=fact.flow,
                host=fact.host,
                source=fact.source,
                rule=miss.rule,
                group=miss.group,
                priority=miss.priority,
                field=miss.field,
                wanted=miss.wanted,
                got=miss.got,
            )
            yield Sighting(near, rule.origins)

    def decide(self, groups: tuple[Group, ...], packet: Packet) -> Judged:
        """Members of one open basic group first, then the rules of all groups, then drop."""
        base = InboundDecision(
            flow="",
            host="",
            groups=",".join(group.name for group in groups),
            group=groups[0].name,
            group_type=common_type(groups),
        )
        if base.group_type == "mixed":
            origins = tuple(origin for group in groups for origin in group.type_origins)
            return Judged(change(base, action="undetermined", reason="mixed-types"), origins)
        open_group, doubt = self.inner_access(groups, packet)
        if open_group is not None:
            fact = change(base, action="accept", reason="inner-access", group=open_group.name)
            return Judged(fact, open_group.type_origins)
        judged = self.by_rules(base, groups, packet)
        if doubt is None or judged.fact.action == "accept":
            return judged
        list_, of = doubt.list, doubt.of
        fact = change(
            base,
            action="undetermined",
            reason="inner-access-unknown",
            group=of or base.group,
            lacks=list_,
            lacks_of=of,
        )
        return Judged(fact, judged.origins)

    def inner_access(
        self, groups: tuple[Group, ...], packet: Packet
    ) -> tuple[Group | None, Lack | None]:
        """The basic group that lets both ends talk, or what keeps that from being known."""
        doubt: Lack | None = None
        kind = common_type(groups)
        for group in groups:
            access = self.access_of(group.name)
            if kind == "enterprise" or access == "drop" or packet.peer is None:
                continue
            member = self.around.is_member(packet.peer, group.name, packet)
            if member is True and kind == "basic" and access == "accept":
                return group, None
            if member is True:  # the type is told by one answer, the policy by the other
                list_ = "security_group_rules" if kind == "basic" else "security_groups"
                doubt = doubt or Lack("group-members", list_, group.name)
            elif isinstance(member, Lack):
                doubt = doubt or Lack("group-members", member.list)
        return None, doubt

    def access_of(self, name: str) -> str:
        record = self.case.get(SecurityGroup, name)
        return ((record.value.inner_access_policy if record else None) or "").strip().lower()

    def by_rules(self, base: InboundDecision, groups: tuple[Group, ...], packet: Packet) -> Judged:
        winner, doubts = first_match(groups, packet, self.around)
        verdict = winner.policy if winner is not None else "drop"
        doubt = next((doubt for doubt in doubts if doubt.may_turn(verdict, winner)), None)
        if doubt is not None and doubt.rule is None:
            group = next(group for group in groups if group.name == doubt.lack.of)
            fact = change(
                base,
                action="undetermined",
                reason="rules-missing",
                group=group.name,
                lacks=doubt.lack.list,
                lacks_of=doubt.lack.of,
            )
            return Judged(fact, group.rule_origins)
        if doubt is not None and doubt.rule is not None:
            fact = change(
                describe(base, doubt.rule),
                action="undetermined",
                reason="rule-unknown",
                lacks=doubt.lack.list,
                lacks_of=doubt.lack.of,
            )
            return Judged(fact, doubt.rule.origins)
        if winner is None:
            return self.by_default(base, groups, packet)
        group = next(group for group in groups if group.name == winner.group)
        fact = change(
            describe(base, winner),
            action="accept" if winner.policy == "accept" else "drop",
            reason="rule",
            is_managed=group.is_managed,
        )
        if fact.action == "drop":
            best = winning_priority(groups, packet, self.around)
            fact = change(fact, winning_priority=best)
        return Judged(fact, winner.origins)

    def by_default(
        self, base: InboundDecision, groups: tuple[Group, ...], packet: Packet
    ) -> Judged:
        """No rule matches. The group named is one whose rules the user can change, if any."""
        group = next((group for group in groups if not group.is_managed), groups[0])
        shared = next((g for g in groups if self.shares(g, packet)), None)
        fact = change(
            base,
            action="drop",
            reason="default",
            group=group.name,
            is_managed=group.is_managed,
            winning_priority=FIRST_PRIORITY,
        )
        if shared is not None:
            way = "enterprise" if base.group_type == "enterprise" else "isolated"
            fact = change(fact, shared=way, shared_group=shared.name)
        return Judged(fact, (*group.type_origins, *group.rule_origins))

    def shares(self, group: Group, packet: Packet) -> bool:
        """Whether the client is in the group too, and its type is known."""
        peer = packet.peer
        return (
            peer is not None
            and group.type != "undetermined"
            and self.around.is_member(peer, group.name, packet) is True
        )


def with_target(fact: InboundDecision, packet: Packet, target: str) -> InboundDecision:
    """What an Accept rule for this traffic from `target`, an address or network, has to say."""
    is_portless = packet.protocol in PORTLESS or not packet.port
    return change(
        fact,
        target=target,
        target_protocol=packet.protocol.upper(),
        target_ports="-1/-1" if is_portless else f"{packet.port}/{packet.port}",
    )
