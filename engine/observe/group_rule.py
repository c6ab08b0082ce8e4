"""One rule of a security group: what it says, and whether it matches a packet.

Every test has three results: True, False, or a `Lack` that says what is missing to know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from wayout.engine.case import Case, Origin, Record
from wayout.engine.case.alibaba import (
    NetworkInterface,
    PortRangeEntry,
    PrefixListEntry,
    SecurityGroupRule,
)
from wayout.engine.observe.address import Ip, Network, parse_cidr, parse_ip, parse_range
from wayout.engine.observe.ports import (
    ANY_PROTOCOL,
    PORTLESS,
    PortRange,
    parse_ports,
    parse_protocol,
)

__all__ = ["GroupRule", "Lack", "Packet", "Result", "Surroundings", "parse_rule", "read_networks"]

Policy = Literal["accept", "drop", ""]
Reason = Literal[
    "rules-missing",
    "unreadable-rule",
    "prefix-list",
    "port-list",
    "group-members",
    "source-port",
    "pod-address",
    "no-address",
    "no-port",
]
FIRST_PRIORITY = 1
POLICIES: dict[str, Policy] = {"accept": "accept", "drop": "drop"}


class Lack(NamedTuple):
    """Why a test has no result: the list that lacks, and its owner."""

    reason: Reason
    list: str = ""
    of: str = ""


Result = bool | Lack


class Packet(NamedTuple):
    """What a rule is held against. None and 0 stand for what is not known."""

    protocol: str
    port: int  # destination port
    peer: Ip | None  # the address at the other end
    local: tuple[Ip, ...] = ()  # the private addresses of the network interface
    source_port: int = 0
    vpc: str = ""
    is_public: bool = False  # the peer is outside every private network
    address_list: str = "observations"  # what would tell the peer's address, were it not known
    is_foreign: bool = False  # the peer is in another network: no group of this VPC has it
    network: str = ""  # what a new rule should name instead of the peer alone

    @property
    def version(self) -> int:
        # A name without an address is judged as the IPv4 destination it most likely is.
        return 4 if self.peer is None else self.peer.version


class Peer(NamedTuple):
    """Whom a rule is about: the first of the four ways to say it that is not empty."""

    way: Literal["cidr", "group", "prefix-list", "none"]
    text: str = ""


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One rule of one direction. What cannot be read is None, "" or `is_readable` false."""

    record: Record[SecurityGroupRule]
    group: str
    name: str  # its id; "#3" when it has none
    policy: Policy
    priority: int  # the best one there is when it cannot be read
    protocol: str | None
    ports: PortRange | None
    port_list: str
    peer: Peer
    local: str  # five-tuple rules: the network that the own address must be in
    source_ports: str  # five-tuple rules
    is_readable: bool

    @property
    def order(self) -> tuple[int, bool]:
        """Smaller is evaluated first: the priority, and Drop before Accept within one."""
        return self.priority, self.policy == "accept"

    @property
    def origins(self) -> tuple[Origin, ...]:
        return self.record.origins


# ── Reading ──────────────────────────────────────────────────────────────────────────────────


def parse_rule(
    record: Record[SecurityGroupRule], group: str, index: int, direction: str = "egress"
) -> GroupRule:
    """The rule as it applies to packets of `direction`; `index` is its place in the group."""
    rule = record.value
    priority = parse_priority(rule.priority)
    policy = POLICIES.get(rule.policy.strip().lower(), "")
    outbound = direction == "egress"
    own = (rule.source_cidr_ip, rule.ipv6_source_cidr_ip)
    return GroupRule(
        record=record,
        group=group,
        name=rule.security_group_rule_id or f"#{index + 1}",
        policy=policy,
        priority=priority or FIRST_PRIORITY,
        protocol=parse_protocol(rule.ip_protocol),
        ports=parse_ports(rule.port_range) if rule.port_range.strip() else None,
        port_list="" if rule.port_range.strip() else rule.port_range_list_id.strip(),
        peer=read_peer(rule, outbound),
        local=first_text(own if outbound else (rule.dest_cidr_ip, rule.ipv6_dest_cidr_ip)),
        source_ports=rule.source_port_range.strip(),
        is_readable=priority is not None and policy != "",
    )


