"""Answers of Tair (Redis) and MongoDB, which share some of their shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wayout.engine.case.answers.whitelisted import (
    Row,
    add_endpoint,
    add_group,
    add_instance,
    add_security_group,
    add_template,
    for_owner,
    is_one_of,
    network_of,
    numbers,
    rows,
    value,
    whole,
)
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item

__all__ = ["take"]

REDIS, MONGO = "redis", "mongodb"


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """One answer of either product; raises RefusedError."""
    origin = frame.origin
    found = rows(answer, origin, "SecurityIpGroups", "SecurityIpGroup")
    if found is not None:
        take_whitelists(gatherer, answer, found, frame)
        return True
    kinds = ("DBInstanceNetType", "IPType")
    found = rows(answer, origin, "NetInfoItems", "InstanceNetInfo", having=kinds)
    if found is not None:
        take_redis_endpoints(gatherer, answer, found, frame)
        return True
    found = rows(answer, origin, "GlobalSecurityIPGroupRel", "GlobalSecurityIPGroupRel")
    if found is not None:
        take_global_groups(gatherer, answer, found, frame)
        return True
    found = rows(answer, origin, "Items", "RdsEcsSecurityGroupRel", having=("SecurityGroupId",))
    if found is not None:
        take_mongo_groups(gatherer, found, frame)
        return True
    found = rows(answer, origin, "Instances", "DBInstanceAttribute", "KVStoreInstance")
    if found and is_one_of(found, "InstanceStatus"):
        for row, place in found:
            take_redis(gatherer, row, place)
        return True
    found = rows(answer, origin, "DBInstances", "DBInstance")
    if found and is_one_of(found, "DBInstanceId") and is_one_of(found, "DBInstanceStatus"):
        for row, place in found:
            take_mongo(gatherer, row, place)
        return True
    return take_members(gatherer, answer, frame)


# ── Whitelists ───────────────────────────────────────────────────────────────────────────────


def take_whitelists(gatherer: Gatherer, answer: Item, found: Sequence[Row], frame: Frame) -> None:
    """DescribeSecurityIps of both products; the parameter that names the instance differs."""
    request = frame.request or {}
    products = [REDIS, MONGO]
    if "dbinstanceid" in request or "SecurityIps" in answer:
        products = [MONGO]
    elif "instanceid" in request:
        products = [REDIS]

    def read(instance: str, product: str) -> None:
        keys = [
            add_group(
                gatherer,
                place,
                instance,
                name=value(row, place, "SecurityIpGroupName"),
                attribute=value(row, place, "SecurityIpGroupAttribute"),
                entries=value(row, place, "SecurityIpList"),
            )
            for row, place in found
        ]
        whole(gatherer, "whitelists", instance, frame.origin, keys)

    for_owner(gatherer, frame, products, "", read)


def take_global_groups(
    gatherer: Gatherer, answer: Item, found: Sequence[Row], frame: Frame
) -> None:
    """Groups that several instances share; the same answer for Tair, MongoDB and PolarDB."""
    products = [REDIS, MONGO, "polardb"]
    named = value(answer, frame.origin, "DBClusterId", "DBInstanceId", "InstanceId")

    def read(instance: str, product: str) -> None:
        keys = []
        for row, place in found:
            name = value(row, place, "GlobalIgName", "GlobalSecurityGroupId")
            entries = value(row, place, "GIpList")
            keys.append(add_template(gatherer, place, instance, name, entries))
        whole(gatherer, "whitelist_templates", instance, frame.origin, keys)

    for_owner(gatherer, frame, products, named, read)


def take_mongo_groups(gatherer: Gatherer, found: Sequence[Row], frame: Frame) -> None:
    def read(instance: str, product: str) -> None:
        keys = []
        for row, place in found:
            group, network = value(row, place, "SecurityGroupId"), value(row, place, "NetType")
            keys.append(add_security_group(gatherer, place, instance, group, network))
        whole(gatherer, "whitelist_security_groups", instance, frame.origin, keys)

    for_owner(gatherer, frame, [MONGO], "", read)


# ── Tair (Redis) ─────────────────────────────────────────────────────────────────────────────


def take_redis_endpoints(
    gatherer: Gatherer, answer: Item, found: Sequence[Row], frame: Frame
) -> None:
    def read(instance: str, product: str) -> None:
        network = value(answer, frame.origin, "InstanceNetworkType")
        add_instance(gatherer, frame.origin, instance, REDIS, network_type=network)
        keys = [redis_endpoint(gatherer, row, place, instance) for row, place in found]
        whole(gatherer, "instance_endpoints", instance, frame.origin, keys, answer)

    for_owner(gatherer, frame, [REDIS], "", read)


def redis_endpoint(gatherer: Gatherer, row: Mapping[str, Any], place: Origin, instance: str) -> str:
    kinds = {"0": "public", "1": "classic", "2": "private"}
    kind = kinds.get(value(row, place, "DBInstanceNetType"), "")
    is_direct = value(row, place, "DirectConnection") == "1"
    return add_endpoint(
        gatherer,
        place,
        instance,
        REDIS,
        host=value(row, place, "ConnectionString"),
        ip=value(row, place, "IPAddress"),
        ports=numbers(row, place, "Port"),
        network=kind or network_of(value(row, place, "IPType")),
        vpc=value(row, place, "VPCId"),
        vswitch=value(row, place, "VSwitchId"),
        role="direct" if is_direct else "",
    )


def take_redis(gatherer: Gatherer, row: Mapping[str, Any], place: Origin) -> None:
    instance = value(row, place, "InstanceId")
    add_instance(
        gatherer,
        place,
        instance,
        REDIS,
        name=value(row, place, "InstanceName"),
        status=value(row, place, "InstanceStatus"),
        lock=value(row, place, "LockMode"),
        region_id=value(row, place, "RegionId"),
        vpc_id=value(row, place, "VpcId"),
        v_switch_id=value(row, place, "VSwitchId"),
        network_type=value(row, place, "NetworkType"),
        engine=value(row, place, "Engine", "InstanceType"),
        engine_version=value(row, place, "EngineVersion"),
    )
    add_endpoint(
        gatherer,
        place,
        instance,
        REDIS,
        host=value(row, place, "ConnectionDomain"),
        ip=value(row, place, "PrivateIp"),
        ports=numbers(row, place, "Port"),
        network=network_of(value(row, place, "NetworkType")),
        vpc=value(row, place, "VpcId"),
        vswitch=value(row, place, "VSwitchId"),
    )


# ── MongoDB ──────────────────────────────────────────────────────────────────────────────────


def take_mongo(gatherer: Gatherer, row: Mapping[str, Any], place: Origin) -> None:
    instance = value(row, place, "DBInstanceId")
    add_instance(
        gatherer,
        place,
        instance,
        MONGO,
        name=value(row, place, "DBInstanceDescription"),
        status=value(row, place, "DBInstanceStatus"),
        lock=value(row, place, "LockMode"),
        region_id=value(row, place, "RegionId"),
        vpc_id=value(row, place, "VPCId"),
        v_switch_id=value(row, place, "VSwitchId"),
        network_type=value(row, place, "NetworkType"),
        engine=value(row, place, "Engine"),
        engine_version=value(row, place, "EngineVersion"),
    )
    for member, at in rows(row, place, "ReplicaSets", "ReplicaSet") or ():
        mongo_member(gatherer, member, at, instance)


def take_members(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """The members of a replica set, or the nodes of a sharded cluster; a driver dials them all."""
    origin = frame.origin
    found = rows(answer, origin, "ReplicaSets", "ReplicaSet")
    if found is None:
        found = rows(answer, origin, "NetworkAddresses", "NetworkAddress")
        more = rows(answer, origin, "CompatibleConnections", "CompatibleConnection")
        if found is None and more is None:
            return False
        found = [*(found or ()), *(more or ())]
    members = found

    def read(instance: str, product: str) -> None:
        keys = [mongo_member(gatherer, row, place, instance) for row, place in members]
        whole(gatherer, "instance_endpoints", instance, origin, keys, answer)

    for_owner(gatherer, frame, [MONGO], value(answer, origin, "DBInstanceId"), read)
    return True


def mongo_member(gatherer: Gatherer, row: Mapping[str, Any], place: Origin, instance: str) -> str:
    role = value(row, place, "ReplicaSetRole", "NodeType", "Role").lower() or "member"
    return add_endpoint(
        gatherer,
        place,
        instance,
        MONGO,
        host=value(row, place, "ConnectionDomain", "NetworkAddress"),
        ip=value(row, place, "IPAddress"),
        ports=numbers(row, place, "ConnectionPort", "Port"),
        network=network_of(value(row, place, "NetworkType")),
        vpc=value(row, place, "VPCId"),
        vswitch=value(row, place, "VSwitchId"),
        role=role,
    )
