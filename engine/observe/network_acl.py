"""The network-acl gate: what the ACL of the pod's vSwitch does to each flow, in both directions.

An ACL is a list: the first entry that matches decides, none means drop, and nothing is remembered.
So the answers of a flow need an entry of their own, which lets them in to whatever port the pod's
kernel chose; that is a range of ports, of which an ACL may open all, none or some.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from wayout.engine.case import Case, Origin, Pod, Record
from wayout.engine.case.alibaba import NetworkAcl, NetworkAclEntry, VSwitch
from wayout.engine.facts.common import Flow
from wayout.engine.facts.network_acl import AclBinding, AclDecision
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.local import stays_inside
from wayout.engine.observe.moving import network_to_open
from wayout.engine.observe.placement import eni_at, eni_of_pod, pod_ip, read_vswitches
from wayout.engine.observe.ports import (
    ANY_PORT,
    ANY_PROTOCOL,
    EPHEMERAL,
    PORTLESS,
    PortRange,
    parse_ports,
    parse_protocol,
    protocol_of,
    traffic_of,
)

__all__ = [
    "Bound",
    "Side",
    "Traffic",
    "Vicinity",
    "decide",
    "entry_origins",
    "find_binding",
    "observe",
    "side_of_source",
    "traffic_towards",
    "vicinity_of",
]

Action = Literal["accept", "drop", "undetermined"]
Direction = Literal["egress", "reply"]
Side = Literal["Egress", "Ingress"]  # which list of an ACL: what leaves the vSwitch, what enters it
Vicinity = Literal["other", "same", "undetermined"]
Reason = Literal[
    "entry",
    "default",
    "platform",
    "entries-missing",
    "unreadable-entry",
    "no-address",
    "no-port",
]
ACTIONS: dict[str, Action] = {"accept": "accept", "drop": "drop"}
VERSIONS = {"ipv4": 4, "ipv6": 6}
# The first entry of every ACL, which users cannot change, lets these pass.
ALWAYS_OPEN = frozenset(map(parse_ip, ("100.100.2.136", "100.100.2.138", "100.100.100.200")))
CHANGING = frozenset({"modifying"})
NO_PORTS = PortRange(0, 0)


# ── Entries ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of one direction, parsed once. What cannot be read is None."""

    name: str
    position: int  # from 1
    action: Action  # "undetermined": the policy cannot be read
    protocol: str | None
    ports: PortRange | None
    network: Network | None
    version: int | None  # 4, 6; None when the entry does not say
    peer: str
    is_closing: bool  # the system entry that drops whatever came so far
    written: NetworkAclEntry


def parse_entry(entry: NetworkAclEntry, index: int, side: Side) -> Entry:
    peer = entry.destination_cidr_ip if side == "Egress" else entry.source_cidr_ip
    action = ACTIONS.get(entry.policy.strip().lower(), "undetermined")
    network = parse_cidr(peer)
    stated = VERSIONS.get(entry.ip_version.strip().lower())
    return Entry(
        name=entry.network_acl_entry_id or f"#{index + 1}",
        position=index + 1,
        action=action,
        protocol=parse_protocol(entry.protocol),
        ports=parse_ports(entry.port),
        network=network,
        version=stated or (network.version if network else None),
        peer=peer,
        is_closing=entry.entry_type.strip().lower() == "system" and action == "drop",
        written=entry,
    )


class Traffic(NamedTuple):
    """The packets of one direction: all have this protocol and peer, and one of these ports."""

    protocol: str
    peer: Ip | None
    ports: PortRange  # destination ports; one of them, and nobody knows which
    address_list: str = "observations"  # what would tell the peer, were it not known
    network: str = ""  # what a new entry should name instead of the peer alone

    @property
    def version(self) -> int:
        # A name without an address is judged as the IPv4 destination it most likely is.
        return 4 if self.peer is None else self.peer.version


