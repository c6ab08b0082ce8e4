"""Container registries: the public entry with its access control, and the VPCs linked to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wayout.engine.case.adoption import adopt
from wayout.engine.case.cloud import take_item
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, canonical_item, inner_list, mapping, wrapped

__all__ = ["endpoint_of", "take"]

FIELDS = {
    "Enable": "IsPublicEnabled",
    "AclEnable": "IsAclEnabled",
    "AclEntries": "AclEntries",
}


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """GetInstanceEndpoint and GetInstanceVpcEndpoint; the request names the instance."""
    data = canonical_item(answer)
    if "LinkedVpcs" in data:
        item = {"IsVpcEnabled": data.get("Enable"), "LinkedVpcs": data["LinkedVpcs"]}
    elif "AclEnable" in data:
        item = {to: data[key] for key, to in FIELDS.items() if key in data}
    else:
        return False

    def read(owner: str) -> None:
        known = {"InstanceId": owner, **item}
        take_item(gatherer, "registry_endpoints", known, frame.origin, frame)
        for endpoint, place in endpoints_of(data, owner, frame.origin):
            take_item(gatherer, "instance_endpoints", endpoint, place, frame, owner)

    adopt(gatherer, frame, "instanceid", "registry_endpoints", read)
    return True


def endpoints_of(data: Item, owner: str, origin: Origin) -> Iterator[tuple[dict[str, Any], Origin]]:
    """Each name of the registry; in a VPC with the address that it has there."""
    linked = inner_list(data, "LinkedVpcs", "LinkedVpc", origin)
    for name, place in domains_of(data, origin):
        network = "public" if linked is None else "private"
        endpoint = endpoint_of(owner, name, network)
        yield endpoint, place
        for raw, at in linked or ():
            vpc = canonical_item(raw)
            yield {**endpoint, "VpcId": vpc.get("VpcId"), "Ip": vpc.get("Ip") or ""}, at


def domains_of(data: Item, origin: Origin) -> Iterator[tuple[str, Origin]]:
    """The names: mappings for the public endpoint, plain texts for those in VPCs."""
    values, at = wrapped(data, "Domains", "Domain", origin) or ([], origin)
    for index, value in enumerate(values):
        place = at.at(index)
        name = value if isinstance(value, str) else mapping(value, place).get("Domain")
        yield str(name or ""), place


def endpoint_of(owner: str, name: str, network: str) -> dict[str, Any]:
    """One name under which a registry answers."""
    host = name.rstrip(".").lower()
    return {
        "InstanceId": owner,
        "Product": "acr",
        "Host": host,
        "Ports": [443],
        "Network": network,
    }
