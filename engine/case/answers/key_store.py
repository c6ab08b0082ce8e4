"""Key management instances and the VPCs bound to them."""

from __future__ import annotations

from wayout.engine.case.cloud import take_item
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, canonical_item, mapping

__all__ = ["take", "take_store"]

DOMAIN = "cryptoservice.kms.aliyuncs.com"


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """GetKmsInstance."""
    if "KmsInstance" not in answer:
        return False
    place = frame.origin.at("KmsInstance")
    take_store(gatherer, mapping(answer["KmsInstance"], place), place, frame)
    return True


def take_store(gatherer: Gatherer, item: Item, place: Origin, frame: Frame) -> str:
    """One instance; its name in the VPC is made of its id."""
    key = take_item(gatherer, "key_stores", canonical_item(item), place, frame)
    endpoint = {
        "InstanceId": key,
        "Product": "kms",
        "Host": f"{key}.{DOMAIN}",
        "Ports": [443],
        "Network": "private",
    }
    take_item(gatherer, "instance_endpoints", endpoint, place, frame, key)
    return key
