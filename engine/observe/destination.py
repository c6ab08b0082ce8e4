"""The destination: the Service, pod or load balancer behind it, and what somebody saw there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from wayout.engine.case import Eip, Ingress, Observation, Pod, Record, Service
from wayout.engine.facts.common import Flow
from wayout.engine.facts.destination import (
    BalancerAddress,
    BalancerBypass,
    DestinationAddress,
    DestinationPod,
    DestinationService,
    FlowBackend,
    FlowsOmitted,
    IngressHost,
    TcpObservation,
)
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.endpoints import is_headless, service_port
from wayout.engine.observe.flow import MainFlow, Plan, plan_of
from wayout.engine.observe.local import is_own_address
from wayout.engine.observe.named import Destination
from wayout.engine.observe.placement import pod_ip
from wayout.engine.observe.scope import balancer_services, is_loopback, normal

__all__ = ["observe"]

Phase = Literal["Running", "Pending", "Succeeded", "Failed", "Unknown", "unstated"]
Listener = Literal["tcp", "http", "https", "proxy-protocol", "unknown"]
PHASES = ("Running", "Pending", "Succeeded", "Failed", "Unknown")
TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
# Two prefixes are in use; the suffix is the same.
BALANCER_PREFIXES = (
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-",
    "service.beta.kubernetes.io/alicloud-loadbalancer-",
)
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
# Why an address cannot be one the data plane answers for in place of a load balancer.
NO_BALANCER: dict[str, Literal["pod", "service", "platform", "private-range"]] = {
    "private": "private-range",
    "metadata": "platform",
    "vpc-dns": "platform",
    "cloud-service": "platform",
    "pod": "pod",
    "service": "service",
}


def observe(view: View) -> Iterator[Sighting]:
    """Facts about what the question names; each main flow has at least a `destination_address`."""
    plan = plan_of(view)
    for main in plan.main:
        yield address(view, plan.destination, main)
        yield from balancer(view, main)
        yield from pod(view, plan.destination, main)
        yield from ingresses(view, plan.destination, main)
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
    fact = DestinationService(
        flow=main.flow.flow,
        service=service.key,
        namespace=service.metadata.namespace,
        type=service_type(service),
        cluster_ip=spec.cluster_ip if spec.cluster_ip != "None" else "",
        port=port.port if port is not None else asked,
        protocol=protocol,
        ports=", ".join(f"{p.port}/{p.protocol}" for p in spec.ports),
        has_port=has_port(service, port is not None, asked),
        endpoints=endpoints_of(main),
        ready=len(backends.ready) if backends is not None else 0,
        not_ready=len(backends.all) - len(backends.ready) if backends is not None else 0,
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


def endpoints_of(main: MainFlow) -> Literal["ready", "none", "unknown"]:
    backends = main.backends
    if backends is None or backends.evidence == "none":
        return "unknown"
    if backends.ready:
        return "ready"
    return "none" if backends.is_complete else "unknown"


def unseen_service(view: View, flow: Flow, key: str) -> Sighting:
    namespace = key.partition("/")[0]
    listing = view.case.listing(Service, of=namespace)
    fact = DestinationService(
        flow=flow.flow,
        service=key,
        namespace=namespace,
        state="absent" if listing.is_complete else "missing",
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
        state: Literal["absent", "missing"] = "absent" if listing.is_complete else "missing"
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


# ── Load balancers of this cluster ───────────────────────────────────────────────────────────


def balancer(view: View, main: MainFlow) -> Iterator[Sighting]:
    """Which Services have the address dialled on their load balancer."""
    if main.is_balancer and main.service is not None:
        yield balancer_fact(view, main, main.service, True)
        return
    dialled = {main.address, main.flow.ip, view.question.target.host}
    found = False
    for text in sorted(dialled - {""}):
        for record, is_intercepted in balancer_services(view.case, text):
            found = True
            yield balancer_fact(view, main, record, is_intercepted)
    why = NO_BALANCER.get(main.flow.scope)
    if why is not None and not found:
        yield Sighting(BalancerBypass(flow=main.flow.flow, why=why), main.origins)


def balancer_fact(
    view: View, main: MainFlow, record: Record[Service], is_intercepted: bool
) -> Sighting:
    spec = record.value.spec
    asked = view.question.target.port or 0
    policy = spec.external_traffic_policy
    known = Literal["Cluster", "Local", "unstated"]
    fact = BalancerAddress(
        flow=main.flow.flow,
        address=main.address or view.question.target.host,
        service=record.value.key,
        policy=cast(known, policy) if policy in ("Cluster", "Local") else "unstated",
        is_intercepted=is_intercepted,
        has_port=service_port(record.value, view.question.protocol, asked) is not None,
        listener=listener_of(record.value, asked),
        endpoints=endpoints_of(main),
        cluster_ip=spec.cluster_ip,
    )
    return Sighting(fact, record.origins)


def listener_of(service: Service, port: int) -> Listener:
    """The listener the annotations ask for; plain TCP when they ask for nothing special."""
    annotations = service.metadata.annotations
    if annotation(annotations, "proxy-protocol").lower() == "on":
        return "proxy-protocol"
    for part in annotation(annotations, "protocol-port").split(","):
        protocol, _, number = part.strip().lower().partition(":")
        if protocol in ("http", "https") and (number == str(port) or not port):
            return cast(Listener, protocol)
    return "tcp"


def annotation(annotations: dict[str, str], suffix: str) -> str:
    found = (annotations.get(prefix + suffix) for prefix in BALANCER_PREFIXES)
    return next((text for text in found if text is not None), "")


def ingresses(view: View, destination: Destination, main: MainFlow) -> Iterator[Sighting]:
    """The Ingresses that have the name or the address: then an own load balancer is meant."""
    name = normal(view.question.target.host)
    for record in view.case.listing(Ingress).records:
        hosts = {normal(rule.host) for rule in record.value.spec.rules if rule.host}
        by: Literal["host", "address"]
        if name and name in hosts:
            by = "host"
        elif main.address and any(
            normal(entry.ip) == normal(main.address)
            for entry in record.value.status.load_balancer.ingress
            if entry.ip
        ):
            by = "address"
        else:
            continue
        fact = IngressHost(flow=main.flow.flow, ingress=record.value.key, by=by)
        yield Sighting(fact, record.origins)


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
            fact = TcpObservation(flow=main.flow.flow, result=cast(known, result))
            yield Sighting(fact, record.origins)
