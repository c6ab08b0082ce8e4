"""What stands behind a Service: the address and port a packet has after Service translation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from wayout.engine.case import Case, Origin, Pod, Record
from wayout.engine.case.kubernetes import Endpoints, EndpointSlice, Service, ServicePort
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.placement import pod_ip

__all__ = [
    "Backend",
    "Backends",
    "backends_of",
    "is_headless",
    "other_protocol",
    "port_name",
    "readiness",
    "service_at",
    "service_port",
]

SERVICE_NAME = "kubernetes.io/service-name"


@dataclass(frozen=True, slots=True)
class Backend:
    """One address behind a Service; `port` is the target port, 0 when a name has no number."""

    ip: str
    port: int
    pod: str = ""  # namespace/name, "" when the endpoint names no pod
    is_ready: bool = True
    origins: tuple[Origin, ...] = ()
    node: str = ""  # the node it runs on, "" when the document does not say


@dataclass(frozen=True, slots=True)
class Backends:
    """The endpoints of one Service port and the kind of document they were read from."""

    evidence: Literal["slices", "endpoints", "selector", "none"]
    is_complete: bool  # nothing can be missing from `all`
    all: tuple[Backend, ...] = ()
    origins: tuple[Origin, ...] = ()
    # Pods (else addresses) that would stand behind the port, had they the port it names.
    portless: tuple[str, ...] = ()

    @property
    def ready(self) -> tuple[Backend, ...]:
        return tuple(backend for backend in self.all if backend.is_ready)


def readiness(backends: Backends | None) -> Literal["ready", "none", "unknown"]:
    """Whether anything ready stands behind a port; `none` only where nothing can be missing."""
    if backends is None or backends.evidence == "none":
        return "unknown"
    if backends.ready:
        return "ready"
    return "none" if backends.is_complete else "unknown"


def service_at(case: Case, address: str) -> Record[Service] | None:
    """The Service with this cluster IP."""
    ip = parse_ip(address)
    if ip is None:
        return None
    for record in case.listing(Service).records:
        spec = record.value.spec
        if any(parse_ip(text) == ip for text in (spec.cluster_ip, *spec.cluster_ips)):
            return record
    return None


def is_headless(service: Service) -> bool:
    """Whether clients connect to the endpoints themselves."""
    return service.spec.cluster_ip == "None"


def service_port(service: Service, protocol: str, port: int) -> ServicePort | None:
    """The port of the Service that takes the packet; with port 0, its only one of the protocol."""
    same = [p for p in service.spec.ports if p.protocol.lower() == protocol]
    if port:
        return next((p for p in same if p.port == port), None)
    return same[0] if len(same) == 1 else None


def other_protocol(service: Service, protocol: str, port: int) -> str:
    """The protocol with which the Service has the port, when it lacks it with this one."""
    named = [p.protocol for p in service.spec.ports if p.port == port]
    return "" if protocol.upper() in named else next(iter(named), "")


def port_name(port: ServicePort) -> str:
    """The name of the container port that is the target, "" when the target is a number."""
    target = port.target_port
    return target if isinstance(target, str) and target and not target.isdigit() else ""


def backends_of(case: Case, record: Record[Service], port: ServicePort) -> Backends:
    """The endpoints behind one port: EndpointSlices, else Endpoints, else the selector's pods."""
    return (
        from_slices(case, record, port)
        or from_endpoints(case, record, port)
        or (from_selector(case, record, port))
    )


# ── EndpointSlices ───────────────────────────────────────────────────────────────────────────


def from_slices(case: Case, record: Record[Service], port: ServicePort) -> Backends | None:
    service = record.value
    listing = case.listing(EndpointSlice, of=service.metadata.namespace)
    slices = [
        found
        for found in listing.records
        if found.value.metadata.labels.get(SERVICE_NAME) == service.metadata.name
        and found.value.metadata.namespace == service.metadata.namespace
    ]
    if not slices and not listing.is_complete:
        return None
    found = {
        backend.ip: backend for found in slices for backend in slice_backends(case, found, port)
    }
    portless = [name for entry in slices for name in without_port(case, entry, port)]
    origins = tuple(entry.origin for entry in slices) or listing.origins
    return Backends("slices", listing.is_complete, by_address(found), origins, tuple(portless))


def number_in(record: Record[EndpointSlice], port: ServicePort) -> int | None:
    """The port number a slice gives for a port of the Service; None when it has no such port."""
    return next(
        (
            entry.port
            for entry in record.value.ports
            if (entry.name or "") == port.name and entry.protocol == port.protocol
        ),
        None,
    )


def without_port(case: Case, record: Record[EndpointSlice], port: ServicePort) -> Iterator[str]:
    """The endpoints of a slice that are left out of the port because they do not name it."""
    number = number_in(record, port)
    if number or not port_name(port):
        return
    for endpoint in record.value.endpoints:
        for ip in endpoint.addresses[:1]:
            target = endpoint.target_ref
            if number is None or named_port(case, ip, port) is None:
                yield f"{target.namespace}/{target.name}" if target else ip


