"""What the question names, with every address that documents and observations give it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from wayout.engine.case import Bucket, Case, Origin, Pod, Question, Record
from wayout.engine.case.alibaba import Eip, NetworkInterface
from wayout.engine.case.endpoints_of_services import EcsInstance
from wayout.engine.case.kubernetes import Service
from wayout.engine.observe.address import parse_ip
from wayout.engine.observe.balancers import balancer_addresses
from wayout.engine.observe.placement import only, pod_ip
from wayout.engine.observe.recognition import Recognised, by_id, by_name
from wayout.engine.observe.resolver import CLUSTER_DOMAIN
from wayout.engine.observe.scope import normal
from wayout.engine.observe.seen_names import resolved
from wayout.engine.products import Products

__all__ = ["Destination", "interface_of", "port_of", "read_destination"]

Form = Literal["address", "name", "service", "pod", "resource"]


@dataclass(frozen=True, slots=True)
class Destination:
    """What the question names, as far as documents tell."""

    form: Form
    name: str = ""  # what must be looked up, "" for an address or a pod
    addresses: tuple[str, ...] = ()
    service: Record[Service] | None = None
    service_key: str = ""  # namespace/name of the Service meant, known or not
    pod_key: str = ""
    is_alias: bool = False  # `name` comes from an ExternalName Service
    origins: tuple[Origin, ...] = ()
    recognised: Recognised | None = None  # the cloud product that the name or the id tells


def read_destination(
    case: Case, question: Question, namespace: str, products: Products, vpc: str, region: str = ""
) -> Destination:
    """The destination with every address documents give it.

    `namespace` is that of the pod; `vpc` and `region` are its VPC and region, "" while nothing
    tells them.
    """
    target = question.target
    if target.kind == "ip":
        return Destination("address", addresses=(target.ip,))
    if target.kind == "pod":
        return pod_destination(case, f"{target.namespace}/{target.name}")
    if target.kind == "resource":
        addresses, origins = resource_addresses(case, target.resource)
        recognised = by_id(case, products, target.resource, vpc)
        if not addresses:
            addresses, origins = endpoint_addresses(recognised)
        return Destination(
            "resource", target.resource, addresses, origins=origins, recognised=recognised
        )
    if target.kind == "service":
        key = f"{target.namespace}/{target.name}"
        name = f"{target.name}.{target.namespace}.svc.{CLUSTER_DOMAIN}"
        return service_destination(case, key, name, "service", products, vpc)
    if target.scheme == "oss" and target.bucket:
        return bucket_destination(case, products, target.bucket, vpc, region)
    if target.host == "localhost" or target.host.endswith(".localhost"):
        return Destination("address", addresses=("127.0.0.1",))
    if key := cluster_name(case, target.host, namespace):
        return service_destination(case, key, target.host, "name", products, vpc)
    addresses, origins = resolved(case, target.host)
    recognised = by_name(case, products, target.host, vpc)
    if target.bucket and recognised is not None and not recognised.instance:
        recognised = replace(recognised, instance=target.bucket)  # in the path of the URL
    if not addresses:
        addresses, origins = endpoint_addresses(recognised)
    return Destination("name", target.host, addresses, origins=origins, recognised=recognised)


def bucket_destination(
    case: Case, products: Products, bucket: str, vpc: str, region: str
) -> Destination:
    """What `oss://bucket` means to a pod: the internal endpoint when the bucket is in its region.

    Without a document of the bucket nobody knows which endpoint the client is set to.
    """
    found = case.get(Bucket, bucket)
    location = found.value.region if found is not None else ""
    if not location:
        unknown = Recognised("oss", bucket, "", "unknown", "name")
        return Destination("resource", bucket, recognised=unknown)
    is_other = bool(region) and region != location
    host = f"{bucket}.oss-{location}{'' if is_other else '-internal'}.aliyuncs.com"
    addresses, origins = resolved(case, host)
    proof = (*(found.origins if found is not None else ()), *origins)
    return Destination(
        "name", host, addresses, origins=proof, recognised=by_name(case, products, host, vpc)
    )


def endpoint_addresses(
    recognised: Recognised | None,
) -> tuple[tuple[str, ...], tuple[Origin, ...]]:
    """The addresses that the documents of the endpoint show, one for each of its zones."""
    endpoints = recognised.endpoints if recognised is not None else ()
    found = [one for one in endpoints if parse_ip(one.value.ip) is not None]
    origins = dict.fromkeys(origin for one in found for origin in one.origins)
    return tuple(dict.fromkeys(normal(one.value.ip) for one in found)), tuple(origins)


def port_of(question: Question, destination: Destination) -> int:
    """The port of the question, or else the only one the endpoint has; 0 while nothing tells."""
    if question.target.port is not None or question.protocol == "icmp":
        return question.target.port or 0
    recognised = destination.recognised
    endpoint = recognised.endpoint if recognised is not None else None
    ports = endpoint.value.ports if endpoint is not None else []
    return ports[0] if len(ports) == 1 else 0


def pod_destination(case: Case, key: str) -> Destination:
    record = case.get(Pod, key)
    ip = pod_ip(record.value) if record is not None else ""
    origins = record.origins if record is not None else ()
    return Destination("pod", "", (ip,) if ip else (), pod_key=key, origins=origins)


def service_destination(
    case: Case, key: str, name: str, form: Form, products: Products, vpc: str
) -> Destination:
    service = case.get(Service, key)
    if service is not None and service.value.spec.type == "ExternalName":
        alias = service.value.spec.external_name.rstrip(".").lower()
        other = cluster_name(case, alias, "") if alias.endswith((".svc", CLUSTER_DOMAIN)) else ""
        target = case.get(Service, other) if other else None
        if target is not None and target.value.spec.type != "ExternalName":
            # An alias of another Service of this cluster: clients end at that one.
            return Destination(
                form, name, (), target, other, origins=(*service.origins, *target.origins)
            )
        addresses, origins = resolved(case, alias)
        if not addresses:
            addresses, origins = resolved(case, name)
        recognised = by_name(case, products, alias, vpc)
        if not addresses:
            addresses, origins = endpoint_addresses(recognised)
        return Destination(
            form,
            alias,
            addresses,
            service,
            key,
            is_alias=True,
            origins=(*service.origins, *origins),
            recognised=recognised,
        )
    return Destination(
        form, name, (), service, key, origins=service.origins if service is not None else ()
    )


def cluster_name(case: Case, host: str, namespace: str) -> str:
    """The Service a host name stands for by the cluster's search list; "" for none.

    `web.shop.svc` and longer always mean a Service. Shorter names may also be external ones, so
    they mean a Service only when the case has it.
    """
    labels = host.removesuffix(f".{CLUSTER_DOMAIN}").split(".")
    if len(labels) >= 3 and labels[-1] == "svc":
        return f"{labels[-2]}/{labels[-3]}"
    if len(labels) > 2 or host.endswith(f".{CLUSTER_DOMAIN}"):
        return ""
    key = f"{labels[1] if len(labels) == 2 else namespace}/{labels[0]}"
    return key if case.get(Service, key) is not None else ""


def resource_addresses(case: Case, resource: str) -> tuple[tuple[str, ...], tuple[Origin, ...]]:
    """The address of a cloud resource, for the kinds whose documents a case can hold."""
    eni = case.get(NetworkInterface, resource)
    if eni is not None and eni.value.private_ip_address:
        return (eni.value.private_ip_address,), eni.origins
    attached = interface_of(case, resource)
    if attached is not None and attached.value.private_ip_address:
        return (attached.value.private_ip_address,), attached.origins
    instance = case.get(EcsInstance, resource)
    if instance is not None and instance.value.private_ips:
        return (instance.value.private_ips[0],), instance.origins
    eip = case.get(Eip, resource)
    if eip is not None and eip.value.ip_address:
        return (eip.value.ip_address,), eip.origins
    return balancer_addresses(case, resource) or resolved(case, resource)


def interface_of(case: Case, instance: str) -> Record[NetworkInterface] | None:
    """The network interface of an instance: its primary one, else the only one known."""
    found = [r for r in case.listing(NetworkInterface).records if r.value.instance_id == instance]
    primary = [r for r in found if (r.value.type or "").lower() == "primary"]
    return only(primary) or only(found)
