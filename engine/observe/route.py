"""What the route tables say: the longest match of each flow, its next hops, the way back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from wayout.engine.case import Origin, Pod, Record
from wayout.engine.case.alibaba import NatGateway, NetworkInterface, NextHop, Vpc, VSwitch
from wayout.engine.case.endpoints_of_services import VpcPeer
from wayout.engine.case.kubernetes import Service
from wayout.engine.facts.common import Flow
from wayout.engine.facts.route import (
    BroaderRoute,
    LocalTarget,
    ReturnRoute,
    RouteHit,
    RouteHop,
    ServiceOwner,
    SystemRoute,
)
from wayout.engine.observe.address import BITS, Ip, Network, parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.peerings import peer_presence, peer_state
from wayout.engine.observe.placement import (
    cluster_of,
    eni_of,
    pod_ip,
    vpc_id_of,
    vpc_of,
    vswitch_candidates,
)
from wayout.engine.observe.routing import (
    CLOUD_SERVICES,
    Match,
    Routed,
    Table,
    hop_class,
    route_in,
    system_table,
    table_of,
    vpc_networks,
    vswitch_networks,
)

__all__ = ["observe", "source_ip"]


@dataclass(frozen=True, slots=True)
class Ground:
    """What is the same for all flows: the VPC of the pod and its local routes."""

    view: View
    vpc_id: str
    vpc: Record[Vpc] | None
    implied: tuple[Match, ...]
    vswitches: tuple[str, ...]  # the candidates of the pod, best evidence first
    origins: dict[str, tuple[Origin, ...]]  # of each candidate


def observe(view: View) -> Iterator[Sighting]:
    """Route facts of every flow with an address, for each vSwitch the pod may be in."""
    ground = ground_of(view)
    for flow in view.flows:
        ip = parse_ip(flow.ip)
        if ip is None or flow.pod != view.pod:  # what CoreDNS asks on takes CoreDNS's own routes
            continue
        if flow.scope == "service":
            yield service_owner(ground, flow)
            continue
        yield from local_target(ground, flow, ip)
        yield from routes_of(ground, flow, ip)
        if flow.scope == "private":
            yield from return_routes(ground, flow, ip)


def ground_of(view: View) -> Ground:
    eni = eni_of(view)
    vpc_id = vpc_id_of(view.case, view.pod_record, eni)
    vpc = vpc_of(view.case, view.pod_record, eni)
    if vpc is not None:
        vpc_id = vpc.value.vpc_id
    found: dict[str, tuple[Origin, ...]] = {}
    for candidate in vswitch_candidates(view):
        found.setdefault(candidate.vswitch, candidate.origins)
    implied = tuple(implied_routes(view, vpc_id, vpc))
    return Ground(view, vpc_id, vpc, implied, tuple(found), found)


def implied_routes(view: View, vpc_id: str, vpc: Record[Vpc] | None) -> Iterator[Match]:
    """The system routes every table has, listed or not."""
    yield Match(CLOUD_SERVICES, is_certain=True)
    for network, record in vswitch_networks(view.case, vpc_id):
        # A custom route may neither equal nor lie inside the block of a vSwitch.
        yield Match(network, None, (record.origin.at("CidrBlock"),), is_certain=True)
    for network, origin in vpc_networks(vpc):
        yield Match(network, None, (origin,))


def source_ip(view: View) -> str:
    """The IPv4 address the pod sends from: its own, that of its ENI, or the question's; or ""."""
    if view.pod_record is not None and (ip := pod_ip(view.pod_record.value)):
        return ip
    eni = eni_of(view)
    if eni is not None and eni.value.private_ip_address:
        return eni.value.private_ip_address
    return view.pod if parse_ip(view.pod) is not None else ""


# ── The longest match ────────────────────────────────────────────────────────────────────────