def slice_backends(
    case: Case, record: Record[EndpointSlice], port: ServicePort
) -> Iterator[Backend]:
    number = number_in(record, port)
    if number is None or record.value.address_type == "FQDN":
        return
    for index, endpoint in enumerate(record.value.endpoints):
        target = endpoint.target_ref
        pod = f"{target.namespace}/{target.name}" if target and target.kind == "Pod" else ""
        for ip in endpoint.addresses[:1]:  # all addresses of one endpoint are the same backend
            target_number = number or named_port(case, ip, port)
            if target_number is None:
                continue
            yield Backend(
                ip,
                target_number,
                pod,
                # The API says of an unstated condition: take it for ready.
                endpoint.conditions.ready is not False,
                (record.origin.at("endpoints", index),),
                endpoint.node_name,
            )


# ── Endpoints ────────────────────────────────────────────────────────────────────────────────


def from_endpoints(case: Case, record: Record[Service], port: ServicePort) -> Backends | None:
    found = case.get(Endpoints, record.value.key)
    if found is None:
        return None
    backends = {backend.ip: backend for backend in subset_backends(found, port)}
    return Backends("endpoints", True, by_address(backends), found.origins)


def subset_backends(record: Record[Endpoints], port: ServicePort) -> Iterator[Backend]:
    for index, subset in enumerate(record.value.subsets):
        number = next(
            (p.port for p in subset.ports if p.name == port.name and p.protocol == port.protocol),
            None,
        )
        if number is None:
            continue
        origins = (record.origin.at("subsets", index),)
        for is_ready, addresses in (
            (False, subset.not_ready_addresses),
            (True, subset.addresses),
        ):
            for address in addresses:
                target = address.target_ref
                pod = f"{target.namespace}/{target.name}" if target and target.kind == "Pod" else ""
                yield Backend(address.ip, number, pod, is_ready, origins, address.node_name)


# ── The selector ─────────────────────────────────────────────────────────────────────────────


def from_selector(case: Case, record: Record[Service], port: ServicePort) -> Backends:
    service = record.value
    if not service.spec.selector:
        return Backends("none", False)  # its endpoints are written by hand
    listing = case.listing(Pod, of=service.metadata.namespace)
    pods = [
        pod
        for pod in listing.records
        if pod.value.metadata.namespace == service.metadata.namespace
        and service.spec.selector.items() <= pod.value.metadata.labels.items()
        and pod.value.status.phase not in ("Succeeded", "Failed")
    ]
    if not pods and not listing.is_complete:
        return Backends("none", False)
    found: dict[str, Backend] = {}
    portless: list[str] = []
    for pod in pods:
        if not (ip := pod_ip(pod.value)):
            continue
        number = target_port(pod.value, port)
        if number is None:
            portless.append(pod.value.key)
            continue
        # With publishNotReadyAddresses an address counts as soon as there is one.
        counts = service.spec.publish_not_ready_addresses or is_ready(pod.value)
        found[ip] = Backend(
            ip, number, pod.value.key, counts, pod.origins, pod.value.spec.node_name
        )
    return Backends(
        "selector", listing.is_complete, by_address(found), record.origins, tuple(portless)
    )


def target_port(pod: Pod, port: ServicePort) -> int | None:
    """The number of the target port on this pod; None when the pod does not have the named port.

    0 when its document lists no container, as a short form does that names no ports.
    """
    target = port.target_port
    if target is None or target == "":
        return port.port
    if isinstance(target, int):
        return target
    if target.isdigit():
        return int(target)
    containers = (*pod.spec.containers, *pod.spec.init_containers)  # sidecars are the latter
    for container in containers:
        for candidate in container.ports:
            if candidate.name == target and candidate.protocol == port.protocol:
                return candidate.container_port
    return None if containers else 0


def named_port(case: Case, ip: str, port: ServicePort) -> int | None:
    """What the target port's name means on the pod with this address; 0 when it is not known.

    Only a case file lists endpoints without saying the number.
    """
    for record in case.listing(Pod).records:
        if pod_ip(record.value) == ip:
            return target_port(record.value, port)
    return 0


def is_ready(pod: Pod) -> bool:
    """Whether the pod would be an endpoint; a document without conditions is given the benefit."""
    ready = [c.status for c in pod.status.conditions if c.type == "Ready"]
    return pod.status.phase in ("Running", "") and ready != ["False"]


def by_address(backends: dict[str, Backend]) -> tuple[Backend, ...]:
    return tuple(sorted(backends.values(), key=address_order))


def address_order(backend: Backend) -> tuple[int, int, str]:
    ip = parse_ip(backend.ip)
    return (9, 0, backend.ip) if ip is None else (ip.version, ip.value, backend.ip)
