"""Nested parts of the answers about services at the other end to the flat fields of the models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import canonical_item, field_of_each, inner_list, mapping, texts

__all__ = [
    "flat_ecs",
    "flat_key_store",
    "flat_peer",
    "flat_registry",
    "interfaces_of",
    "part_of",
]


def part_of(data: Mapping[str, Any], key: str, origin: Origin) -> tuple[dict[str, Any], Origin]:
    """A nested mapping with its place; empty when the document has none."""
    place = origin.at(key)
    value = data.get(key)
    return (canonical_item(mapping(value, place)) if value is not None else {}), place


# ── Instances ────────────────────────────────────────────────────────────────────────────────


def flat_ecs(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    data["LockReasons"] = field_of_each(data, "OperationLocks", "LockReason", "LockReason", origin)
    network, place = part_of(data, "VpcAttributes", origin)
    if network:
        data["VpcId"] = network.get("VpcId")
        data["PrivateIps"] = texts(network, "PrivateIpAddress", "IpAddress", place) or []
    public = list(texts(data, "PublicIpAddress", "IpAddress", origin) or ())
    eip, _ = part_of(data, "EipAddress", origin)
    if isinstance(address := eip.get("IpAddress"), str) and address:
        public.append(address)
    data["PublicIps"] = list(dict.fromkeys([*data.get("PublicIps", ()), *public]))
    return data


def interfaces_of(data: Mapping[str, Any], origin: Origin) -> list[tuple[dict[str, Any], Origin]]:
    """The network interfaces that an answer about an instance shows, as their own API would.

    The security groups of an instance are those of its primary interface.
    """
    network, at = part_of(data, "VpcAttributes", origin)
    found = inner_list(data, "NetworkInterfaces", "NetworkInterface", origin) or []
    made: list[tuple[dict[str, Any], Origin]] = []
    for raw, place in found:
        item = canonical_item(raw)
        is_primary = str(item.get("Type") or "Primary").lower() == "primary"
        address = item.get("PrimaryIpAddress") or item.get("PrivateIpAddress")
        if not item.get("NetworkInterfaceId") or not (is_primary or address):
            continue
        card: dict[str, Any] = {
            "NetworkInterfaceId": item["NetworkInterfaceId"],
            "InstanceId": data.get("InstanceId"),
            "PrivateIpAddress": address,
            "Type": item.get("Type"),
            "VpcId": network.get("VpcId"),
            "PrivateIpSets": item.get("PrivateIpSets"),
            "Ipv6Sets": item.get("Ipv6Sets"),
        }
        if is_primary:
            own = texts(network, "PrivateIpAddress", "IpAddress", at) or [""]
            card["PrivateIpAddress"] = address or own[0]
            card["VSwitchId"] = network.get("VSwitchId")
            card["SecurityGroupIds"] = data.get("SecurityGroupIds")
        made.append(({key: value for key, value in card.items() if value}, place))
    return made


# ── Peering connections ──────────────────────────────────────────────────────────────────────


def flat_peer(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    for key, vpc_field, cidr_field in (
        ("Vpc", "VpcId", "Cidrs"),
        ("AcceptingVpc", "AcceptingVpcId", "AcceptingCidrs"),
    ):
        side, place = part_of(data, key, origin)
        if side:
            data[vpc_field] = side.get("VpcId")
            if (blocks := texts(side, "Ipv4Cidrs", "Ipv4Cidr", place)) is not None:
                data[cidr_field] = blocks
    return data


# ── Registries and key stores ────────────────────────────────────────────────────────────────


def flat_registry(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    if (linked := inner_list(data, "LinkedVpcs", "LinkedVpc", origin)) is not None:
        data["LinkedVpcs"] = [canonical_item(item) for item, _ in linked]
    if data.get("AclEntries") is not None:
        data["AclEntries"] = field_of_each(data, "AclEntries", "AclEntry", "Entry", origin)
    return data


def flat_key_store(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    if (bound := inner_list(data, "BindVpcs", "BindVpc", origin)) is not None:
        data["BindVpcs"] = [canonical_item(item) for item, _ in bound]
    return data
