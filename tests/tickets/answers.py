"""Answers of Alibaba Cloud APIs in full shape, as a collector writes them, for tickets."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

Part = dict[str, Any]

REGION, VPC, ZONE = "cn-hangzhou", "vpc-bp1shop", "cn-hangzhou-h"
POD_IP, POD_CIDR, POD_VSWITCH = "10.20.16.31", "10.20.16.0/24", "vsw-bp1pods"
EXIT, EXIT_2 = "198.51.100.20", "198.51.100.21"


def envelope(action: str, response: Part, **request: str) -> Part:
    return {
        "action": action,
        "request": {"RegionId": REGION, **request},
        "response": {"RequestId": "8F1B6E0A-0000-4000-8000-00000000AAAA", **response},
        "collected_at": "2026-11-20T08:31:00Z",
    }


def resolved(name: str, *addresses: str) -> Part:
    return observed({"resolved": {name: list(addresses)}})


def observed(*observations: Part) -> Part:
    return {"apiVersion": "wayout/v1", "kind": "Case", "observations": list(observations)}


# ── RDS ──────────────────────────────────────────────────────────────────────────────────────

RDS, RDS_NAME, RDS_IP = "rm-bp1shop", "rm-bp1shop.mysql.rds.aliyuncs.com", "10.20.40.9"
RDS_PUBLIC, RDS_PUBLIC_IP = "rm-bp1shopo.mysql.rds.aliyuncs.com", "203.0.113.40"


def rds_net(
    *, public: bool = False, mode: str = "normal", vpc: str = VPC, ip: str = RDS_IP
) -> Part:
    inner = {
        "ConnectionString": RDS_NAME, "ConnectionStringType": "Normal", "IPAddress": ip,
        "IPType": "Private", "Port": "3306", "VPCId": vpc, "VSwitchId": "vsw-bp1db",
        "SecurityIPGroups": {"securityIPGroup": []},
    }  # fmt: skip
    outer = {
        "ConnectionString": RDS_PUBLIC, "ConnectionStringType": "Normal", "IPType": "Public",
        "IPAddress": RDS_PUBLIC_IP, "Port": "3306", "VPCId": "", "VSwitchId": "",
    }  # fmt: skip
    items = [inner, outer] if public else [inner]
    response = {
        "InstanceNetworkType": "VPC", "SecurityIPMode": mode,
        "DBInstanceNetInfos": {"DBInstanceNetInfo": items},
    }  # fmt: skip
    return envelope("DescribeDBInstanceNetInfo", response, DBInstanceId=RDS)


def rds_whitelist(*groups: tuple[str, str] | tuple[str, str, str]) -> Part:
    """Groups as (name, entries) or (name, entries, network type)."""
    made: list[Part] = []
    for name, entries, *network in groups:
        group = {
            "DBInstanceIPArrayName": name, "DBInstanceIPArrayAttribute": "",
            "SecurityIPType": "IPv4", "SecurityIPList": entries,
        }  # fmt: skip
        made.append({**group, **({"WhitelistNetworkType": network[0]} if network else {})})
    return envelope(
        "DescribeDBInstanceIPArrayList", {"Items": {"DBInstanceIPArray": made}}, DBInstanceId=RDS
    )


def rds_groups(*groups: str) -> Part:
    """Security groups that RDS takes as a whitelist."""
    items = [
        {"NetworkType": "VPC", "RegionId": REGION, "SecurityGroupId": g, "SecurityGroupName": g}
        for g in groups
    ]
    response = {"DBInstanceName": RDS, "Items": {"EcsSecurityGroupRelation": items}}
    return envelope("DescribeSecurityGroupConfiguration", response, DBInstanceId=RDS)


def rds_templates(*entries: str) -> Part:
    templates = [
        {"TemplateId": i, "TemplateName": f"tpl{i}", "Ips": text}
        for i, text in enumerate(entries, start=1)
    ]
    response = {"Data": {"InsName": RDS, "Templates": templates}, "Success": True}
    return envelope("DescribeInstanceLinkedWhitelistTemplate", response, InsName=RDS)


def rds_attribute(**fields: str) -> Part:
    item = {
        "DBInstanceId": RDS, "DBInstanceStatus": "Running", "LockMode": "Unlock", "VpcId": VPC,
        "VSwitchId": "vsw-bp1db", "InstanceNetworkType": "VPC", "Engine": "MySQL",
        "EngineVersion": "8.0", "RegionId": REGION, "Port": "3306", "DBInstanceNetType": "Intranet",
        **fields,
    }  # fmt: skip
    response = {"Items": {"DBInstanceAttribute": [item]}}
    return envelope("DescribeDBInstanceAttribute", response, DBInstanceId=RDS)


def rds_world(*groups: Any, public: bool = False, mode: str = "normal") -> list[Part]:
    """Everything about the instance, with these whitelist groups."""
    return [
        rds_net(public=public, mode=mode),
        rds_whitelist(*groups),
        rds_groups(),
        rds_templates(),
        rds_attribute(),
    ]


# ── Tair, MongoDB, PolarDB ───────────────────────────────────────────────────────────────────

TAIR, TAIR_NAME, TAIR_IP = "r-bp1cart", "r-bp1cart.redis.rds.aliyuncs.com", "10.20.40.20"
MONGO, MONGO_NAME = "dds-bp1docs", "dds-bp1docs1.mongodb.rds.aliyuncs.com"
POLAR, POLAR_NAME = "pc-bp1orders", "pc-bp1orders.rwlb.rds.aliyuncs.com"


def tair_world(entries: str) -> list[Part]:
    net = {
        "ConnectionString": TAIR_NAME, "Port": "6379", "IPAddress": TAIR_IP, "IPType": "Private",
        "DBInstanceNetType": "2", "DirectConnection": 0, "VPCId": VPC, "VSwitchId": "vsw-bp1db",
    }  # fmt: skip
    groups = [
        {
            "SecurityIpGroupName": "default",
            "SecurityIpGroupAttribute": "",
            "SecurityIpList": entries,
        }
    ]
    return [
        envelope(
            "DescribeDBInstanceNetInfo",
            {"InstanceNetworkType": "VPC", "NetInfoItems": {"InstanceNetInfo": [net]}},
            InstanceId=TAIR,
        ),
        envelope(
            "DescribeSecurityIps",
            {"SecurityIpGroups": {"SecurityIpGroup": groups}},
            InstanceId=TAIR,
        ),
        envelope(
            "DescribeSecurityGroupConfiguration",
            {"Items": {"EcsSecurityGroupRelation": []}},
            InstanceId=TAIR,
        ),
        envelope(
            "DescribeInstanceAttribute",
            {
                "Instances": {
                    "DBInstanceAttribute": [
                        {
                            "InstanceId": TAIR,
                            "InstanceStatus": "Normal",
                            "NetworkType": "VPC",
                            "VpcId": VPC,
                            "RegionId": REGION,
                            "Engine": "Redis",
                            "EngineVersion": "7.0",
                        }
                    ]
                }
            },
            InstanceId=TAIR,
        ),
        envelope(
            "DescribeGlobalSecurityIPGroupRelation",
            {"DBClusterId": TAIR, "GlobalSecurityIPGroupRel": []},
            DBClusterId=TAIR,
        ),
    ]


def mongo_world(entries: str) -> list[Part]:
    member = {
        "ConnectionDomain": MONGO_NAME, "ConnectionPort": "3717", "NetworkType": "VPC",
        "ReplicaSetRole": "Primary",
    }  # fmt: skip
    groups = [
        {
            "SecurityIpGroupName": "default",
            "SecurityIpGroupAttribute": "",
            "SecurityIpList": entries,
        }
    ]
    return [
        envelope(
            "DescribeReplicaSetRole",
            {"DBInstanceId": MONGO, "ReplicaSets": {"ReplicaSet": [member]}},
            DBInstanceId=MONGO,
        ),
        envelope(
            "DescribeSecurityIps",
            {"SecurityIps": entries, "SecurityIpGroups": {"SecurityIpGroup": groups}},
            DBInstanceId=MONGO,
        ),
        envelope(
            "DescribeSecurityGroupConfiguration",
            {"Items": {"RdsEcsSecurityGroupRel": []}},
            DBInstanceId=MONGO,
        ),
        resolved(MONGO_NAME, "10.20.40.31"),
    ]


def polar_world(entries: str) -> list[Part]:
    address = {
        "ConnectionString": POLAR_NAME, "IPAddress": "10.20.40.50", "NetType": "Private",
        "Port": "3306", "VPCId": VPC, "VSwitchId": "vsw-bp1db",
    }  # fmt: skip
    arrays = [
        {
            "DBClusterIPArrayName": "default",
            "DBClusterIPArrayAttribute": "",
            "SecurityIps": entries,
        }
    ]
    return [
        envelope(
            "DescribeDBClusterEndpoints",
            {
                "Items": [
                    {"EndpointType": "Cluster", "DBEndpointId": "pe-1", "AddressItems": [address]}
                ]
            },
            DBClusterId=POLAR,
        ),
        envelope(
            "DescribeDBClusterAttribute",
            {
                "DBClusterId": POLAR,
                "DBClusterStatus": "Running",
                "LockMode": "Unlock",
                "VPCId": VPC,
                "RegionId": REGION,
                "DBType": "MySQL",
                "Engine": "POLARDB",
            },
            DBClusterId=POLAR,
        ),
        envelope(
            "DescribeDBClusterAccessWhitelist",
            {
                "Items": {"DBClusterIPArray": arrays},
                "DBClusterSecurityGroups": {"DBClusterSecurityGroup": []},
            },
            DBClusterId=POLAR,
        ),
    ]


# ── OSS ──────────────────────────────────────────────────────────────────────────────────────

BUCKET = "shop-media"
OSS_INNER, OSS_OUTER = (
    f"{BUCKET}.oss-{REGION}-internal.aliyuncs.com",
    f"{BUCKET}.oss-{REGION}.aliyuncs.com",
)
OSS_VIP, OSS_PUBLIC_IP = "100.118.28.9", "203.0.113.60"


def bucket(region: str = REGION) -> Part:
    info = {
        "Name": BUCKET, "Location": f"oss-{region}", "CreationDate": "2026-01-02T03:04:05.000Z",
        "ExtranetEndpoint": f"oss-{region}.aliyuncs.com",
        "IntranetEndpoint": f"oss-{region}-internal.aliyuncs.com",
        "AccessControlList": {"Grant": "private"}, "TransferAcceleration": "Disabled",
        "Owner": {"ID": "1000000000000001", "DisplayName": "shop"},
    }  # fmt: skip
    return envelope("GetBucketInfo", {"BucketInfo": {"Bucket": info}}, Bucket=BUCKET)


def bucket_policy(*statements: Part) -> Part:
    policy = {"Version": "1", "Statement": list(statements)}
    return envelope("GetBucketPolicy", policy, Bucket=BUCKET)


def statement(effect: str, condition: Part | None = None, **more: Any) -> Part:
    made: Part = {
        "Effect": effect, "Action": ["oss:*"], "Principal": ["*"],
        "Resource": [f"acs:oss:*:1000000000000001:{BUCKET}",
                     f"acs:oss:*:1000000000000001:{BUCKET}/*"],
    }  # fmt: skip
    return {**made, **more, **({"Condition": condition} if condition else {})}


def no_block() -> Part:
    block = {"PublicAccessBlockConfiguration": {"BlockPublicAccess": False}}
    return envelope("GetBucketPublicAccessBlock", block, Bucket=BUCKET)


def gateway_endpoint(*statements: Part) -> Part:
    endpoint = {
        "EndpointId": "vpce-bp1oss", "EndpointName": "oss", "EndpointStatus": "Created",
        "ServiceName": f"com.aliyun.{REGION}.oss", "VpcId": VPC,
        "PolicyDocument": json.dumps({"Version": "1", "Statement": list(statements)}),
        "AssociatedRouteTables": ["vtb-bp1shop"],
    }  # fmt: skip
    return envelope(
        "ListVpcGatewayEndpoints", {"Endpoints": [endpoint], "TotalCount": 1, "NextToken": ""}
    )


def no_gateway_endpoint() -> Part:
    return envelope("ListVpcGatewayEndpoints", {"Endpoints": [], "TotalCount": 0, "NextToken": ""})


# ── CLB ──────────────────────────────────────────────────────────────────────────────────────

CLB, CLB_IP = "lb-bp1orders", "10.20.40.80"


def clb(address: str = CLB_IP, kind: str = "intranet", **more: Any) -> Part:
    item = {
        "LoadBalancerId": CLB, "LoadBalancerName": "orders", "Address": address,
        "AddressType": kind, "AddressIPVersion": "ipv4", "NetworkType": "vpc", "VpcId": VPC,
        "VSwitchId": "vsw-bp1db", "LoadBalancerStatus": "active", "RegionId": REGION,
        "ListenerPortsAndProtocol": {"ListenerPortAndProtocol": [
            {"ListenerPort": 8443, "ListenerProtocol": "tcp", "Description": ""}]},
        "BackendServers": {"BackendServer": []}, **more,
    }  # fmt: skip
    return envelope("DescribeLoadBalancerAttribute", item, LoadBalancerId=CLB)


def clb_listener(**more: Any) -> Part:
    item = {
        "LoadBalancerId": CLB, "ListenerPort": 8443, "BackendServerPort": 8443,
        "Status": "running", "AclStatus": "off", "AclType": "", "AclId": "",
        "AclIds": {"AclId": []}, "VServerGroupId": "rsp-bp1orders", "HealthCheck": "on",
        "Scheduler": "rr", "Bandwidth": -1, **more,
    }  # fmt: skip
    return envelope(
        "DescribeLoadBalancerTCPListenerAttribute", item, LoadBalancerId=CLB, ListenerPort="8443"
    )


def acl(*entries: str, name: str = "acl-bp1own") -> Part:
    made = [{"AclEntryIP": entry, "AclEntryComment": ""} for entry in entries]
    response = {
        "AclId": name, "AclName": "own", "AddressIPVersion": "ipv4",
        "AclEntrys": {"AclEntry": made}, "TotalAclEntry": len(made),
        "RelatedListeners": {"RelatedListener": []},
    }  # fmt: skip
    return envelope("DescribeAccessControlListAttribute", response, AclId=name)


def clb_group(*weights: int) -> Part:
    servers = [
        {"ServerId": f"i-bp1w{i}", "ServerIp": f"10.20.41.{i}", "Port": 8443, "Weight": weight,
         "Type": "ecs"}
        for i, weight in enumerate(weights, start=1)
    ]  # fmt: skip
    response = {
        "VServerGroupId": "rsp-bp1orders",
        "VServerGroupName": "orders",
        "LoadBalancerId": CLB,
        "BackendServers": {"BackendServer": servers},
    }
    return envelope("DescribeVServerGroupAttribute", response, VServerGroupId="rsp-bp1orders")


def clb_health(*states: str) -> Part:
    servers = [
        {"ServerId": f"i-bp1w{i}", "ServerIp": f"10.20.41.{i}", "Port": 8443,
         "ListenerPort": 8443, "Protocol": "tcp", "ServerHealthStatus": state}
        for i, state in enumerate(states, start=1)
    ]  # fmt: skip
    return envelope(
        "DescribeHealthStatus", {"BackendServers": {"BackendServer": servers}}, LoadBalancerId=CLB
    )


def clb_world(
    acl_entries: Iterable[str] | None = None, acl_type: str = "white", **listener: Any
) -> list[Part]:
    """A healthy CLB; with `acl_entries`, its listener has an ACL of that type."""
    made = [clb(), clb_group(100, 100), clb_health("normal", "normal")]
    if acl_entries is None:
        return [*made, clb_listener(**listener)]
    on = {"AclStatus": "on", "AclType": acl_type, "AclId": "acl-bp1own",
          "AclIds": {"AclId": ["acl-bp1own"]}}  # fmt: skip
    return [*made, clb_listener(**{**on, **listener}), acl(*acl_entries)]


# ── NLB and ALB ──────────────────────────────────────────────────────────────────────────────

NLB, NLB_NAME, NLB_IP = "nlb-bp1feed", f"nlb-bp1feed.{REGION}.nlb.aliyuncsslb.com", "10.20.40.90"
ALB, ALB_NAME, ALB_IP = "alb-bp1web", f"alb-bp1web.{REGION}.alb.aliyuncsslb.com", "10.20.40.95"


def nlb_world(*groups: str, **more: Any) -> list[Part]:
    zone = {
        "ZoneId": ZONE, "VSwitchId": "vsw-bp1db", "Status": "Active",
        "LoadBalancerAddresses": [
            {"EniId": "eni-bp1nlb", "PrivateIPv4Address": NLB_IP, "PrivateIPv4HcStatus": "Healthy",
             "PublicIPv4Address": "", "AllocationId": ""}],
    }  # fmt: skip
    balancer = {
        "LoadBalancerId": NLB, "LoadBalancerType": "Network", "DNSName": NLB_NAME,
        "AddressType": "Intranet", "AddressIpVersion": "ipv4", "LoadBalancerStatus": "Active",
        "LoadBalancerBusinessStatus": "Normal", "OperationLocks": [], "VpcId": VPC,
        "SecurityGroupIds": list(groups), "CrossZoneEnabled": True, "ZoneMappings": [zone],
        "RegionId": REGION, **more,
    }  # fmt: skip
    listener = {
        "ListenerId": "lsn-bp1feed", "LoadBalancerId": NLB, "ListenerPort": 9000,
        "StartPort": "0", "EndPort": "0", "ListenerProtocol": "TCP", "ListenerStatus": "Running",
        "ServerGroupId": "sgp-bp1feed", "ProxyProtocolEnabled": False,
    }  # fmt: skip
    server = {
        "ServerGroupId": "sgp-bp1feed", "ServerId": "i-bp1w1", "ServerIp": "10.20.41.1",
        "ServerType": "Ecs", "Port": 9000, "Weight": 100, "Status": "Available", "ZoneId": ZONE,
    }  # fmt: skip
    group = {
        "ServerGroupId": "sgp-bp1feed", "ServerGroupName": "feed", "VpcId": VPC,
        "PreserveClientIpEnabled": True, "ServerCount": 1, "HealthCheck":
        {"HealthCheckEnabled": True}, "ServerGroupStatus": "Available", "Protocol": "TCP",
    }  # fmt: skip
    health = {
        "ListenerHealthStatus": [
            {"ListenerId": "lsn-bp1feed", "ListenerPort": 9000, "ListenerProtocol": "TCP",
             "ServerGroupInfos": [{"ServerGroupId": "sgp-bp1feed", "HeathCheckEnabled": True,
                                   "NonNormalServers": []}]}]}  # fmt: skip
    return [
        envelope("GetLoadBalancerAttribute", balancer, LoadBalancerId=NLB),
        envelope(
            "ListListeners",
            {"Listeners": [listener], "TotalCount": 1, "NextToken": ""},
            **{"LoadBalancerIds.1": NLB},
        ),
        envelope("ListServerGroups", {"ServerGroups": [group], "TotalCount": 1, "NextToken": ""}),
        envelope(
            "ListServerGroupServers",
            {"Servers": [server], "TotalCount": 1, "NextToken": ""},
            ServerGroupId="sgp-bp1feed",
        ),
        envelope("GetListenerHealthStatus", health, ListenerId="lsn-bp1feed"),
    ]


def alb_world(
    acl_entries: Iterable[str] | None = None, unhealthy: bool = False, kind: str = "White"
) -> list[Part]:
    zone = {
        "ZoneId": ZONE, "VSwitchId": "vsw-bp1db", "Status": "Active",
        "LoadBalancerAddresses": [
            {"Address": ALB_IP, "IntranetAddress": ALB_IP, "IntranetAddressHcStatus": "Healthy",
             "AllocationId": ""}],
    }  # fmt: skip
    balancer = {
        "LoadBalancerId": ALB, "DNSName": ALB_NAME, "AddressType": "Intranet",
        "AddressAllocatedMode": "Fixed", "AddressIpVersion": "IPv4", "LoadBalancerStatus": "Active",
        "LoadBalancerBussinessStatus": "Normal", "LoadBalancerOperationLocks": [], "VpcId": VPC,
        "LoadBalancerEdition": "Standard", "SecurityGroupIds": [], "ZoneMappings": [zone],
        "RegionId": REGION,
    }  # fmt: skip
    config: Part = {}
    if acl_entries is not None:
        config = {
            "AclType": kind,
            "AclRelations": [{"AclId": "acl-bp1alb", "Status": "Associated"}],
        }
    listener = {
        "ListenerId": "lsn-bp1web", "LoadBalancerId": ALB, "ListenerPort": 443,
        "ListenerProtocol": "HTTPS", "ListenerStatus": "Running", "AclConfig": config,
        "DefaultActions": [{"Type": "ForwardGroup", "ForwardGroupConfig":
                            {"ServerGroupTuples": [{"ServerGroupId": "sgp-bp1web"}]}}],
    }  # fmt: skip
    servers = [
        {"ServerGroupId": "sgp-bp1web", "ServerId": f"i-bp1w{i}", "ServerIp": f"10.20.41.{i}",
         "ServerType": "Ecs", "Port": 8080, "Weight": 100, "Status": "Available"}
        for i in (1, 2)
    ]  # fmt: skip
    sick = [
        {"ServerId": s["ServerId"], "ServerIp": s["ServerIp"], "Port": 8080, "Status": "Unhealthy",
         "Reason": {"ReasonCode": "CONNECT_TIMEOUT"}}
        for s in servers
    ]  # fmt: skip
    health = {
        "ListenerHealthStatus": [
            {"ListenerId": "lsn-bp1web", "ListenerPort": 443, "ListenerProtocol": "HTTPS",
             "ServerGroupInfos": [{"ServerGroupId": "sgp-bp1web", "HealthCheckEnabled": "on",
                                   "NonNormalServers": sick if unhealthy else []}]}],
        "RuleHealthStatus": [],
    }  # fmt: skip
    made = [
        envelope("GetLoadBalancerAttribute", balancer, LoadBalancerId=ALB),
        envelope("GetListenerAttribute", listener, ListenerId="lsn-bp1web"),
        envelope(
            "ListListeners",
            {"Listeners": [listener], "TotalCount": 1, "NextToken": ""},
            **{"LoadBalancerIds.1": ALB},
        ),
        envelope(
            "ListServerGroupServers",
            {"Servers": servers, "TotalCount": 2, "NextToken": ""},
            ServerGroupId="sgp-bp1web",
        ),
        envelope("GetListenerHealthStatus", health, ListenerId="lsn-bp1web"),
    ]
    if acl_entries is not None:
        entries = [{"Entry": e, "Status": "Available", "Description": ""} for e in acl_entries]
        made.append(
            envelope(
                "ListAclEntries",
                {"AclEntries": entries, "TotalCount": len(entries), "NextToken": ""},
                AclId="acl-bp1alb",
            )
        )
    return made


# ── ECS, interfaces, groups ──────────────────────────────────────────────────────────────────

VM, VM_IP, VM_EIP = "i-bp1legacy", "10.20.40.12", "203.0.113.70"


def rule_in(port: str, source: str, policy: str = "Accept", priority: int = 1, **more: str) -> Part:
    made = {
        "SecurityGroupRuleId": f"sgr-bp1{policy.lower()}{priority}{port.partition('/')[0]}",
        "Direction": "ingress", "IpProtocol": "TCP", "PortRange": port, "SourceCidrIp": source,
        "Ipv6SourceCidrIp": "", "SourceGroupId": "", "SourcePrefixListId": "", "DestCidrIp": "",
        "Policy": policy, "Priority": str(priority), "NicType": "intranet", "PortRangeListId": "",
        "SourcePortRange": "", "Description": "",
    }  # fmt: skip
    return {**made, **more}


def group(name: str, *rules: Part, inner: str = "Accept") -> Part:
    response = {
        "SecurityGroupId": name, "SecurityGroupName": name, "VpcId": VPC, "RegionId": REGION,
        "InnerAccessPolicy": inner, "NextToken": "", "Permissions": {"Permission": list(rules)},
    }  # fmt: skip
    return envelope(
        "DescribeSecurityGroupAttribute", response, SecurityGroupId=name, Direction="all"
    )


def group_types(**types: str) -> Part:
    made = [
        {"SecurityGroupId": name.replace("_", "-"), "SecurityGroupType": kind, "VpcId": VPC}
        for name, kind in types.items()
    ]
    response = {"TotalCount": len(made), "PageNumber": 1, "PageSize": 100,
                "SecurityGroups": {"SecurityGroup": made}}  # fmt: skip
    return envelope("DescribeSecurityGroups", response, VpcId=VPC, SecurityGroupIds="[…]")


def interface(name: str, ip: str, *groups: str, **more: Any) -> Part:
    item = {
        "NetworkInterfaceId": name, "PrivateIpAddress": ip,
        "PrivateIpSets": {"PrivateIpSet": [{"PrivateIpAddress": ip, "Primary": True}]},
        "SecurityGroupIds": {"SecurityGroupId": list(groups)}, "VSwitchId": "vsw-bp1db",
        "VpcId": VPC, "Status": "InUse", "Type": "Primary", "InstanceId": VM,
        "ServiceManaged": False, "AssociatedPublicIp": {}, "Ipv6Sets": {"Ipv6Set": []}, **more,
    }  # fmt: skip
    response = {"TotalCount": 1, "NextToken": "",
                "NetworkInterfaceSets": {"NetworkInterfaceSet": [item]}}  # fmt: skip
    return envelope("DescribeNetworkInterfaces", response, PrivateIpAddress=ip)


def vswitch(network_acl: str = "") -> Part:
    response = {
        "VSwitchId": "vsw-bp1db", "VpcId": VPC, "CidrBlock": "10.20.40.0/23", "ZoneId": ZONE,
        "Status": "Available", "AvailableIpAddressCount": 400, "NetworkAclId": network_acl,
        "RouteTable": {"RouteTableId": "vtb-bp1shop", "RouteTableType": "System"},
    }  # fmt: skip
    return envelope("DescribeVSwitchAttributes", response, VSwitchId="vsw-bp1db")


def instance(status: str = "Running") -> Part:
    item = {
        "InstanceId": VM, "InstanceName": "legacy", "Status": status, "RegionId": REGION,
        "InstanceNetworkType": "vpc", "OperationLocks": {"LockReason": []},
        "VpcAttributes": {"VpcId": VPC, "VSwitchId": "vsw-bp1db",
                          "PrivateIpAddress": {"IpAddress": [VM_IP]}},
    }  # fmt: skip
    response = {"TotalCount": 1, "PageNumber": 1, "PageSize": 10,
                "Instances": {"Instance": [item]}}  # fmt: skip
    return envelope("DescribeInstances", response, InstanceIds=f'["{VM}"]')


def vm_world(*rules: Part, status: str = "Running", **more: Any) -> list[Part]:
    return [
        interface("eni-bp1legacy", VM_IP, "sg-bp1legacy", **more),
        group("sg-bp1legacy", *rules),
        group_types(sg_bp1legacy="normal"),
        vswitch(),
        instance(status),
    ]


def eips(*more: Part) -> Part:
    exit_eip = {
        "AllocationId": "eip-bp1exit", "IpAddress": EXIT, "Status": "InUse",
        "BusinessStatus": "Normal", "InstanceId": "ngw-bp1exit", "InstanceType": "Nat",
        "OperationLocks": {"LockReason": []}, "Mode": "NAT", "Bandwidth": "100",
        "PrivateIpAddress": "", "RegionId": REGION,
    }  # fmt: skip
    response = {"TotalCount": 1 + len(more), "PageNumber": 1, "PageSize": 100,
                "EipAddresses": {"EipAddress": [exit_eip, *more]}}  # fmt: skip
    return envelope("DescribeEipAddresses", response)


def vm_eip() -> Part:
    return {
        "AllocationId": "eip-bp1legacy", "IpAddress": VM_EIP, "Status": "InUse",
        "BusinessStatus": "Normal", "InstanceId": VM, "InstanceType": "EcsInstance",
        "OperationLocks": {"LockReason": []}, "Mode": "NAT", "Bandwidth": "5",
        "PrivateIpAddress": VM_IP, "RegionId": REGION, "VpcId": VPC,
    }  # fmt: skip


# ── PrivateLink, registry, key store ─────────────────────────────────────────────────────────

LINK, LINK_IP = "ep-bp1pay", "10.20.40.61"


def link_world(*rules: Part, connection: str = "Connected") -> list[Part]:
    attribute = {
        "EndpointId": LINK, "EndpointName": "pay", "EndpointType": "Interface", "VpcId": VPC,
        "ConnectionStatus": connection, "EndpointStatus": "Active",
        "EndpointBusinessStatus": "Normal", "RegionId": REGION, "PolicyDocument": "",
        "EndpointDomain": f"{LINK}.epsrv-bp1pay.{REGION}.privatelink.aliyuncs.com",
        "ServiceId": "epsrv-bp1pay",
    }  # fmt: skip
    zone = {
        "ZoneId": ZONE, "ZoneStatus": "Connected", "EniIp": LINK_IP, "EniId": "eni-bp1pay",
        "VSwitchId": "vsw-bp1db", "ZoneDomain": "",
    }  # fmt: skip
    groups = [{"SecurityGroupId": "sg-bp1pay", "SecurityGroupStatus": "Attached"}]
    return [
        envelope("GetVpcEndpointAttribute", attribute, EndpointId=LINK),
        envelope("ListVpcEndpointZones", {"Zones": [zone], "NextToken": ""}, EndpointId=LINK),
        envelope(
            "ListVpcEndpointSecurityGroups",
            {"SecurityGroups": groups, "NextToken": ""},
            EndpointId=LINK,
        ),
        group("sg-bp1pay", *rules),
        group_types(sg_bp1pay="normal"),
        vswitch(),
    ]


KMS = "kst-bp1keys"
KMS_NAME = f"{KMS}.cryptoservice.kms.aliyuncs.com"


def kms_world(*vpcs: str) -> list[Part]:
    bound = [{"VpcId": v, "VSwitchId": "vsw-bp1db", "RegionId": REGION} for v in vpcs]
    response = {
        "KmsInstance": {"InstanceId": KMS, "Status": "Connected", "VpcId": vpcs[0],
                        "VswitchIds": ["vsw-bp1db"], "BindVpcs": {"BindVpc": bound}},
    }  # fmt: skip
    return [
        envelope("GetKmsInstance", response, KmsInstanceId=KMS),
        resolved(KMS_NAME, "10.20.40.71"),
    ]


# ── Own load balancer ────────────────────────────────────────────────────────────────────────

OWN_IP = "203.0.113.80"


def own_service(policy: str, **annotations: str) -> Part:
    prefix = "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-"
    return {
        "apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "web", "namespace": "shop", "annotations": {
            prefix + key.replace("_", "-"): value for key, value in annotations.items()}},
        "spec": {
            "type": "LoadBalancer", "clusterIP": "172.21.9.9", "clusterIPs": ["172.21.9.9"],
            "externalTrafficPolicy": policy, "selector": {"app": "web"},
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": OWN_IP}]}},
    }  # fmt: skip


def own_endpoints() -> Part:
    return {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
        "metadata": {"name": "web-x1", "namespace": "shop",
                     "labels": {"kubernetes.io/service-name": "web"}},
        "endpoints": [{"addresses": ["10.20.16.44"], "conditions": {"ready": True},
                       "targetRef": {"kind": "Pod", "name": "web-0", "namespace": "shop"}}],
        "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
    }  # fmt: skip


def web_pod() -> Part:
    return {
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web-0", "namespace": "shop", "labels": {"app": "web"},
                     "annotations": {"network.alibabacloud.com/allocated-eni-id": "eni-bp1web0",
                                     "network.alibabacloud.com/vswitch-id": POD_VSWITCH}},
        "spec": {"containers": [{"name": "web", "ports": [{"containerPort": 8080}]}]},
        "status": {"phase": "Running", "podIP": "10.20.16.44", "podIPs": [{"ip": "10.20.16.44"}],
                   "conditions": [{"type": "Ready", "status": "True"}]},
    }  # fmt: skip


def own_world(policy: str, **annotations: str) -> list[Part]:
    eni = interface(
        "eni-bp1web0", "10.20.16.44", "sg-bp1cluster", VSwitchId=POD_VSWITCH, InstanceId="",
        Type="Secondary", ServiceManaged=True,
    )  # fmt: skip
    return [own_service(policy, **annotations), own_endpoints(), web_pod(), eni]


# ── Changes of the world around the pod ──────────────────────────────────────────────────────


def pod_group(**fields: str) -> Part:
    """The only outbound rule of the pod's group, changed."""
    return {
        "set": "security_group_rules", "of": "sg-bp1cluster", "key": "sgr-bp1out", "fields": fields
    }  # fmt: skip


