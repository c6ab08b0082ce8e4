"""Route tables as pure computation: which table a vSwitch uses, which entry takes an address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from wayout.engine.case import Case, Listing, Origin, Record
from wayout.engine.case.alibaba import (
    NextHop,
    PrefixListEntry,
    RouteEntry,
    RouteTable,
    Vpc,
    VSwitch,
)
from wayout.engine.facts.route import HopClass
from wayout.engine.observe.address import Ip, Network, parse_cidr

__all__ = [
    "CLOUD_SERVICES",
    "Match",
    "Routed",
    "Table",
    "hop_class",
    "longest_match",
    "route_in",
    "system_table",
    "table_of",
    "vpc_networks",
    "vswitch_networks",
]

# Every route table has a system route for it, and no custom route may lie inside.
CLOUD_SERVICES = Network(4, 100 << 24 | 64 << 16, 10)
HOP_CLASSES: dict[str, HopClass] = {
    "local": "local",
    "service": "local",
    "natgateway": "nat",
    "ipv4gateway": "ipv4-gateway",
    "ipv6gateway": "ipv6-gateway",
    "instance": "appliance",
    "networkinterface": "appliance",
    "havip": "appliance",
    "routerinterface": "other-network",
    "vpcpeer": "other-network",
    "vpngateway": "other-network",
    "attachment": "other-network",
    "ecr": "other-network",
    "cenbasic": "other-network",
    "gatewayendpoint": "endpoint",
}


@dataclass(frozen=True, slots=True)
class Table:
    """The route table of a vSwitch; `id` is "" when no document tells, then `lacks` names why."""

    id: str
    type: Literal["System", "Custom", "unknown"] = "unknown"
    origins: tuple[Origin, ...] = ()
    lacks: str = ""
    lacks_of: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """One way a table takes an address; without `record` it is the local route nobody lists."""

    network: Network
    record: Record[RouteEntry] | None = None
    origins: tuple[Origin, ...] = ()
    is_certain: bool = False  # no other entry can be longer, whatever was not collected

    @property
    def is_available(self) -> bool:
        return self.record is None or self.record.value.status.strip().lower() == "available"

    @property
    def hops(self) -> tuple[NextHop, ...]:
        if self.record is None:
            return (NextHop(next_hop_type="local"),)
        hops = tuple(self.record.value.next_hops)
        if not hops and self.record.value.type.strip().lower() == "system":
            return (NextHop(next_hop_type="local"),)
        return hops or (NextHop(),)


@dataclass(frozen=True, slots=True)
class Routed:
    """What a table does with an address; `matches` has the longest first."""

    state: Literal["hit", "none", "undetermined"]
    matches: tuple[Match, ...] = ()
    origins: tuple[Origin, ...] = ()
    lacks: str = ""
    lacks_of: str = ""


def hop_class(hop_type: str) -> HopClass:
    """The class of a next hop type, whatever its letter case."""
    return HOP_CLASSES.get(hop_type.strip().lower(), "unknown")


# ── Tables ───────────────────────────────────────────────────────────────────────────────────


def table_of(case: Case, vswitch_id: str, vpc_id: str) -> Table:
    """The table of a vSwitch: what its document says, else the tables that list it.

    The system table of the VPC serves only when all tables are known and no custom one lists
    the vSwitch.
    """
    record = case.get(VSwitch, vswitch_id)
    if record is not None and record.value.route_table_id:
        table_id = record.value.route_table_id
        kind = record.value.route_table_type or type_of(case, table_id)
        return Table(table_id, spelled(kind), (record.origin.at("RouteTable", "RouteTableId"),))
    tables = case.listing(RouteTable)
    for table in tables.records:
        if vswitch_id in (table.value.v_switch_ids or ()):
            origins = (table.origin.at("VSwitchIds"),)
            return Table(table.value.route_table_id, spelled(table.value.route_table_type), origins)
    vpc_id = (record.value.vpc_id if record is not None else None) or vpc_id
    return remaining_table(tables, vpc_id, vswitch_id)


def remaining_table(tables: Listing[RouteTable], vpc_id: str, vswitch_id: str) -> Table:
    """The system table, when the complete list leaves nothing else for the vSwitch."""
    if not tables.is_complete:
        return Table("", lacks="vswitches", lacks_of=vswitch_id)
    ours = [t for t in tables.records if not vpc_id or t.value.vpc_id in (None, vpc_id)]
    systems = [t for t in ours if spelled(t.value.route_table_type) == "System"]
    customs = [t for t in ours if t not in systems]
    if len(systems) != 1 or any(t.value.v_switch_ids is None for t in customs):
        return Table("", lacks="vswitches", lacks_of=vswitch_id)
    return Table(systems[0].value.route_table_id, "System", (*tables.origins, systems[0].origin))


def system_table(case: Case, vpc_id: str) -> Table:
    """The system table of a VPC, when a table or a vSwitch names exactly one."""
    found: dict[str, tuple[Origin, ...]] = {}
    for table in case.listing(RouteTable).records:
        if spelled(table.value.route_table_type) == "System" and is_in(table.value.vpc_id, vpc_id):
            found.setdefault(table.value.route_table_id, (table.origin,))
    for vswitch in case.listing(VSwitch).records:
        value = vswitch.value
        is_system = spelled(value.route_table_type) == "System"
        if is_system and value.route_table_id and is_in(value.vpc_id, vpc_id):
            found.setdefault(value.route_table_id, (vswitch.origin.at("RouteTable"),))
    if len(found) != 1:
        return Table("", lacks="route_tables")
    table_id, origins = next(iter(found.items()))
    return Table(table_id, "System", origins)


def type_of(case: Case, table_id: str) -> str | None:
    record = case.get(RouteTable, table_id)
    return record.value.route_table_type if record is not None else None


def spelled(kind: str | None) -> Literal["System", "Custom", "unknown"]:
    match (kind or "").strip().lower():
        case "system":
            return "System"
        case "custom":
            return "Custom"
        case _:
            return "unknown"


def is_in(vpc_of_record: str | None, vpc_id: str) -> bool:
    return not vpc_id or vpc_of_record in (None, vpc_id)


# ── Longest prefix ───────────────────────────────────────────────────────────────────────────


def route_in(case: Case, table_id: str, ip: Ip, implied: Iterable[Match]) -> Routed:
    """The longest match of an address in one table and among the local routes `implied`.

    "undetermined" when an entry that was not collected or cannot be read could be longer.
    """
    listing = case.listing(RouteEntry, of=table_id)
    matches = longest_match(listing.records, ip, case, implied)
    is_known = listing.is_complete and not any(
        networks_of(record, case) is None for record in listing.records
    )
    if not is_known and not is_final(matches):
        return Routed("undetermined", matches, listing.origins, "route_entries", table_id)
    return Routed("hit" if matches else "none", matches, listing.origins)


def longest_match(
    entries: Iterable[Record[RouteEntry]], ip: Ip, case: Case, implied: Iterable[Match] = ()
) -> tuple[Match, ...]:
    """Every match, best first: longest prefix, then listed before implied, then Available."""
    found = [
        Match(network, record, (record.origin,), network == CLOUD_SERVICES)
        for record in entries
        for network in networks_of(record, case) or ()
        if network.contains(ip)
    ]
    found += [match for match in implied if match.network.contains(ip)]
    return tuple(sorted(found, key=rank))


def is_final(matches: tuple[Match, ...]) -> bool:
    """Whether no entry that was not collected could be longer than the best match."""
    if not matches:
        return False
    best = matches[0].network
    return is_host(best) or any(m.is_certain for m in matches if m.network == best)


def rank(match: Match) -> tuple[int, bool, bool, str]:
    entry_id = match.record.value.key if match.record is not None else ""
    return -match.network.prefix, match.record is None, not match.is_available, entry_id


def is_host(network: Network) -> bool:
    return network.prefix == (32 if network.version == 4 else 128)


def networks_of(record: Record[RouteEntry], case: Case) -> tuple[Network, ...] | None:
    """The destination of an entry, a prefix list expanded; None when it cannot be read."""
    destination = record.value.destination_cidr_block.strip()
    network = parse_cidr(destination)
    if network is not None:
        return (network,)
    if not destination.startswith("pl-"):
        return None
    listing = case.listing(PrefixListEntry, of=destination)
    networks = [parse_cidr(entry.value.cidr) for entry in listing.records]
    known = tuple(network for network in networks if network is not None)
    return known if listing.is_complete and len(known) == len(networks) else None


# ── Local routes nobody lists ────────────────────────────────────────────────────────────────


def vpc_networks(vpc: Record[Vpc] | None) -> Iterator[tuple[Network, Origin]]:
    """The CIDR blocks of a VPC, secondary and IPv6 ones included."""
    if vpc is None:
        return
    value = vpc.value
    blocks = [
        (value.cidr_block, ("CidrBlock",)),
        (value.ipv6_cidr_block, ("Ipv6CidrBlock",)),
        *((cidr, ("SecondaryCidrBlocks",)) for cidr in value.secondary_cidr_blocks or ()),
    ]
    for text, path in blocks:
        if (network := parse_cidr(text or "")) is not None:
            yield network, vpc.origin.at(*path)


def vswitch_networks(case: Case, vpc_id: str) -> Iterator[tuple[Network, Record[VSwitch]]]:
    """The CIDR blocks of the known vSwitches of a VPC; without an id, of all of them."""
    for record in case.listing(VSwitch).records:
        if not is_in(record.value.vpc_id, vpc_id):
            continue
        for text in (record.value.cidr_block, record.value.ipv6_cidr_block):
            if (network := parse_cidr(text or "")) is not None:
                yield network, record
