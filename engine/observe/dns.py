"""The name lookup: which name, which name servers, the way to them, and what was answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, cast

from wayout.engine.case import Observation, Origin, Pod, Record, Service, VSwitch
from wayout.engine.facts.dns import (
    CorednsInbound,
    DnsAnswer,
    DnsMode,
    KubeDns,
    LookupName,
    NamesakeService,
    Resolver,
    ResolverCandidate,
    SearchExpansion,
)
from wayout.engine.facts.pod import GroupCandidate, VswitchCandidate
from wayout.engine.observe.address import parse_cidr, parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.coredns import admission
from wayout.engine.observe.endpoints import Backends, backends_of, service_at, service_port
from wayout.engine.observe.flow import plan_of
from wayout.engine.observe.group_rule import Surroundings
from wayout.engine.observe.named import Destination
from wayout.engine.observe.placement import (
    cluster_of,
    eni_of_pod,
    groups_of_pod,
    pod_ip,
    vswitch_candidates,
    vswitches_of_pod,
)
from wayout.engine.observe.resolver import (
    CLUSTER_DOMAIN,
    coredns_mode,
    dns_settings,
    kube_dns,
    private_zone,
    resolver_candidates,
)
from wayout.engine.observe.scope import VPC_DNS, normal

__all__ = ["observe"]

Status = Literal["noerror", "nxdomain", "servfail", "refused", "timeout"]
STATUSES = ("noerror", "nxdomain", "servfail", "refused", "timeout")
Role = Literal["kube-dns", "vpc-dns", "service", "no-service", "other", "unknown"]
MOST_NAMES = 8


def observe(view: View) -> Iterator[Sighting]:
    """Facts about the lookup; none when the destination is a literal address."""
    destination = plan_of(view).destination
    if not destination.name:
        return
    yield from lookup_names(view, destination)
    if destination.form == "resource":
        return
    yield from candidates(view)
    yield from paths(view)
    yield from cluster_dns(view)
    yield from answers(view, destination)
    yield from expansions(view, destination)
    yield from namesakes(view, destination)
    yield from inbound(view)


def lookup_names(view: View, destination: Destination) -> Iterator[Sighting]:
    is_cluster = bool(destination.service_key) and not destination.is_alias
    form: Literal["external", "cluster", "resource"] = "cluster" if is_cluster else "external"
    if destination.form == "resource":
        form = "resource"
    is_known = bool(destination.addresses) or (is_cluster and destination.service is not None)
    for flow in main_flows(view):
        fact = LookupName(
            flow=flow,
            name=destination.name,
            form=form,
            state="resolved" if is_known else "unresolved",
            endpoint=endpoint_of(destination.name),
            addresses=",".join(destination.addresses),
            is_alias=destination.is_alias,
            service=destination.service_key,
            namespace=destination.service_key.partition("/")[0],
        )
        yield Sighting(fact, destination.origins)


def endpoint_of(name: str) -> Literal["none", "public", "internal"]:
    """Whether a name is a cloud service's endpoint, and for which side of the VPC it is meant."""
    if not name.endswith(".aliyuncs.com"):
        return "none"
    words = set(name.replace(".", "-").split("-"))
    return "internal" if words & {"internal", "intranet", "vpc"} else "public"


def main_flows(view: View) -> list[str]:
    return [flow.flow for flow in view.flows if flow.role == "main"]


# ── Name servers ─────────────────────────────────────────────────────────────────────────────


def candidates(view: View) -> Iterator[Sighting]:
    record = view.pod_record
    spec = record.value.spec if record is not None else None
    for candidate in resolver_candidates(view.case, record):
        fact = ResolverCandidate(
            pod=view.pod,
            source=candidate.source,
            addresses=",".join(candidate.addresses),
            has_address=bool(candidate.addresses) or not candidate.is_known,
            dns_policy=spec.dns_policy if spec is not None else "",
            has_host_network=spec.host_network if spec is not None else False,
        )
        yield Sighting(fact, candidate.origins)
        for address in candidate.addresses:
            role, origins = role_of(view, address)
            server = Resolver(pod=view.pod, source=candidate.source, address=address, role=role)
            yield Sighting(server, (*candidate.origins, *origins))
        if not candidate.is_known:
            server = Resolver(pod=view.pod, source=candidate.source, address="", role="unknown")
            yield Sighting(server, candidate.origins)


