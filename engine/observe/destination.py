"""The destination: the Service or pod behind it, and what somebody saw there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from wayout.engine.case import Eip, Observation, Pod, Record, Service
from wayout.engine.facts.common import Flow
from wayout.engine.facts.destination import (
    DestinationAddress,
    DestinationPod,
    DestinationService,
    FlowBackend,
    FlowsOmitted,
    NodePort,
    TcpObservation,
)
from wayout.engine.observe.balancers import dns_name, offers
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.endpoints import (
    is_headless,
    other_protocol,
    port_name,
    readiness,
    service_port,
)
from wayout.engine.observe.flow import MainFlow, Plan, plan_of
from wayout.engine.observe.local import is_own_address
from wayout.engine.observe.named import Destination
from wayout.engine.observe.placement import pod_ip
from wayout.engine.observe.scope import is_loopback, normal

__all__ = ["observe"]

Phase = Literal["Running", "Pending", "Succeeded", "Failed", "Unknown", "unstated"]
Policy = Literal["Cluster", "Local", "unstated"]
PHASES = ("Running", "Pending", "Succeeded", "Failed", "Unknown")
TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
RESOURCE_KINDS = {
    "eni": "network-interface",
    "eip": "eip",
    "i": "instance",
    "lb": "load-balancer",
    "alb": "load-balancer",
    "nlb": "load-balancer",
    "gwlb": "load-balancer",
    "rm": "database",
    "rr": "database",
    "pc": "database",
    "pe": "database",
    "pxc": "database",
    "pgm": "database",
    "dds": "database",
    "r": "cache",
    "tair": "cache",
    "tt": "cache",
}


def observe(view: View) -> Iterator[Sighting]:
    """Facts about what the question names; each main flow has at least a `destination_address`."""
    plan = plan_of(view)
    for main in plan.main:
        yield address(view, plan.destination, main)
        yield from pod(view, plan.destination, main)
        yield from node_ports(view, plan.destination, main)
    yield from services(view, plan)
    yield from seen(view, plan)
    if plan.total > len(plan.main):
        for main in plan.main:
            fact = FlowsOmitted(flow=main.flow.flow, total=plan.total, judged=len(plan.main))
            yield Sighting(fact, main.origins)


def address(view: View, destination: Destination, main: MainFlow) -> Sighting:
    resource = ""
    if destination.form == "resource":
        resource = RESOURCE_KINDS.get(destination.name.partition("-")[0], "other")
    eip = own_eip(view, main.flow.ip)
    fact = DestinationAddress(
        flow=main.flow.flow,
        form=destination.form,
        name=destination.service_key or destination.pod_key or destination.name,
        resource=cast(
            Literal["", "network-interface", "eip", "instance", "load-balancer", "database"],
            resource,
        ),
        eip=eip,
        has_eip=bool(eip),
        is_loopback=is_loopback(main.address),
        is_self=is_own_address(view, main.flow.ip),
    )
    return Sighting(fact, main.origins)


def own_eip(view: View, ip: str) -> str:
    """The EIP of this account with the address: then the destination is the account's own too."""
    if not ip:
        return ""
    records = view.case.listing(Eip).records
    return next((r.value.allocation_id for r in records if r.value.ip_address == ip), "")


# ── Services ─────────────────────────────────────────────────────────────────────────────────


def services(view: View, plan: Plan) -> Iterator[Sighting]:
    """The Service a flow is meant for, and the endpoint it ends at."""
    destination = plan.destination
    for main in plan.main:
        record = main.service
        if record is None and destination.service is not None and destination.is_alias:
            record = destination.service
        if record is not None:
            yield service_fact(view, main, record)
        elif destination.service_key:
            yield unseen_service(view, main.flow, destination.service_key)
        if main.service is not None and main.flow.scope not in ("service", "own-load-balancer"):
            fact = FlowBackend(
                flow=main.flow.flow,
                service=main.service.value.key,
                ip=main.flow.ip,
                port=main.flow.port,
                pod=main.pod,
            )
            if main.flow.ip:
                yield Sighting(fact, main.origins)


def service_fact(view: View, main: MainFlow, record: Record[Service]) -> Sighting:
    service = record.value
    spec = service.spec
    protocol = view.question.protocol
    asked = view.question.target.port or 0
    port = service_port(service, protocol, asked)
    backends = main.backends
    internal = spec.internal_traffic_policy
    fact = DestinationService(
        flow=main.flow.flow,
        service=service.key,
        namespace=service.metadata.namespace,
        name=service.metadata.name,
        type=service_type(service),
        cluster_ip=spec.cluster_ip if spec.cluster_ip != "None" else "",
        port=port.port if port is not None else asked,
        protocol=protocol,
        ports=offers(service),
        has_port=has_port(service, port is not None, asked),
        other_protocol=other_protocol(service, protocol, asked),
        endpoints=readiness(main.backends),
        ready=len(backends.ready) if backends is not None else 0,
        not_ready=len(backends.all) - len(backends.ready) if backends is not None else 0,
        target="missing" if lacks_target(main) else "ok",
        target_port=port_name(port) if port is not None else "",
        pods=", ".join(backends.portless) if backends is not None else "",
        has_selector=bool(spec.selector),
        publishes_unready=spec.publish_not_ready_addresses,
        internal_policy=cast(Policy, internal) if internal in ("Cluster", "Local") else "unstated",
        dns_name=dns_name(service),
        selector=",".join(f"{key}={value}" for key, value in sorted(spec.selector.items())),
        external_name=spec.external_name,
        is_balancer=main.is_balancer,
    )
    origins = backends.origins if backends is not None else ()
    return Sighting(fact, (*record.origins, *origins))