def routes_of(ground: Ground, flow: Flow, ip: Ip) -> Iterator[Sighting]:
    """The facts of each candidate vSwitch, and of the vSwitches of NAT gateways they lead to."""
    implied = ground.implied
    if flow.scope == "pod":  # the address of a pod is always inside some vSwitch
        implied = (Match(Network(ip.version, ip.value, BITS[ip.version]), is_certain=True),)
    pending, seen = list(ground.vswitches), set[str]()
    while pending:
        vswitch = pending.pop(0)
        if not vswitch or vswitch in seen:
            continue
        seen.add(vswitch)
        table = table_of(ground.view.case, vswitch, ground.vpc_id)
        routed = (
            route_in(ground.view.case, table.id, ip, implied)
            if table.id
            else without_table(implied, ip, table)
        )
        yield route_hit(ground, flow, vswitch, table, routed)
        yield from route_hops(ground, flow, vswitch, routed)
        yield from broader_route(flow, vswitch, routed)
        if vswitch in ground.vswitches:
            yield system_route(ground, flow, ip, vswitch, table, routed)
        pending += nat_vswitches(ground, routed)


def without_table(implied: tuple[Match, ...], ip: Ip, table: Table) -> Routed:
    """Without a table only a local route that outranks every other is certain."""
    certain = [match for match in implied if match.is_certain and match.network.contains(ip)]
    if certain:
        best = max(certain, key=lambda match: match.network.prefix)
        return Routed("hit", (best,), best.origins)
    return Routed("undetermined", (), (), table.lacks, table.lacks_of)


def route_hit(ground: Ground, flow: Flow, vswitch: str, table: Table, routed: Routed) -> Sighting:
    origins = (*ground.origins.get(vswitch, ()), *table.origins)
    if routed.state != "hit":
        fact = RouteHit(
            flow=flow.flow,
            vswitch=vswitch,
            state=routed.state,
            table=table.id,
            table_type=table.type,
            lacks=routed.lacks,
            lacks_of=routed.lacks_of,
        )
        return Sighting(fact, (*origins, *routed.origins))
    best = routed.matches[0]
    hop = best.hops[0]
    entry = best.record.value if best.record is not None else None
    fact = RouteHit(
        flow=flow.flow,
        vswitch=vswitch,
        table=table.id,
        table_type=table.type,
        entry=entry.route_entry_id if entry else "",
        cidr=str(best.network),
        status=entry.status if entry else "Available",
        hop_class=hop_class(hop.next_hop_type),
        hop_type=hop.next_hop_type,
        hop=hop.next_hop_id,
        fallback=fallback_of(routed),
    )
    return Sighting(fact, (*origins, *best.origins))


def fallback_of(routed: Routed) -> str:
    """The CIDR block of the next best match that is in effect, other than the best one."""
    return next((str(m.network) for m in routed.matches[1:] if m.is_available), "")


def route_hops(ground: Ground, flow: Flow, vswitch: str, routed: Routed) -> Iterator[Sighting]:
    if routed.state != "hit":
        return
    best = routed.matches[0]
    seen = set[tuple[str, str]]()
    for hop in best.hops:
        if (hop.next_hop_type, hop.next_hop_id) in seen:
            continue
        seen.add((hop.next_hop_type, hop.next_hop_id))
        presence, origins = presence_of(ground, hop)
        fact = RouteHop(
            flow=flow.flow,
            vswitch=vswitch,
            hop_class=hop_class(hop.next_hop_type),
            hop_type=hop.next_hop_type,
            hop=hop.next_hop_id,
            presence=presence,
            # The API gives a meaning to Enabled only where the hop is a router interface.
            is_enabled=hop.next_hop_type.lower() != "routerinterface" or hop.enabled != 0,
            peering=peering_of(ground, hop),
        )
        yield Sighting(fact, (*best.origins, *origins))


def presence_of(
    ground: Ground, hop: NextHop
) -> tuple[Literal["listed", "absent", "unverified"], tuple[Origin, ...]]:
    """Whether the resource a next hop names still exists, as far as documents tell."""
    case = ground.view.case
    match hop_class(hop.next_hop_type):
        case "nat":
            record = case.get(NatGateway, hop.next_hop_id)
            if record is not None:
                return "listed", (record.origin,)
            listing = case.listing(NatGateway)
            return ("absent", listing.origins) if listing.is_complete else ("unverified", ())
        case "ipv4-gateway" if ground.vpc is not None and (
            ground.vpc.value.ipv4_gateway_id is not None
        ):
            is_same = ground.vpc.value.ipv4_gateway_id == hop.next_hop_id
            return ("listed" if is_same else "absent"), (ground.vpc.origin.at("Ipv4GatewayId"),)
        case "appliance":
            eni = case.get(NetworkInterface, hop.next_hop_id)
            return ("listed", (eni.origin,)) if eni is not None else ("unverified", ())
        case "other-network" if hop.next_hop_type.lower() == "vpcpeer":
            return peer_presence(case, hop.next_hop_id)
        case _:
            return "unverified", ()


