"""CoreDNS as a server: whether its own security groups let the pod in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from wayout.engine.case import Case, Origin, Pod, Record
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.group_rule import Lack, Packet, Surroundings, match
from wayout.engine.observe.placement import eni_of_pod, groups_of_pod
from wayout.engine.observe.security_group import Group, common_type, read_group

__all__ = ["Admission", "admission"]


@dataclass(frozen=True, slots=True)
class Admission:
    """What the ingress rules of a CoreDNS pod do to a query; lists and owner when one lacks."""

    action: str  # accept | drop | undetermined
    groups: tuple[str, ...]
    group: str
    group_type: str
    rule: str = ""
    lacks: str = ""
    lacks_of: str = ""
    origins: tuple[Origin, ...] = ()


def admission(
    case: Case, coredns: Record[Pod], client: str, around: Surroundings
) -> Admission | None:
    """Whether the groups of a CoreDNS pod admit UDP 53 from an address; None without groups.

    Only the network interface is believed: what a pod's documents promise may be of another time.
    """
    eni = eni_of_pod(case, coredns)
    found = groups_of_pod(case, coredns, eni)
    if not found or found[0].source != "eni":
        return None
    groups = tuple(read_group(case, name, "ingress") for name in found[0].groups)
    kind = common_type(groups)
    packet = Packet(protocol="udp", port=53, peer=parse_ip(client))
    base = Admission(
        "undetermined", found[0].groups, groups[0].name, kind, origins=found[0].origins
    )
    if kind != "enterprise" and (inner := inner_access(groups, packet, around)) is not False:
        if inner is True:
            return replace(base, action="accept", rule="same-group")
        return replace(base, lacks=inner.list, lacks_of=inner.of)
    return by_rules(base, groups, packet, around)


def inner_access(groups: tuple[Group, ...], packet: Packet, around: Surroundings) -> bool | Lack:
    """Whether a basic group lets its members talk and the client is one, before any rule."""
    result: bool | Lack = False
    for group in groups:
        if not group.may_have_internal_access or packet.peer is None:
            continue
        member = around.is_member(packet.peer, group.name, packet)
        if member is True:
            return True
        if member is not False:
            result = member
    return result


def by_rules(
    base: Admission, groups: tuple[Group, ...], packet: Packet, around: Surroundings
) -> Admission:
    """The first matching rule decides; an ingress rule set that has none refuses."""
    missing = next((group for group in groups if not group.has_all_rules), None)
    if missing is not None:
        return replace(base, lacks="security_group_rules", lacks_of=missing.name)
    for rule in sorted((rule for group in groups for rule in group.rules), key=lambda r: r.order):
        result = match(rule, packet, around)
        if result is False:
            continue
        if isinstance(result, Lack):
            return replace(base, lacks=result.list, lacks_of=result.of)
        if not rule.is_readable:
            return replace(base, lacks="security_group_rules", lacks_of=rule.group)
        action = "accept" if rule.policy == "accept" else "drop"
        return replace(base, action=action, group=rule.group, rule=rule.name, origins=rule.origins)
    origins = tuple(origin for group in groups for origin in group.rule_origins)
    return replace(base, action="drop", origins=(*base.origins, *origins))