def service_type(
    service: Service,
) -> Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Headless", ""]:
    if is_headless(service):
        return "Headless"
    found = service.spec.type
    known = Literal["ClusterIP", "NodePort", "LoadBalancer", "ExternalName", "Headless", ""]
    return cast(known, found) if found in TYPES else ""


def has_port(service: Service, is_found: bool, asked: int) -> Literal["yes", "no", "unknown"]:
    """A Service without translation has every port its pods have."""
    if is_found or is_headless(service) or service.spec.type == "ExternalName":
        return "yes"
    return "no" if asked else "unknown"


def lacks_target(main: MainFlow) -> bool:
    """Whether every pod behind the Service is left out because it does not have the port."""
    backends = main.backends
    return (
        backends is not None
        and backends.is_complete
        and bool(backends.portless)
        and not backends.all
    )


def unseen_service(view: View, flow: Flow, key: str) -> Sighting:
    namespace = key.partition("/")[0]
    listing = view.case.listing(Service, of=namespace)
    fact = DestinationService(
        flow=flow.flow,
        service=key,
        namespace=namespace,
        state="absent" if listing.is_documented else "missing",
        type="",
        has_port="unknown",
        endpoints="unknown",
    )
    return Sighting(fact, listing.origins)


# ── Pods ─────────────────────────────────────────────────────────────────────────────────────


def pod(view: View, destination: Destination, main: MainFlow) -> Iterator[Sighting]:
    key = main.pod or destination.pod_key
    record = view.case.get(Pod, key) if key else pod_at(view, main.flow.ip)
    if record is None and not key:
        return
    if record is None:
        namespace = key.partition("/")[0]
        listing = view.case.listing(Pod, of=namespace)
        # An endpoint that names a pod outweighs a list that was perhaps asked for elsewhere.
        is_absent = listing.is_complete and key == destination.pod_key
        state: Literal["absent", "missing"] = "absent" if is_absent else "missing"
        fact = DestinationPod(
            flow=main.flow.flow, pod=key, state=state, phase="unstated", has_ip=False
        )
        yield Sighting(fact, listing.origins)
        return
    phase = record.value.status.phase
    fact = DestinationPod(
        flow=main.flow.flow,
        pod=record.value.key,
        phase=cast(Phase, phase) if phase in PHASES else "unstated",
        ip=pod_ip(record.value),
        has_ip=bool(pod_ip(record.value)),
        port=declared(record.value, main.flow),
    )
    yield Sighting(fact, record.origins)


def pod_at(view: View, ip: str) -> Record[Pod] | None:
    if not ip:
        return None
    for record in view.case.listing(Pod).records:
        if pod_ip(record.value) == ip and record.value.status.phase not in ("Succeeded", "Failed"):
            return record
    return None


def declared(pod: Pod, flow: Flow) -> Literal["declared", "undeclared", "none"]:
    """Whether the container ports name the port; they are documentation, not a filter."""
    ports = [(p.container_port, p.protocol.lower()) for c in pod.spec.containers for p in c.ports]
    if not ports or not flow.port:
        return "none"
    return "declared" if (flow.port, flow.protocol) in ports else "undeclared"


# ── Node ports ───────────────────────────────────────────────────────────────────────────────


def node_ports(view: View, destination: Destination, main: MainFlow) -> Iterator[Sighting]:
    """The Services that have the port dialled as their node port, when none of them is dialled."""
    target = view.question.target
    if main.service is not None or destination.service_key or not target.port:
        return
    if main.flow.scope not in ("pod", "vpc", "private", "undetermined"):
        return
    for record in view.case.listing(Service).records:
        for port in record.value.spec.ports:
            if port.node_port == target.port and port.protocol.lower() == main.flow.protocol:
                fact = NodePort(
                    flow=main.flow.flow,
                    service=record.value.key,
                    dns_name=dns_name(record.value),
                    port=port.port,
                    node_port=target.port,
                    at=at_node_port(view, destination, main),
                )
                yield Sighting(fact, record.origins)


def at_node_port(
    view: View, destination: Destination, main: MainFlow
) -> Literal["pod", "pod-declares-it", "node", "other"]:
    key = destination.pod_key
    record = view.case.get(Pod, key) if key else pod_at(view, main.flow.ip)
    if record is None:
        return "other"
    if record.value.spec.host_network:
        return "node"
    return "pod-declares-it" if declared(record.value, main.flow) == "declared" else "pod"


# ── What was seen ────────────────────────────────────────────────────────────────────────────


def seen(view: View, plan: Plan) -> Iterator[Sighting]:
    target = view.question.target
    wanted = {normal(text) for text in (target.host, target.ip, view.question.destination) if text}
    for record in view.case.listing(Observation).records:
        result = record.value.text.strip().lower()
        if record.value.what != "tcp" or result not in ("connected", "refused", "timeout"):
            continue
        name = normal(record.value.name.rpartition(":")[0] or record.value.name)
        if name and name not in wanted:
            continue
        for main in plan.main:
            known = Literal["connected", "refused", "timeout"]
            fact = TcpObservation(
                flow=main.flow.flow, result=cast(known, result), by=answers_for(main)
            )
            yield Sighting(fact, record.origins)


def answers_for(main: MainFlow) -> Literal["host", "balancer", "service"]:
    """Who may have answered in place of the host: the data plane refuses what it cannot forward."""
    if main.is_balancer:
        return "balancer"
    if main.service is None:
        return "host"
    is_local = main.service.value.spec.internal_traffic_policy == "Local"
    return "service" if is_local or readiness(main.backends) == "none" else "host"