def role_of(view: View, address: str) -> tuple[Role, tuple[Origin, ...]]:
    if normal(address) in VPC_DNS:
        return "vpc-dns", ()
    service = service_at(view.case, address)
    if service is not None:
        return "kube-dns" if service.value.key == "kube-system/kube-dns" else "service", (
            service.origins
        )
    cluster = cluster_of(view.case)
    ip, cidr = parse_ip(address), parse_cidr((cluster.value.service_cidr or "") if cluster else "")
    if ip is None or cidr is None or not cidr.contains(ip):
        return "other", ()
    listing = view.case.listing(Service)
    return ("no-service", listing.origins) if listing.is_documented else ("unknown", ())


def paths(view: View) -> Iterator[Sighting]:
    plan = plan_of(view)
    for path, origins in plan.paths:
        yield Sighting(path, origins)
    seen: set[str] = set()
    for upstream, _, origins in plan.upstreams:
        yield Sighting(upstream, origins)
        if upstream.coredns not in seen:  # its flows are judged with its own groups and vSwitch
            seen.add(upstream.coredns)
            yield from placement(view, upstream.coredns)


def placement(view: View, key: str) -> Iterator[Sighting]:
    record = view.case.get(Pod, key)
    if record is None or key == view.pod:
        return
    eni = eni_of_pod(view.case, record)
    for group in groups_of_pod(view.case, record, eni):
        fact = GroupCandidate(pod=key, source=group.source, groups=",".join(group.groups))
        yield Sighting(fact, group.origins)
    for vswitch in vswitches_of_pod(view.case, record, eni):
        yield Sighting(
            VswitchCandidate(pod=key, source=vswitch.source, vswitch=vswitch.vswitch),
            vswitch.origins,
        )


# ── The cluster's DNS ────────────────────────────────────────────────────────────────────────


def cluster_dns(view: View) -> Iterator[Sighting]:
    zone, zone_origins = private_zone(view.case)
    mode, mode_origins = coredns_mode(view.case)
    yield Sighting(
        DnsMode(
            pod=view.pod,
            private_zone="unknown" if zone is None else "on" if zone else "off",
            coredns=cast(Literal["managed", "unmanaged", "unknown"], mode),
        ),
        (*zone_origins, *mode_origins),
    )
    service = kube_dns(view.case)
    if service is None:
        listing = view.case.listing(Service, of="kube-system")
        state: Literal["absent", "missing"] = "absent" if listing.is_documented else "missing"
        yield Sighting(KubeDns(pod=view.pod, state=state, endpoints="unknown"), listing.origins)
        return
    yield kube_dns_fact(view, service)


def kube_dns_fact(view: View, service: Record[Service]) -> Sighting:
    backends = dns_backends(view)
    endpoints: Literal["ready", "none", "unknown"] = "unknown"
    if backends is not None and backends.ready:
        endpoints = "ready"
    elif backends is not None and backends.evidence != "none" and backends.is_complete:
        endpoints = "none"
    fact = KubeDns(
        pod=view.pod,
        state="present",
        cluster_ip=service.value.spec.cluster_ip,
        endpoints=endpoints,
        ready=len(backends.ready) if backends is not None else 0,
        not_ready=len(backends.all) - len(backends.ready) if backends is not None else 0,
    )
    origins = backends.origins if backends is not None else ()
    return Sighting(fact, (*service.origins, *origins))