Match = bool | Literal["unreadable-entry", "no-address"]


def match(entry: Entry, traffic: Traffic, port: int) -> Match:
    """Whether the entry matches a packet to `port`; a reason when it cannot be told."""
    if entry.version is not None and entry.version != traffic.version:
        return False
    results = (match_protocol(entry, traffic), match_port(entry, traffic, port))
    if False in results:
        return False
    peer = match_peer(entry, traffic)
    if peer is False:
        return False
    return next((result for result in (*results, peer) if result is not True), True)


def match_protocol(entry: Entry, traffic: Traffic) -> Match:
    if entry.protocol is None:
        return "unreadable-entry"
    return entry.protocol in (ANY_PROTOCOL, traffic.protocol)


def match_port(entry: Entry, traffic: Traffic, port: int) -> Match:
    if traffic.protocol in PORTLESS or entry.protocol in PORTLESS:
        return True
    if entry.ports is None:
        return "unreadable-entry"
    return entry.ports.contains(port)


def match_peer(entry: Entry, traffic: Traffic) -> Match:
    if entry.network is None:
        return "unreadable-entry"
    if traffic.peer is not None:
        return entry.network.contains(traffic.peer)
    return True if entry.network.prefix == 0 else "no-address"


# ── First match, port by port ────────────────────────────────────────────────────────────────


class Outcome(NamedTuple):
    """What happens to the packets to some of the ports, and the entry that says so."""

    ports: PortRange
    action: Action
    reason: Reason
    entry: Entry | None


def outcomes(entries: tuple[Entry, ...], traffic: Traffic) -> tuple[Outcome, ...]:
    """The ports of the traffic, cut where the entries cut them, each part with its outcome."""
    return tuple(
        Outcome(part, *first_match(entries, traffic, part.first))
        for part in parts(entries, traffic.ports)
    )


def parts(entries: tuple[Entry, ...], ports: PortRange) -> Iterator[PortRange]:
    """Within one part, every entry matches all ports or none."""
    starts = {ports.first}
    for entry in entries:
        if entry.ports is not None:
            starts.update((entry.ports.first, entry.ports.last + 1))
    cuts = sorted(start for start in starts if ports.contains(start))
    for start, following in zip(cuts, [*cuts[1:], ports.last + 1], strict=True):
        yield PortRange(start, following - 1)


def first_match(
    entries: tuple[Entry, ...], traffic: Traffic, port: int
) -> tuple[Action, Reason, Entry | None]:
    """The first entry that matches, unless one before it that may match says otherwise."""
    doubts: list[tuple[Reason, Entry]] = []
    action: Action = "drop"
    reason: Reason = "default"
    decider: Entry | None = None
    for entry in entries:
        result = match(entry, traffic, port)
        if result is True and entry.action != "undetermined":
            action, decider = entry.action, entry
            reason = "default" if entry.is_closing else "entry"
            break
        if result is not False:
            doubts.append(("unreadable-entry" if result is True else result, entry))
    for why, entry in doubts:
        if entry.action != action:
            return "undetermined", why, entry
    return action, reason, decider


# ── One direction ────────────────────────────────────────────────────────────────────────────


def side_of_source(direction: Direction) -> Side:
    """The list that packets meet at the end that opens the connection."""
    return "Egress" if direction == "egress" else "Ingress"


