"""The cloud product at the other end of a main flow, by documents, name, id or address."""

from __future__ import annotations

from collections.abc import Iterator

from wayout.engine.case import Instance, InstanceEndpoint, Origin
from wayout.engine.case.alibaba import VSwitch
from wayout.engine.facts.destination_product import DestinationProduct, Match, PodNetwork
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.flow import MainFlow, Plan, plan_of
from wayout.engine.observe.local import stays_inside
from wayout.engine.observe.placement import (
    cluster_of,
    contains,
    eni_of,
    pod_ip,
    region_of,
    vpc_id_of,
    vswitch_candidates,
)
from wayout.engine.observe.recognition import Recognised, at_port, by_address

__all__ = ["cluster_cidrs", "match", "observe", "pod_network", "product_sighting", "recognise"]


def observe(view: View) -> Iterator[Sighting]:
    """One fact per main flow whose destination is known to be a cloud product."""
    plan = plan_of(view)
    found = [(main, recognise(view, plan, main)) for main in plan.main]
    for main, recognised in found:
        if recognised is not None:
            yield product_sighting(view, main, recognised)
    if any(recognised is not None for _, recognised in found):
        yield from pod_network(view)


def recognise(view: View, plan: Plan, main: MainFlow) -> Recognised | None:
    """What the flow ends at; None when it is no product, or one that nothing shows to be one.

    A pod, a Service and what is dialled inside the pod are none, whatever their name looks like.
    """
    if main.service is not None or main.pod or stays_inside(view, main.flow):
        return None
    if main.flow.scope in ("pod", "service", "metadata", "vpc-dns"):
        return None
    named = plan.destination.recognised
    vpc = vpc_id_of(view.case, view.pod_record, eni_of(view))
    found = by_address(view.case, view.products, main.flow.ip, vpc) if main.flow.ip else None
    if found is None or (found.evidence == "range" and named is not None):
        found = named
    if found is None or view.products.get(found.product) is None:
        return None
    return at_port(view.case, found, main.flow.port)


def product_sighting(view: View, main: MainFlow, found: Recognised) -> Sighting:
    product = view.products.products[found.product]
    endpoint = found.endpoint.value if found.endpoint is not None else None
    region, proof = region_of(view.case, view.pod_record)
    own_vpc = vpc_id_of(view.case, view.pod_record, eni_of(view))
    vpc = vpc_of_endpoint(view, found)
    ports = endpoint.ports if endpoint is not None else ()
    host = endpoint.host if endpoint is not None else view.question.target.host
    flow = main.flow
    fact = DestinationProduct(
        flow=flow.flow,
        product=found.product,
        title=product.label,
        access=product.access,
        instance=found.instance,
        label=found.instance or host or flow.ip or view.question.destination,
        network=found.network,
        evidence=found.evidence,
        host=host,
        ip=flow.ip,
        region=found.region,
        region_match=match(found.region, region),
        vpc=vpc,
        vpc_match=match(vpc, own_vpc),
        port=flow.port,
        ports=", ".join(map(str, ports)),
        port_match=port_match(view, found.instance, flow.port, ports),
    )
    origins: tuple[Origin, ...] = (*found.origins, *(proof if found.region and region else ()))
    return Sighting(fact, origins or main.origins)


def pod_network(view: View) -> Iterator[Sighting]:
    """The block an allow-list should name for the pod; nothing while its address is not known."""
    record, eni = view.pod_record, eni_of(view)
    text = pod_ip(record.value) if record is not None else view.pod
    if parse_ip(text) is None and eni is not None:
        text = eni.value.private_ip_address
    if (ip := parse_ip(text)) is None or ip.version != 4:
        return
    around = [view.case.get(VSwitch, found.vswitch) for found in vswitch_candidates(view)]
    own = next((v for v in around if v is not None and contains(v.value.cidr_block, text)), None)
    fact = PodNetwork(
        pod=view.pod,
        address=text,
        vswitch=own.value.v_switch_id if own is not None else "",
        cidr=(own.value.cidr_block or "") if own is not None else f"{text}/32",
        has_vswitch=own is not None,
        cluster_cidrs=",".join(cluster_cidrs(view)),
    )
    places = record.origins if record is not None else ()
    yield Sighting(fact, (*places, *(own.origins if own is not None else ())))


def cluster_cidrs(view: View) -> list[str]:
    """The blocks of the vSwitches that the cluster names, as far as documents tell them."""
    cluster = cluster_of(view.case)
    names = (cluster.value.vswitch_ids or ()) if cluster is not None else ()
    found = (view.case.get(VSwitch, name) for name in names)
    return [v.value.cidr_block for v in found if v is not None and v.value.cidr_block]


def vpc_of_endpoint(view: View, found: Recognised) -> str:
    """The VPC an endpoint is in; where its document does not say, that of the instance."""
    endpoint = found.endpoint.value if found.endpoint is not None else None
    if endpoint is not None and endpoint.vpc_id:
        return endpoint.vpc_id
    instance = view.case.get(Instance, found.instance) if found.instance else None
    if instance is None or found.network in ("public", "classic"):
        return ""
    return instance.value.vpc_id or ""


def match(one: str, other: str) -> Match:
    if not one or not other:
        return "unknown"
    return "same" if one == other else "other"


def port_match(view: View, instance: str, port: int, ports: tuple[int, ...]) -> Match:
    """Whether the endpoint answers at the port; another endpoint may, while not all are known."""
    if not ports or not port:
        return "unknown"
    if port in ports:
        return "same"
    endpoints = view.case.listing(InstanceEndpoint, of=instance)
    return "other" if endpoints.is_complete else "unknown"
