"""The flows to judge: towards each address of the destination, and towards each name server.

A flow is what a packet looks like after Service translation, because that is what every later
gate sees: a Service gives one flow per ready endpoint, a name one per known address.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from wayout.engine.case import Case, Origin, Pod, Question, Record
from wayout.engine.case.kubernetes import Service
from wayout.engine.facts.common import Flow, Scope
from wayout.engine.facts.dns import LookupPath, UpstreamPath
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.balancers import best_match
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.endpoints import (
    Backends,
    backends_of,
    is_headless,
    service_at,
    service_port,
)
from wayout.engine.observe.named import Destination, port_of, read_destination
from wayout.engine.observe.placement import (
    eni_at,
    eni_of_pod,
    groups_of_pod,
    has_ipv6,
    pod_ip,
    region_of,
    vpc_id_of,
    vswitch_around,
    vswitches_of_pod,
)
from wayout.engine.observe.resolver import (
    kube_dns,
    resolver_candidates,
    upstreams,
)
from wayout.engine.observe.scope import Scopes, is_loopback
from wayout.engine.products import Products
from wayout.engine.symptoms import NO_SYMPTOMS, SymptomBook

__all__ = [
    "MainFlow",
    "Plan",
    "PlannedView",
    "flow_sightings",
    "make_plan",
    "make_view",
    "plan_of",
]

MOST_FLOWS = 32  # a Service may have thousands of endpoints; more are not judged one by one


@dataclass(frozen=True, slots=True)
class MainFlow:
    """One main flow and how it came about."""

    flow: Flow
    address: str = ""  # what is dialled, before Service translation; "" when not known
    service: Record[Service] | None = None  # the Service that translates
    backends: Backends | None = None  # all endpoints of its port; None: it has no such port
    pod: str = ""  # the endpoint's pod
    is_balancer: bool = False  # dialled by its load-balancer address
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is judged for one question."""

    destination: Destination
    main: tuple[MainFlow, ...]
    total: int  # main flows there would be without the limit
    unused: tuple[MainFlow, ...]  # towards addresses of the destination that the pod never tries
    lookups: tuple[tuple[Flow, tuple[Origin, ...]], ...]
    paths: tuple[tuple[LookupPath, tuple[Origin, ...]], ...]
    upstreams: tuple[tuple[UpstreamPath, Flow, tuple[Origin, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedView(View):
    """A view that remembers how its flows came about."""

    plan: Plan


def make_view(
    case: Case,
    question: Question,
    products: Products | None = None,
    symptoms: SymptomBook = NO_SYMPTOMS,
) -> PlannedView:
    """The case as one question sees it; without `products` no cloud product is recognised."""
    products = products or Products()
    pod, record = find_pod(case, question.pod)
    plan = make_plan(case, question, pod, record, products)
    flows = (
        *(main.flow for main in plan.main),
        *(flow for flow, _ in plan.lookups),
        *(flow for _, flow, _ in plan.upstreams),
    )
    return PlannedView(
        case, question, pod, record, flows, plan, products=products, symptoms=symptoms
    )


def plan_of(view: View) -> Plan:
    """How the flows of the view came about; worked out again for a view made by hand."""
    if isinstance(view, PlannedView):
        return view.plan
    return make_plan(view.case, view.question, view.pod, view.pod_record, view.products)


def flow_sightings(view: View) -> Iterator[Sighting]:
    """The flow facts themselves."""
    plan = plan_of(view)
    for main in plan.main:
        yield Sighting(main.flow, main.origins)
    for flow, origins in plan.lookups:
        yield Sighting(flow, origins)
    for _, flow, origins in plan.upstreams:
        yield Sighting(flow, origins)


def find_pod(case: Case, key: str) -> tuple[str, Record[Pod] | None]:
    """The pod of the question; `default/10.0.0.5` without such a pod means the address itself."""
    record = case.get(Pod, key)
    name = key.partition("/")[2]
    if record is not None or parse_ip(name) is None:
        return key, record
    for candidate in case.listing(Pod).records:
        if pod_ip(candidate.value) == name and candidate.value.status.phase not in (
            "Succeeded",
            "Failed",
        ):
            return candidate.value.key, candidate
    return name, None


def make_plan(
    case: Case, question: Question, pod: str, record: Record[Pod] | None, products: Products
) -> Plan:
    """The flows of one question; `pod` and `record` as `find_pod` gives them."""
    scopes = Scopes.of(case, pod, record)
    namespace = pod.partition("/")[0] if "/" in pod else "default"
    eni = eni_at(case, pod) if record is None else eni_of_pod(case, record)
    vpc = vpc_id_of(case, record, eni)
    region, _ = region_of(case, record)
    destination = read_destination(case, question, namespace, products, vpc, region)
    every = tuple(distinct(main_flows(case, question, pod, destination, scopes)))
    found, unused = by_use(every, record)
    main = tuple(
        replace(entry, flow=entry.flow.model_copy(update={"flow": flow_name(index)}))
        for index, entry in enumerate(found[:MOST_FLOWS])
    )
    if not destination.name or destination.form == "resource":
        return Plan(destination, main, len(found), unused, (), ())
    lookups, paths = lookup_flows(case, question, pod, record, scopes)
    asks_outside = destination.is_alias or not destination.service_key
    forwarded = tuple(upstream_flows(case, question, pod, scopes)) if asks_outside else ()
    return Plan(destination, main, len(found), unused, lookups, paths, forwarded)


def flow_name(index: int) -> str:
    return "main" if index == 0 else f"main-{index + 1}"


def distinct(flows: Iterator[MainFlow]) -> Iterator[MainFlow]:
    """Two names or addresses may end at one endpoint; it is judged once."""
    seen: set[tuple[str, int]] = set()
    for main in flows:
        key = (main.flow.ip, main.flow.port)
        if key not in seen:
            seen.add(key)
            yield main


def by_use(
    flows: tuple[MainFlow, ...], record: Record[Pod] | None
) -> tuple[tuple[MainFlow, ...], tuple[MainFlow, ...]]:
    """The flows a client opens, and those it leaves out.

    A pod without IPv6 address does not try the IPv6 addresses of a destination that has IPv4
    addresses too: AAAA records are harmless to it.
    """
    if record is None or not pod_ip(record.value) or has_ipv6(record.value):
        return flows, ()
    if not any(main.flow.family == "ipv4" for main in flows):
        return flows, ()
    unused = tuple(main for main in flows if main.flow.family == "ipv6")
    return tuple(main for main in flows if main.flow.family != "ipv6"), unused


# ── Main flows ───────────────────────────────────────────────────────────────────────────────


def main_flows(
    case: Case, question: Question, pod: str, destination: Destination, scopes: Scopes
) -> Iterator[MainFlow]:
    """One flow per address; a flow without address when there is none to judge."""
    draft = Flow(
        flow="main",
        pod=pod,
        scope="unresolved",
        family="none",
        protocol=question.protocol,
        port=port_of(question, destination),
        destination=question.destination,
    )
    if destination.service_key and not destination.is_alias:
        yield from service_flows(case, draft, destination.service, scopes)
        return
    if not destination.addresses:
        yield MainFlow(draft, origins=destination.origins)
    for address in destination.addresses:
        yield from address_flows(case, draft, address, scopes, destination.origins)


def address_flows(
    case: Case, draft: Flow, address: str, scopes: Scopes, origins: tuple[Origin, ...]
) -> Iterator[MainFlow]:
    if is_loopback(address):  # never leaves the pod, so no gate has anything to judge
        yield MainFlow(draft.model_copy(update={"scope": "undetermined"}), address)
        return
    service = service_at(case, address)
    if service is not None:
        yield from service_flows(case, draft, service, scopes)
        return
    match = best_match(case, address, draft.protocol, draft.port)
    if match is not None:
        yield from balancer_flows(case, draft, address, match.service, scopes)
        return
    scope, proof = scopes.scope(address)
    yield MainFlow(towards(draft, address, draft.port, scope), address, origins=(*origins, *proof))


def service_flows(
    case: Case, draft: Flow, service: Record[Service] | None, scopes: Scopes
) -> Iterator[MainFlow]:
    """One flow per ready endpoint; one to the cluster IP itself when none is known."""
    if service is None:
        yield MainFlow(draft)
        return
    spec = service.value.spec
    cluster_ip = "" if is_headless(service.value) else spec.cluster_ip
    port = service_port(service.value, draft.protocol, draft.port)
    if port is None and is_headless(service.value) and spec.ports:
        port = spec.ports[0]  # a headless Service translates nothing: any port of it tells the pods
    backends = backends_of(case, service, port) if port is not None else None
    for backend in backends.ready if backends is not None else ():
        number = draft.port if is_headless(service.value) and draft.port else backend.port
        scope, proof = endpoint_scope(backend.ip, backend.pod, scopes)
        yield MainFlow(
            towards(draft, backend.ip, number, scope),
            cluster_ip or backend.ip,
            service,
            backends,
            backend.pod,
            origins=(*service.origins, *backend.origins, *proof),
        )
    if backends is None or not backends.ready:
        flow = towards(draft, cluster_ip, draft.port, "service") if cluster_ip else draft
        yield MainFlow(flow, cluster_ip, service, backends, origins=service.origins)


def balancer_flows(
    case: Case, draft: Flow, address: str, service: Record[Service], scopes: Scopes
) -> Iterator[MainFlow]:
    """The data plane answers for the address: the packet goes to the endpoints like a Service."""
    for main in service_flows(case, draft, service, scopes):
        flow = main.flow
        if main.backends is None or not main.backends.ready:
            flow = towards(draft, address, draft.port, "own-load-balancer")
        yield replace(main, flow=flow, address=address, is_balancer=True)


def endpoint_scope(ip: str, pod: str, scopes: Scopes) -> tuple[Scope, tuple[Origin, ...]]:
    return ("pod", ()) if pod else scopes.scope(ip)


def towards(draft: Flow, address: str, port: int, scope: Scope) -> Flow:
    ip = parse_ip(address)
    if ip is None:
        return draft
    return draft.model_copy(
        update={
            "ip": str(ip),
            "family": "ipv4" if ip.version == 4 else "ipv6",
            "scope": scope,
            "port": port,
        }
    )


# ── Lookup flows ─────────────────────────────────────────────────────────────────────────────


def lookup_flows(
    case: Case, question: Question, pod: str, record: Record[Pod] | None, scopes: Scopes
) -> tuple[
    tuple[tuple[Flow, tuple[Origin, ...]], ...],
    tuple[tuple[LookupPath, tuple[Origin, ...]], ...],
]:
    """The flows to port 53 of every name server that any evidence names."""
    flows: dict[str, tuple[Flow, tuple[Origin, ...]]] = {}
    paths: list[tuple[LookupPath, tuple[Origin, ...]]] = []
    for candidate in resolver_candidates(case, record):
        addresses = candidate.addresses if candidate.is_known else (*candidate.addresses, "")
        for address in addresses:
            for protocol in ("udp", "tcp"):
                draft = Flow(
                    flow=f"lookup-{protocol}",
                    pod=pod,
                    role="lookup",
                    scope="unresolved",
                    family="none",
                    protocol=protocol,
                    port=53,
                    destination=question.destination,
                )
                for flow, origins in server_flows(case, draft, address, scopes):
                    flows.setdefault(flow.flow, (flow, origins))
                    path = LookupPath(
                        pod=pod,
                        source=candidate.source,
                        address=address,
                        flow=flow.flow,
                        protocol=protocol,
                        ip=flow.ip,
                        network=network_of(case, flow.ip),
                    )
                    paths.append((path, (*candidate.origins, *origins)))
    return tuple(flows.values()), tuple(paths)


def network_of(case: Case, ip: str) -> str:
    """The block a security-group rule for this address is best written with."""
    around = vswitch_around(case, ip, "")
    if around is not None and around.value.cidr_block:
        return around.value.cidr_block
    address = parse_ip(ip)
    return "" if address is None else f"{ip}/{32 if address.version == 4 else 128}"


def server_flows(
    case: Case, draft: Flow, address: str, scopes: Scopes
) -> Iterator[tuple[Flow, tuple[Origin, ...]]]:
    """The flows to one name server after Service translation."""
    if not address:
        yield draft, ()
        return
    service = service_at(case, address)
    for main in (
        service_flows(case, draft, service, scopes)
        if service is not None
        else address_flows(case, draft, address, scopes, ())
    ):
        name = f"{draft.flow}-{main.flow.ip}" if main.flow.ip else draft.flow
        if main.flow.ip and main.flow.port != 53:
            name += f"-{main.flow.port}"
        yield main.flow.model_copy(update={"flow": name}), main.origins


def upstream_flows(
    case: Case, question: Question, pod: str, scopes: Scopes
) -> Iterator[tuple[UpstreamPath, Flow, tuple[Origin, ...]]]:
    """The flows by which the known CoreDNS pods ask on for names outside the cluster.

    They are judged like any other, but with the groups and the vSwitch of CoreDNS; pods that
    stand in the same place are judged once.
    """
    service = kube_dns(case)
    port = service_port(service.value, "udp", 53) if service is not None else None
    if service is None or port is None:
        return
    servers, is_written, proof = upstreams(case)
    seen: set[tuple[object, ...]] = set()
    for backend in backends_of(case, service, port).ready:
        record = case.get(Pod, backend.pod)
        if record is None:
            continue
        eni = eni_of_pod(case, record)
        groups = [(c.source, c.groups) for c in groups_of_pod(case, record, eni)]
        vswitches = [(c.source, c.vswitch) for c in vswitches_of_pod(case, record, eni)]
        if (place := (*groups, *vswitches)) in seen:
            continue  # a replica with the same groups in the same vSwitch fares the same
        seen.add(place)
        for address in servers:
            draft = Flow(
                flow=f"upstream-{backend.pod}-{address}",
                pod=backend.pod,
                role="lookup",
                protocol="udp",
                port=53,
                destination=question.destination,
            )
            scope, origins = scopes.scope(address)
            path = UpstreamPath(
                pod=pod,
                coredns=backend.pod,
                address=address,
                flow=draft.flow,
                origin="corefile" if is_written else "default",
            )
            yield path, towards(draft, address, 53, scope), (*proof, *backend.origins, *origins)