def both_exits() -> Part:
    return {
        "set": "snat_entries", "of": "ngw-bp1exit", "key": "snat-bp1pods",
        "fields": {"SnatIp": f"{EXIT},{EXIT_2}"},
    }  # fmt: skip


def second_exit() -> Part:
    """The NAT gateway with two EIPs, in short form."""
    gateway = {
        "id": "ngw-bp1exit", "vpc": VPC, "vswitch": "vsw-bp1nat", "status": "Available",
        "business_status": "Normal", "network_type": "internet", "eip_bind_mode": "NAT",
        "eips": [{"id": "eip-bp1exit", "ip": EXIT}, {"id": "eip-bp1two", "ip": EXIT_2}],
    }  # fmt: skip
    addresses = [
        {"id": name, "ip": ip, "bound_to": "ngw-bp1exit", "bound_type": "Nat", "status": "InUse",
         "business_status": "Normal", "locks": []}
        for name, ip in (("eip-bp1exit", EXIT), ("eip-bp1two", EXIT_2))
    ]  # fmt: skip
    return {"apiVersion": "wayout/v1", "kind": "Case", "nat_gateways": [gateway], "eips": addresses}


def closed_acl() -> Part:
    """A network ACL that lets SSH in and nothing else."""
    entry = {
        "NetworkAclEntryId": "nae-bp1ssh", "NetworkAclEntryName": "ssh", "Policy": "accept",
        "Protocol": "tcp", "Port": "22/22", "SourceCidrIp": "0.0.0.0/0", "IpVersion": "IPV4",
        "EntryType": "custom",
    }  # fmt: skip
    out = {
        "NetworkAclEntryId": "nae-bp1out", "NetworkAclEntryName": "all", "Policy": "accept",
        "Protocol": "all", "Port": "-1/-1", "DestinationCidrIp": "0.0.0.0/0", "IpVersion": "IPV4",
        "EntryType": "custom",
    }  # fmt: skip
    attribute = {
        "NetworkAclId": "nacl-bp1db", "VpcId": VPC, "Status": "Available",
        "IngressAclEntries": {"IngressAclEntry": [entry]},
        "EgressAclEntries": {"EgressAclEntry": [out]},
        "Resources": {"Resource": [
            {"ResourceId": "vsw-bp1db", "ResourceType": "VSwitch", "Status": "BINDED"}]},
    }  # fmt: skip
    return envelope(
        "DescribeNetworkAclAttributes",
        {"NetworkAclAttribute": attribute},
        NetworkAclId="nacl-bp1db",
    )


def private_only() -> Part:
    """A NetworkPolicy that opens the RFC 1918 ranges and nothing else."""
    blocks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
    return {
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "private-only", "namespace": "shop"},
        "spec": {"podSelector": {}, "policyTypes": ["Egress"],
                 "egress": [{"to": [{"ipBlock": {"cidr": block}} for block in blocks]}]},
    }  # fmt: skip