def parse_priority(text: str) -> int | None:
    """`"9"` is 9; None for what is no positive whole number. Old system rules have 110."""
    word = text.strip()
    is_number = word.isascii() and word.isdigit() and len(word) <= 9
    return int(word) if is_number and int(word) >= FIRST_PRIORITY else None


def read_peer(rule: SecurityGroupRule, outbound: bool) -> Peer:
    if outbound:
        networks = first_text((rule.dest_cidr_ip, rule.ipv6_dest_cidr_ip))
        group, prefix_list = rule.dest_group_id, rule.dest_prefix_list_id
    else:
        networks = first_text((rule.source_cidr_ip, rule.ipv6_source_cidr_ip))
        group, prefix_list = rule.source_group_id, rule.source_prefix_list_id
    if networks:
        return Peer("cidr", networks)
    if group.strip():
        return Peer("group", group.strip())
    return Peer("prefix-list", prefix_list.strip()) if prefix_list.strip() else Peer("none")


def first_text(texts: Iterable[str]) -> str:
    return next((text.strip() for text in texts if text.strip()), "")


def read_networks(text: str) -> tuple[Network, ...] | None:
    """An address, a CIDR block or an address range; None when it is none of them."""
    network = parse_cidr(text)
    return (network,) if network is not None else parse_range(text)


# ── What rules refer to ──────────────────────────────────────────────────────────────────────


