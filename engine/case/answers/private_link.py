"""PrivateLink endpoints: attributes, zones with their network interfaces, security groups."""

from __future__ import annotations

from collections.abc import Sequence

from wayout.engine.case.adoption import adopt
from wayout.engine.case.cloud import paging_of, take_item
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, canonical_item, inner_list

__all__ = ["endpoint_zones", "take"]

ENDPOINTS = "private_endpoints"


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """GetVpcEndpointAttribute, ListVpcEndpoints, its zones and its security groups."""
    data = canonical_item(answer)
    if isinstance(data.get("EndpointId"), str) and "ConnectionStatus" in data:
        take_endpoint(gatherer, data, frame.origin, frame)
        return True
    if "Endpoints" in answer:
        return take_endpoints(gatherer, answer, frame)
    if "Zones" in answer:
        return take_zones(gatherer, answer, frame)
    if "SecurityGroups" in answer and frame.action.endswith("VpcEndpointSecurityGroups"):
        take_groups(gatherer, answer, frame)
        return True
    return False


def take_endpoint(gatherer: Gatherer, data: Item, origin: Origin, frame: Frame) -> str:
    key = take_item(gatherer, ENDPOINTS, data, origin, frame)
    host = data.get("EndpointDomain")
    if isinstance(host, str) and host:
        item = {"InstanceId": key, "Host": host, "VpcId": data.get("VpcId")}
        add_endpoint(gatherer, key, item, origin.at("EndpointDomain"), frame)
    return key


def take_endpoints(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    found = inner_list(answer, "Endpoints", "Endpoint", frame.origin) or []
    if not found or not all("ConnectionStatus" in canonical_item(item) for item, _ in found):
        return False
    keys = [take_endpoint(gatherer, canonical_item(i), place, frame) for i, place in found]
    paging = paging_of(gatherer, canonical_item(answer), frame, ENDPOINTS)
    gatherer.part(paging.part(ENDPOINTS, "", frame.origin.at("Endpoints"), keys))
    return True


def take_zones(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Zones of an endpoint have a network interface; those of other products have none."""
    found = inner_list(answer, "Zones", "Zone", frame.origin) or []
    if not found or not all("EniIp" in item or "EniId" in item for item, _ in found):
        return False

    def read(owner: str) -> None:  # the name of the endpoint may stand in a later document
        gatherer.deferred.append(lambda: endpoint_zones(gatherer, owner, found, frame))
        if not paging_of(gatherer, canonical_item(answer), frame, "instance_endpoints").is_partial:
            gatherer.whole("instance_endpoints", owner, frame.origin.at("Zones"))

    adopt(gatherer, frame, "endpointid", ENDPOINTS, read)
    return True


def endpoint_zones(
    gatherer: Gatherer, owner: str, zones: Sequence[tuple[Item, Origin]], frame: Frame
) -> None:
    """Each zone by its own name and, for the name of the endpoint, by its address."""
    known = gatherer.contents.bucket(ENDPOINTS, "").get(owner)
    endpoint = known.value if known is not None else None
    for zone, place in zones:
        place_of = {
            "InstanceId": owner,
            "Ip": zone.get("EniIp"),
            "VSwitchId": zone.get("VSwitchId") or zone.get("VswitchId"),
            "ZoneId": zone.get("ZoneId"),
            "VpcId": endpoint.vpc_id if endpoint is not None else None,
        }
        names = [zone.get("ZoneDomain"), endpoint.endpoint_domain if endpoint else None]
        for host in [name for name in names if name] or [""]:
            add_endpoint(gatherer, owner, {**place_of, "Host": host}, place, frame)


def add_endpoint(gatherer: Gatherer, owner: str, item: Item, place: Origin, frame: Frame) -> None:
    host = str(item.get("Host") or "").rstrip(".").lower()
    data = {
        **{key: value for key, value in item.items() if value},
        "Host": host,
        "Product": "privatelink",
        "Network": "private",
    }
    take_item(gatherer, "instance_endpoints", data, place, frame, owner)


def take_groups(gatherer: Gatherer, answer: Item, frame: Frame) -> None:
    found = inner_list(answer, "SecurityGroups", "SecurityGroup", frame.origin) or []
    is_whole = not paging_of(
        gatherer, canonical_item(answer), frame, "instance_endpoints"
    ).next_token
    names = [item.get("SecurityGroupId") for item, _ in found]

    def read(owner: str) -> None:
        if is_whole:
            item = {"EndpointId": owner, "SecurityGroupIds": [name for name in names if name]}
            take_item(gatherer, ENDPOINTS, item, frame.origin.at("SecurityGroups"), frame)

    adopt(gatherer, frame, "endpointid", ENDPOINTS, read)
