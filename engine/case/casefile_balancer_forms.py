"""Load balancers of a case file, brought into the shape of the APIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wayout.engine.case import balancers as model
from wayout.engine.case.answers.balancer_instances import take_balancer
from wayout.engine.case.casefile_balancers import (
    BackendPart,
    BalancerPart,
    ListenerPart,
    ServerGroupPart,
    ZonePart,
)
from wayout.engine.case.casefile_forms import id_list, port_range
from wayout.engine.case.gathering import Gatherer, without_nulls
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import canonical_item
from wayout.engine.case.refusal import RefusedError

__all__ = ["read_balancers"]


def read_balancers(
    gatherer: Gatherer,
    origin: Origin,
    balancers: Sequence[BalancerPart] | None,
    groups: Sequence[ServerGroupPart] | None,
    acls: Mapping[str, Sequence[str]] | None,
) -> None:
    """Put them into the case; raises RefusedError."""
    for index, part in enumerate(balancers or ()):
        read_balancer(gatherer, part, origin.at("load_balancers", index))
    for index, group in enumerate(groups or ()):
        at = origin.at("server_groups", index)
        data = {
            "ServerGroupId": group.id,
            "ServerGroupName": group.name,
            "VpcId": group.vpc,
            "PreserveClientIpEnabled": group.preserve_client_ip,
            "HealthCheckEnabled": group.health_check,
        }
        value = gatherer.parse(model.ServerGroup, without_nulls(data), at)
        gatherer.add("server_groups", value, at)
        read_servers(gatherer, group.id, group.servers, at.at("servers"))
    for acl, entries in (acls or {}).items():
        at = origin.at("access_control_lists", acl)
        keys = [
            gatherer.add(
                "acl_entries",
                gatherer.parse(model.AclEntry, {"AclId": acl, "Entry": text}, at.at(place)),
                at.at(place),
                acl,
            )
            for place, text in enumerate(entries)
        ]
        gatherer.whole("acl_entries", acl, at, keys)


def read_balancer(gatherer: Gatherer, part: BalancerPart, at: Origin) -> None:
    groups = id_list(part.security_group)
    data: dict[str, Any] = {
        "LoadBalancerId": part.id,
        "LoadBalancerName": part.name,
        "Address": part.address,
        "AddressType": part.type,
        "DNSName": part.dns_name,
        "LoadBalancerStatus": part.status,
        "LoadBalancerBusinessStatus": part.business_status,
        "OperationLocks": None
        if part.locks is None
        else [{"LockReason": lock} for lock in part.locks],
        "VpcId": part.vpc,
        "VSwitchId": part.vswitch,
        "RegionId": part.region,
        "LoadBalancerEdition": part.edition,
        "SecurityGroupIds": groups if groups is not None else id_list(part.security_groups),
        "CrossZoneEnabled": part.cross_zone,
        "ZoneMappings": None if part.zones is None else [zone_item(zone) for zone in part.zones],
    }
    take_balancer(gatherer, canonical_item(without_nulls(data)), at)
    if part.listeners is not None:
        place = at.at("listeners")
        keys = [
            read_listener(gatherer, part.id, listener, place.at(index))
            for index, listener in enumerate(part.listeners)
        ]
        gatherer.whole("listeners", part.id, place, keys)
    read_servers(gatherer, part.id, part.servers, at.at("servers"))


def zone_item(part: ZonePart) -> dict[str, Any]:
    return {
        "ZoneId": part.zone,
        "VSwitchId": part.vswitch,
        "Status": part.status,
        "LoadBalancerAddresses": [
            {
                "PrivateIPv4Address": part.private_ip or "",
                "PublicIPv4Address": part.public_ip or "",
                "PrivateIPv4HcStatus": part.health,
            }
        ],
    }


def read_listener(gatherer: Gatherer, balancer: str, part: ListenerPart, at: Origin) -> str:
    if (part.port is None) == (part.ports is None):
        raise RefusedError(at, "a listener has exactly one of port and ports")
    try:
        first, _, last = port_range(part.ports).partition("/") if part.ports else ("", "", "")
    except ValueError as error:
        raise RefusedError(at.at("ports"), str(error)) from None
    acl = part.acl
    number = part.port or 0
    data: dict[str, Any] = {
        "LoadBalancerId": balancer,
        "ListenerId": part.id or (f"{part.protocol}:{first}-{last}" if first else None),
        "ListenerPort": number,
        "StartPort": int(first) if first else None,
        "EndPort": int(last) if last else None,
        "ListenerProtocol": part.protocol,
        "ListenerStatus": part.status,
        "Forward": None if part.redirect_to is None else True,
        "ForwardPort": part.redirect_to,
        "ServerGroupIds": id_list(part.server_groups),
        "HealthCheck": part.health_check,
    }
    if acl is not None:
        data["AclStatus"] = "off" if isinstance(acl, str) else "on"
        data["AclIds"] = [] if isinstance(acl, str) else id_list(acl.lists)
        data["AclType"] = None if isinstance(acl, str) else acl.mode
    if part.server_groups is None and balancer.startswith("lb-"):
        data["ServerGroupIds"] = [balancer]
    value = gatherer.parse(model.Listener, without_nulls(data), at)
    key = gatherer.add("listeners", value, at, balancer)
    read_health(gatherer, balancer, part, value, at.at("health"))
    return key


def read_health(
    gatherer: Gatherer, balancer: str, part: ListenerPart, listener: model.Listener, at: Origin
) -> None:
    if part.health is None:
        return
    servers = [
        without_nulls(
            {
                "ServerId": server.id,
                "ServerIp": server.ip,
                "Port": server.port,
                "Status": server.state,
                "Reason": server.reason,
            }
        )
        for server in part.health
    ]
    groups = listener.server_group_ids or [""]
    data = {
        "LoadBalancerId": balancer,
        "ListenerId": listener.listener_id,
        "ListenerProtocol": listener.listener_protocol,
        "ListenerPort": listener.listener_port,
        "ServerGroupId": "" if balancer.startswith("lb-") else groups[0],
        "CheckEnabled": part.health_check,
        "IsPartial": not balancer.startswith("lb-"),
        "Servers": servers,
    }
    value = gatherer.parse(model.ListenerHealth, without_nulls(data), at)
    gatherer.add("listener_health", value, at)


def read_servers(
    gatherer: Gatherer, group: str, parts: Sequence[BackendPart] | None, at: Origin
) -> None:
    if parts is None:
        return
    keys = []
    for index, part in enumerate(parts):
        place = at.at(index)
        if not part.id and part.ip is None:
            raise RefusedError(place, "a server needs its id or its ip")
        data = {
            "ServerId": part.id,
            "ServerIp": part.ip,
            "Port": part.port,
            "Weight": part.weight,
            "Type": part.type,
            "ZoneId": part.zone,
        }
        value = gatherer.parse(model.BackendServer, without_nulls(data), place)
        keys.append(gatherer.add("backend_servers", value, place, group))
    gatherer.whole("backend_servers", group, at, keys)
