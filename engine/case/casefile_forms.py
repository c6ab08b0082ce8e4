"""Short forms of a case file brought into the shape of the APIs.

Each function raises ValueError with a sentence about the part it was given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from pydantic.alias_generators import to_camel

from wayout.engine.case.casefile_parts import (
    AclEntryPart,
    DhcpOptionsSetPart,
    DnsConfigPart,
    EipPart,
    EipRefPart,
    ForwardPart,
    Ids,
    InterfacePart,
    NatGatewayPart,
    NetworkAclPart,
    PrivateZonePart,
    RoutePart,
    RulePart,
    SnatPart,
    VpcPart,
    VSwitchPart,
)
from wayout.engine.case.model import Origin
from wayout.engine.case.openapi import ids
from wayout.engine.case.refusal import RefusedError

__all__ = [
    "acl_entry",
    "acl_item",
    "balancer_entry",
    "container_port",
    "dhcp_options_item",
    "dns_config",
    "eip_item",
    "eip_target",
    "endpoint_port",
    "forward_item",
    "id_list",
    "interface_item",
    "nat_ip",
    "nat_item",
    "peer",
    "port_range",
    "route_item",
    "rule_item",
    "service_port",
    "snat_item",
    "split_name",
    "vpc_item",
    "vswitch_item",
    "zone_item",
]


def id_list(value: Ids | None) -> list[str] | None:
    return ids(value) if isinstance(value, str) else value


def split_name(name: str, namespace: str | None, at: Origin) -> tuple[str, str]:
    """`shop/api-0`, or the two given apart; the namespace is `default` when neither says it."""
    before, slash, after = name.partition("/")
    if slash and namespace not in (None, before):
        raise RefusedError(at.at("name"), "name and namespace disagree")
    return (before, after) if slash else (namespace or "default", name)


def container_port(port: int | dict[str, Any]) -> dict[str, Any]:
    if isinstance(port, int):
        return {"containerPort": port}
    made = dict(port)
    if "port" in made:
        made["containerPort"] = made.pop("port")
    return made


def service_port(port: int | dict[str, Any]) -> dict[str, Any]:
    if isinstance(port, int):
        return {"port": port, "targetPort": port}
    return {to_camel(key): value for key, value in port.items()}


def balancer_entry(text: str) -> dict[str, str]:
    """One entry of `status.loadBalancer.ingress`: by address, or by host name."""
    try:
        ip_address(text)
    except ValueError:
        return {"hostname": text}
    return {"ip": text}


def endpoint_port(port: dict[str, Any]) -> int:
    """The number an endpoint has for a Service port; 0 when its pod has to tell what a name means.

    Without target port it is the port of the Service.
    """
    target = port.get("targetPort") or port["port"]
    return int(target) if isinstance(target, int) or str(target).isdigit() else 0


def dns_config(part: DnsConfigPart | None) -> dict[str, Any] | None:
    if part is None:
        return None
    options = [option.partition(":") for option in part.options]
    return {
        "nameservers": part.nameservers,
        "searches": part.searches,
        "options": [{"name": n, **({"value": v} if colon else {})} for n, colon, v in options],
    }


def port_range(value: int | str | None, default: str = "-1/-1") -> str:
    """443, "443", "80-90", "80/90" or nothing, as the API writes a range."""
    if value is None or value in ("", "all", "any"):
        return default
    match = re.fullmatch(r"\s*(-?\d{1,5})(?:\s*[-/]\s*(-?\d{1,5}))?\s*", str(value))
    if match is None or isinstance(value, bool):
        raise ValueError("ports must be a number or a range such as 8000-8010")
    low, high = int(match[1]), int(match[2] or match[1])
    if (low, high) != (-1, -1) and not 0 <= low <= high <= 65535:
        raise ValueError("ports must lie between 1 and 65535, the lower one first")
    return f"{low}/{high}"


def peer(text: str | None, side: str) -> dict[str, str]:
    """The peer of a rule: CIDR block, address, security group, prefix list; none is everywhere."""
    text = "0.0.0.0/0" if text is None or text in ("any", "all") else text.strip()
    if text.startswith("sg-"):
        return {f"{side}GroupId": text}
    if text.startswith("pl-"):
        return {f"{side}PrefixListId": text}
    try:
        is_ipv6 = ip_network(text, strict=False).version == 6
    except ValueError:
        message = "to and from must be an address, a CIDR block, an sg-... or a pl-... id"
        raise ValueError(message) from None
    return {f"Ipv6{side}CidrIp" if is_ipv6 else f"{side}CidrIp": text}


def rule_item(part: RulePart, direction: str) -> dict[str, Any]:
    if part.ports is not None and part.port is not None:
        raise ValueError("a rule has ports or port, not both")
    ports = part.ports if part.ports is not None else part.port
    data: dict[str, Any] = {
        "SecurityGroupRuleId": part.id,
        "Direction": direction,
        "Policy": part.policy.capitalize(),
        "IpProtocol": part.protocol,
        "PortRange": "" if part.port_list else port_range(ports),
        "PortRangeListId": part.port_list,
        "Priority": str(part.priority),
        "Description": part.description,
    }
    if part.source_ports is not None:
        data["SourcePortRange"] = port_range(part.source_ports)
    own, other = (part.from_, part.to) if direction == "egress" else (part.to, part.from_)
    sides = ("Source", "Dest") if direction == "egress" else ("Dest", "Source")
    if own is not None:
        data |= peer(own, sides[0])
    return data | peer(other, sides[1])


def acl_item(part: NetworkAclPart) -> dict[str, Any]:
    data: dict[str, Any] = {"NetworkAclId": part.id, "VpcId": part.vpc, "Status": part.status}
    for direction, entries in (("Egress", part.egress), ("Ingress", part.ingress)):
        if entries is not None:
            made = [acl_entry(entry, direction) for entry in entries]
            data[f"{direction}AclEntries"] = {f"{direction}AclEntry": made}
    if part.vswitches is not None:
        bound = [
            {"ResourceId": vswitch, "ResourceType": "VSwitch", "Status": "BINDED"}
            for vswitch in id_list(part.vswitches) or ()
        ]
        data["Resources"] = {"Resource": bound}
    return data


def acl_entry(part: AclEntryPart, direction: str) -> dict[str, Any]:
    key, text = (
        ("DestinationCidrIp", part.to) if direction == "Egress" else ("SourceCidrIp", part.from_)
    )
    block = next(iter(peer(text, "").values()))
    made = {
        "NetworkAclEntryId": part.id,
        "Policy": part.policy,
        "Protocol": part.protocol,
        "Port": port_range(part.ports if part.ports is not None else part.port),
        "IpVersion": "IPV6" if ":" in block else "IPV4",
        key: block,
    }
    return {name: value for name, value in made.items() if value is not None}


def vswitch_item(part: VSwitchPart) -> dict[str, Any]:
    data: dict[str, Any] = {
        "VSwitchId": part.id,
        "CidrBlock": part.cidr,
        "Ipv6CidrBlock": part.ipv6_cidr,
        "VpcId": part.vpc,
        "ZoneId": part.zone,
        "Status": part.status,
        "NetworkAclId": part.network_acl,
        "AvailableIpAddressCount": part.available_ips,
        "RouteTableId": part.route_table,
        "RouteTableType": part.route_table_type and part.route_table_type.capitalize(),
    }
    return data


def vpc_item(part: VpcPart) -> dict[str, Any]:
    data: dict[str, Any] = {
        "VpcId": part.id,
        "CidrBlock": part.cidr,
        "SecondaryCidrBlocks": part.secondary_cidrs,
        "UserCidrs": part.user_cidrs,
        "Ipv6CidrBlock": part.ipv6_cidr,
        "DhcpOptionsSetId": part.dhcp_options_set,
    }
    if part.ipv4_gateway is not None:
        none = part.ipv4_gateway in ("", "none")
        data["Ipv4GatewayId"] = "" if none else part.ipv4_gateway
        data["SupportIpv4Gateway"] = not none
    return data


def interface_item(part: InterfacePart) -> dict[str, Any]:
    return {
        "NetworkInterfaceId": part.id,
        "PrivateIpAddress": part.ip,
        "SecurityGroupIds": id_list(part.security_group) or id_list(part.security_groups),
        "VSwitchId": part.vswitch,
        "VpcId": part.vpc,
        "InstanceId": part.instance,
    }


# What the id of a next hop begins with says of which type it is.
HOP_TYPES: Mapping[str, str] = {
    "ngw": "NatGateway",
    "ipv4gw": "Ipv4Gateway",
    "ipv6gw": "IPv6Gateway",
    "i": "Instance",
    "eni": "NetworkInterface",
    "vpn": "VpnGateway",
    "vgw": "VpnGateway",
    "ri": "RouterInterface",
    "havip": "HaVip",
    "tr": "Attachment",
    "pcc": "VpcPeer",
    "ecr": "Ecr",
    "vpce": "GatewayEndpoint",
}


def route_item(part: RoutePart) -> dict[str, Any]:
    """`via` is `local`, the id of the next hop, or `<NextHopType>:<id>`."""
    hop_type, colon, hop = part.via.partition(":")
    if not colon:
        hop = "" if part.via.lower() == "local" else part.via
        is_local = part.via.lower() == "local"
        hop_type = "local" if is_local else HOP_TYPES.get(part.via.partition("-")[0], "")
    version = "ipv6" if ":" in part.to else "ipv4"
    return {
        "RouteEntryId": part.id,
        "DestinationCidrBlock": part.to,
        "IpVersion": version,
        "Type": part.type or ("System" if hop_type == "local" else "Custom"),
        "Status": part.status,
        "NextHops": [{"NextHopType": hop_type, "NextHopId": hop}],
    }


def nat_item(part: NatGatewayPart) -> dict[str, Any]:
    data: dict[str, Any] = {
        "NatGatewayId": part.id,
        "Name": part.name,
        "VpcId": part.vpc,
        "Status": part.status,
        "BusinessStatus": part.business_status,
        "NetworkType": part.network_type,
        "EipBindMode": part.eip_bind_mode,
        "VSwitchId": part.vswitch,
    }
    if part.eips is not None:
        data["IpLists"] = {"IpList": [nat_ip(eip) for eip in part.eips]}
    return data


def nat_ip(part: str | EipRefPart) -> dict[str, Any]:
    if isinstance(part, str):
        return {"AllocationId": part} if part.startswith("eip-") else {"IpAddress": part}
    made = {"AllocationId": part.id, "IpAddress": part.ip}
    return {key: value for key, value in made.items() if value is not None}


def snat_item(part: SnatPart) -> dict[str, Any]:
    return {
        "SnatEntryId": part.id,
        "SourceCIDR": part.source,
        "SourceVSwitchId": part.vswitch,
        "SnatIp": ",".join(id_list(part.ips) or ()),
        "Status": part.status,
    }


def dhcp_options_item(part: DhcpOptionsSetPart) -> dict[str, Any]:
    servers, vpcs = id_list(part.name_servers), id_list(part.vpcs)
    return {
        "DhcpOptionsSetId": part.id,
        "DhcpOptions": None if servers is None else {"DomainNameServers": ",".join(servers)},
        "AssociateVpcs": None if vpcs is None else [{"VpcId": vpc} for vpc in vpcs],
    }


def zone_item(part: PrivateZonePart) -> dict[str, Any]:
    vpcs = id_list(part.vpcs)
    bound = None if vpcs is None else {"Vpc": [{"VpcId": vpc} for vpc in vpcs]}
    return {"ZoneId": part.id or part.name, "ZoneName": part.name, "BindVpcs": bound}


def forward_item(part: ForwardPart) -> dict[str, Any]:
    return {
        "ForwardEntryId": part.id,
        "ExternalIp": part.external_ip,
        "ExternalPort": str(part.external_port),
        "InternalIp": part.internal_ip,
        "InternalPort": str(part.internal_port),
        "IpProtocol": part.protocol,
        "Status": part.status,
    }


def eip_item(part: EipPart) -> dict[str, Any]:
    data: dict[str, Any] = {
        "AllocationId": part.id,
        "IpAddress": part.ip,
        "InstanceId": part.bound_to,
        "InstanceType": part.bound_type or eip_target(part.bound_to),
        "PrivateIpAddress": part.private_ip,
        "Status": part.status,
        "BusinessStatus": part.business_status,
        "Mode": part.mode,
        "Bandwidth": None if part.bandwidth is None else str(part.bandwidth),
        "BandwidthPackageId": part.shared_bandwidth,
    }
    if part.locks is not None:
        data["OperationLocks"] = {"LockReason": [{"LockReason": lock} for lock in part.locks]}
    return data


def eip_target(bound_to: str | None) -> str | None:
    kinds = {
        "eni": "NetworkInterface", "ngw": "Nat", "i": "EcsInstance", "lb": "SlbInstance",
        "havip": "HaVip",
    }  # fmt: skip
    return kinds.get((bound_to or "").partition("-")[0])
