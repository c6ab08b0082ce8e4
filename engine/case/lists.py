"""The lists a case may know, and what each is a list of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel

from wayout.engine.case import (
    alibaba,
    balancers,
    endpoints_of_services,
    instances,
    kubernetes,
    storage,
    whitelists,
)
from wayout.engine.case.model import Addon, Observation

__all__ = ["LISTS", "MODELS", "NAMESPACED", "OWNED", "is_list_reference"]

LISTS: Mapping[type[BaseModel], str] = MappingProxyType(
    {
        kubernetes.Pod: "pods",
        kubernetes.Namespace: "namespaces",
        kubernetes.Service: "services",
        kubernetes.EndpointSlice: "endpoint_slices",
        kubernetes.Endpoints: "endpoints",
        kubernetes.NetworkPolicy: "network_policies",
        kubernetes.TrafficPolicy: "traffic_policies",
        kubernetes.GlobalTrafficPolicy: "global_traffic_policies",
        kubernetes.ConfigMap: "config_maps",
        kubernetes.Workload: "workloads",
        kubernetes.PodEip: "pod_eips",
        kubernetes.Ingress: "ingresses",
        kubernetes.Gateway: "gateways",
        kubernetes.HttpRoute: "http_routes",
        kubernetes.Event: "events",
        alibaba.Cluster: "clusters",
        Addon: "addons",
        alibaba.Vpc: "vpcs",
        alibaba.VSwitch: "vswitches",
        alibaba.SecurityGroup: "security_groups",
        alibaba.SecurityGroupRule: "security_group_rules",
        alibaba.NetworkInterface: "network_interfaces",
        alibaba.RouteTable: "route_tables",
        alibaba.RouteEntry: "route_entries",
        alibaba.NatGateway: "nat_gateways",
        alibaba.SnatEntry: "snat_entries",
        alibaba.ForwardEntry: "forward_entries",
        alibaba.Eip: "eips",
        alibaba.NetworkAcl: "network_acls",
        alibaba.PrefixListEntry: "prefix_list_entries",
        alibaba.PortRangeEntry: "port_range_entries",
        alibaba.FirewallPolicy: "firewall_policies",
        alibaba.FirewallAsset: "firewall_assets",
        alibaba.DdosAddress: "ddos_addresses",
        alibaba.AccountBalance: "account_balances",
        alibaba.Metric: "metrics",
        alibaba.PrivateZone: "private_zones",
        alibaba.DhcpOptionsSet: "dhcp_options_sets",
        instances.Instance: "instances",
        instances.InstanceEndpoint: "instance_endpoints",
        endpoints_of_services.EcsInstance: "ecs_instances",
        endpoints_of_services.VpcPeer: "vpc_peers",
        endpoints_of_services.PrivateEndpoint: "private_endpoints",
        endpoints_of_services.MountTarget: "mount_targets",
        endpoints_of_services.AccessRule: "access_rules",
        endpoints_of_services.RegistryEndpoint: "registry_endpoints",
        endpoints_of_services.KeyStore: "key_stores",
        storage.Bucket: "buckets",
        storage.BucketPolicy: "bucket_policies",
        storage.AccessPoint: "access_points",
        storage.AccessPointPolicy: "access_point_policies",
        storage.PublicAccessBlock: "public_access_blocks",
        storage.GatewayEndpoint: "gateway_endpoints",
        balancers.LoadBalancer: "load_balancers",
        balancers.Listener: "listeners",
        balancers.AclEntry: "acl_entries",
        balancers.ServerGroup: "server_groups",
        balancers.BackendServer: "backend_servers",
        balancers.ListenerHealth: "listener_health",
        whitelists.Whitelist: "whitelists",
        whitelists.WhitelistTemplate: "whitelist_templates",
        whitelists.WhitelistSecurityGroup: "whitelist_security_groups",
        Observation: "observations",
    }
)
MODELS: Mapping[str, type[BaseModel]] = MappingProxyType({n: m for m, n in LISTS.items()})

# `of` is a namespace; a list of the whole cluster is complete for each.
NAMESPACED = frozenset(
    {
        "config_maps",
        "endpoint_slices",
        "endpoints",
        "events",
        "gateways",
        "http_routes",
        "ingresses",
        "network_policies",
        "pod_eips",
        "pods",
        "services",
        "traffic_policies",
        "workloads",
    }
)
# `of` is the id of the cloud resource whose parts they are.
OWNED: Mapping[str, str] = MappingProxyType(
    {
        "access_rules": "permission group",
        "access_point_policies": "access point",
        "bucket_policies": "bucket",
        "acl_entries": "access control list",
        "backend_servers": "server group",
        "forward_entries": "NAT gateway",
        "instance_endpoints": "instance",
        "listeners": "load balancer",
        "port_range_entries": "port list",
        "prefix_list_entries": "prefix list",
        "route_entries": "route table",
        "security_group_rules": "security group",
        "snat_entries": "NAT gateway",
        "whitelist_security_groups": "instance",
        "whitelist_templates": "instance",
        "whitelists": "instance",
    }
)


def is_list_reference(text: str) -> bool:
    """True for `pods`, `pods/shop`, `snat_entries/ngw-1`; `vpcs/x` has no owner and is none."""
    name, slash, of = text.partition("/")
    return name in MODELS and (not slash or (bool(of) and (name in NAMESPACED or name in OWNED)))
