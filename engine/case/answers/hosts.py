"""ECS instances with their network interfaces, and VPC peering connections."""

from __future__ import annotations

from typing import Any

from wayout.engine.case.cloud import paging_of, take_item, take_list
from wayout.engine.case.flatten_services import interfaces_of
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, canonical_item, inner_list, normal

__all__ = ["take", "take_instance"]


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """DescribeInstances, DescribeInstanceAttribute, the peering connections of VPCs."""
    return take_peers(gatherer, answer, frame) or take_instances(gatherer, answer, frame)


# ── Instances ────────────────────────────────────────────────────────────────────────────────


def take_instances(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    if "VpcAttributes" in answer and is_instance(answer):
        take_instance(gatherer, answer, frame.origin, frame)
        return True
    value = answer.get("Instances")
    if isinstance(value, dict) and not any(normal(key) == "instance" for key in value):
        return False  # another product lists its instances under this key
    found = inner_list(answer, "Instances", "Instance", frame.origin)
    is_ours = bool(found) or isinstance(value, dict)
    if found is None or not is_ours or not all(is_instance(item) for item, _ in found):
        return False
    keys = [take_instance(gatherer, item, place, frame) for item, place in found]
    paging = paging_of(gatherer, canonical_item(answer), frame, "ecs_instances")
    gatherer.part(paging.part("ecs_instances", "", frame.origin.at("Instances"), keys))
    return True


def is_instance(item: Item) -> bool:
    name = canonical_item(item).get("InstanceId")
    return isinstance(name, str) and name.startswith("i-")


def take_instance(gatherer: Gatherer, item: Item, origin: Origin, frame: Frame) -> str:
    """One instance; that other interfaces exist is not excluded by those it shows."""
    data: dict[str, Any] = canonical_item(item)
    for card, place in interfaces_of(data, origin):
        take_item(gatherer, "network_interfaces", card, place, frame)
    return take_item(gatherer, "ecs_instances", data, origin, frame)


# ── Peering connections ──────────────────────────────────────────────────────────────────────


def take_peers(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    data = canonical_item(answer)
    if "AcceptingVpc" in data and "InstanceId" in data:
        take_item(gatherer, "vpc_peers", data, frame.origin, frame)
        return True
    if "VpcPeerConnects" not in answer:
        return False
    found = inner_list(answer, "VpcPeerConnects", "VpcPeerConnect", frame.origin) or []
    place = frame.origin.at("VpcPeerConnects")
    take_list(gatherer, "vpc_peers", found, data, frame, place)
    return True
