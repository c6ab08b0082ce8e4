"""The state of a whitelisted instance, the endpoint that was chosen, and the members behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from wayout.engine.case import Case, Instance, InstanceEndpoint, Record
from wayout.engine.facts.destination_product import DestinationProduct
from wayout.engine.facts.whitelist import ProductEndpoints, ProductMembers, ProductState
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.destination_product import match
from wayout.engine.observe.placement import eni_of, vpc_id_of
from wayout.engine.observe.recognition import Recognised, network_of
from wayout.engine.products import AllowList, Product

__all__ = ["state_sightings"]

Endpoint = Record[InstanceEndpoint]
UNLOCKED = frozenset({"unlock", "unlocked", "none"})
EXPIRED = frozenset({"lockbyexpiration"})
MEMBER_ROLES = frozenset({"primary", "secondary", "hidden", "member", "mongos", "shard", "cs"})
MOST_MEMBERS = 8


def state_sightings(
    view: View, flow: DestinationProduct, found: Recognised, product: Product
) -> Iterator[Sighting]:
    """Facts about the instance at the other end of one flow."""
    yield product_state(view.case, flow, product)
    endpoints = endpoints_of(view.case, flow.instance)
    yield endpoint_sighting(view, flow, found, endpoints)
    yield from members(flow, found, endpoints)


def product_state(case: Case, flow: DestinationProduct, product: Product) -> Sighting:
    record = case.get(Instance, flow.instance) if flow.instance else None
    allow = product.allow_list or AllowList(collect="instance_access")
    value = record.value if record is not None else None
    status, lock = (value.status or "", value.lock) if value is not None else ("", None)
    fact = ProductState(
        flow=flow.flow,
        instance=flow.instance,
        label=flow.label,
        status=status,
        state=class_of(status, allow),
        lock=lock or "",
        lock_state=lock_class(lock),
        network_type=network_type(value),
        collect=allow.collect,
    )
    return Sighting(fact, record.origins if record is not None else ())


def class_of(status: str, allow: AllowList) -> Literal["running", "down", "other", "unknown"]:
    word = status.strip().lower()
    if not word or not allow.states.running:  # nobody knows what its states mean
        return "unknown"
    if word in {state.lower() for state in allow.states.running}:
        return "running"
    return "down" if word in {state.lower() for state in allow.states.down} else "other"


def lock_class(lock: str | None) -> Literal["none", "expired", "other", "unknown"]:
    if lock is None:
        return "unknown"
    word = lock.strip().lower()
    if not word or word in UNLOCKED:
        return "none"
    return "expired" if word in EXPIRED else "other"


def network_type(instance: Instance | None) -> Literal["vpc", "classic", "unknown"]:
    word = (instance.network_type or "").strip().lower() if instance is not None else ""
    return "vpc" if word == "vpc" else "classic" if word == "classic" else "unknown"


# ── Endpoints ────────────────────────────────────────────────────────────────────────────────


def endpoints_of(case: Case, instance: str) -> tuple[Endpoint, ...]:
    return case.listing(InstanceEndpoint, of=instance).records if instance else ()


def endpoint_sighting(
    view: View, flow: DestinationProduct, found: Recognised, endpoints: Sequence[Endpoint]
) -> Sighting:
    """The endpoint that was chosen among those the instance has."""
    listing = view.case.listing(InstanceEndpoint, of=flow.instance) if flow.instance else None
    state = listing.state if listing is not None else "missing"
    is_complete = state == "collected"
    vpc = vpc_id_of(view.case, view.pod_record, eni_of(view))
    private = other_private(flow, endpoints, vpc)
    address = found.endpoint.value.ip if found.endpoint is not None else ""
    has_public = any(network_of(endpoint) == "public" for endpoint in endpoints)
    fact = ProductEndpoints(
        flow=flow.flow,
        instance=flow.instance,
        label=flow.label,
        state="complete" if state == "collected" else state,
        is_listed=listed(view, found, endpoints, is_complete),
        address_match=match(address, flow.ip),
        address=address,
        has_public="yes" if has_public else "no" if is_complete else "unknown",
        has_private=private is not None,
        private_host=(private.value.host or private.value.ip) if private is not None else "",
        private_ports=", ".join(map(str, private.value.ports)) if private is not None else "",
        hosts=", ".join(dict.fromkeys(e.value.host or e.value.ip for e in endpoints)),
    )
    origins = listing.origins if listing is not None else ()
    return Sighting(fact, origins or tuple(endpoint.origin for endpoint in endpoints))


def listed(
    view: View, found: Recognised, endpoints: Sequence[Endpoint], is_complete: bool
) -> Literal["yes", "no", "unknown"]:
    """Whether what is dialled is one of the endpoints; an id means whichever there is."""
    target = view.question.target
    if found.endpoint is not None or target.kind == "resource":
        return "yes" if endpoints else "unknown"
    names_known = all(endpoint.value.host for endpoint in endpoints)
    return "no" if is_complete and names_known and target.host else "unknown"


def other_private(
    flow: DestinationProduct, endpoints: Sequence[Endpoint], vpc: str
) -> Endpoint | None:
    """A private endpoint in the VPC of the pod, when a public one is dialled."""
    if flow.network == "private" or not vpc:
        return None
    for endpoint in endpoints:
        if network_of(endpoint) != "private" or endpoint.value.vpc_id != vpc:
            continue
        if endpoint.value.host != flow.host or not flow.host:
            return endpoint
    return None


# ── Members ──────────────────────────────────────────────────────────────────────────────────


def members(
    flow: DestinationProduct, found: Recognised, endpoints: Sequence[Endpoint]
) -> Iterator[Sighting]:
    """The other addresses of the same kind that a client is told to dial."""
    dialled = found.endpoint.value if found.endpoint is not None else None
    role = dialled.role if dialled is not None else ""
    form = form_of(flow.product, role)
    if form is None:
        return
    fellows = [
        endpoint
        for endpoint in endpoints
        if is_fellow(flow, endpoint, role) and endpoint.value != dialled
    ]
    names = list(dict.fromkeys(e.value.host or e.value.ip for e in fellows))
    more = [f"+{len(names) - MOST_MEMBERS}"] if len(names) > MOST_MEMBERS else []
    fact = ProductMembers(
        flow=flow.flow,
        form=form,
        members=", ".join([*names[:MOST_MEMBERS], *more]),
        count=len(names),
    )
    yield Sighting(fact, tuple(endpoint.origin for endpoint in fellows))


def form_of(product: str, role: str) -> Literal["replica-set", "brokers", "direct"] | None:
    if product == "mongodb":
        return "replica-set"
    if product == "kafka":
        return "brokers"
    return "direct" if role == "direct" else None


def is_fellow(flow: DestinationProduct, endpoint: Endpoint, role: str) -> bool:
    if flow.network in ("private", "public") and network_of(endpoint) != flow.network:
        return False
    if flow.product == "kafka":
        return not role or endpoint.value.role == role
    return endpoint.value.role in MEMBER_ROLES or endpoint.value.role == role