def decide(acl: NetworkAcl, direction: Direction, traffic: Traffic, side: Side) -> AclDecision:
    """What a list of the ACL does to the packets of one direction.

    The flow and the vSwitch are still to be set.
    """
    base = AclDecision(flow="", vswitch="", direction=direction, acl=acl.network_acl_id)
    if traffic.peer in ALWAYS_OPEN:
        return change(base, action="accept", reason="platform")
    listed = acl.egress_entries if side == "Egress" else acl.ingress_entries
    if listed is None:
        return lacking(base, "entries-missing")
    entries = tuple(parse_entry(entry, index, side) for index, entry in enumerate(listed))
    found = outcomes(entries, traffic)
    unknown = next((part for part in found if part.action == "undetermined"), None)
    if unknown is not None:
        return lacking(describe(base, unknown, entries), unknown.reason, traffic.address_list)
    actions = {part.action for part in found}
    if len(actions) == 2 and direction == "egress":
        return lacking(base, "no-port")  # only an unknown port has several outcomes here
    dropped = [part for part in found if part.action == "drop"]
    if not dropped:
        return change(describe(base, found[0], entries), action="accept")
    # What lets all of them pass has to stand above the first entry that drops one of them.
    blocked = min(dropped, key=lambda part: place_of(part, entries))
    fact = change(
        describe(base, blocked, entries),
        action="partial" if len(actions) == 2 else "drop",
        open_ports=ports_text(found, "accept") if len(actions) == 2 else "",
        closed_ports=ports_text(found, "drop") if len(actions) == 2 else "",
    )
    return with_target(fact, traffic, entries, side)


def place_of(part: Outcome, entries: tuple[Entry, ...]) -> int:
    return part.entry.position if part.entry is not None else len(entries) + 1


def describe(base: AclDecision, part: Outcome, entries: tuple[Entry, ...]) -> AclDecision:
    """The deciding entry in the words of its document."""
    entry = part.entry
    if entry is None:
        return change(base, reason=part.reason, position=place_of(part, entries))
    return change(
        base,
        reason=part.reason,
        entry=entry.name,
        position=entry.position,
        protocol=entry.written.protocol,
        ports=entry.written.port,
        peer=entry.peer,
    )


def lacking(base: AclDecision, reason: Reason, address_list: str = "") -> AclDecision:
    lists = {"no-address": address_list, "no-port": "destination_port"}
    list_ = lists.get(reason, "network_acls")
    of = base.acl if list_ == "network_acls" else ""
    return change(base, action="undetermined", reason=reason, lacks=list_, lacks_of=of)


def ports_text(found: tuple[Outcome, ...], action: Action) -> str:
    """`32768-40000, 50000-60999`: the ports with this outcome, neighbours joined."""
    joined: list[PortRange] = []
    for part in found:
        if part.action != action:
            continue
        if joined and joined[-1].last + 1 == part.ports.first:
            joined[-1] = PortRange(joined[-1].first, part.ports.last)
        else:
            joined.append(part.ports)
    return ", ".join(map(str, joined))


def change(fact: AclDecision, **fields: object) -> AclDecision:
    # model_copy does not validate again: these are values of this module.
    return fact.model_copy(update=fields)


# ── The entry that would help ────────────────────────────────────────────────────────────────


def with_target(
    fact: AclDecision, traffic: Traffic, entries: tuple[Entry, ...], side: Side
) -> AclDecision:
    """The narrowest entry for these packets, and the whole list with it above the one that drops.

    Whoever updates an ACL sends the whole list of a direction: what is left out is deleted.
    """
    if traffic.peer is None:
        return fact
    version: Literal["ipv4", "ipv6"] = "ipv4" if traffic.peer.version == 4 else "ipv6"
    target = traffic.network or f"{traffic.peer}/{32 if version == 'ipv4' else 128}"
    ports = ports_to_open(fact, traffic)
    peer = "DestinationCidrIp" if side == "Egress" else "SourceCidrIp"
    new = {
        "NetworkAclEntryName": "wayout-allow",
        "EntryType": "custom",
        "IpVersion": version.upper(),
        "Policy": "accept",
        "Protocol": traffic.protocol,
        "Port": ports,
        peer: target,
    }
    above = [as_sent(entry, peer) for entry in entries if entry.position < fact.position]
    below = [as_sent(entry, peer) for entry in entries if entry.position >= fact.position]
    sent = [entry for entry in (*above, new, *below) if entry is not None]
    return change(
        fact,
        target=target,
        target_protocol=traffic.protocol,
        target_ports=ports,
        target_version=version,
        new_entries=json.dumps(sent, ensure_ascii=False, separators=(", ", ": ")),
    )