def peering_of(ground: Ground, hop: NextHop) -> Literal["", "activated", "down", "unknown"]:
    """How the VPC peering connection is that a next hop names; "" for any other hop."""
    if hop.next_hop_type.lower() != "vpcpeer":
        return ""
    record = ground.view.case.get(VpcPeer, hop.next_hop_id)
    return peer_state(record.value) if record is not None else "unknown"


def broader_route(flow: Flow, vswitch: str, routed: Routed) -> Iterator[Sighting]:
    """The longest shorter match that leads to a NAT gateway or an IPv4 gateway."""
    if routed.state != "hit" or routed.matches[0].record is None:
        return
    best = routed.matches[0]
    for match in routed.matches[1:]:
        kind = hop_class(match.hops[0].next_hop_type)
        is_shorter = match.network.prefix < best.network.prefix
        if is_shorter and match.is_available and kind in ("nat", "ipv4-gateway"):
            fact = BroaderRoute(
                flow=flow.flow,
                vswitch=vswitch,
                cidr=str(match.network),
                hop_class=kind,
                hop_type=match.hops[0].next_hop_type,
                hop=match.hops[0].next_hop_id,
            )
            yield Sighting(fact, match.origins)
            return


def system_route(
    ground: Ground, flow: Flow, ip: Ip, vswitch: str, table: Table, routed: Routed
) -> Sighting:
    """What the system table would do; the near miss of a vSwitch with a custom table."""
    if table.type == "System":
        fact = SystemRoute(flow=flow.flow, vswitch=vswitch, state="same-table", table=table.id)
        return Sighting(fact, table.origins)
    system = system_table(ground.view.case, ground.vpc_id)
    there = route_in(ground.view.case, system.id, ip, ground.implied) if system.id else None
    if there is None or there.state == "undetermined":
        fact = SystemRoute(flow=flow.flow, vswitch=vswitch, state="unknown", table=system.id)
        return Sighting(fact, table.origins)
    if system.id == table.id:
        fact = SystemRoute(flow=flow.flow, vswitch=vswitch, state="same-table", table=table.id)
        return Sighting(fact, system.origins)
    if there.state == "none":
        fact = SystemRoute(flow=flow.flow, vswitch=vswitch, state="none", table=system.id)
        return Sighting(fact, (*system.origins, *there.origins))
    best = there.matches[0]
    fact = SystemRoute(
        flow=flow.flow,
        vswitch=vswitch,
        state="routed",
        table=system.id,
        cidr=str(best.network),
        hop_type=best.hops[0].next_hop_type,
        hop=best.hops[0].next_hop_id,
    )
    return Sighting(fact, (*system.origins, *best.origins))


def nat_vswitches(ground: Ground, routed: Routed) -> list[str]:
    """The vSwitches of the NAT gateways a route names: their own route counts as well."""
    if routed.state != "hit":
        return []
    gateways = (
        ground.view.case.get(NatGateway, hop.next_hop_id)
        for hop in routed.matches[0].hops
        if hop_class(hop.next_hop_type) == "nat"
    )
    return [g.value.v_switch_id for g in gateways if g is not None and g.value.v_switch_id]


# ── Local addresses ──────────────────────────────────────────────────────────────────────────


