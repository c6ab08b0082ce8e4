"""The forms of OpenAPI answers: spelling of keys, wrapped lists, numbers that are texts."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from wayout.engine.case import alibaba as api
from wayout.engine.case import balancers, endpoints_of_services, instances, whitelists
from wayout.engine.case.model import Origin
from wayout.engine.case.refusal import RefusedError

__all__ = [
    "CONTAINERS",
    "SPELLINGS",
    "Item",
    "canonical_item",
    "field_of_each",
    "ids",
    "inner_list",
    "mapping",
    "normal",
    "number",
    "texts",
    "wrapped",
]

Item = Mapping[str, Any]

# Answer key -> (key of the inner list, list name). `NetworkInterfaces` is a snapshot's own form.
CONTAINERS: Mapping[str, tuple[str, str]] = {
    "Assets": ("Asset", "firewall_assets"),
    "DhcpOptionsSets": ("DhcpOptionsSet", "dhcp_options_sets"),
    "EipAddresses": ("EipAddress", "eips"),
    "ForwardTableEntries": ("ForwardTableEntry", "forward_entries"),
    "NatGateways": ("NatGateway", "nat_gateways"),
    "NetworkAcls": ("NetworkAcl", "network_acls"),
    "NetworkInterfaceSets": ("NetworkInterfaceSet", "network_interfaces"),
    "NetworkInterfaces": ("NetworkInterface", "network_interfaces"),
    "Policys": ("Policy", "firewall_policies"),
    "RouteEntrys": ("RouteEntry", "route_entries"),
    "RouteTables": ("RouteTable", "route_tables"),
    "RouterTableList": ("RouterTableListType", "route_tables"),
    "SecurityGroups": ("SecurityGroup", "security_groups"),
    "SnatTableEntries": ("SnatTableEntry", "snat_entries"),
    "VSwitches": ("VSwitch", "vswitches"),
    "Vpcs": ("Vpc", "vpcs"),
}
STRUCTURE = [
    "AcceptingVpc",
    "AclConfig",
    "AclEntrys",
    "AclEntries",
    "AclEntryComment",
    "AclEntryIP",
    "AclRelations",
    "BackendServerPort",
    "BackendServers",
    "DefaultActions",
    "ForwardGroupConfig",
    "HeathCheckEnabled",
    "IntranetAddress",
    "IntranetAddressHcStatus",
    "ListenerForward",
    "ListenerHealthStatus",
    "ListenerPortsAndProtocal",
    "ListenerPortsAndProtocol",
    "Listeners",
    "LoadBalancerAddresses",
    "LoadBalancerBusinessStatus",
    "LoadBalancerBussinessStatus",
    "LoadBalancerEdition",
    "LoadBalancerOperationLocks",
    "LoadBalancers",
    "MasterSlaveBackendServers",
    "MasterSlaveServerGroupId",
    "NonNormalServers",
    "PrivateIPv4Address",
    "PrivateIPv4HcStatus",
    "PublicIPv4Address",
    "ReasonCode",
    "ServerGroupInfos",
    "ServerGroups",
    "ServerGroupTuples",
    "ServerHealthStatus",
    "Servers",
    "ServerType",
    "TotalAclEntry",
    "VServerGroupId",
    "ZoneMappings",
    "AddressFamily",
    "AclEnable",
    "AllocationId",
    "AssociateVpcs",
    "DhcpOptions",
    "BindVpcs",
    "AssociatedPublicIp",
    "Cidr",
    "CidrBlock",
    "Datapoints",
    "Domain",
    "Domains",
    "Direction",
    "EgressAclEntries",
    "Enable",
    "EgressAclEntry",
    "EipAddress",
    "Entries",
    "Entry",
    "InstanceId",
    "IpAddress",
    "Ipv4Cidrs",
    "Ipv6Address",
    "Ipv6Set",
    "Ipv6Sets",
    "IpList",
    "IpLists",
    "IsTruncated",
    "IngressAclEntries",
    "IngressAclEntry",
    "LockReason",
    "NatGatewayPrivateInfo",
    "NetworkAclAttribute",
    "NetworkInterfaceSet",
    "NextHop",
    "NextHops",
    "NextToken",
    "OperationLocks",
    "PageNumber",
    "Permission",
    "Permissions",
    "PortRange",
    "PortRangeListId",
    "PortRangeLists",
    "PrefixList",
    "PrefixListEntry",
    "PrefixListId",
    "PrefixLists",
    "PrimaryIpAddress",
    "PrivateIpAddress",
    "PrivateIpSet",
    "PrivateIpSets",
    "PublicIpAddress",
    "RequestId",
    "Resource",
    "ResourceId",
    "Resources",
    "ResourceType",
    "RouteTable",
    "SecondaryCidrBlock",
    "SecondaryCidrBlocks",
    "SecurityGroupId",
    "SecurityGroupIds",
    "ForwardTableId",
    "ForwardTableIds",
    "SnatTableId",
    "SnatTableIds",
    "Status",
    "TotalCount",
    "TotalItems",
    "UserCidr",
    "UserCidrs",
    "Vpc",
    "VpcAttributes",
    "VSwitchId",
    "VSwitchIds",
    "Zone",
    "Zones",
]


def normal(key: str) -> str:
    """`VSwitchId`, `VswitchId` and `v_switch_id` are one key."""
    return key.replace("_", "").replace("-", "").lower()


def spellings() -> dict[str, str]:
    models = [
        model
        for module in (api, balancers, instances, endpoints_of_services, whitelists)
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, api.CloudModel)
    ]
    aliases = [field.alias for model in models for field in model.model_fields.values()]
    names = [*CONTAINERS, *(inner for inner, _ in CONTAINERS.values()), *STRUCTURE]
    made = {normal(name): name for name in (*filter(None, aliases), *names)}
    return {**made, "routeentries": "RouteEntrys", "routetablelist": "RouterTableList"}


SPELLINGS = spellings()


@functools.lru_cache(maxsize=4096)
def spelled(key: str) -> str:
    return SPELLINGS.get(normal(key), key)


def canonical_item(item: Item) -> dict[str, Any]:
    """The item with its keys in the spelling of the models; the first of two spellings wins."""
    made: dict[str, Any] = {}
    for key, value in item.items():
        made.setdefault(spelled(key) if len(key) < 64 else key, value)
    return made


def mapping(value: Any, origin: Origin) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RefusedError(origin, "must be a mapping")
    return value


def wrapped(data: Item, key: str, inner: str, origin: Origin) -> tuple[list[Any], Origin] | None:
    """The list behind `key`, wrapped in `inner` or not; None when the document has no such key."""
    value = data.get(key)
    if value is None:
        return None
    place = origin.at(key)
    if isinstance(value, dict):
        if not value:
            return [], place
        found = next((k for k in value if normal(k) == normal(inner)), None)
        if found is None:
            raise RefusedError(place, f"{key} must be a list or hold {inner or 'one'}")
        place, value = place.at(found), value[found]
        value = [] if value is None else value
    if not isinstance(value, list):
        raise RefusedError(place, f"{place.pointer.rpartition('/')[2]} must be a list")
    return value, place


def inner_list(
    data: Item, key: str, inner: str, origin: Origin
) -> list[tuple[dict[str, Any], Origin]] | None:
    """The mappings of a wrapped list with their origins."""
    found = wrapped(data, key, inner, origin)
    if found is None:
        return None
    values, place = found
    return [(mapping(value, place.at(i)), place.at(i)) for i, value in enumerate(values)]


def texts(data: Item, key: str, inner: str, origin: Origin) -> list[str] | None:
    """The texts of a wrapped list, or of a comma separated text."""
    if isinstance(data.get(key), str):
        return ids(data[key])
    found = wrapped(data, key, inner, origin)
    if found is None:
        return None
    values, place = found
    for index, value in enumerate(values):
        if not isinstance(value, str):
            raise RefusedError(place.at(index), "must be text")
    return values


def field_of_each(data: Item, key: str, inner: str, field: str, origin: Origin) -> list[str]:
    """One field of each mapping of a wrapped list; plain texts stand for themselves."""
    found = wrapped(data, key, inner, origin)
    made: list[str] = []
    for index, value in enumerate(found[0] if found else ()):
        if isinstance(value, dict):
            value = canonical_item(value).get(field)
        if value is None or value == "":
            continue
        if not isinstance(value, str):
            assert found is not None
            raise RefusedError(found[1].at(index), f"{field} must be text")
        made.append(value)
    return made


def ids(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def number(answer: Item, key: str, origin: Origin) -> int | None:
    value = answer.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise RefusedError(origin.at(key), f"{key} must be a whole number")
    return value
