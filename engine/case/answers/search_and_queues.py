"""Answers of Elasticsearch and Kafka."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wayout.engine.case.answers.whitelisted import (
    Row,
    add_endpoint,
    add_group,
    add_instance,
    add_security_group,
    for_owner,
    is_one_of,
    numbers,
    rows,
    value,
    whole,
)
from wayout.engine.case.flatten import split_entries
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, normal
from wayout.engine.case.refusal import RefusedError
from wayout.engine.case.whitelists import REFUSED

__all__ = ["take"]

ELASTICSEARCH, KAFKA = "elasticsearch", "kafka"
# The lists of an Elasticsearch instance, and the kind of endpoint each is for.
SEARCH_LISTS = {
    "privateNetworkIpWhiteList": "PRIVATE_ES",
    "esIPWhitelist": "PRIVATE_ES",
    "publicIpWhitelist": "PUBLIC_ES",
    "kibanaPrivateIPWhitelist": "PRIVATE_KIBANA",
    "kibanaIPWhitelist": "PUBLIC_KIBANA",
}
# Field of a Kafka instance -> network of the brokers it lists.
BROKERS = {
    "EndPoint": "private",
    "DomainEndpoint": "private",
    "SaslEndPoint": "private",
    "SaslDomainEndpoint": "private",
    "VpcSaslEndPoint": "private",
    "VpcSaslDomainEndpoint": "private",
    "SslEndPoint": "public",
    "SslDomainEndpoint": "public",
}


def take(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """One answer of either product; raises RefusedError."""
    origin = frame.origin
    result = answer.get("Result")
    if isinstance(result, dict) and is_search(result):
        take_search(gatherer, result, origin.at("Result"))
        return True
    allowed = answer.get("AllowedList")
    if isinstance(allowed, dict):
        take_allowed(gatherer, allowed, frame)
        return True
    found = rows(answer, origin, "InstanceList", "InstanceVO")
    if found and is_one_of(found, "DeployType"):
        for row, place in found:
            take_kafka(gatherer, row, place)
        return True
    return False


# ── Elasticsearch ────────────────────────────────────────────────────────────────────────────


def is_search(result: Mapping[str, Any]) -> bool:
    keys = {normal(key) for key in result}
    return "instanceid" in keys and bool(keys & {"esversion", "networkconfig", "publicdomain"})


def take_search(gatherer: Gatherer, result: Mapping[str, Any], place: Origin) -> None:
    instance = value(result, place, "instanceId")
    config = result.get("networkConfig")
    network = config if isinstance(config, dict) else {}
    add_instance(
        gatherer,
        place,
        instance,
        ELASTICSEARCH,
        name=value(result, place, "description"),
        status=value(result, place, "status"),
        region_id=value(result, place, "regionId"),
        vpc_id=value(network, place.at("networkConfig"), "vpcId"),
        v_switch_id=value(network, place.at("networkConfig"), "vswitchId"),
        engine_version=value(result, place, "esVersion"),
    )
    keys = list(search_endpoints(gatherer, result, network, place, instance))
    whole(gatherer, "instance_endpoints", instance, place, keys)
    groups = list(search_groups(gatherer, result, network, place, instance))
    if groups or any(texts(result, key, place) is not None for key in SEARCH_LISTS):
        whole(gatherer, "whitelists", instance, place, groups)


def search_endpoints(
    gatherer: Gatherer,
    result: Mapping[str, Any],
    network: Mapping[str, Any],
    place: Origin,
    instance: str,
) -> Iterator[str]:
    vpc = value(network, place.at("networkConfig"), "vpcId")
    for host, port, kind, role in (
        ("domain", "port", "private", ""),
        ("publicDomain", "publicPort", "public", ""),
        ("kibanaPrivateDomain", "kibanaPrivatePort", "private", "kibana"),
        ("kibanaDomain", "kibanaPort", "public", "kibana"),
    ):
        if kind == "public" and is_off(result, role):
            continue
        yield add_endpoint(
            gatherer,
            place.at(host),
            instance,
            ELASTICSEARCH,
            host=value(result, place, host),
            ports=numbers(result, place, port),
            network=kind,
            vpc=vpc if kind == "private" else "",
            role=role,
        )


def is_off(result: Mapping[str, Any], role: str) -> bool:
    """Whether the answer says that the public endpoint of this role is closed."""
    key = "enablekibanapublicnetwork" if role else "enablepublic"
    return {normal(k): given for k, given in result.items()}.get(key) is False


def search_groups(
    gatherer: Gatherer,
    result: Mapping[str, Any],
    network: Mapping[str, Any],
    place: Origin,
    instance: str,
) -> Iterator[str]:
    """The named groups; the four plain lists only where no group tells the same."""
    at = place.at("networkConfig")
    told = set()
    for row, where in rows(network, at, "whiteIpGroupList") or ():
        kind = value(row, where, "whiteIpType").upper()
        told.add(kind)
        name = value(row, where, "groupName")
        ips = texts(row, "ips", where) or []
        yield add_group(gatherer, where, instance, name=name, entries=ips, network=kind)
    for key, kind in SEARCH_LISTS.items():
        plain = texts(result, key, place)
        if kind not in told and plain is not None:
            told.add(kind)
            yield add_group(
                gatherer, place.at(key), instance, name="default", entries=plain, network=kind
            )


def texts(item: Mapping[str, Any], key: str, place: Origin) -> list[str] | None:
    """A list of texts, or one text of several; None without the key."""
    given = {normal(k): each for k, each in item.items()}.get(normal(key))
    if given is None:
        return None
    found = [given] if isinstance(given, str) else given
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise RefusedError(place.at(key), f"{key} must be a list of texts")
    return found


# ── Kafka ────────────────────────────────────────────────────────────────────────────────────


def take_kafka(gatherer: Gatherer, row: Mapping[str, Any], place: Origin) -> None:
    instance, vpc = value(row, place, "InstanceId"), value(row, place, "VpcId")
    add_instance(
        gatherer,
        place,
        instance,
        KAFKA,
        name=value(row, place, "Name"),
        status=value(row, place, "ServiceStatus"),
        region_id=value(row, place, "RegionId"),
        vpc_id=vpc,
        v_switch_id=value(row, place, "VSwitchId"),
    )
    keys = []
    for field, network in BROKERS.items():
        for host, ip, port in brokers(value(row, place, field)):
            keys.append(
                add_endpoint(
                    gatherer,
                    place,
                    instance,
                    KAFKA,
                    host=host,
                    ip=ip,
                    ports=(port,) if port else (),
                    network=network,
                    vpc=vpc if network == "private" else "",
                    role=f"broker-{port}" if port else "broker",
                )
            )
    whole(gatherer, "instance_endpoints", instance, place, keys)


def brokers(text: str) -> Iterator[tuple[str, str, int]]:
    """`10.0.0.4:9092,10.0.0.5:9092` as name, address and port of each broker."""
    for part in text.split(","):
        _, _, bare = part.strip().rpartition("://")
        host, _, port = bare.rpartition(":")
        if not host:
            host, port = bare, ""
        number = int(port) if port.isascii() and port.isdigit() and len(port) < 6 else 0
        if host.replace(".", "").isdigit():
            yield "", host, number
        elif host:
            yield host, "", number


def take_allowed(gatherer: Gatherer, allowed: Mapping[str, Any], frame: Frame) -> None:
    place = frame.origin.at("AllowedList")
    lists = [
        (network, rows(allowed, place, key) or [])
        for network, key in (("vpc", "VpcList"), ("internet", "InternetList"))
    ]

    def read(instance: str, product: str) -> None:
        keys, groups = [], []
        for network, found in lists:
            keys += kafka_groups(gatherer, found, network, instance)
            for row, at in found:
                if group := value(row, at, "SecurityGroupId"):
                    groups.append(add_security_group(gatherer, at, instance, group, network))
        whole(gatherer, "whitelists", instance, place, keys)
        whole(gatherer, "whitelist_security_groups", instance, place, groups)

    for_owner(gatherer, frame, [KAFKA], "", read)


def kafka_groups(
    gatherer: Gatherer, found: Sequence[Row], network: str, instance: str
) -> list[str]:
    """One group per port range, and one of the addresses that are refused beside it."""
    keys = []
    for row, place in found:
        ports = value(row, place, "PortRange")
        ips = texts(row, "AllowedIpList", place) or []
        key = add_group(
            gatherer, place, instance, name=ports, entries=ips, network=network, ports=ports
        )
        keys.append(key)
        black = texts(row, "BlackIPList", place) or []
        if any(split_entries(text) for text in black):
            add_group(
                gatherer, place, instance, name=ports, entries=black, network=network,
                ports=ports, attribute=REFUSED,
            )  # fmt: skip
    return keys
