"""The Ingresses and Gateways that have the name or address dialled, and where it really leads.

An Ingress host need not lead to a load balancer of this cluster: its name may have been given to a
CDN, to another cluster, or to an ALB, which is no Service. So the addresses are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from wayout.engine.case import Case, Gateway, HttpRoute, Ingress, Origin, Service
from wayout.engine.case.kubernetes import LoadBalancerIngress
from wayout.engine.facts.destination import IngressHost
from wayout.engine.observe.balancers import balancers_at
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.flow import MainFlow, plan_of
from wayout.engine.observe.scope import normal

__all__ = ["matches_host", "observe"]

State = Literal[
    "balancer", "status", "elsewhere", "hostname", "no-status", "unresolved", "unsettled"
]


class Front(NamedTuple):
    """What one object publishes: the hosts it answers to, and the address that leads to it."""

    what: Literal["Ingress", "Gateway"]
    key: str
    hosts: tuple[str, ...]
    entries: Sequence[LoadBalancerIngress]
    origins: tuple[Origin, ...]


def observe(view: View) -> Iterator[Sighting]:
    """One fact per flow and Ingress or Gateway that has its name or its address."""
    plan = plan_of(view)
    names = {normal(view.question.target.host), normal(plan.destination.name)} - {""}
    for front in fronts(view.case):
        for main in plan.main:
            yield from front_facts(view.case, front, names, main)


def fronts(case: Case) -> Iterator[Front]:
    for record in case.listing(Ingress).records:
        ingress = record.value
        hosts = tuple(rule.host for rule in ingress.spec.rules if rule.host)
        entries = ingress.status.load_balancer.ingress
        yield Front("Ingress", ingress.key, hosts, entries, record.origins)
    for gateway in case.listing(Gateway).records:
        routes = [r for r in case.listing(HttpRoute).records if leads_to(r.value, gateway.value)]
        hosts = (
            *(listener.hostname for listener in gateway.value.spec.listeners if listener.hostname),
            *(name for route in routes for name in route.value.spec.hostnames),
        )
        origins = (*gateway.origins, *(o for route in routes for o in route.origins))
        entries = [entry_of(a.type, a.value) for a in gateway.value.status.addresses]
        yield Front("Gateway", gateway.value.key, hosts, entries, origins)


def leads_to(route: HttpRoute, gateway: Gateway) -> bool:
    """Whether the route is attached to the Gateway; a reference may leave the namespace out."""
    return any(
        ref.kind in ("", "Gateway")
        and f"{ref.namespace or route.metadata.namespace}/{ref.name}" == gateway.key
        for ref in route.spec.parent_refs
    )


def entry_of(kind: str, value: str) -> LoadBalancerIngress:
    """An address of a Gateway in the shape that an Ingress has."""
    is_name = kind == "Hostname"
    return LoadBalancerIngress(ip="" if is_name else value, hostname=value if is_name else "")


def front_facts(case: Case, front: Front, names: set[str], main: MainFlow) -> Iterator[Sighting]:
    host = next(
        (h for h in front.hosts if any(matches_host(h, name, front.what) for name in names)), ""
    )
    address = normal(main.address)
    published = {normal(entry.ip) for entry in front.entries if entry.ip}
    if not host and (not address or address not in published):
        return
    shown = [entry.ip or entry.hostname for entry in front.entries]
    owners = {
        match.service.value.key
        for text in ([main.address] if main.address else shown)
        for match in balancers_at(case, text)
    }
    fact = IngressHost(
        flow=main.flow.flow,
        ingress=front.key,
        what=front.what,
        by="host" if host else "address",
        host=host,
        state=state_of(case, front, address, published, bool(owners)),
        address=", ".join(shown),
        balancers=", ".join(sorted(owners)),
    )
    yield Sighting(fact, (*front.origins, *main.origins))


def state_of(
    case: Case, front: Front, address: str, published: set[str], is_balancer: bool
) -> State:
    if not address:
        return "unresolved"
    if is_balancer:
        return "balancer"
    if address in published:
        return "status"
    if any(entry.hostname for entry in front.entries):
        return "hostname"
    if not published:
        return "no-status"
    return "elsewhere" if case.listing(Service).is_complete else "unsettled"


def matches_host(host: str, name: str, what: Literal["Ingress", "Gateway"] = "Ingress") -> bool:
    """Whether the host of a rule means the name.

    A wildcard stands for exactly one label in an Ingress, for one or more in a Gateway.
    """
    host = normal(host)
    if not host.startswith("*."):
        return host == name
    first, _, rest = name.partition(".")
    suffix = host.removeprefix("*.")
    return bool(first) and (rest == suffix or (what == "Gateway" and rest.endswith(f".{suffix}")))
