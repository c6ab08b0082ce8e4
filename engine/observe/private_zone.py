"""Zones of PrivateZone that hold the name asked for, and how lookups travel."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Literal

from wayout.engine.case import Case, ConfigMap, Origin, Pod, PrivateZone, Record
from wayout.engine.facts.private_zone import LookupTransport, ZoneMatch
from wayout.engine.observe.base import Sighting, View
from wayout.engine.observe.flow import plan_of
from wayout.engine.observe.placement import cluster_of, eni_of, vpc_id_of
from wayout.engine.observe.resolver import dns_options
from wayout.engine.observe.scope import normal

__all__ = ["observe"]

# RFC 6761, RFC 6762, RFC 8375, RFC 9476 and the reservation of .internal by ICANN.
RESERVED = (
    "alt", "example", "home.arpa", "internal", "invalid", "local", "localhost", "onion", "test",
)  # fmt: skip
Binding = Literal["bound", "unbound", "unknown"]
udp_or_tcp = re.compile(r"^\s*(prefer_udp|force_tcp)\s*$", re.MULTILINE)


def observe(view: View) -> Iterator[Sighting]:
    """Nothing unless a zone holds the name."""
    name = normal(plan_of(view).destination.name)
    if not name:
        return
    vpc = vpc_id_of(view.case, view.pod_record, eni_of(view))
    found = decisive(view.case, name, vpc)
    for record in found:
        for flow in view.flows:
            if flow.role == "main":
                fact = zone_match(view.case, flow.flow, record.value, vpc)
                yield Sighting(fact, record.origins)
    if found:
        yield transport(view)


def decisive(case: Case, name: str, vpc: str) -> list[Record[PrivateZone]]:
    """The longest bound zone that holds the name, and every other that is longer."""
    holding = [r for r in case.listing(PrivateZone).records if holds(r.value.zone_name, name)]
    holding.sort(key=lambda r: (-len(normal(r.value.zone_name)), r.value.zone_id))
    bound = [r for r in holding if binding_of(r.value, vpc) == "bound"]
    if not bound:
        return holding
    length = len(normal(bound[0].value.zone_name))
    return [*(r for r in holding if len(normal(r.value.zone_name)) > length), bound[0]]


def holds(zone: str, name: str) -> bool:
    zone = normal(zone)
    return bool(zone) and (name == zone or name.endswith(f".{zone}"))


def binding_of(zone: PrivateZone, vpc: str) -> Binding:
    if zone.vpcs is None:
        return "unknown"
    if not zone.vpcs:
        return "unbound"
    if not vpc:
        return "unknown"
    return "bound" if any(bound.vpc_id == vpc for bound in zone.vpcs) else "unbound"


def zone_match(case: Case, flow: str, zone: PrivateZone, vpc: str) -> ZoneMatch:
    cluster = cluster_of(case)
    region = (cluster.value.region_id or "") if cluster is not None else ""
    bound = {v.vpc_id: v.region_id for v in zone.vpcs or () if v.vpc_id}
    wanted = {**bound, **({vpc: bound.get(vpc, region)} if vpc else {})}
    vpcs = [{"VpcId": key, **({"RegionId": at} if at else {})} for key, at in wanted.items()]
    return ZoneMatch(
        flow=flow,
        zone=normal(zone.zone_name),
        zone_id=zone.zone_id,
        vpc=vpc,
        binding=binding_of(zone, vpc),
        has_public_names=not any(holds(top, normal(zone.zone_name)) for top in RESERVED),
        vpcs_json=json.dumps(vpcs),
    )


def transport(view: View) -> Sighting:
    options = dns_options(view.pod_record) if view.pod_record is not None else ()
    corefile, origins = corefile_transport(view.case)
    fact = LookupTransport(pod=view.pod, has_use_vc="use-vc" in options, corefile=corefile)
    return Sighting(fact, (*pod_origins(view.pod_record), *origins))


def pod_origins(record: Record[Pod] | None) -> tuple[Origin, ...]:
    return (record.origin.at("spec", "dnsConfig"),) if record is not None else ()


def corefile_transport(
    case: Case,
) -> tuple[Literal["plain", "prefer_udp", "force_tcp", "unknown"], tuple[Origin, ...]]:
    """What the Corefile says; `force_tcp` wins over `prefer_udp` in CoreDNS."""
    record = case.get(ConfigMap, "kube-system/coredns")
    corefile = record.value.data.get("Corefile", "") if record is not None else ""
    if record is None or not corefile:
        return "unknown", ()
    words = set(udp_or_tcp.findall(corefile))
    origins = (record.origin.at("data", "Corefile"),)
    if "force_tcp" in words:
        return "force_tcp", origins
    return ("prefer_udp" if "prefer_udp" in words else "plain"), origins
