"""Which cloud product a destination is: by documents first, then by its name, id or address.

A document that shows the very name or address beats what the form of a name suggests, and an
address beats a name: a name may lead to the load balancer in front of what it names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal, cast

from wayout.engine.case import Case, Eip, Instance, InstanceEndpoint, Origin, Record
from wayout.engine.facts.destination_product import Evidence, Network
from wayout.engine.observe.address import parse_cidr, parse_ip
from wayout.engine.products import LETTERS_BEHIND, NameMatch, Products

__all__ = [
    "Recognised",
    "at_port",
    "by_address",
    "by_id",
    "by_name",
    "chosen",
    "endpoints_at",
    "endpoints_named",
    "network_of",
    "product_of",
]

Endpoint = Record[InstanceEndpoint]


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a destination is known to be; "" for what nothing tells."""

    product: str  # key of the products
    instance: str
    region: str
    network: Network
    evidence: Evidence
    endpoint: Endpoint | None = None  # the one endpoint meant, when a document shows it
    # Every address of it: a name of a load balancer leads to one in each of its zones.
    endpoints: tuple[Endpoint, ...] = ()
    origins: tuple[Origin, ...] = ()


def by_name(case: Case, products: Products, host: str, vpc: str = "") -> Recognised | None:
    """What a lower-case host name leads to; None for a name of no known form."""
    endpoints = endpoints_named(case, host)
    if endpoint := chosen(endpoints, vpc):
        return of_endpoint(case, products, endpoint, endpoints)
    match = products.by_host(host)
    if match is None:
        return None
    found = instance_named(case, match) if match.instance else None
    return Recognised(
        match.product,
        found.value.instance_id if found is not None else match.instance,
        match.region or ((found.value.region_id or "") if found is not None else ""),
        match.network,
        "name",
        origins=found.origins if found is not None else (),
    )


def instance_named(case: Case, match: NameMatch) -> Record[Instance] | None:
    """The instance a name is about; names may have a few letters behind the instance id."""
    if (found := case.get(Instance, match.instance)) is not None:
        return found
    near = [
        record
        for record in case.listing(Instance).records
        if record.value.product in ("", match.product)
        and match.instance.startswith(record.value.instance_id)
        and LETTERS_BEHIND.fullmatch(match.instance.removeprefix(record.value.instance_id))
    ]
    return near[0] if len(near) == 1 else None


def by_id(case: Case, products: Products, instance: str, vpc: str = "") -> Recognised | None:
    """What an instance id is; with the endpoint that a pod in `vpc` would dial."""
    endpoints = case.listing(InstanceEndpoint, of=instance).records
    if endpoint := chosen(endpoints, vpc):
        return of_endpoint(case, products, endpoint, endpoints)
    found = case.get(Instance, instance)
    product = product_of(case, products, instance)
    if not product:
        return None
    region = (found.value.region_id or "") if found is not None else ""
    origins = found.origins if found is not None else ()
    return Recognised(product, instance, region, "unknown", "id", origins=origins)


def by_address(case: Case, products: Products, ip: str, vpc: str = "") -> Recognised | None:
    """What has an address: an endpoint of a document, what an EIP is bound to, or a range of
    internal endpoints."""
    if endpoint := chosen(endpoints_at(case, ip, vpc), vpc):
        return of_endpoint(case, products, endpoint)
    if (found := of_eip(case, products, ip)) is not None:
        return found
    address = parse_ip(ip)
    for known in products.ranges if address is not None else ():
        for cidr in known.cidrs:
            network = parse_cidr(cidr)
            if network is not None and address is not None and network.contains(address):
                return Recognised(known.product, "", known.region, "private", "range")
    return None


def at_port(case: Case, found: Recognised, port: int) -> Recognised:
    """The endpoint at the same name or address that answers at this port, where one does.

    An instance may describe each port of an address apart, as Kafka does.
    """
    if found.endpoint is None or not port or port in found.endpoint.value.ports:
        return found
    mine = found.endpoint.value
    for record in case.listing(InstanceEndpoint, of=found.instance).records:
        other = record.value
        if (other.host, other.ip) == (mine.host, mine.ip) and port in other.ports:
            return replace(found, endpoint=record, origins=record.origins)
    return found


def of_endpoint(
    case: Case, products: Products, endpoint: Endpoint, among: Iterable[Endpoint] = ()
) -> Recognised:
    value = endpoint.value
    found = case.get(Instance, value.instance_id)
    region = (found.value.region_id or "") if found is not None else ""
    if not region and value.host and (match := products.by_host(value.host)) is not None:
        region = match.region
    return Recognised(
        value.product or product_of(case, products, value.instance_id),
        value.instance_id,
        region,
        network_of(endpoint),
        "document",
        endpoint,
        tuple(one for one in among if is_twin(one, endpoint)) or (endpoint,),
        endpoint.origins,
    )


def is_twin(one: Endpoint, other: Endpoint) -> bool:
    """Whether both are the same endpoint, at another address."""
    return network_of(one) == network_of(other) and all(
        getattr(one.value, field) == getattr(other.value, field)
        for field in ("instance_id", "host", "role", "vpc_id", "ports")
    )


def of_eip(case: Case, products: Products, ip: str) -> Recognised | None:
    """The product that an EIP is bound to, such as a load balancer; None for what is none."""
    for record in case.listing(Eip).records if ip else ():
        owner = record.value.instance_id or ""
        if record.value.ip_address == ip and (product := product_of(case, products, owner)):
            found = case.get(Instance, owner)
            region = (found.value.region_id or "") if found is not None else ""
            return Recognised(product, owner, region, "public", "document", origins=record.origins)
    return None


def product_of(case: Case, products: Products, instance: str) -> str:
    """The key of the product of an instance, by its document or its id; "" when neither tells."""
    found = case.get(Instance, instance)
    return (found.value.product if found is not None else "") or products.by_id(instance)


def endpoints_named(case: Case, host: str) -> tuple[Endpoint, ...]:
    """The endpoints that have this name."""
    records = case.listing(InstanceEndpoint).records
    return tuple(record for record in records if host and record.value.host == host)


def endpoints_at(case: Case, ip: str, vpc: str = "") -> tuple[Endpoint, ...]:
    """The endpoints with this address; a private one only where it can be the pod's `vpc`."""
    return tuple(
        record
        for record in case.listing(InstanceEndpoint).records
        if ip
        and record.value.ip == ip
        and (network_of(record) == "public" or not vpc or record.value.vpc_id in (None, "", vpc))
    )


def chosen(endpoints: Iterable[Endpoint], vpc: str) -> Endpoint | None:
    """What a pod would dial: a private endpoint of its VPC, another private one, a public one."""
    return min(endpoints, key=lambda record: preference(record, vpc), default=None)


def preference(endpoint: Endpoint, vpc: str) -> tuple[bool, int, bool, str]:
    network, own = network_of(endpoint), bool(vpc) and endpoint.value.vpc_id == vpc
    rank = {"private": 0 if own else 1, "public": 2, "classic": 3, "unknown": 4}[network]
    # What the name does not lead to is dialled by its address only.
    is_inner = endpoint.value.role == "inner"
    return is_inner, rank, not endpoint.value.ip, endpoint.value.key


def network_of(endpoint: Endpoint) -> Network:
    """Which network an endpoint is in, as its document says it."""
    said = endpoint.value.network.strip().lower()
    known: tuple[Literal["private", "public", "classic"], ...] = ("private", "public", "classic")
    return cast(Network, said) if said in known else "unknown"