def local_target(ground: Ground, flow: Flow, ip: Ip) -> Iterator[Sighting]:
    """At most one fact: the strongest reason why the address is local."""
    case = ground.view.case
    if CLOUD_SERVICES.contains(ip):
        yield Sighting(LocalTarget(flow=flow.flow, by="cloud", cidr=str(CLOUD_SERVICES)))
        return
    if flow.scope == "pod":
        pods = (r for r in case.listing(Pod).records if flow.ip in addresses_of(r.value))
        origins = tuple(record.origin.at("status", "podIP") for record in pods)
        yield Sighting(LocalTarget(flow=flow.flow, by="pod", owner="vswitch"), origins)
        return
    for network, vswitch in vswitch_networks(case, ground.vpc_id):
        if network.contains(ip):
            fact = LocalTarget(flow=flow.flow, cidr=str(network), owner="vswitch")
            yield Sighting(fact, (vswitch.origin.at("CidrBlock"),))
            return
    for network, origin in vpc_networks(ground.vpc):
        if network.contains(ip):
            listing = case.listing(VSwitch)
            owner: Literal["none", "unknown"] = "none" if listing.is_complete else "unknown"
            fact = LocalTarget(flow=flow.flow, by="vpc", cidr=str(network), owner=owner)
            yield Sighting(fact, (origin, *(listing.origins if listing.is_complete else ())))
            return


def addresses_of(pod: Pod) -> set[str]:
    return {pod.status.pod_ip, *(entry.ip for entry in pod.status.pod_ips)}


def service_owner(ground: Ground, flow: Flow) -> Sighting:
    """Which Service has the address; "none" only when all Services are known."""
    case = ground.view.case
    cluster = cluster_of(case)
    cidr = (cluster.value.service_cidr or "") if cluster is not None else ""
    listing = case.listing(Service)
    for record in listing.records:
        spec = record.value.spec
        if flow.ip in (spec.cluster_ip, *spec.cluster_ips):
            fact = ServiceOwner(flow=flow.flow, state="owned", service=record.value.key, cidr=cidr)
            return Sighting(fact, (record.origin.at("spec", "clusterIP"),))
    origins = (cluster.origin.at("service_cidr"),) if cluster is not None and cidr else ()
    if listing.is_documented:
        fact = ServiceOwner(flow=flow.flow, state="none", cidr=cidr)
        return Sighting(fact, (*origins, *listing.origins))
    return Sighting(ServiceOwner(flow=flow.flow, cidr=cidr), origins)


# ── The way back ─────────────────────────────────────────────────────────────────────────────


def return_routes(ground: Ground, flow: Flow, ip: Ip) -> Iterator[Sighting]:
    """How the destination's own vSwitch in another known VPC routes the pod's address."""
    case = ground.view.case
    back = parse_ip(source_ip(ground.view))
    if back is None:
        return
    for record in case.listing(VSwitch).records:
        value = record.value
        block = parse_cidr(value.cidr_block or "")
        if not value.vpc_id or value.vpc_id == ground.vpc_id or not (block and block.contains(ip)):
            continue
        table = table_of(case, value.v_switch_id, value.vpc_id)
        if not table.id:
            continue
        implied = tuple(implied_routes(ground.view, value.vpc_id, case.get(Vpc, value.vpc_id)))
        routed = route_in(case, table.id, back, implied)
        if routed.state == "undetermined":
            continue
        best = routed.matches[0] if routed.state == "hit" else None
        hop = best.hops[0] if best else NextHop()
        fact = ReturnRoute(
            flow=flow.flow,
            vswitch=value.v_switch_id,
            vpc=value.vpc_id,
            table=table.id,
            state="routed" if best else "none",
            cidr=str(best.network) if best else "",
            hop_class=hop_class(hop.next_hop_type),
            hop=hop.next_hop_id,
            pod_ip=str(back),
            pod_cidr=pod_network(ground, back),
        )
        yield Sighting(fact, (*table.origins, *(best.origins if best else routed.origins)))


def pod_network(ground: Ground, ip: Ip) -> str:
    """The block of the pod's own vSwitch, because pod addresses change; else the address."""
    for vswitch in ground.vswitches:
        record = ground.view.case.get(VSwitch, vswitch)
        block = parse_cidr(record.value.cidr_block or "") if record is not None else None
        if block is not None and block.contains(ip):
            return str(block)
    return f"{ip}/{BITS[ip.version]}"
