"""Short forms of instances, peering connections and services in the shape of the APIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wayout.engine.case.answers import hosts, key_store, nas, private_link, registry
from wayout.engine.case.casefile_forms import id_list
from wayout.engine.case.casefile_services import (
    EcsInstancePart,
    KeyStorePart,
    MountTargetPart,
    NasRulePart,
    PrivateEndpointPart,
    RegistryPart,
    VpcPeerPart,
)
from wayout.engine.case.cloud import take_item
from wayout.engine.case.gathering import Frame, Gatherer, without_nulls
from wayout.engine.case.model import Origin

__all__ = ["read_services"]


def read_services(gatherer: Gatherer, parts: Mapping[str, Any], origin: Origin) -> None:
    """Read the parts that are given, by their key in the case file; a list that is given is
    complete as given."""
    reader = Services(gatherer)
    for key, read, name in (
        ("ecs_instances", reader.instance, "ecs_instances"),
        ("vpc_peers", reader.peer, "vpc_peers"),
        ("private_endpoints", reader.endpoint, "private_endpoints"),
        ("mount_targets", reader.target, "mount_targets"),
        ("registries", reader.registry, "registry_endpoints"),
        ("key_stores", reader.store, "key_stores"),
    ):
        found: Sequence[Any] | None = parts.get(key)
        if found is None:
            continue
        at = origin.at(key)
        keys = [read(part, at.at(index)) for index, part in enumerate(found)]
        gatherer.whole(name, "", at, keys)
    for group, rules in (parts.get("permission_groups") or {}).items():
        reader.rules(group, rules, origin.at("permission_groups", group))


class Services:
    """Puts each part into the lists it belongs to."""

    def __init__(self, gatherer: Gatherer) -> None:
        self.gatherer = gatherer

    def item(self, name: str, data: Mapping[str, Any], at: Origin, of: str = "") -> str:
        return take_item(self.gatherer, name, without_nulls(dict(data)), at, Frame(at), of)

    def instance(self, part: EcsInstancePart, at: Origin) -> str:
        data = {
            "InstanceId": part.id,
            "Status": part.status,
            "VpcId": part.vpc,
            "PrivateIps": [part.ip] if part.ip else [],
            "PublicIps": id_list(part.public_ips),
            "OperationLocks": id_list(part.locks),
        }
        return hosts.take_instance(self.gatherer, without_nulls(data), at, Frame(at))

    def peer(self, part: VpcPeerPart, at: Origin) -> str:
        data = {
            "InstanceId": part.id,
            "Status": part.status,
            "BizStatus": part.business_status,
            "VpcId": part.vpc,
            "Cidrs": part.cidrs,
            "AcceptingVpcId": part.accepting_vpc,
            "AcceptingCidrs": part.accepting_cidrs,
        }
        return self.item("vpc_peers", data, at)

    def endpoint(self, part: PrivateEndpointPart, at: Origin) -> str:
        data = {
            "EndpointId": part.id,
            "EndpointStatus": part.status,
            "ConnectionStatus": part.connection,
            "EndpointBusinessStatus": part.business_status,
            "EndpointDomain": part.domain and part.domain.rstrip(".").lower(),
            "VpcId": part.vpc,
            "SecurityGroupIds": id_list(part.security_groups),
        }
        key = private_link.take_endpoint(self.gatherer, without_nulls(data), at, Frame(at))
        zones = [
            ({"EniIp": z.ip, "VSwitchId": z.vswitch, "ZoneDomain": z.domain}, at.at("zones", i))
            for i, z in enumerate(part.zones or ())
        ]
        private_link.endpoint_zones(self.gatherer, key, zones, Frame(at))
        return key

    def target(self, part: MountTargetPart, at: Origin) -> str:
        data = {
            "MountTargetDomain": part.domain,
            "Status": part.status,
            "VpcId": part.vpc,
            "VSwitchId": part.vswitch,
            "AccessGroup": part.permission_group,
            "Ip": part.ip,
        }
        return nas.take_target(self.gatherer, without_nulls(data), at, Frame(at))

    def rules(self, group: str, rules: Sequence[NasRulePart], at: Origin) -> None:
        keys = [
            self.item(
                "access_rules",
                {
                    "AccessRuleId": f"rule-{index + 1}",
                    "SourceCidrIp": rule.source,
                    "Priority": rule.priority,
                    "RWAccess": rule.access,
                },
                at.at(index),
                group,
            )
            for index, rule in enumerate(rules)
        ]
        self.gatherer.whole("access_rules", group, at, keys)

    def registry(self, part: RegistryPart, at: Origin) -> str:
        linked = id_list(part.vpcs)
        data = {
            "InstanceId": part.id,
            "IsPublicEnabled": part.public,
            "IsAclEnabled": part.acl,
            "AclEntries": part.entries,
            "IsVpcEnabled": None if linked is None else bool(linked),
            "LinkedVpcs": None
            if linked is None
            else [{"VpcId": vpc, "Status": "RUNNING"} for vpc in linked],
        }
        key = self.item("registry_endpoints", data, at)
        for network, names in (("public", part.domains), ("private", part.private_domains)):
            for name in id_list(names) or ():
                endpoint = registry.endpoint_of(key, name, network)
                self.item("instance_endpoints", endpoint, at, key)
        return key

    def store(self, part: KeyStorePart, at: Origin) -> str:
        bound = id_list(part.bound_vpcs)
        data = {
            "InstanceId": part.id,
            "Status": part.status,
            "VpcId": part.vpc,
            "BindVpcs": None if bound is None else [{"VpcId": vpc} for vpc in bound],
        }
        return key_store.take_store(self.gatherer, without_nulls(data), at, Frame(at))
