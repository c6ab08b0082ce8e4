"""Answers of RDS: endpoints, whitelists, shared templates, security groups and states."""

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

RDS = "rds"


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """One answer of RDS; raises RefusedError."""
    origin = frame.origin
    if (found := rows(answer, origin, "DBInstanceNetInfos", "DBInstanceNetInfo")) is not None:
        take_net_info(gatherer, answer, found, frame)
        return True
    found = rows(
        answer,
        origin,
        "Items",
        "DBInstanceIPArray",
        having=("DBInstanceIPArrayName", "SecurityIPList"),
        is_mine=frame.action == "DescribeDBInstanceIPArrayList",
    )
    if found is not None:
        take_whitelists(gatherer, found, frame)
        return True
    found = rows(
        answer,
        origin,
        "Items",
        "EcsSecurityGroupRelation",
        having=("SecurityGroupId",),
        is_mine=frame.action == "DescribeSecurityGroupConfiguration" and "Items" in answer,
    )
    if found is not None:
        return take_security_groups(gatherer, answer, found, frame)
    found = rows(
        answer,
        origin,
        "Items",
        "DBInstanceAttribute",
        "DBInstance",
        having=("DBInstanceStatus",),
    )
    if found and is_one_of(found, "DBInstanceId"):
        for row, place in found:
            take_instance(gatherer, row, place)
        return True
    data = answer.get("Data")
    if isinstance(data, dict):
        names = ("TemplateName", "TemplateId")
        found = rows(data, origin.at("Data"), "Templates", "Template", having=names, is_mine=True)
        if found is not None:
            take_templates(gatherer, data, found, frame)
            return True
    return False


def take_net_info(gatherer: Gatherer, answer: Item, found: Sequence[Row], frame: Frame) -> None:
    origin = frame.origin
    mode = value(answer, origin, "SecurityIPMode")
    network = value(answer, origin, "InstanceNetworkType")

    def read(instance: str, product: str) -> None:
        said = {"whitelist_mode": mode, "network_type": network}
        add_instance(gatherer, origin, instance, product, **said)
        keys = [endpoint(gatherer, row, place, instance) for row, place in found]
        whole(gatherer, "instance_endpoints", instance, origin, keys, answer)

    for_owner(gatherer, frame, [RDS], "", read)


def endpoint(gatherer: Gatherer, row: Mapping[str, Any], place: Origin, instance: str) -> str:
    """One connection of an instance; its own groups prove who is let in, never who is not."""
    for group, at in rows(row, place, "SecurityIPGroups", "securityIPGroup") or ():
        name = value(group, at, "SecurityIPGroupName")
        entries = value(group, at, "SecurityIPs")
        add_group(gatherer, at, instance, name=name, entries=entries, network="connection")
    kind = value(row, place, "ConnectionStringType")
    return add_endpoint(
        gatherer,
        place,
        instance,
        RDS,
        host=value(row, place, "ConnectionString"),
        ip=value(row, place, "IPAddress"),
        ports=numbers(row, place, "Port", "PGBouncerPort", "BabelfishPort"),
        network=network_of(value(row, place, "IPType")),
        vpc=value(row, place, "VPCId"),
        vswitch=value(row, place, "VSwitchId"),
        role="read-write-splitting" if kind.lower() == "readwritesplitting" else "",
    )


def take_whitelists(gatherer: Gatherer, found: Sequence[Row], frame: Frame) -> None:
    """The groups; an answer that was asked for one network type is complete for that type."""
    asked = (frame.request or {}).get("whitelistnetworktype", "")

    def read(instance: str, product: str) -> None:
        keys = [group(gatherer, row, place, instance, asked) for row, place in found]
        of = f"{instance}/{asked.lower()}" if asked else instance
        whole(gatherer, "whitelists", of, frame.origin, keys)

    for_owner(gatherer, frame, [RDS], "", read)


def group(
    gatherer: Gatherer, row: Mapping[str, Any], place: Origin, instance: str, asked: str
) -> str:
    return add_group(
        gatherer,
        place,
        instance,
        name=value(row, place, "DBInstanceIPArrayName"),
        attribute=value(row, place, "DBInstanceIPArrayAttribute"),
        network=value(row, place, "WhitelistNetworkType") or asked,
        entries=value(row, place, "SecurityIPList", "SecurityIps"),
    )


def take_security_groups(
    gatherer: Gatherer, answer: Item, found: Sequence[Row], frame: Frame
) -> bool:
    """RDS calls the network of a relation NetworkType, Redis NetType."""
    is_redis = bool(found) and is_one_of(found, "NetType")
    named = value(answer, frame.origin, "DBInstanceName")
    asks_redis = "instanceid" in (frame.request or {})
    products = ["redis"] if is_redis or asks_redis else [RDS] if found or named else [RDS, "redis"]

    def read(instance: str, product: str) -> None:
        keys = [
            add_security_group(
                gatherer,
                place,
                instance,
                value(row, place, "SecurityGroupId"),
                value(row, place, "NetworkType", "NetType"),
            )
            for row, place in found
        ]
        whole(gatherer, "whitelist_security_groups", instance, frame.origin, keys)

    for_owner(gatherer, frame, products, named, read)
    return True


def take_instance(gatherer: Gatherer, row: Mapping[str, Any], place: Origin) -> None:
    add_instance(
        gatherer,
        place,
        value(row, place, "DBInstanceId"),
        RDS,
        name=value(row, place, "DBInstanceDescription"),
        status=value(row, place, "DBInstanceStatus"),
        lock=value(row, place, "LockMode"),
        region_id=value(row, place, "RegionId"),
        vpc_id=value(row, place, "VpcId"),
        v_switch_id=value(row, place, "VSwitchId"),
        network_type=value(row, place, "InstanceNetworkType"),
        engine=value(row, place, "Engine"),
        engine_version=value(row, place, "EngineVersion"),
        whitelist_mode=value(row, place, "SecurityIPMode"),
    )


def take_templates(
    gatherer: Gatherer, data: Mapping[str, Any], found: Sequence[Row], frame: Frame
) -> None:
    place = frame.origin.at("Data")

    def read(instance: str, product: str) -> None:
        keys = []
        for row, at in found:
            name = value(row, at, "TemplateName", "TemplateId")
            keys.append(add_template(gatherer, at, instance, name, value(row, at, "Ips")))
        whole(gatherer, "whitelist_templates", instance, place, keys)

    for_owner(gatherer, frame, [RDS], value(data, place, "InsName"), read)
