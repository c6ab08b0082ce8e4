"""Nested parts of OpenAPI items to the flat fields of the models."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from wayout.engine.case import alibaba as api
from wayout.engine.case import balancers, instances, storage, whitelists
from wayout.engine.case import endpoints_of_services as services
from wayout.engine.case.flatten_services import (
    flat_ecs,
    flat_key_store,
    flat_peer,
    flat_registry,
)
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import canonical_item, field_of_each, inner_list, mapping, texts
from wayout.engine.case.policy_document import statements_of

__all__ = ["FLAT", "flat_route", "flat_route_table", "split_entries"]


def flat_interface(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    groups = texts(data, "SecurityGroupIds", "SecurityGroupId", origin)
    if groups is not None:
        data["SecurityGroupIds"] = groups
    primary = data.get("PrivateIpAddress")
    private = [primary] if isinstance(primary, str) and primary else []
    private += field_of_each(data, "PrivateIpSets", "PrivateIpSet", "PrivateIpAddress", origin)
    data["PrivateIps"] = list(dict.fromkeys(private))
    data["Ipv6Addresses"] = field_of_each(data, "Ipv6Sets", "Ipv6Set", "Ipv6Address", origin)
    public = data.pop("AssociatedPublicIp", None)
    if isinstance(public, str):
        data["AssociatedPublicIp"] = public
    elif public is not None:
        inner = canonical_item(mapping(public, origin.at("AssociatedPublicIp")))
        data["AssociatedPublicIp"] = inner.get("PublicIpAddress") or ""
        data["AssociatedPublicIpAllocationId"] = inner.get("AllocationId") or ""
    return data


def flat_vswitch(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    table = data.get("RouteTable")
    if table is not None:
        inner = canonical_item(mapping(table, origin.at("RouteTable")))
        for field in ("RouteTableId", "RouteTableType"):
            if field in inner:
                data[field] = inner[field]
    return data


def flat_vpc(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    for key, inner in (("SecondaryCidrBlocks", "SecondaryCidrBlock"), ("UserCidrs", "UserCidr")):
        if (blocks := texts(data, key, inner, origin)) is not None:
            data[key] = blocks
    return data


def flat_route_table(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    vswitches = texts(data, "VSwitchIds", "VSwitchId", origin)
    return data if vswitches is None else {**data, "VSwitchIds": vswitches}


def flat_route(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    hops = inner_list(data, "NextHops", "NextHop", origin)
    if hops:
        data["NextHops"] = [canonical_item(hop) for hop, _ in hops]
    elif "NextHopType" in data or "NextHopId" in data:  # how the old answers say it
        hop = {"NextHopType": data.get("NextHopType") or ""}
        hop["NextHopId"] = data.get("NextHopId") or data.get("InstanceId") or ""
        data["NextHops"] = [hop]
    elif hops is not None:
        data["NextHops"] = []
    return data


def flat_nat_gateway(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    addresses = inner_list(data, "IpLists", "IpList", origin)
    if addresses is not None:
        data["Ips"] = [canonical_item(address) for address, _ in addresses]
    for key, inner in (("SnatTableIds", "SnatTableId"), ("ForwardTableIds", "ForwardTableId")):
        if (tables := texts(data, key, inner, origin)) is not None:
            data[key] = tables
    private = data.get("NatGatewayPrivateInfo")
    if private is not None:
        inner_data = canonical_item(mapping(private, origin.at("NatGatewayPrivateInfo")))
        if inner_data.get("VSwitchId"):
            data["VSwitchId"] = inner_data["VSwitchId"]
    return data


def flat_eip(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    data["LockReasons"] = field_of_each(data, "OperationLocks", "LockReason", "LockReason", origin)
    return data


def flat_acl(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    for side in ("Egress", "Ingress"):
        entries = inner_list(data, f"{side}AclEntries", f"{side}AclEntry", origin)
        if entries is not None:
            data[f"{side}Entries"] = [canonical_item(entry) for entry, _ in entries]
    resources = inner_list(data, "Resources", "Resource", origin)
    if resources is not None:
        bound = [canonical_item(resource) for resource, _ in resources]
        bound = [r for r in bound if str(r.get("ResourceType", "VSwitch")).lower() == "vswitch"]
        data["BoundVSwitchIds"] = [r.get("ResourceId") for r in bound]
        data["BindingVSwitchIds"] = [
            r.get("ResourceId") for r in bound if r.get("Status") in ("BINDING", "UNBINDING")
        ]
    return data


def flat_firewall_policy(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    for key in ("SourceGroupCidrs", "DestinationGroupCidrs", "DestPortGroupPorts"):
        if (found := texts(data, key, "", origin)) is not None:
            data[key] = found
    return data


def flat_dhcp_options(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    if (options := data.pop("DhcpOptions", None)) is not None:
        place = origin.at("DhcpOptions")
        inner = canonical_item(mapping(options, place))
        if (servers := texts(inner, "DomainNameServers", "", place)) is not None:
            data["DomainNameServers"] = servers
    if data.get("AssociateVpcs") is not None:
        data["VpcIds"] = field_of_each(data, "AssociateVpcs", "AssociateVpc", "VpcId", origin)
    return data


def flat_zone(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    for key in ("BindVpcs", "Vpcs"):
        if (bound := inner_list(data, key, "Vpc", origin)) is not None:
            data["Vpcs"] = [canonical_item(vpc) for vpc, _ in bound]
            break
    return data


def flat_policy(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    if "Statement" in data:
        return {"Statement": statements_of(data["Statement"], origin.at("Statement"))}
    return data


def flat_whitelist(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    entries = data.get("Entries")
    if isinstance(entries, str):
        data["Entries"] = split_entries(entries)
    elif entries is not None:
        found = texts(data, "Entries", "Entry", origin) or []
        data["Entries"] = [part for text in found for part in split_entries(text)]
    return data


def split_entries(text: str) -> list[str]:
    """The entries of a whitelist as people and consoles write them; blanks and gaps dropped."""
    return [part for part in re.split(r"[,，;\s]+", text) if part]


def unchanged(data: dict[str, Any], origin: Origin) -> dict[str, Any]:
    return data


FLAT: Mapping[
    str, tuple[type[api.CloudModel], Callable[[dict[str, Any], Origin], dict[str, Any]]]
] = {
    "access_rules": (services.AccessRule, unchanged),
    "access_point_policies": (storage.AccessPointPolicy, flat_policy),
    "access_points": (storage.AccessPoint, unchanged),
    "account_balances": (api.AccountBalance, unchanged),
    "bucket_policies": (storage.BucketPolicy, flat_policy),
    "buckets": (storage.Bucket, unchanged),
    "acl_entries": (balancers.AclEntry, unchanged),
    "backend_servers": (balancers.BackendServer, unchanged),
    "ddos_addresses": (api.DdosAddress, unchanged),
    "dhcp_options_sets": (api.DhcpOptionsSet, flat_dhcp_options),
    "ecs_instances": (services.EcsInstance, flat_ecs),
    "eips": (api.Eip, flat_eip),
    "firewall_assets": (api.FirewallAsset, unchanged),
    "firewall_policies": (api.FirewallPolicy, flat_firewall_policy),
    "forward_entries": (api.ForwardEntry, unchanged),
    "gateway_endpoints": (storage.GatewayEndpoint, unchanged),
    "instance_endpoints": (instances.InstanceEndpoint, unchanged),
    "instances": (instances.Instance, unchanged),
    "listener_health": (balancers.ListenerHealth, unchanged),
    "listeners": (balancers.Listener, unchanged),
    "load_balancers": (balancers.LoadBalancer, unchanged),
    "key_stores": (services.KeyStore, flat_key_store),
    "metrics": (api.Metric, unchanged),
    "mount_targets": (services.MountTarget, unchanged),
    "nat_gateways": (api.NatGateway, flat_nat_gateway),
    "network_acls": (api.NetworkAcl, flat_acl),
    "network_interfaces": (api.NetworkInterface, flat_interface),
    "private_endpoints": (services.PrivateEndpoint, unchanged),
    "private_zones": (api.PrivateZone, flat_zone),
    "registry_endpoints": (services.RegistryEndpoint, flat_registry),
    "public_access_blocks": (storage.PublicAccessBlock, unchanged),
    "server_groups": (balancers.ServerGroup, unchanged),
    "snat_entries": (api.SnatEntry, unchanged),
    "vpc_peers": (services.VpcPeer, flat_peer),
    "vpcs": (api.Vpc, flat_vpc),
    "vswitches": (api.VSwitch, flat_vswitch),
    "whitelist_security_groups": (whitelists.WhitelistSecurityGroup, unchanged),
    "whitelist_templates": (whitelists.WhitelistTemplate, flat_whitelist),
    "whitelists": (whitelists.Whitelist, flat_whitelist),
}