def ports_to_open(fact: AclDecision, traffic: Traffic) -> str:
    """One port outwards; inwards every port the kernel may choose, whichever one was asked for."""
    first, last = traffic.ports
    if traffic.protocol in PORTLESS:
        return "-1/-1"
    if fact.direction == "reply" and EPHEMERAL.contains(first):
        first, last = EPHEMERAL
    elif fact.direction == "reply":
        first, last = min(first, 1024), ANY_PORT.last
    return f"{first}/{last}"


def as_sent(entry: Entry, peer: str) -> dict[str, str] | None:
    """The entry as the update takes it; None for those of the system, which nobody can send."""
    written = entry.written
    if written.entry_type.strip().lower() not in ("", "custom"):
        return None
    fields = {
        "NetworkAclEntryId": written.network_acl_entry_id,
        "NetworkAclEntryName": written.network_acl_entry_name,
        "EntryType": written.entry_type,
        "IpVersion": written.ip_version,
        "Policy": written.policy,
        "Protocol": written.protocol,
        "Port": written.port,
        peer: entry.peer,
    }
    return {name: value for name, value in fields.items() if value}


# ── Binding ──────────────────────────────────────────────────────────────────────────────────


class Bound(NamedTuple):
    """Which ACL guards a vSwitch, and where that is written."""

    fact: AclBinding
    acl: NetworkAcl | None = None
    origins: tuple[Origin, ...] = ()


def find_binding(case: Case, vswitch: str) -> Bound:
    """The vSwitch names its ACL; where it is silent, the ACL that lists the vSwitch counts."""
    record = case.get(VSwitch, vswitch)
    named = record.value.network_acl_id if record is not None else None
    if named:
        return bound_to(case, vswitch, named, record.origins if record is not None else ())
    if named == "" and record is not None:
        return Bound(AclBinding(vswitch=vswitch, state="none"), None, record.origins)
    return find_in_resources(case, vswitch)


def bound_to(case: Case, vswitch: str, name: str, origins: tuple[Origin, ...]) -> Bound:
    record = case.get(NetworkAcl, name)
    if record is None:
        fact = AclBinding(
            vswitch=vswitch, state="undetermined", acl=name, lacks="network_acls", lacks_of=name
        )
        return Bound(fact, None, origins)
    state: Literal["bound", "changing"] = "changing" if is_changing(record, vswitch) else "bound"
    fact = AclBinding(vswitch=vswitch, state=state, acl=name)
    return Bound(fact, record.value, (*record.origins, *origins))


def is_changing(record: Record[NetworkAcl], vswitch: str) -> bool:
    status = (record.value.status or "").strip().lower()
    return status in CHANGING or vswitch in record.value.binding_v_switch_ids


def find_in_resources(case: Case, vswitch: str) -> Bound:
    listing = case.listing(NetworkAcl)
    for record in listing.records:
        acl = record.value
        if vswitch in (acl.bound_v_switch_ids or ()) or vswitch in acl.binding_v_switch_ids:
            return bound_to(case, vswitch, acl.network_acl_id, ())
    silent = [r.value for r in listing.records if r.value.bound_v_switch_ids is None]
    if listing.is_complete and not silent:
        return Bound(AclBinding(vswitch=vswitch, state="none"), None, listing.origins)
    # One answer about the vSwitch tells more directly than all answers about all ACLs.
    fact = AclBinding(vswitch=vswitch, state="undetermined", lacks="vswitches", lacks_of=vswitch)
    return Bound(fact, None, listing.origins)


# ── The observer ─────────────────────────────────────────────────────────────────────────────


