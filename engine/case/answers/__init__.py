"""Answers of the products a pod may call: databases, load balancers, object storage and others.

One module per family. It has `take(gatherer, answer, frame) -> bool`: read the answer and say
whether it was one of the family. A module is imported when a key of an answer, or the action of
its envelope, is among `SIGNS`; a diagnosis that meets none of these pays nothing for them.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.openapi import Item

__all__ = ["ABSENCES", "SIGNS", "take_absence", "take_product"]

# Key of an answer, as written there, or action -> modules of this package, divided by blanks.
SIGNS: Mapping[str, str] = {
    "AcceptingVpc": "hosts",
    "AccessPointName": "storage",
    "AccessRules": "nas",
    "AclEnable": "registry",
    "BlockPublicAccess": "storage",
    "Bucket": "storage",
    "BucketInfo": "storage",
    "Buckets": "storage",
    "Cname": "storage",
    "ConnectionStatus": "private_link",
    "DescribeInstances": "hosts",
    "Endpoints": "storage private_link",
    "Error": "storage",
    "FileSystems": "nas",
    "GetAccessPointPolicy": "storage",
    "GetAccessPointResult": "storage",
    "GetBucketPolicy": "storage",
    "GetVpcGatewayEndpointAttribute": "storage",
    "Instances": "hosts caches",
    "IsPublic": "storage",
    "KmsInstance": "key_store",
    "LinkedVpcs": "registry",
    "ListAllMyBucketsResult": "storage",
    "ListCnameResult": "storage",
    "ListVpcEndpointSecurityGroups": "private_link",
    "ListVpcGatewayEndpoints": "storage",
    "LocationConstraint": "storage",
    "MountTargets": "nas",
    "PolicyDocument": "storage",
    "PolicyStatus": "storage",
    "PublicAccessBlockConfiguration": "storage",
    "Statement": "storage",
    "VpcAttributes": "hosts",
    "VpcPeerConnects": "hosts",
    "Zones": "private_link",
    "access_point_name": "storage",
    "bucket_info": "storage",
    "AclEntries": "balancers",
    "AclEntrys": "balancers",
    "BackendServers": "balancers",
    "DescribeHealthStatus": "balancers",
    "ListenerHealthStatus": "balancers",
    "ListenerId": "balancers",
    "ListenerPort": "balancers",
    "Listeners": "balancers",
    "LoadBalancerId": "balancers",
    "LoadBalancers": "balancers",
    "MasterSlaveBackendServers": "balancers",
    "ServerGroups": "balancers",
    "Servers": "balancers",
    "TotalAclEntry": "balancers",
    "acl_entries": "balancers",
    "acl_entrys": "balancers",
    "backend_servers": "balancers",
    "listener_health_status": "balancers",
    "listener_id": "balancers",
    "listener_port": "balancers",
    "listeners": "balancers",
    "load_balancer_id": "balancers",
    "load_balancers": "balancers",
    "server_groups": "balancers",
    "servers": "balancers",
    "AllowedList": "search_and_queues",
    "CompatibleConnections": "caches",
    "DBCluster": "clusters",
    "DBClusterAccessWhiteList": "clusters",
    "DBClusterStatus": "clusters",
    "DBInstanceNetInfos": "rds",
    "DBInstances": "caches",
    "Data": "rds",
    "GlobalSecurityIPGroupRel": "caches",
    "InstanceList": "search_and_queues",
    "Items": "rds caches clusters",
    "NetInfoItems": "caches clusters",
    "NetworkAddresses": "caches",
    "ReplicaSets": "caches",
    "Result": "search_and_queues",
    "SecurityIpGroups": "caches",
}
# Error codes that are an answer -> module that has `take_absence(gatherer, error, frame)`.
ABSENCES: Mapping[str, str] = {
    "NoSuchBucketPolicy": "storage",
    "NoSuchPublicAccessBlockConfiguration": "storage",
}


def take_product(gatherer: Gatherer, answer: Item, frame: Frame) -> bool:
    """Whether a family knew the answer, which it then has read; raises RefusedError."""
    signs = (sign for sign in (frame.action, *answer) if sign in SIGNS)
    names = dict.fromkeys(name for sign in signs for name in SIGNS[sign].split())
    modules = (importlib.import_module(f"{__name__}.{name}") for name in names)
    return any(module.take(gatherer, answer, frame) for module in modules)


def take_absence(gatherer: Gatherer, error: Any, frame: Frame) -> bool:
    """Whether an error says that there is nothing of the kind: an answer, and an empty one."""
    said = str(error)
    name = next((module for code, module in ABSENCES.items() if code in said), "")
    if not name:
        return False
    module = importlib.import_module(f"{__name__}.{name}")
    return bool(module.take_absence(gatherer, error, frame))
