"""Parts of load-balancer answers in the shape of the models, whichever API they are from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import Item, canonical_item, inner_list, mapping, number, texts

__all__ = [
    "entry_form",
    "health_form",
    "listener_form",
    "said",
    "server_form",
    "server_group_form",
    "slb_health_forms",
    "yes_or_no",
]

# A relation between listener and access control list that is in force, and those in between.
BOUND, CHANGING = "associated", frozenset({"associating", "dissociating"})


def said(form: Mapping[str, Any]) -> dict[str, Any]:
    """Without what the answer does not say."""
    return {key: value for key, value in form.items() if value is not None}


def yes_or_no(value: Any) -> bool | None:
    """`on`, `true` and true are yes; None for what is neither yes nor no."""
    if isinstance(value, bool) or value is None:
        return value
    return {"on": True, "true": True, "off": False, "false": False}.get(str(value).strip().lower())


def word(value: Any) -> str | None:
    return value.strip().lower() if isinstance(value, str) else None


# ── Listeners ────────────────────────────────────────────────────────────────────────────────


def listener_form(data: Item, origin: Origin, is_whole: bool = False) -> dict[str, Any]:
    """A listener; `is_whole`: its attributes, where a CLB listener without a virtual server group
    uses the default group of its load balancer (which is named "")."""
    config = config_of(data, origin)
    acls, changing = acls_of(data, origin)
    is_full = is_whole or "AclStatus" in data or "BackendServerPort" in data
    return said(
        {
            "ListenerId": data.get("ListenerId"),
            "ListenerPort": data.get("ListenerPort"),
            "StartPort": data.get("StartPort") or None,
            "EndPort": data.get("EndPort") or None,
            "ListenerProtocol": word(data.get("ListenerProtocol")),
            "ListenerStatus": data.get("ListenerStatus") or data.get("Status"),
            "Forward": yes_or_no(config.get("ListenerForward", data.get("ListenerForward"))),
            "ForwardPort": config.get("ForwardPort") or data.get("ForwardPort") or None,
            "AclStatus": acl_status(data, origin),
            "AclType": word(acl_config(data, origin).get("AclType") or data.get("AclType")),
            "AclIds": acls,
            "ChangingAclIds": changing or None,
            "ServerGroupIds": groups_of(data, origin, is_full),
            "BackendPort": data.get("BackendServerPort") or None,
            "HealthCheck": yes_or_no(config.get("HealthCheck", data.get("HealthCheck"))),
        }
    )


def config_of(data: Item, origin: Origin) -> dict[str, Any]:
    """What DescribeLoadBalancerListeners nests below `HTTPListenerConfig` and its like."""
    for protocol in ("HTTP", "HTTPS", "TCP", "UDP"):
        key = f"{protocol}ListenerConfig"
        if isinstance(inner := data.get(key), dict) and inner:
            return canonical_item(mapping(inner, origin.at(key)))
    return {}


def acl_config(data: Item, origin: Origin) -> dict[str, Any]:
    inner = data.get("AclConfig")
    return canonical_item(mapping(inner, origin.at("AclConfig"))) if inner is not None else {}


def acl_status(data: Item, origin: Origin) -> str | None:
    """On or off; an ALB listener has a list when its `AclConfig` names one."""
    if isinstance(status := data.get("AclStatus"), str) and status:
        return status.strip().lower()
    if "AclConfig" in data:
        return "on" if acl_config(data, origin).get("AclRelations") else "off"
    return None


def acls_of(data: Item, origin: Origin) -> tuple[list[str] | None, list[str]]:
    """The lists in force, and those that are being bound or unbound; None: not told."""
    if "AclConfig" in data:
        config, place = acl_config(data, origin), origin.at("AclConfig")
        relations = inner_list(config, "AclRelations", "AclRelation", place) or []
        states = [canonical_item(item) for item, _ in relations]
        named = [(str(s.get("AclId") or ""), word(s.get("Status")) or BOUND) for s in states]
        return [acl for acl, status in named if acl and status == BOUND], [
            acl for acl, status in named if acl and status in CHANGING
        ]
    found = texts(data, "AclIds", "AclId", origin)
    if not found and isinstance(single := data.get("AclId"), str) and single:
        return [part.strip() for part in single.split(",") if part.strip()], []
    if found is None and word(data.get("AclStatus")) == "off":
        return [], []
    return found, []


def groups_of(data: Item, origin: Origin, is_full: bool) -> list[str] | None:
    """What the listener forwards to; "" stands for the default group of a CLB."""
    if isinstance(group := data.get("ServerGroupId"), str) and group:
        return [group]
    actions = inner_list(data, "DefaultActions", "DefaultAction", origin)
    if actions is not None:
        return [group for item, place in actions for group in targets(canonical_item(item), place)]
    for key in ("VServerGroupId", "MasterSlaveServerGroupId"):
        if isinstance(group := data.get(key), str) and group:
            return [group]
    return [""] if is_full else None


def targets(action: Item, origin: Origin) -> Iterator[str]:
    inner = action.get("ForwardGroupConfig")
    if inner is None:
        return
    place = origin.at("ForwardGroupConfig")
    config = canonical_item(mapping(inner, place))
    for item, _ in inner_list(config, "ServerGroupTuples", "ServerGroupTuple", place) or ():
        if isinstance(group := canonical_item(item).get("ServerGroupId"), str):
            yield group


# ── Entries, groups, servers ─────────────────────────────────────────────────────────────────


def entry_form(data: Item, acl: str) -> dict[str, Any]:
    return said(
        {
            "AclId": acl,
            "Entry": data.get("AclEntryIP") or data.get("Entry"),
            "Status": data.get("Status"),
            "Description": data.get("AclEntryComment") or data.get("Description"),
        }
    )


def server_group_form(data: Item) -> dict[str, Any]:
    check = data.get("HealthCheck", data.get("HealthCheckConfig"))
    check = canonical_item(check) if isinstance(check, dict) else {}
    return said(
        {
            "ServerGroupId": data.get("ServerGroupId"),
            "ServerGroupName": data.get("ServerGroupName"),
            "VpcId": data.get("VpcId"),
            "Protocol": data.get("Protocol"),
            "PreserveClientIpEnabled": yes_or_no(data.get("PreserveClientIpEnabled")),
            "HealthCheckEnabled": yes_or_no(check.get("HealthCheckEnabled")),
        }
    )


def server_form(data: Item) -> dict[str, Any]:
    return said(
        {
            "ServerId": data.get("ServerId"),
            "ServerIp": data.get("ServerIp"),
            "Port": data.get("Port"),
            "Weight": data.get("Weight"),
            "Type": data.get("ServerType") or data.get("Type"),
            "ZoneId": data.get("ZoneId"),
            "Status": data.get("Status"),
        }
    )


# ── Health ───────────────────────────────────────────────────────────────────────────────────


def health_form(data: Item, origin: Origin) -> Iterator[dict[str, Any]]:
    """One record per server group of an ALB or NLB listener."""
    for item, place in inner_list(data, "ServerGroupInfos", "ServerGroupInfo", origin) or ():
        group = canonical_item(item)
        servers = inner_list(group, "NonNormalServers", "NonNormalServer", place)
        enabled = group.get("HeathCheckEnabled", group.get("HealthCheckEnabled"))
        yield said(
            {
                "ListenerId": data.get("ListenerId"),
                "ListenerPort": data.get("ListenerPort"),
                "ListenerProtocol": word(data.get("ListenerProtocol")),
                "ServerGroupId": group.get("ServerGroupId"),
                "CheckEnabled": yes_or_no(enabled),
                "IsPartial": True,
                "Servers": [state_form(canonical_item(server), at) for server, at in servers or ()],
            }
        )


def state_form(data: Item, origin: Origin) -> dict[str, Any]:
    reason = data.get("Reason")
    inner = canonical_item(mapping(reason, origin.at("Reason"))) if reason else {}
    return said(
        {
            "ServerId": data.get("ServerId"),
            "ServerIp": data.get("ServerIp"),
            "Port": data.get("Port"),
            "Status": word(data.get("Status") or data.get("ServerHealthStatus")),
            "Reason": inner.get("ReasonCode"),
        }
    )


def slb_health_forms(
    states: Sequence[tuple[Item, Origin]], balancer: str, asked: str
) -> Iterator[dict[str, Any]]:
    """One record per listener of a CLB; `asked` is the port of the request, "" for all."""
    found: dict[tuple[str, int], list[dict[str, Any]]] = {}
    wanted = number({"ListenerPort": asked}, "ListenerPort", Origin("")) if asked.isdigit() else 0
    for state, place in states:
        port = number(state, "ListenerPort", place) or wanted or 0
        key = word(state.get("Protocol")) or "", port
        found.setdefault(key, []).append(state_form(state, place))
    if not found and wanted:
        found["", wanted] = []
    for (protocol, port), servers in found.items():
        yield {
            "LoadBalancerId": balancer,
            "ListenerProtocol": protocol,
            "ListenerPort": port,
            "Servers": servers,
        }
