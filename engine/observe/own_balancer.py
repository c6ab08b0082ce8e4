"""The load balancer of a Service of this cluster, dialled from inside, and its client.

Whether the address is that of such a load balancer, whether the data plane answers for it itself,
how the load balancer was asked for, and whether the pod that asks stands behind it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal, cast

from wayout.engine.case import Case, Event, Pod, Record, Service
from wayout.engine.facts.destination import (
    BalancerAddress,
    BalancerBypass,
    BalancerSetup,
    PerhapsOwnBalancer,
    ServiceClient,
    ServiceWarning,
)
from wayout.engine.observe.balancers import (
    Match,
    annotation,
    balancer_id,
    balancers_at,
    dns_name,
    is_balancer,
    listener_of,
    offers,
    product_of,
    status_entries,
    with_balancer_id,
)
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_product import recognise
from wayout.engine.observe.endpoints import (
    Backend,
    Backends,
    backends_of,
    other_protocol,
    readiness,
    service_port,
)
from wayout.engine.observe.flow import MainFlow, Plan, plan_of
from wayout.engine.observe.named import Destination
from wayout.engine.observe.placement import pod_ip
from wayout.engine.observe.policy_enforcement import COMPUTE_CLASS
from wayout.engine.observe.public_host import owner_of

__all__ = ["observe"]

Policy = Literal["Cluster", "Local", "unstated"]
State = Literal["address", "hostname", "pending"]
Endpoint = Literal["no", "one", "only", "unknown"]
Node = Literal["virtual", "server", "unknown"]
Answer = Literal["yes", "no", "unknown"]
# Why an address cannot be one the data plane answers for in place of a load balancer.
NO_BALANCER: dict[str, Literal["pod", "service", "platform", "private-range"]] = {
    "private": "private-range",
    "metadata": "platform",
    "vpc-dns": "platform",
    "cloud-service": "platform",
    "pod": "pod",
    "service": "service",
}
# Nodes of ACK that are ECS instances are named after their region and address or instance.
ECS_NODE = re.compile(r"[a-z]{2}-[a-z0-9-]+\.(?:i-[a-z0-9]+|\d{1,3}(?:\.\d{1,3}){3})")


def observe(view: View) -> Iterator[Sighting]:
    """Facts about own load balancers; a flow that cannot meet one says why."""
    plan = plan_of(view)
    for main in plan.main:
        matches = matches_of(view, plan.destination, main)
        for match in matches:
            yield address_fact(view, main, match)
        why = NO_BALANCER.get(main.flow.scope)
        if why is not None and not matches:
            yield Sighting(BalancerBypass(flow=main.flow.flow, why=why), main.origins)
        if not matches and is_perhaps_own(view, plan, main):
            unplaced = PerhapsOwnBalancer(flow=main.flow.flow, address=main.flow.ip)
            yield Sighting(unplaced, main.origins)
        for record in services_of(view, plan.destination, main, matches):
            if is_balancer(record.value) or any(m.service is record for m in matches):
                yield setup_fact(view, main, record)
            yield client_fact(view, main, record)
            yield from warnings(view, main, record)


def is_perhaps_own(view: View, plan: Plan, main: MainFlow) -> bool:
    """Whether a Service nobody collected may have this public address."""
    flow = main.flow
    if flow.scope != "internet" or flow.family != "ipv4":
        return False
    if view.case.listing(Service).is_complete:
        return False
    found = recognise(view, plan, main)
    if found is not None:  # only the address of a CLB is one that the cluster answers for
        return found.product == "clb"
    owner = owner_of(view, main)
    return owner is None or owner.what == "other"


def matches_of(view: View, destination: Destination, main: MainFlow) -> list[Match]:
    """The Services whose load balancer is dialled."""
    if main.is_balancer and main.service is not None:
        return [Match(main.service, "ip")]
    dialled = {main.address, main.flow.ip, view.question.target.host, destination.name}
    found: dict[str, Match] = {}
    for text in sorted(dialled - {""}):
        for match in balancers_at(view.case, text):
            found.setdefault(match.service.value.key, match)
    return [found[key] for key in sorted(found)]


def services_of(
    view: View, destination: Destination, main: MainFlow, matches: list[Match]
) -> list[Record[Service]]:
    """Every Service the flow has to do with: those dialled by load balancer, name or id."""
    found = {match.service.value.key: match.service for match in matches}
    if main.service is not None:
        found.setdefault(main.service.value.key, main.service)
    if destination.form == "resource":
        for record in with_balancer_id(view.case, destination.name):
            found.setdefault(record.value.key, record)
    return [found[key] for key in sorted(found)]


def backends_behind(view: View, main: MainFlow, record: Record[Service]) -> Backends | None:
    """What stands behind the port of the question; None when the Service does not have it."""
    if main.service is not None and main.service.value.key == record.value.key:
        return main.backends
    port = service_port(record.value, view.question.protocol, view.question.target.port or 0)
    return None if port is None else backends_of(view.case, record, port)


# ── The load balancer ────────────────────────────────────────────────────────────────────────


def address_fact(view: View, main: MainFlow, match: Match) -> Sighting:
    service = match.service.value
    protocol, asked = view.question.protocol, view.question.target.port or 0
    port = service_port(service, protocol, asked)
    backends = backends_behind(view, main, match.service)
    policy = service.spec.external_traffic_policy
    listener = listener_of(service, protocol, port.port if port is not None else asked)
    fact = BalancerAddress(
        flow=main.flow.flow,
        address=main.address or view.question.target.host or view.question.target.resource,
        service=service.key,
        namespace=service.metadata.namespace,
        name=service.metadata.name,
        dns_name=dns_name(service),
        cluster_ip=service.spec.cluster_ip,
        policy=cast(Policy, policy) if policy in ("Cluster", "Local") else "unstated",
        is_intercepted=match.is_intercepted,
        known_as=match.known_as,
        has_port="yes" if port is not None else "no" if asked else "unknown",
        port=port.port if port is not None else asked,
        ports=offers(service),
        other_protocol=other_protocol(service, protocol, asked),
        listener=listener,
        needs_balancer=listener in ("https", "proxy-protocol"),
        is_layer_4=listener in ("tcp", "proxy-protocol"),
        endpoints=readiness(backends),
        ready=len(backends.ready) if backends is not None else 0,
    )
    origins = backends.origins if backends is not None else ()
    return Sighting(fact, (*match.service.origins, *origins))


def setup_fact(view: View, main: MainFlow, record: Record[Service]) -> Sighting:
    service = record.value
    asked = view.question.target.port or 0
    port = service_port(service, view.question.protocol, asked)
    entries = status_entries(service)
    state: State = "pending"
    if entries:
        state = "address" if any(entry.ip for entry in entries) else "hostname"
    acl = annotation(service, "acl-id") if annotation(service, "acl-status") == "on" else ""
    preserve = annotation(service, "preserve-client-ip").strip().lower()
    fact = BalancerSetup(
        flow=main.flow.flow,
        service=service.key,
        namespace=service.metadata.namespace,
        name=service.metadata.name,
        state=state,
        address=", ".join(entry.ip or entry.hostname for entry in entries),
        product=product_of(service),
        balancer=balancer_id(service),
        listener=listener_of(
            service, view.question.protocol, port.port if port is not None else asked
        ),
        is_reused=bool(annotation(service, "id")),
        overrides_listeners=annotation(service, "force-override-listeners") == "true",
        acl=acl,
        preserves_client="on" if preserve == "on" else "off" if preserve == "off" else "unstated",
    )
    return Sighting(fact, record.origins)


def warnings(view: View, main: MainFlow, record: Record[Service]) -> Iterator[Sighting]:
    """The last warning event of each reason."""
    last: dict[str, Record[Event]] = {}
    for found in view.case.listing(Event).records:
        event = found.value
        if event.type != "Warning" or f"{event.about.namespace}/{event.about.name}" != (
            record.value.key
        ):
            continue
        known = last.get(event.reason)
        if known is None or known.value.last_timestamp <= event.last_timestamp:
            last[event.reason] = found
    for reason, found in sorted(last.items()):
        fact = ServiceWarning(
            flow=main.flow.flow,
            service=record.value.key,
            reason=reason,
            message=short_text(found.value.message or found.value.note),
        )
        yield Sighting(fact, found.origins)


def short_text(text: str) -> str:
    """One line of at most 300 characters, without the full stop that a sentence adds."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= 300 else f"{line[:299]}…"


