"""Answers of PolarDB and ClickHouse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wayout.engine.case.answers.whitelisted import (
    Row,
    add_endpoint,
    add_group,
    add_instance,
    add_security_group,
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

POLARDB, CLICKHOUSE = "polardb", "clickhouse"


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """One answer of either product; raises RefusedError."""
    origin = frame.origin
    found = rows(answer, origin, "DBClusterAccessWhiteList", "IPArray")
    if found is not None:
        take_clickhouse_whitelist(gatherer, found, frame)
        return True
    ports = ("JdbcPort", "HttpPort", "MySQLPort")
    found = rows(answer, origin, "NetInfoItems", "NetInfoItem", having=ports)
    if found is not None:
        take_clickhouse_endpoints(gatherer, answer, found, frame)
        return True
    cluster = answer.get("DBCluster")
    if isinstance(cluster, dict) and value(cluster, origin.at("DBCluster"), "DBClusterId"):
        take_cluster(gatherer, cluster, origin.at("DBCluster"), CLICKHOUSE)
        return True
    names = ("DBClusterIPArrayName",)
    found = rows(answer, origin, "Items", "DBClusterIPArray", having=names)
    if found is not None:
        take_polardb_whitelist(gatherer, answer, found, frame)
        return True
    found = rows(answer, origin, "Items", "Item", "DBEndpoint")
    if found and is_one_of(found, "AddressItems") and is_one_of(found, "EndpointType"):
        take_polardb_endpoints(gatherer, found, frame)
        return True
    found = rows(answer, origin, "Items", "DBCluster")
    if found and is_one_of(found, "DBClusterId") and is_one_of(found, "DBClusterStatus"):
        for row, place in found:
            take_cluster(gatherer, row, place, POLARDB)
        return True
    if value(answer, origin, "DBClusterId") and value(answer, origin, "DBClusterStatus"):
        take_cluster(gatherer, answer, origin, POLARDB)
        return True
    return False


def take_cluster(gatherer: Gatherer, row: Mapping[str, Any], place: Origin, product: str) -> None:
    add_instance(
        gatherer,
        place,
        value(row, place, "DBClusterId"),
        product,
        name=value(row, place, "DBClusterDescription"),
        status=value(row, place, "DBClusterStatus"),
        lock=value(row, place, "LockMode"),
        region_id=value(row, place, "RegionId"),
        vpc_id=value(row, place, "VPCId"),
        v_switch_id=value(row, place, "VSwitchId"),
        network_type=value(row, place, "DBClusterNetworkType"),
        engine=value(row, place, "DBType", "Engine"),
        engine_version=value(row, place, "DBVersion", "EngineVersion"),
    )


def groups_of(gatherer: Gatherer, found: Sequence[Row], instance: str, entries: str) -> list[str]:
    """The groups of addresses; the two products name the field of the entries differently."""
    return [
        add_group(
            gatherer,
            place,
            instance,
            name=value(row, place, "DBClusterIPArrayName"),
            attribute=value(row, place, "DBClusterIPArrayAttribute"),
            entries=value(row, place, entries),
        )
        for row, place in found
    ]


# ── PolarDB ──────────────────────────────────────────────────────────────────────────────────


def take_polardb_whitelist(
    gatherer: Gatherer, answer: Item, found: Sequence[Row], frame: Frame
) -> None:
    """One answer holds both the groups of addresses and the security groups."""
    origin = frame.origin
    bound = rows(answer, origin, "DBClusterSecurityGroups", "DBClusterSecurityGroup", is_mine=True)

    def read(instance: str, product: str) -> None:
        keys = groups_of(gatherer, found, instance, "SecurityIps")
        whole(gatherer, "whitelists", instance, origin, keys)
        if bound is None:
            return
        groups = [
            add_security_group(gatherer, place, instance, value(row, place, "SecurityGroupId"))
            for row, place in bound
        ]
        whole(gatherer, "whitelist_security_groups", instance, origin, groups)

    for_owner(gatherer, frame, [POLARDB], value(answer, origin, "DBClusterId"), read)


def take_polardb_endpoints(gatherer: Gatherer, found: Sequence[Row], frame: Frame) -> None:
    def read(instance: str, product: str) -> None:
        keys = [
            polardb_endpoint(gatherer, address, at, instance, value(row, place, "EndpointType"))
            for row, place in found
            for address, at in rows(row, place, "AddressItems", "AddressItem", "Address") or ()
        ]
        whole(gatherer, "instance_endpoints", instance, frame.origin, keys)

    for_owner(gatherer, frame, [POLARDB], "", read)


def polardb_endpoint(
    gatherer: Gatherer, row: Mapping[str, Any], place: Origin, instance: str, role: str
) -> str:
    return add_endpoint(
        gatherer,
        place,
        instance,
        POLARDB,
        host=value(row, place, "ConnectionString"),
        ip=value(row, place, "IPAddress"),
        ports=numbers(row, place, "Port"),
        network=network_of(value(row, place, "NetType")),
        vpc=value(row, place, "VPCId"),
        vswitch=value(row, place, "VSwitchId"),
        role=role.lower(),
    )


# ── ClickHouse ───────────────────────────────────────────────────────────────────────────────


def take_clickhouse_whitelist(gatherer: Gatherer, found: Sequence[Row], frame: Frame) -> None:
    def read(instance: str, product: str) -> None:
        keys = groups_of(gatherer, found, instance, "SecurityIPList")
        whole(gatherer, "whitelists", instance, frame.origin, keys)

    for_owner(gatherer, frame, [CLICKHOUSE], "", read)


def take_clickhouse_endpoints(
    gatherer: Gatherer, answer: Item, found: Sequence[Row], frame: Frame
) -> None:
    def read(instance: str, product: str) -> None:
        keys = [
            add_endpoint(
                gatherer,
                place,
                instance,
                CLICKHOUSE,
                host=value(row, place, "ConnectionString"),
                ip=value(row, place, "IPAddress"),
                ports=numbers(row, place, "HttpPort", "JdbcPort", "MySQLPort"),
                network=network_of(value(row, place, "NetType")),
                vpc=value(row, place, "VpcId"),
                vswitch=value(row, place, "VSwitchId"),
            )
            for row, place in found
        ]
        whole(gatherer, "instance_endpoints", instance, frame.origin, keys, answer)

    for_owner(gatherer, frame, [CLICKHOUSE], value(answer, frame.origin, "DBClusterId"), read)