class Surroundings:
    """The lists of a case that rules refer to, each read at most once per diagnosis."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._prefix_lists: dict[str, tuple[tuple[Network, ...], bool]] = {}
        self._port_lists: dict[str, tuple[tuple[PortRange, ...], bool]] = {}
        self._members: dict[tuple[Ip, str], tuple[frozenset[str] | None, ...]] = {}

    def prefix_list(self, name: str) -> tuple[tuple[Network, ...], bool]:
        """The networks of a prefix list, and whether these are certainly all of them."""
        if name not in self._prefix_lists:
            listing = self.case.listing(PrefixListEntry, of=name)
            parsed = [parse_cidr(record.value.cidr) for record in listing.records]
            networks = tuple(network for network in parsed if network is not None)
            is_whole = listing.is_complete and len(networks) == len(parsed)
            self._prefix_lists[name] = networks, is_whole
        return self._prefix_lists[name]

    def port_list(self, name: str) -> tuple[tuple[PortRange, ...], bool]:
        """The ranges of a port list, and whether these are certainly all of them."""
        if name not in self._port_lists:
            listing = self.case.listing(PortRangeEntry, of=name)
            parsed = [parse_ports(record.value.port_range) for record in listing.records]
            ranges = tuple(ports for ports in parsed if ports is not None)
            is_whole = listing.is_complete and len(ranges) == len(parsed)
            self._port_lists[name] = ranges, is_whole
        return self._port_lists[name]

    def groups_at(self, ip: Ip, vpc: str) -> tuple[frozenset[str] | None, ...]:
        """The groups of each known ENI with this private address; None: an ENI that hides them."""
        key = ip, vpc
        if key not in self._members:
            self._members[key] = tuple(
                None if eni.security_group_ids is None else frozenset(eni.security_group_ids)
                for eni in self._interfaces_at(ip, vpc)
            )
        return self._members[key]

    def is_member(self, ip: Ip, group: str, packet: Packet) -> Result:
        """Whether `ip` is a private address of an ENI in the group."""
        if packet.is_foreign:
            return False
        known = self.groups_at(ip, packet.vpc)
        answers = {None if groups is None else group in groups for groups in known}
        if answers in ({True}, {False}):
            return answers == {True}
        if not answers and (packet.is_public or self._has_all_interfaces):
            return False
        return Lack("group-members", "network_interfaces")

    @property
    def _has_all_interfaces(self) -> bool:
        return self.case.listing(NetworkInterface).is_complete

    def _interfaces_at(self, ip: Ip, vpc: str) -> Iterator[NetworkInterface]:
        text = str(ip)
        for record in self.case.listing(NetworkInterface).records:
            eni = record.value
            addresses = (eni.private_ip_address, *eni.private_ips)
            is_here = text in addresses or any(parse_ip(a) == ip for a in eni.ipv6_addresses)
            if is_here and (not vpc or eni.vpc_id in (None, "", vpc)):
                yield eni


# ── Matching ─────────────────────────────────────────────────────────────────────────────────


def match_fields(
    rule: GroupRule, packet: Packet, around: Surroundings
) -> Iterator[tuple[Literal["protocol", "port", "peer", "source"], Result]]:
    """Each test of the rule and its result, cheapest first."""
    yield "protocol", match_protocol(rule, packet)
    yield "port", match_port(rule, packet, around)
    yield "peer", match_peer(rule, packet, around)
    yield "source", match_source(rule, packet)


def match(rule: GroupRule, packet: Packet, around: Surroundings) -> Result:
    """Whether the rule matches the packet: False if any test fails, else what lacks, else True."""
    lack: Lack | None = None
    for _, result in match_fields(rule, packet, around):
        if result is False:
            return False
        if isinstance(result, Lack):
            lack = lack or result
    return lack or True


def match_protocol(rule: GroupRule, packet: Packet) -> Result:
    if rule.protocol is None:
        return unreadable(rule)
    return rule.protocol in (ANY_PROTOCOL, packet.protocol)


def match_port(rule: GroupRule, packet: Packet, around: Surroundings) -> Result:
    if packet.protocol in PORTLESS or rule.protocol in PORTLESS:
        return True
    if rule.ports is not None:
        return in_ranges((rule.ports,), True, packet.port, rule)
    if rule.port_list:
        ranges, is_whole = around.port_list(rule.port_list)
        return in_ranges(ranges, is_whole, packet.port, rule)
    is_written = rule.record.value.port_range.strip() != ""
    # Only rules for single ports need a range; a rule for all protocols may leave it out.
    return True if rule.protocol == ANY_PROTOCOL and not is_written else unreadable(rule)


def in_ranges(ranges: tuple[PortRange, ...], is_whole: bool, port: int, rule: GroupRule) -> Result:
    if any(ports.is_any for ports in ranges):
        return True
    if port and any(ports.contains(port) for ports in ranges):
        return True
    if not is_whole:
        return Lack("port-list", "port_range_entries", rule.port_list)
    return False if port else Lack("no-port", "destination_port")


def match_peer(rule: GroupRule, packet: Packet, around: Surroundings) -> Result:
    way, text = rule.peer
    if way == "cidr":
        networks = read_networks(text)
        return unreadable(rule) if networks is None else in_networks(networks, packet)
    if way == "group":
        if packet.peer is None:
            return Lack("no-address", packet.address_list)
        return around.is_member(packet.peer, text, packet)
    if way == "prefix-list":
        networks, is_whole = around.prefix_list(text)
        found = in_networks(networks, packet)
        if is_whole or found is True:
            return found
        return Lack("prefix-list", "prefix_list_entries", text)
    return unreadable(rule)


def in_networks(networks: tuple[Network, ...], packet: Packet) -> Result:
    if packet.peer is not None:
        return any(network.contains(packet.peer) for network in networks)
    of_version = [network for network in networks if network.version == packet.version]
    if any(network.prefix == 0 for network in of_version):
        return True
    return Lack("no-address", packet.address_list) if of_version else False


def match_source(rule: GroupRule, packet: Packet) -> Result:
    """The extras of a five-tuple rule; a rule without them takes any source."""
    own, port = match_local(rule, packet), match_source_port(rule, packet)
    if own is False or port is False:
        return False
    return port if own is True else own


def match_local(rule: GroupRule, packet: Packet) -> Result:
    if not rule.local:
        return True
    networks = read_networks(rule.local)
    if networks is None:
        return unreadable(rule)
    own = [ip for ip in packet.local if ip.version == packet.version]
    if not own:
        return Lack("pod-address", "pods")
    return any(network.contains(ip) for network in networks for ip in own)


def match_source_port(rule: GroupRule, packet: Packet) -> Result:
    if not rule.source_ports or packet.protocol in PORTLESS:
        return True
    ports = parse_ports(rule.source_ports)
    if ports is None:
        return unreadable(rule)
    if ports.is_any:
        return True
    if not packet.source_port:
        return Lack("source-port", "source_port")
    return ports.contains(packet.source_port)


def unreadable(rule: GroupRule) -> Lack:
    return Lack("unreadable-rule", "security_group_rules", rule.group)