# ── The client ───────────────────────────────────────────────────────────────────────────────


def client_fact(view: View, main: MainFlow, record: Record[Service]) -> Sighting:
    """The pod of the question as a client of one Service."""
    backends = backends_behind(view, main, record)
    pod = view.pod_record
    node = pod.value.spec.node_name if pod is not None else ""
    is_host = pod is not None and pod.value.spec.host_network
    fact = ServiceClient(
        flow=main.flow.flow,
        service=record.value.key,
        endpoint=endpoint_of(view, backends),
        network="unknown" if pod is None else "host" if is_host else "pod",
        node=node_kind(pod),
        beside=beside(view.case, node, backends),
    )
    origins = pod.origins if pod is not None else ()
    return Sighting(fact, (*record.origins, *origins))


def endpoint_of(view: View, backends: Backends | None) -> Endpoint:
    """Whether the pod of the question is an endpoint of the Service."""
    if backends is None or backends.evidence == "none" or view.pod_record is None:
        return "unknown"
    own = [backend for backend in backends.ready if is_own(view, backend)]
    if not own:
        return "no" if backends.is_complete else "unknown"
    return "only" if len(own) == len(backends.ready) and backends.is_complete else "one"


def is_own(view: View, backend: Backend) -> bool:
    ip = pod_ip(view.pod_record.value) if view.pod_record is not None else ""
    return backend.pod == view.pod or (backend.ip == ip != "")


def node_kind(record: Record[Pod] | None) -> Node:
    """What the pod runs on, as far as its document tells.

    Pods of ACS run on virtual nodes, with a compute class or on a node of that name; a pod that
    shares the network of its node runs on a server.
    """
    if record is None:
        return "unknown"
    pod = record.value
    if pod.spec.host_network:
        return "server"
    if COMPUTE_CLASS in pod.metadata.labels or pod.spec.node_name.startswith("virtual-"):
        return "virtual"
    return "server" if ECS_NODE.fullmatch(pod.spec.node_name) else "unknown"


def beside(case: Case, node: str, backends: Backends | None) -> Answer:
    """Whether a ready endpoint runs on the node."""
    if not node or backends is None or backends.evidence == "none":
        return "unknown"
    nodes = {node_of(case, backend) for backend in backends.ready}
    if node in nodes:
        return "yes"
    return "no" if backends.is_complete and "" not in nodes else "unknown"


def node_of(case: Case, backend: Backend) -> str:
    if backend.node:
        return backend.node
    record = case.get(Pod, backend.pod) if backend.pod else pod_at(case, backend.ip)
    return record.value.spec.node_name if record is not None else ""


def pod_at(case: Case, ip: str) -> Record[Pod] | None:
    """The pod behind an endpoint that names none."""
    return next((r for r in case.listing(Pod).records if pod_ip(r.value) == ip), None)