def dns_backends(view: View) -> Backends | None:
    service = kube_dns(view.case)
    port = service_port(service.value, "udp", 53) if service is not None else None
    return None if service is None or port is None else backends_of(view.case, service, port)


def inbound(view: View) -> Iterator[Sighting]:
    """Whether each CoreDNS pod's own groups let the query in."""
    client = pod_ip(view.pod_record.value) if view.pod_record is not None else view.pod
    backends = dns_backends(view)
    if backends is None or parse_ip(client) is None:
        return
    around, cidr = Surroundings(view.case), client_cidr(view) or f"{client}/32"
    for backend in backends.ready:
        record = view.case.get(Pod, backend.pod) if backend.pod else None
        found = admission(view.case, record, client, around) if record is not None else None
        fact = CorednsInbound(
            pod=view.pod,
            coredns=backend.pod or backend.ip,
            ip=backend.ip,
            action="undetermined",
            source=f"{client}/32",
            cidr=cidr,
        )
        if found is None:
            yield Sighting(fact, backend.origins)
            continue
        known = {
            "action": found.action,
            "groups": ",".join(found.groups),
            "group": found.group,
            "group_type": found.group_type,
            "rule": found.rule,
            "lacks": found.lacks,
            "lacks_of": found.lacks_of,
        }
        yield Sighting(fact.model_copy(update=known), found.origins)


def client_cidr(view: View) -> str:
    """The CIDR block of the pod's vSwitch: a pod that is created again gets another address."""
    for candidate in vswitch_candidates(view):
        record = view.case.get(VSwitch, candidate.vswitch)
        if record is not None and record.value.cidr_block:
            return record.value.cidr_block
    return ""


# ── Answers and search list ──────────────────────────────────────────────────────────────────


def answers(view: View, destination: Destination) -> Iterator[Sighting]:
    for record in view.case.listing(Observation).records:
        status = record.value.text.strip().lower()
        if record.value.what != "dns_status" or status not in STATUSES:
            continue
        if record.value.name and normal(record.value.name) != normal(destination.name):
            continue
        for flow in main_flows(view):
            fact = DnsAnswer(flow=flow, name=destination.name, status=cast(Status, status))
            yield Sighting(fact, record.origins)


def expansions(view: View, destination: Destination) -> Iterator[Sighting]:
    """The names the resolver library tries, in their order."""
    target = view.question.target
    if view.pod_record is None or target.kind != "host":
        return
    name = target.host
    settings = dns_settings(view.case, view.pod_record)
    dots = name.count(".")
    is_expanded = dots < settings.ndots and bool(settings.searches)
    searched = [f"{name}.{suffix}" for suffix in settings.searches]
    tried = [*searched, name] if is_expanded else [name, *searched]
    for flow in main_flows(view):
        fact = SearchExpansion(
            flow=flow,
            name=name,
            dots=dots,
            ndots=settings.ndots,
            tried=",".join(tried[:MOST_NAMES]),
            is_expanded=is_expanded,
        )
        yield Sighting(fact, view.pod_record.origins)


def namesakes(view: View, destination: Destination) -> Iterator[Sighting]:
    """Services that a short name cannot mean, because they are in another namespace."""
    name, record = view.question.target.host, view.pod_record
    if record is None or destination.form != "name" or "." in name or destination.addresses:
        return
    namespace = record.value.metadata.namespace
    own = view.case.listing(Service, of=namespace)
    if destination.service_key or not own.is_documented:
        return
    searched = {f"{name}.{suffix}" for suffix in dns_settings(view.case, record).searches}
    for service in view.case.listing(Service).records:
        other = service.value.metadata.namespace
        full_name = f"{name}.{other}.svc.{CLUSTER_DOMAIN}"
        if service.value.metadata.name != name or full_name in searched:
            continue
        for flow in main_flows(view):
            fact = NamesakeService(
                flow=flow,
                name=name,
                namespace=namespace,
                service=service.value.key,
                full_name=full_name,
            )
            yield Sighting(fact, (*service.origins, *own.origins))
