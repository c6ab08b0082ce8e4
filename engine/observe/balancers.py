"""The load balancers of this cluster's Services: who has an address, and how it was asked for.

What the annotations mean is how the cloud controller manager reads them (source key CCM-SRC).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from wayout.engine.case import Case, Origin, Record
from wayout.engine.case.kubernetes import LoadBalancerIngress, Service
from wayout.engine.observe.endpoints import service_port
from wayout.engine.observe.scope import normal
from wayout.engine.observe.seen_names import resolved

__all__ = [
    "Listener",
    "Match",
    "annotation",
    "balancer_addresses",
    "balancer_id",
    "balancers_at",
    "best_match",
    "dns_name",
    "is_balancer",
    "listener_of",
    "offers",
    "product_of",
    "status_entries",
    "with_balancer_id",
]

Listener = Literal["tcp", "http", "https", "proxy-protocol", "unknown"]
KnownAs = Literal["ip", "ip-mode-proxy", "hostname"]
Product = Literal["clb", "nlb", "other"]
# Two prefixes are in use; the suffix is the same, and the first one wins.
PREFIXES = (
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-",
    "service.beta.kubernetes.io/alicloud-loadbalancer-",
)
ID_LABEL = "service.k8s.alibaba/loadbalancer-id"
CLASSES: Mapping[str, Product] = {
    "": "clb",
    "alibabacloud.com/clb": "clb",
    "alibabacloud.com/nlb": "nlb",
}


class Match(NamedTuple):
    """A Service whose load balancer has the address or name, and how its status gives it."""

    service: Record[Service]
    known_as: KnownAs

    @property
    def is_intercepted(self) -> bool:
        """Whether the data plane answers for the address: only for one that it knows as an IP."""
        return self.known_as == "ip"


def balancers_at(case: Case, text: str) -> list[Match]:
    """The Services whose load balancer has this address or host name, in the order of the case.

    An address also belongs to a load balancer with a host name that was seen to resolve to it.
    """
    wanted = normal(text)
    if not wanted:
        return []
    found: list[Match] = []
    for record in case.listing(Service).records:
        known = [known_as(case, entry, wanted) for entry in status_entries(record.value)]
        best = next((way for way in ("ip", "ip-mode-proxy", "hostname") if way in known), None)
        if best is not None:
            found.append(Match(record, best))
    return found


def known_as(case: Case, entry: LoadBalancerIngress, wanted: str) -> KnownAs | None:
    """How one entry of a status names the address or name, None when it does not."""
    if entry.ip and normal(entry.ip) == wanted:
        return "ip-mode-proxy" if entry.ip_mode.lower() == "proxy" else "ip"
    if entry.hostname and (
        normal(entry.hostname) == wanted or wanted in resolved(case, entry.hostname)[0]
    ):
        return "hostname"
    return None


def best_match(case: Case, text: str, protocol: str, port: int) -> Match | None:
    """The Service that takes the packet: several may share one load balancer, port by port."""
    found = [match for match in balancers_at(case, text) if match.is_intercepted]
    with_port = [m for m in found if service_port(m.service.value, protocol, port) is not None]
    return next(iter(with_port or found), None)


def status_entries(service: Service) -> list[LoadBalancerIngress]:
    """What the cloud controller manager wrote about the load balancer; empty while it is made."""
    return service.status.load_balancer.ingress


def is_balancer(service: Service) -> bool:
    """Whether the Service asks for a load balancer."""
    return service.spec.type == "LoadBalancer"


def with_balancer_id(case: Case, resource: str) -> Iterator[Record[Service]]:
    """The Services whose load balancer is the one with this id."""
    for record in case.listing(Service).records:
        if balancer_id(record.value) == resource:
            yield record


def balancer_addresses(
    case: Case, resource: str
) -> tuple[tuple[str, ...], tuple[Origin, ...]] | None:
    """The addresses of the load balancer with this id, when a Service of the cluster has it."""
    for record in with_balancer_id(case, resource):
        found: dict[str, None] = {}
        for entry in status_entries(record.value):
            ips = (entry.ip,) if entry.ip else resolved(case, entry.hostname)[0]
            found |= dict.fromkeys(ips)
        if found:
            return tuple(found), record.origins
    return None


def balancer_id(service: Service) -> str:
    """The id of the load balancer: as asked for, else as the controller labels the Service."""
    return annotation(service, "id") or service.metadata.labels.get(ID_LABEL, "")


def product_of(service: Service) -> Product:
    """The kind of load balancer, from `loadBalancerClass`; CLB when it names none."""
    return CLASSES.get(service.spec.load_balancer_class, "other")


def listener_of(service: Service, protocol: str, port: int) -> Listener:
    """The listener the annotations ask for at a port; plain TCP when they ask for nothing.

    port: the port of the Service, 0 when the question names none and the Service has several.
    """
    if not port:
        return "unknown"
    for part in annotation(service, "protocol-port").split(","):
        asked, _, number = part.strip().lower().partition(":")
        if asked in ("http", "https") and number.strip() == str(port) and protocol == "tcp":
            return "http" if asked == "http" else "https"
    if annotation(service, "proxy-protocol").strip().lower() == "on":
        return "proxy-protocol"
    return "tcp"


def annotation(service: Service, suffix: str) -> str:
    """The value of an annotation of load balancers, "" without one."""
    annotations = service.metadata.annotations
    found = (annotations.get(prefix + suffix) for prefix in PREFIXES)
    return next((text for text in found if text is not None), "")


def dns_name(service: Service) -> str:
    """The name of the Service inside the cluster."""
    return f"{service.metadata.name}.{service.metadata.namespace}.svc.cluster.local"


def offers(service: Service) -> str:
    """What the Service offers: `80/TCP, 443/TCP`."""
    return ", ".join(f"{port.port}/{port.protocol}" for port in service.spec.ports)
