"""The security-group gate: what the egress rules of the pod's groups do to each outbound flow.

Security groups are stateful: replies to a flow that was let out come back by themselves, so the
ingress rules of the pod are never read here. Every candidate set of groups is judged; which set
the pod really has is said in `knowledge/rules/pod/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeVar

from wayout.engine.case import Case, Origin, Pod, Record
from wayout.engine.case.alibaba import NetworkInterface, SecurityGroup, SecurityGroupRule
from wayout.engine.facts.common import Flow
from wayout.engine.facts.destination_access import InboundDecision
from wayout.engine.facts.security_group import SgDecision, SgNearMiss
from wayout.engine.observe.address import Ip, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.group_rule import (
    FIRST_PRIORITY,
    GroupRule,
    Lack,
    Packet,
    Policy,
    Surroundings,
    match,
    match_fields,
    parse_rule,
)
from wayout.engine.observe.local import stays_inside
from wayout.engine.observe.moving import network_to_open
from wayout.engine.observe.placement import (
    GroupCandidate,
    eni_at,
    eni_of_pod,
    groups_of_pod,
    vpc_id_of,
)
from wayout.engine.observe.ports import PORTLESS, protocol_of, traffic_of

__all__ = [
    "Doubt",
    "Group",
    "PodGroups",
    "change",
    "common_type",
    "decide",
    "describe",
    "first_match",
    "near_misses",
    "observe",
    "packet_of",
    "read_group",
    "read_pod",
    "winning_priority",
]

RuleDirection = Literal["egress", "ingress"]
GroupType = Literal["basic", "enterprise", "mixed", "undetermined"]
TYPES: dict[str, GroupType] = {
    "normal": "basic",
    "basic": "basic",
    "enterprise": "enterprise",
    "advanced": "enterprise",
}
DEFAULTS: dict[GroupType, Policy] = {"basic": "accept", "enterprise": "drop"}
METADATA = parse_ip("100.100.100.200")  # the platform lets it pass, whatever the rules say
PUBLIC_SCOPES = frozenset({"internet", "cloud-service", "metadata", "vpc-dns"})
NEAR_MISSES = 3  # more would not help a reader
PARAMETERS: dict[int, Literal["DestCidrIp", "Ipv6DestCidrIp"]] = {
    4: "DestCidrIp",
    6: "Ipv6DestCidrIp",
}
CLOUD_SPELLING = {"icmpv6": "ICMPv6"}


# ── What the case says about groups and pods ─────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Group:
    """One security group, as far as the case knows it."""

    name: str
    type: GroupType
    rules: tuple[GroupRule, ...]  # of one direction
    has_all_rules: bool
    is_managed: bool
    may_have_internal_access: bool  # a basic group that is not known to isolate its members
    type_origins: tuple[Origin, ...]
    rule_origins: tuple[Origin, ...]


def read_group(case: Case, name: str, direction: RuleDirection = "egress") -> Group:
    record = case.get(SecurityGroup, name)
    listing = case.listing(SecurityGroupRule, of=f"{name}/{direction}")
    # Counted over both directions: what "#3" means must not depend on who asks.
    records = case.listing(SecurityGroupRule, of=name).records
    rules = (parse_rule(rule, name, index, direction) for index, rule in enumerate(records))
    type_ = type_of(record)
    access = ((record.value.inner_access_policy if record else None) or "").strip().lower()
    return Group(
        name=name,
        type=type_,
        rules=tuple(
            rule for rule in rules if is_egress(rule.record.value) == (direction == "egress")
        ),
        has_all_rules=listing.is_complete,
        is_managed=record is not None and record.value.service_managed is True,
        may_have_internal_access=type_ != "enterprise" and access != "drop",
        type_origins=record.origins if record is not None else (),
        rule_origins=listing.origins,
    )


def is_egress(rule: SecurityGroupRule) -> bool:
    """A rule without direction is outbound when it only names a destination."""
    if direction := rule.direction.strip().lower():
        return direction == "egress"
    sources = (rule.source_cidr_ip, rule.ipv6_source_cidr_ip, rule.source_group_id)
    return not any(sources) and not rule.source_prefix_list_id


def type_of(record: Record[SecurityGroup] | None) -> GroupType:
    text = (record.value.security_group_type if record is not None else None) or ""
    return TYPES.get(text.strip().lower(), "undetermined")


def common_type(groups: Iterable[Group]) -> GroupType:
    """One network interface has groups of one type, so one known type tells all."""
    types = {group.type for group in groups} - {"undetermined"}
    if len(types) > 1:
        return "mixed"
    return types.pop() if types else "undetermined"


class PodGroups(NamedTuple):
    """A pod as a source of packets: its possible groups and its own addresses."""

    candidates: tuple[GroupCandidate, ...]
    addresses: tuple[Ip, ...]
    vpc: str


def read_pod(view: View, pod: str) -> PodGroups:
    record = view.pod_record if pod == view.pod else view.case.get(Pod, pod)
    eni = eni_at(view.case, pod) if record is None else eni_of_pod(view.case, record)
    candidates = groups_of_pod(view.case, record, eni)
    return PodGroups(candidates, own_addresses(record, eni), vpc_id_of(view.case, record, eni))


def own_addresses(pod: Record[Pod] | None, eni: Record[NetworkInterface] | None) -> tuple[Ip, ...]:
    """The addresses of the pod, else all private addresses of its network interface."""
    texts: list[str] = []
    if pod is not None:
        status = pod.value.status
        texts = [status.pod_ip or "", *(entry.ip for entry in status.pod_ips)]
    if eni is not None and not any(texts):
        texts = [eni.value.private_ip_address, *eni.value.private_ips, *eni.value.ipv6_addresses]
    parsed = (parse_ip(text) for text in dict.fromkeys(texts) if text)
    return tuple(ip for ip in parsed if ip is not None)


# A decision about either direction: both are made of the same fields.
AnyDecision = TypeVar("AnyDecision", SgDecision, InboundDecision)


# ── The decision ─────────────────────────────────────────────────────────────────────────────


class Doubt(NamedTuple):
    """A rule of which nobody knows whether it matches; without a rule, one that was not seen."""

    lack: Lack
    policy: Policy  # "": it may be either
    priority: int
    rule: GroupRule | None = None

    def may_turn(self, verdict: Policy, winner: GroupRule | None) -> bool:
        """Whether the flow would end otherwise if the rule matched."""
        if self.policy == verdict:
            return False
        position = self.priority, verdict == "drop"  # it would have to be the opposite
        return winner is None or position < winner.order


@dataclass(frozen=True, slots=True)
class Decision:
    """What a set of groups does to one packet, and why."""

    fact: SgDecision  # without flow and source
    origins: tuple[Origin, ...]


def decide(groups: tuple[Group, ...], packet: Packet, around: Surroundings) -> Decision:
    """Merge the rules of all groups and take the first that matches, else the default."""
    base = SgDecision(
        flow="",
        groups=",".join(group.name for group in groups),
        group=groups[0].name,
        group_type=common_type(groups),
    )
    if packet.peer == METADATA:
        return Decision(change(base, action="accept", reason="platform"), ())
    if base.group_type == "mixed":
        origins = tuple(origin for group in groups for origin in group.type_origins)
        return Decision(change(base, action="undetermined", reason="mixed-types"), origins)
    winner, doubts = first_match(groups, packet, around)
    verdict = winner.policy if winner else DEFAULTS.get(base.group_type, "")
    open_doubt = next((doubt for doubt in doubts if doubt.may_turn(verdict, winner)), None)
    if open_doubt is not None:
        return undetermined(base, open_doubt, groups)
    if winner is not None:
        return by_rule(base, winner, groups, packet, around)
    if not verdict:
        return without_type(base, groups)
    return by_default(base, groups)


def first_match(
    groups: tuple[Group, ...], packet: Packet, around: Surroundings
) -> tuple[GroupRule | None, list[Doubt]]:
    """The first rule that certainly matches, and the doubts about what may come before it."""
    doubts = [
        Doubt(Lack("rules-missing", "security_group_rules", group.name), "", FIRST_PRIORITY)
        for group in groups
        if not group.has_all_rules
    ]
    for rule in sorted((rule for group in groups for rule in group.rules), key=in_order):
        result = match(rule, packet, around)
        if result is True and rule.is_readable:
            return rule, doubts
        if result is not False:
            lack = result if isinstance(result, Lack) else unreadable(rule)
            doubts.append(Doubt(lack, rule.policy, rule.priority, rule))
    return None, doubts


def in_order(rule: GroupRule) -> tuple[int, bool]:
    return rule.order


def unreadable(rule: GroupRule) -> Lack:
    return Lack("unreadable-rule", "security_group_rules", rule.group)


def by_rule(
    base: SgDecision,
    winner: GroupRule,
    groups: tuple[Group, ...],
    packet: Packet,
    around: Surroundings,
) -> Decision:
    group = next(group for group in groups if group.name == winner.group)
    fact = change(
        describe(base, winner),
        action="accept" if winner.policy == "accept" else "drop",
        reason="rule",
        is_managed=group.is_managed,
    )
    if fact.action == "drop":
        fact = change(
            fact,
            winning_priority=winning_priority(groups, packet, around),
            is_same_group=shares_group(groups, packet, around),
        )
        if isinstance(fact, SgDecision):
            fact = change(fact, tied_accept=tied_accept(winner, groups, packet, around))
    return Decision(fact, winner.origins)


def describe(base: AnyDecision, rule: GroupRule) -> AnyDecision:
    """The rule in the words of its document."""
    written = rule.record.value
    return change(
        base,
        group=rule.group,
        rule=rule.name,
        rule_id=written.security_group_rule_id or base.rule_id,
        priority=rule.priority,
        protocol=written.ip_protocol,
        ports=written.port_range or rule.port_list,
        peer=rule.peer.text,
    )


def by_default(base: SgDecision, groups: tuple[Group, ...]) -> Decision:
    """No rule matches. The group named is one whose rules the user can change, if there is one."""
    group = next((group for group in groups if not group.is_managed), groups[0])
    is_accepted = base.group_type == "basic"
    fact = change(
        base,
        action="accept" if is_accepted else "drop",
        reason="default",
        group=group.name,
        is_managed=group.is_managed,
        winning_priority=0 if is_accepted else FIRST_PRIORITY,
    )
    return Decision(fact, (*group.type_origins, *group.rule_origins))


def without_type(base: SgDecision, groups: tuple[Group, ...]) -> Decision:
    fact = change(
        base,
        action="undetermined",
        reason="type-missing",
        lacks="security_groups",
        lacks_of=base.group,
    )
    return Decision(fact, tuple(origin for group in groups for origin in group.rule_origins))


def undetermined(base: SgDecision, doubt: Doubt, groups: tuple[Group, ...]) -> Decision:
    reason, list_, of = doubt.lack
    if doubt.rule is not None:
        fact, origins = describe(base, doubt.rule), doubt.rule.origins
    else:
        group = next(group for group in groups if group.name == of)
        fact, origins = change(base, group=of), group.rule_origins
    fact = change(fact, action="undetermined", reason=reason, lacks=list_, lacks_of=of)
    return Decision(fact, origins)


def winning_priority(groups: tuple[Group, ...], packet: Packet, around: Surroundings) -> int:
    """The largest priority number that beats every Drop that does or may match; 0: none does."""
    drops = (
        rule.priority
        for group in groups
        for rule in group.rules
        if rule.policy != "accept" and match(rule, packet, around) is not False
    )
    return min(drops) - 1


def tied_accept(
    drop: GroupRule, groups: tuple[Group, ...], packet: Packet, around: Surroundings
) -> str:
    """The first Accept rule that a Drop only beats because Drop comes first; "" for none."""
    ties = (
        rule.name
        for group in groups
        for rule in group.rules
        if rule.policy == "accept"
        and rule.priority == drop.priority
        and match(rule, packet, around) is True
    )
    return next(ties, "")


def shares_group(groups: tuple[Group, ...], packet: Packet, around: Surroundings) -> bool:
    """Whether the destination is in one of these groups, and that group may let members talk."""
    peer = packet.peer
    return peer is not None and any(
        group.may_have_internal_access and around.is_member(peer, group.name, packet) is True
        for group in groups
    )


def change(fact: AnyDecision, **fields: object) -> AnyDecision:
    # model_copy does not validate again: these are values of this module.
    return fact.model_copy(update=fields)


# ── Near misses ──────────────────────────────────────────────────────────────────────────────


def near_misses(
    decision: SgDecision | InboundDecision,
    groups: tuple[Group, ...],
    packet: Packet,
    around: Surroundings,
) -> Iterator[tuple[SgNearMiss, GroupRule]]:
    """The Accept rules that fail to let the packet pass by exactly one field, nearest first."""
    rules = (rule for group in groups for rule in group.rules if rule.policy == "accept")
    found = []
    for rule in sorted(rules, key=in_order):
        field = only_failure(rule, packet, around)
        # A rule that is out-ranked would not help if one more field matched.
        if field is not None and (field == "priority") == (decision.reason == "rule"):
            found.append((FIELD_ORDER.index(field), rule, field))
    found.sort(key=lambda entry: entry[0])
    for _, rule, field in found[:NEAR_MISSES]:
        yield near_miss(decision, rule, field, packet), rule


Field = Literal["protocol", "port", "peer", "source", "priority"]
FIELD_ORDER: tuple[Field, ...] = ("priority", "port", "source", "protocol", "peer")


def only_failure(rule: GroupRule, packet: Packet, around: Surroundings) -> Field | None:
    """The one field that does not match, "priority" when all match; None for more or unknown."""
    results = dict(match_fields(rule, packet, around))
    failed = [field for field, result in results.items() if result is False]
    if len(failed) > 1 or any(isinstance(result, Lack) for result in results.values()):
        return None
    return failed[0] if failed else "priority"


def near_miss(
    decision: SgDecision | InboundDecision, rule: GroupRule, field: Field, packet: Packet
) -> SgNearMiss:
    written = rule.record.value
    texts: dict[Field, tuple[str, str]] = {
        "protocol": (packet.protocol.upper(), written.ip_protocol),
        "port": (str(packet.port), written.port_range or rule.port_list),
        "peer": (str(packet.peer) if packet.peer else far_end(decision), rule.peer.text),
        "source": own_text(packet, rule),
        "priority": (str(decision.winning_priority), str(rule.priority)),
    }
    wanted, got = texts[field]
    return SgNearMiss(
        flow="",
        rule=rule.name,
        group=rule.group,
        priority=rule.priority,
        field=field,
        wanted=wanted,
        got=got,
    )


def far_end(decision: SgDecision | InboundDecision) -> str:
    return decision.destination if isinstance(decision, SgDecision) else decision.client


def own_text(packet: Packet, rule: GroupRule) -> tuple[str, str]:
    """The source of the packet, and the source the rule demands."""
    own = next((str(ip) for ip in packet.local if ip.version == packet.version), "")
    port = f" port {packet.source_port}" if rule.source_ports and packet.source_port else ""
    demanded = f"{rule.local} port {rule.source_ports}" if rule.source_ports else rule.local
    return own + port, demanded.strip()


# ── The observer ─────────────────────────────────────────────────────────────────────────────


def observe(view: View) -> Iterator[Sighting]:
    """One decision per flow and candidate set of groups; near misses of those that drop."""
    around = Surroundings(view.case)
    pods: dict[str, PodGroups] = {}
    groups: dict[str, Group] = {}
    for flow in view.flows:
        if stays_inside(view, flow):
            continue
        if flow.pod not in pods:
            pods[flow.pod] = read_pod(view, flow.pod)
        pod = pods[flow.pod]
        packet = packet_of(flow, pod, view.question.source_port or 0)
        packet = packet._replace(network=network_to_open(view, flow))
        made: dict[tuple[str, ...], tuple[Decision, tuple[Group, ...]]] = {}
        for candidate in pod.candidates:
            names = candidate.groups
            if names not in made:
                members = tuple(known_group(groups, view.case, name) for name in names)
                made[names] = decide(members, packet, around), members
            decision, members = made[names]
            yield from sightings(flow, candidate, decision, members, packet, around)


def known_group(groups: dict[str, Group], case: Case, name: str) -> Group:
    if name not in groups:
        groups[name] = read_group(case, name)
    return groups[name]


def packet_of(flow: Flow, pod: PodGroups, source_port: int) -> Packet:
    # A Service address never reaches the interface: what does is an endpoint nobody described.
    is_service = flow.scope == "service"
    return Packet(
        protocol=protocol_of(flow),
        port=0 if is_service else flow.port,
        peer=None if is_service else parse_ip(flow.ip),
        local=pod.addresses,
        source_port=source_port if flow.role == "main" else 0,
        vpc=pod.vpc,
        is_public=flow.scope in PUBLIC_SCOPES,
        address_list="endpoint_slices" if is_service else "observations",
    )


def sightings(
    flow: Flow,
    candidate: GroupCandidate,
    decision: Decision,
    groups: tuple[Group, ...],
    packet: Packet,
    around: Surroundings,
) -> Iterator[Sighting]:
    fact = change(
        decision.fact,
        flow=flow.flow,
        source=candidate.source,
        traffic=traffic_of(flow),
        destination=flow.ip or flow.destination,
    )
    if fact.action != "drop":
        yield Sighting(fact, (*decision.origins, *candidate.origins))
        return
    yield Sighting(with_target(fact, packet), (*decision.origins, *candidate.origins))
    for miss, rule in near_misses(fact, groups, packet, around):
        named = miss.model_copy(update={"flow": flow.flow, "source": candidate.source})
        yield Sighting(named, rule.origins)


def with_target(fact: SgDecision, packet: Packet) -> SgDecision:
    """What the narrowest Accept rule for this packet has to say."""
    if packet.peer is None:
        return fact
    version = packet.peer.version
    target = packet.network or f"{packet.peer}/{32 if version == 4 else 128}"
    is_portless = packet.protocol in PORTLESS or not packet.port
    return change(
        fact,
        target=target,
        target_parameter=PARAMETERS[version],
        target_ipv4=target if version == 4 else "",
        target_ipv6=target if version == 6 else "",
        target_protocol=CLOUD_SPELLING.get(packet.protocol, packet.protocol.upper()),
        target_ports="-1/-1" if is_portless else f"{packet.port}/{packet.port}",
    )