def observe(view: View) -> Iterator[Sighting]:
    """The binding of every vSwitch the pods of the flows may be in, and both directions of each."""
    bindings: dict[str, Bound] = {}
    candidates: dict[str, tuple[str, ...]] = {}
    for flow in view.flows:
        if flow.pod not in candidates:
            candidates[flow.pod] = vswitches_of(view, flow.pod)
        for vswitch in candidates[flow.pod]:
            if vswitch not in bindings:
                bindings[vswitch] = find_binding(view.case, vswitch)
                yield Sighting(bindings[vswitch].fact, bindings[vswitch].origins)
            yield from judge(view, flow, vswitch, bindings[vswitch])


def vswitches_of(view: View, pod: str) -> tuple[str, ...]:
    record = view.pod_record if pod == view.pod else view.case.get(Pod, pod)
    eni = eni_at(view.case, pod) if record is None else eni_of_pod(view.case, record)
    ip = pod if record is None else pod_ip(record.value)
    found = read_vswitches(view.case, record, eni, ip if parse_ip(ip) else "")
    return tuple(dict.fromkeys(candidate.vswitch for candidate in found))


def judge(view: View, flow: Flow, vswitch: str, bound: Bound) -> Iterator[Sighting]:
    if bound.acl is None or stays_inside(view, flow):
        return
    source_port = view.question.source_port if flow.role == "main" else None
    vicinity = vicinity_of(view.case, flow, flow.ip, vswitch)
    for direction in ("egress", "reply"):
        traffic = traffic_towards(flow, direction, source_port)
        traffic = traffic._replace(network=network_to_open(view, flow))
        side = side_of_source(direction)
        fact = change(
            decide(bound.acl, direction, traffic, side),
            flow=flow.flow,
            vswitch=vswitch,
            traffic=traffic_of(flow),
            destination=flow.ip or flow.destination,
            vicinity=vicinity,
            reply_ports=str(traffic.ports) if direction == "reply" and traffic.ports[1] else "",
        )
        yield Sighting(fact, entry_origins(bound, fact, side))


def traffic_towards(flow: Flow, direction: Direction, source_port: int | None) -> Traffic:
    """The packets an ACL sees; in both directions the peer is the destination of the flow."""
    protocol = protocol_of(flow)
    # A Service address never reaches the vSwitch: what does is an endpoint nobody described.
    is_service = flow.scope == "service"
    if protocol in PORTLESS:
        ports = NO_PORTS
    elif direction == "reply":
        ports = PortRange(source_port, source_port) if source_port else EPHEMERAL
    else:
        port = 0 if is_service else flow.port
        ports = PortRange(port, port) if port else PortRange(1, ANY_PORT.last)
    peer = None if is_service else parse_ip(flow.ip)
    return Traffic(protocol, peer, ports, "endpoint_slices" if is_service else "observations")


def vicinity_of(case: Case, flow: Flow, ip: str, vswitch: str) -> Vicinity:
    """Whether the other end, which has this address, is in the vSwitch itself."""
    peer, record = parse_ip(ip), case.get(VSwitch, vswitch)
    if flow.scope in ("internet", "cloud-service", "metadata", "vpc-dns"):
        return "other"
    cidrs = (record.value.cidr_block, record.value.ipv6_cidr_block) if record else ()
    networks = [network for network in map(parse_cidr, filter(None, cidrs)) if network]
    own = [network for network in networks if peer is not None and network.version == peer.version]
    if peer is None or not own:
        return "undetermined"
    return "same" if any(network.contains(peer) for network in own) else "other"


def entry_origins(bound: Bound, fact: AclDecision, side: Side) -> tuple[Origin, ...]:
    """The deciding entry itself where there is one, else the documents of the ACL."""
    if not fact.entry or not bound.origins:
        return bound.origins
    path = (f"{side}AclEntries", f"{side}AclEntry", fact.position - 1)
    return (bound.origins[0].at(*path), *bound.origins)
