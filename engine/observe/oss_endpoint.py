"""Which endpoint of object storage a flow dials, for which bucket, and where both are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from wayout.engine.case import (
    AccessPoint,
    Bucket,
    Case,
    Origin,
    Record,
    RouteEntry,
    Target,
)
from wayout.engine.facts.common import Flow
from wayout.engine.facts.storage import Match, OssEndpoint
from wayout.engine.observe.address import parse_cidr
from wayout.engine.observe.base import View
from wayout.engine.observe.destination_product import recognise
from wayout.engine.observe.flow import MainFlow, plan_of
from wayout.engine.observe.placement import eni_of, region_of, vpc_id_of
from wayout.engine.observe.recognition import Recognised
from wayout.engine.observe.routing import hop_class

__all__ = ["Dialled", "dialled"]

Form = Literal["internal", "public", "accelerated", "custom", "undecided"]
CLOUD_SERVICES = parse_cidr("100.64.0.0/10")
NAME = re.compile(
    r"(?P<head>(?:[a-z0-9-]+\.)?(?:s3\.)?)oss-(?P<region>[a-z0-9-]+?)(?:-internal)?"
    r"(?P<tail>(?:\.oss-accesspoint)?\.aliyuncs\.com)"
)
ALIAS = re.compile(r"[a-z0-9-]+-ossalias\.oss-[a-z0-9-]+\.aliyuncs\.com")
PORTS = (80, 443)
PORT_OF_SCHEME = {"http": 80, "https": 443}
# Finance and government clouds, and buckets without region, have names that are no region ids.
OWN_NAMES = ("finance", "gov", "jbp", "rg-china")
# Regions whose name begins like those of the mainland and which are not in it.
OUTSIDE = frozenset({"cn-hongkong"})


@dataclass(frozen=True, slots=True)
class Dialled:
    """One main flow to object storage."""

    main: MainFlow
    recognised: Recognised
    fact: OssEndpoint
    vpc: str  # of the pod
    point: Record[AccessPoint] | None  # the access point that is dialled, when documented
    point_name: str  # its name or alias, documented or not; "" for none
    origins: tuple[Origin, ...]

    @property
    def flow(self) -> Flow:
        return self.main.flow

    @property
    def is_public_path(self) -> bool:
        """Whether OSS sees an address of the Internet and no VPC."""
        if self.flow.scope == "internet":
            return True
        is_private = self.flow.scope in ("cloud-service", "vpc", "private", "pod")
        return not is_private and self.fact.form != "internal"


def dialled(view: View) -> Iterator[Dialled]:
    """Every main flow that ends at object storage."""
    plan = plan_of(view)
    for main in plan.main:
        found = recognise(view, plan, main)
        if found is not None and view.products.products[found.product].access == "bucket":
            yield read(view, main, found)


def read(view: View, main: MainFlow, found: Recognised) -> Dialled:
    case, target, flow = view.case, view.question.target, main.flow
    pod_region, proof = region_of(case, view.pod_record)
    host = host_of(target, found)
    point, point_name = access_point_of(case, host)
    bucket = found.instance or ((point.value.bucket or "") if point is not None else "")
    record = case.get(Bucket, bucket) if bucket else None
    location = record.value.region if record is not None else ""
    form = form_of(host, found, flow)
    region = "" if form in ("accelerated", "custom") else found.region
    home = location or region
    fact = OssEndpoint(
        flow=flow.flow,
        bucket=bucket,
        form=form,
        host=host,
        region=region,
        pod_region=pod_region,
        region_match=same_region(region, pod_region),
        evidence="range" if found.evidence == "range" else "name",
        location=location,
        location_match=same_region(location, region),
        home=same_region(home, pod_region),
        better=better_name(host, bucket, home, pod_region, point),
        has_own_route=has_own_route(case),
        acceleration=acceleration_of(record),
        is_mainland=region.startswith("cn-") and region not in OUTSIDE,
        scheme=scheme_of(target, flow),
        port=flow.port,
        has_port=has_port(flow),
    )
    origins = (*found.origins, *main.origins, *(record.origins if record is not None else ()))
    return Dialled(
        main,
        found,
        fact,
        vpc_id_of(case, view.pod_record, eni_of(view)),
        point,
        point_name,
        tuple(dict.fromkeys((*origins, *(proof if pod_region else ())))),
    )


def host_of(target: Target, found: Recognised) -> str:
    """The name of the endpoint; "" when the question gives an address or only a bucket."""
    if target.scheme == "oss" or target.kind != "host":
        return found.endpoint.value.host if found.endpoint is not None else ""
    return target.host


def form_of(host: str, found: Recognised, flow: Flow) -> Form:
    if flow.scope == "cloud-service":
        return "internal"  # whatever the name says: a private zone may lead it there
    if "oss-accelerate" in host:
        return "accelerated"
    if found.network == "private":
        return "internal"
    if host and NAME.fullmatch(host) is None:
        return "custom"
    return "public" if found.network == "public" else "undecided"


def access_point_of(case: Case, host: str) -> tuple[Record[AccessPoint] | None, str]:
    """The access point a name is of, with its name or alias as far as the host name tells."""
    for record in case.listing(AccessPoint).records:
        value = record.value
        names = (value.public_endpoint, value.internal_endpoint)
        by_alias = value.alias and host.startswith(f"{value.alias}.oss-")
        if host and (host in names or by_alias):
            return record, value.access_point_name
    is_point = host.endswith(".oss-accesspoint.aliyuncs.com") or ALIAS.fullmatch(host) is not None
    return None, host.partition(".")[0] if is_point else ""


def better_name(
    host: str, bucket: str, home: str, pod_region: str, point: Record[AccessPoint] | None
) -> str:
    """The name of the same bucket that suits the pod; "" when no region is known."""
    if not home or not pod_region:
        return ""
    is_near = same_region(home, pod_region)
    if is_near == "unknown":
        return ""
    if point is not None:
        value = point.value
        near, far = value.internal_endpoint, value.public_endpoint
        return (near if is_near == "same" else far) or ""
    written = NAME.fullmatch(host)
    head = written["head"] if written else f"{bucket}." if bucket else ""
    tail = written["tail"] if written else ".aliyuncs.com"
    return f"{head}oss-{home}{'-internal' if is_near == 'same' else ''}{tail}"


def has_own_route(case: Case) -> bool:
    """Whether some table leads part of 100.64.0.0/10 into another network."""
    for record in case.listing(RouteEntry).records:
        network = parse_cidr(record.value.destination_cidr_block)
        if network is None or CLOUD_SERVICES is None or network.prefix <= CLOUD_SERVICES.prefix:
            continue
        classes = {hop_class(hop.next_hop_type) for hop in record.value.next_hops}
        if CLOUD_SERVICES.contains_net(network) and classes & {"other-network", "appliance"}:
            return True
    return False


def acceleration_of(record: Record[Bucket] | None) -> Literal["on", "off", "unknown"]:
    said = (record.value.transfer_acceleration or "").strip().lower() if record is not None else ""
    return "on" if said == "enabled" else "off" if said == "disabled" else "unknown"


def scheme_of(target: Target, flow: Flow) -> Literal["http", "https", "unknown"]:
    if target.scheme == "oss":
        return "https"  # what its tools use unless told otherwise
    if target.scheme in ("http", "https"):
        return "http" if target.scheme == "http" else "https"
    return "http" if flow.port == 80 else "https" if flow.port == 443 else "unknown"


def has_port(flow: Flow) -> Literal["yes", "no", "unknown"]:
    if flow.protocol == "icmp" or (flow.protocol == "tcp" and not flow.port):
        return "unknown"
    return "yes" if flow.protocol == "tcp" and flow.port in PORTS else "no"


def same_region(one: str, other: str) -> Match:
    """As `match`; regions of which OSS has names of its own are only known to be the same."""
    found = match(one, other)
    is_special = any(word in region for region in (one, other) for word in OWN_NAMES)
    return "unknown" if found == "other" and is_special else found


def match(one: str, other: str) -> Match:
    if not one or not other:
        return "unknown"
    return "same" if one == other else "other"
