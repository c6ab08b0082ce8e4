"""The Ingresses that have the name or address dialled, and where the name really leads.

An Ingress host need not lead to a load balancer of this cluster: its name may have been given to a
CDN, to another cluster, or to an ALB, which is no Service. So the addresses are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from wayout.engine.case import Case, Ingress, Origin, Service
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

    key: str
    hosts: tuple[str, ...]
    entries: Sequence[LoadBalancerIngress]
    origins: tuple[Origin, ...]


def observe(view: View) -> Iterator[Sighting]:
    """One fact per flow and Ingress that has its name or its address."""
    plan = plan_of(view)
    names = {normal(view.question.target.host), normal(plan.destination.name)} - {""}
    for front in fronts(view.case):
        for main in plan.main:
            yield from front_facts(view.case, front, names, main)


def fronts(case: Case) -> Iterator[Front]:
    for record in case.listing(Ingress).records:
        ingress = record.value
        hosts = tuple(rule.host for rule in ingress.spec.rules if rule.host)
        yield Front(ingress.key, hosts, ingress.status.load_balancer.ingress, record.origins)


def front_facts(case: Case, front: Front, names: set[str], main: MainFlow) -> Iterator[Sighting]:
    host = next(
        (host for host in front.hosts if any(matches_host(host, name) for name in names)), ""
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


def matches_host(host: str, name: str) -> bool:
    """Whether the host of a rule means the name; a wildcard stands for exactly one label."""
    host = normal(host)
    if not host.startswith("*."):
        return host == name
    first, _, rest = name.partition(".")
    return bool(first) and rest == host.removeprefix("*.")
