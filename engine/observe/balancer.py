"""CLB, ALB and NLB as destinations: state, listener, access control, zone and servers.

A flow that the cluster intercepts for a load balancer of its own goes to an endpoint and is none
of these. Every filter is measured for each address the pod may come from; which of them the load
balancer really sees is said by rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from wayout.engine.case import Case, InstanceEndpoint, LoadBalancer, Record
from wayout.engine.case.balancers import BalancerZone as ZoneRecord
from wayout.engine.facts.balancer import Balancer, BalancerListener, BalancerProduct, BalancerZone
from wayout.engine.facts.common import Flow
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.balancer_acl import Seen, acl_sightings
from wayout.engine.observe.balancer_backends import Meeting, backend_sightings
from wayout.engine.observe.balancer_groups import group_sightings
from wayout.engine.observe.balancer_listeners import Servers, find_listener, servers_of
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_access import acl_sightings as network_acl_sightings
from wayout.engine.observe.destination_product import recognise
from wayout.engine.observe.flow import MainFlow, Plan, plan_of
from wayout.engine.observe.host import Client, client_of
from wayout.engine.observe.inbound import InboundRules
from wayout.engine.observe.network_acl import find_binding
from wayout.engine.observe.placement import eni_of, vpc_id_of
from wayout.engine.observe.recognition import Recognised
from wayout.engine.observe.sources import source_candidates

__all__ = ["observe"]

State = Literal["active", "stopped", "locked", "abnormal", "changing", "unknown", "missing"]
ZoneState = Literal["active", "stopped", "shifted", "changing", "unknown"]
STATES: dict[str, State] = {
    "active": "active",
    "inactive": "stopped",
    "stopped": "stopped",
    "locked": "locked",
    "createfailed": "abnormal",
    "provisioning": "changing",
    "configuring": "changing",
}
ZONE_STATES: dict[str, ZoneState] = {
    "active": "active",
    "stopped": "stopped",
    "stopping": "stopped",
    "shifted": "shifted",
    "starting": "changing",
}
PRODUCTS = ("clb", "alb", "nlb")


def observe(view: View) -> Iterator[Sighting]:
    """Facts about every main flow that ends at a load balancer."""
    plan = plan_of(view)
    found = [(main, balancer_of(view, plan, main)) for main in plan.main]
    if all(recognised is None for _, recognised in found):
        return
    inbound = InboundRules(view.case)
    sources = seen_by(view)
    for main, recognised in found:
        if recognised is not None:
            yield from of_flow(view, main, recognised, sources, inbound)


def balancer_of(view: View, plan: Plan, main: MainFlow) -> Recognised | None:
    found = recognise(view, plan, main)
    if found is None or found.product not in PRODUCTS:
        return None
    return found


def seen_by(view: View) -> tuple[Seen, ...]:
    """Every address the pod may come from; pods are created again, so their vSwitch is named."""
    client = client_of(view)
    made = []
    for source in source_candidates(view):
        is_pod = source.what == "pod" and client is not None
        target = client.network if is_pod and client is not None else f"{source.address}/32"
        made.append(Seen(source.address, target, source.what == "public", source.origins))
    return tuple(made)


def of_flow(
    view: View,
    main: MainFlow,
    found: Recognised,
    sources: tuple[Seen, ...],
    inbound: InboundRules,
) -> Iterator[Sighting]:
    case, flow = view.case, main.flow
    product = cast(BalancerProduct, found.product)
    record = case.get(LoadBalancer, found.instance) if found.instance else None
    own_vpc = vpc_id_of(case, view.pod_record, eni_of(view))
    fact = balancer_fact(case, flow, found, record, own_vpc)
    yield Sighting(fact, record.origins if record is not None else found.origins)
    sighting, listener = find_listener(case, flow, found.instance, product)
    yield sighting
    servers = None
    if listener is not None:
        servers = servers_of(case, found.instance, listener.value)
        meeting = Meeting(flow.flow, found.instance, product, listener, servers)
        yield from backend_sightings(view, meeting)
        if product != "nlb":
            edition = (record.value.edition if record is not None else None) or ""
            yield from acl_sightings(
                case, flow.flow, found.instance, product, edition, listener, sources
            )
    if product == "clb":
        return
    vpc = (record.value.vpc_id if record is not None else None) or own_vpc
    source_port = view.question.source_port or 0
    is_filtered = cast(BalancerListener, sighting.fact).state not in ("icmp", "no-port")
    if is_filtered:
        yield from group_sightings(inbound, flow, fact, vpc, sources, source_port)
    yield from zone_sightings(view, flow, record, product, servers, sources)


# ── The load balancer ────────────────────────────────────────────────────────────────────────


def balancer_fact(
    case: Case,
    flow: Flow,
    found: Recognised,
    record: Record[LoadBalancer] | None,
    own_vpc: str,
) -> Balancer:
    product = cast(BalancerProduct, found.product)
    name = found.instance or flow.destination
    base = Balancer(
        flow=flow.flow,
        balancer=found.instance,
        product=product,
        label=f"{product.upper()} {name}",
        state="missing",
        address_type="unknown",
        has_groups="no" if product == "clb" else "unknown",
    )
    if record is None:
        return base
    value = record.value
    state, status = state_of(value)
    groups = value.security_group_ids
    kind = (value.address_type or "").strip().lower()
    has_groups: Literal["yes", "no", "unknown"] = "unknown" if groups is None else "no"
    return base.model_copy(
        update={
            "state": state,
            "status": status,
            "address_type": kind if kind in ("internet", "intranet") else "unknown",
            "private_ip": private_ip(case, value.load_balancer_id, own_vpc),
            "groups": ",".join(groups or ()),
            "has_groups": "no" if product == "clb" else "yes" if groups else has_groups,
        }
    )


def state_of(balancer: LoadBalancer) -> tuple[State, str]:
    """A lock beats the business status, and that the status itself."""
    status = (balancer.load_balancer_status or "").strip()
    if locks := [lock for lock in balancer.locks or () if lock]:
        return "locked", ", ".join(locks)
    if (balancer.business_status or "").strip().lower() == "abnormal":
        return "abnormal", balancer.business_status or ""
    if not status:
        return "unknown", ""
    return STATES.get(status.lower(), "unknown"), status


def private_ip(case: Case, balancer: str, own_vpc: str) -> str:
    """An address of the load balancer inside the VPC of the pod."""
    endpoints = case.listing(InstanceEndpoint, of=balancer).records
    inside = (
        record.value.ip
        for record in endpoints
        if record.value.network == "private"
        and record.value.ip
        and own_vpc
        and record.value.vpc_id == own_vpc
    )
    return next(inside, "")


# ── Zones ────────────────────────────────────────────────────────────────────────────────────


def zone_sightings(
    view: View,
    flow: Flow,
    record: Record[LoadBalancer] | None,
    product: BalancerProduct,
    servers: Servers | None,
    sources: tuple[Seen, ...],
) -> Iterator[Sighting]:
    """The zone of the address, and the network ACL of its vSwitch for each source address."""
    zone = zone_at(record, flow.ip)
    value = record.value if record is not None else None
    cross = value.cross_zone_enabled if value is not None else None
    fact = BalancerZone(
        flow=flow.flow,
        balancer=value.load_balancer_id if value is not None else "",
        product=product,
        zone=zone.zone_id if zone is not None else "",
        vswitch=zone.v_switch_id if zone is not None else "",
        address=flow.ip,
        state=zone_state(zone),
        status=zone.status if zone is not None else "",
        health=zone_health(zone),
        cross_zone="unknown" if cross is None else "on" if cross else "off",
        servers=servers_in(zone, servers),
    )
    yield Sighting(fact, record.origins if record is not None else ())
    if not fact.vswitch:
        return
    bound = find_binding(view.case, fact.vswitch)
    yield Sighting(bound.fact, bound.origins)
    for source in sources:
        ip = parse_ip(source.address)
        if ip is not None:
            client = Client(ip, source.address, "", source.target)
            yield from network_acl_sightings(view, flow, client, fact.vswitch, bound)


def zone_at(record: Record[LoadBalancer] | None, ip: str) -> ZoneRecord | None:
    zones = (record.value.zones if record is not None else None) or ()
    return next((z for z in zones if ip and ip in (*z.private_ips, *z.public_ips)), None)


def zone_state(zone: ZoneRecord | None) -> ZoneState:
    return ZONE_STATES.get(zone.status.strip().lower(), "unknown") if zone else "unknown"


def zone_health(zone: ZoneRecord | None) -> Literal["healthy", "unhealthy", "unknown"]:
    said = zone.health.strip().lower() if zone is not None else ""
    if said in ("healthy", "unhealthy"):
        return cast(Literal["healthy", "unhealthy"], said)
    return "unknown"


def servers_in(
    zone: ZoneRecord | None, servers: Servers | None
) -> Literal["some", "none", "unknown"]:
    """Servers of the listener in the zone that get connections."""
    if zone is None or not zone.zone_id or servers is None:
        return "unknown"
    active = [server.record.value for server in servers.all if server.gets_connections]
    if any(server.zone_id == zone.zone_id for server in active):
        return "some"
    is_known = servers.lack is None and all(server.zone_id for server in active)
    return "none" if is_known and active else "unknown"
