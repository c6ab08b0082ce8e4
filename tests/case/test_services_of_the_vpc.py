"""Answers about instances, peering connections, endpoints, NAS, registries and key stores."""

from __future__ import annotations

from typing import Any

import pytest

from wayout.engine import Case, InputError
from wayout.engine.case import InstanceEndpoint, NetworkInterface
from wayout.engine.case.endpoints_of_services import (
    AccessRule,
    EcsInstance,
    KeyStore,
    MountTarget,
    PrivateEndpoint,
    RegistryEndpoint,
    VpcPeer,
)

Answer = dict[str, Any]
INSTANCE: Answer = {
    "InstanceId": "i-vm",
    "Status": "Running",
    "SecurityGroupIds": {"SecurityGroupId": ["sg-1"]},
    "VpcAttributes": {
        "VpcId": "vpc-1",
        "VSwitchId": "vsw-b",
        "PrivateIpAddress": {"IpAddress": ["10.0.2.8"]},
    },
    "EipAddress": {"IpAddress": "203.0.113.9", "AllocationId": "eip-1"},
    "PublicIpAddress": {"IpAddress": []},
    "OperationLocks": {"LockReason": [{"LockReason": "financial"}]},
    "NetworkInterfaces": {
        "NetworkInterface": [
            {"NetworkInterfaceId": "eni-vm", "PrimaryIpAddress": "10.0.2.8", "Type": "Primary"},
            {"NetworkInterfaceId": "eni-2", "PrimaryIpAddress": "10.0.3.8", "Type": "Secondary"},
        ]
    },
}
INSTANCES: Answer = {"Instances": {"Instance": [INSTANCE]}, "TotalCount": 1, "PageNumber": 1}
ENDPOINT: Answer = {
    "EndpointId": "ep-1",
    "EndpointStatus": "Active",
    "ConnectionStatus": "Connected",
    "EndpointBusinessStatus": "Normal",
    "EndpointDomain": "ep-1.epsrv-1.cn-hangzhou.privatelink.aliyuncs.com",
    "VpcId": "vpc-1",
    "RequestId": "0",
}
ZONES: Answer = {
    "Zones": [
        {
            "ZoneId": "cn-hangzhou-i",
            "EniIp": "10.0.2.50",
            "VSwitchId": "vsw-b",
            "ZoneDomain": "ep-1-i.epsrv-1.cn-hangzhou.privatelink.aliyuncs.com",
        }
    ]
}
GROUPS: Answer = {
    "SecurityGroups": [{"SecurityGroupId": "sg-ep", "SecurityGroupStatus": "Attached"}]
}
TARGETS: Answer = {
    "MountTargets": {
        "MountTarget": [
            {
                "MountTargetDomain": "0a1b-xx.cn-hangzhou.nas.aliyuncs.com",
                "NetworkType": "Vpc",
                "Status": "Active",
                "VpcId": "vpc-1",
                "VswId": "vsw-b",
                "AccessGroup": "shop",
            }
        ]
    }
}
RULES: Answer = {
    "AccessRules": {
        "AccessRule": [
            {"AccessRuleId": "1", "SourceCidrIp": "10.0.0.0/16", "Priority": 3, "RWAccess": "RDWR"}
        ]
    },
    "TotalCount": 1,
}
PUBLIC_ENTRY: Answer = {
    "Enable": True,
    "AclEnable": True,
    "AclEntries": [{"Entry": "198.51.100.20/32", "Comment": "exit"}],
    "Domains": [{"Domain": "shop-registry.cn-hangzhou.cr.aliyuncs.com"}],
    "Code": "success",
}
VPC_ENTRY: Answer = {
    "Enable": True,
    "LinkedVpcs": [
        {"VpcId": "vpc-1", "VswitchId": "vsw-b", "Ip": "10.0.2.61", "Status": "RUNNING"}
    ],
    "Domains": [{"Domain": "shop-registry-vpc.cn-hangzhou.cr.aliyuncs.com"}],
}


def envelope(action: str, response: Answer, **request: str) -> Answer:
    return {"action": action, "request": request, "response": response}


def hosts(case: Case) -> set[tuple[str, str, str]]:
    found = (record.value for record in case.listing(InstanceEndpoint).records)
    return {(value.instance_id, value.host, value.ip) for value in found}


# ── Instances and peering connections ────────────────────────────────────────────────────────────


def test_an_instance_brings_its_interfaces() -> None:
    case = Case.load(INSTANCES)
    record = case.get(EcsInstance, "i-vm")
    assert record is not None
    assert record.value.public_ips == ("203.0.113.9",)
    assert record.value.lock_reasons == ("financial",)
    card = case.get(NetworkInterface, "eni-vm")
    other = case.get(NetworkInterface, "eni-2")
    assert card is not None
    assert other is not None
    assert (card.value.instance_id, card.value.security_group_ids) == ("i-vm", ["sg-1"])
    assert card.value.v_switch_id == "vsw-b"
    assert (other.value.private_ip_address, other.value.security_group_ids) == ("10.0.3.8", None)
    assert case.listing(EcsInstance).is_complete
    assert not case.listing(NetworkInterface).is_complete  # other instances have some too


def test_one_page_or_a_selection_of_instances_is_not_all_of_them() -> None:
    first = Case.load({**INSTANCES, "TotalCount": 2})
    chosen = Case.load(envelope("DescribeInstances", INSTANCES, InstanceIds='["i-vm"]'))
    assert not first.listing(EcsInstance).is_complete
    assert not chosen.listing(EcsInstance).is_complete


def test_one_instance_alone() -> None:
    case = Case.load({**INSTANCE, "RequestId": "0"})
    assert case.get(EcsInstance, "i-vm") is not None
    assert not case.listing(EcsInstance).is_complete


@pytest.mark.parametrize(
    "answer",
    [
        {"Instances": {"KVStoreInstance": [{"InstanceId": "r-1"}]}, "RequestId": "0"},
        {"Instances": [{"InstanceId": "cri-1"}], "RequestId": "0"},
        {"Zones": {"Zone": [{"ZoneId": "cn-hangzhou-i"}]}, "RequestId": "0"},
    ],
)
def test_answers_of_other_products_are_left_alone(answer: Answer) -> None:
    case = Case.load(answer)
    assert case.listing(EcsInstance).state == "missing"
    assert hosts(case) == set()


def test_peering_connections() -> None:
    peer = {
        "InstanceId": "pcc-1",
        "Status": "Activated",
        "Vpc": {"VpcId": "vpc-1", "Ipv4Cidrs": ["10.0.0.0/16"]},
        "AcceptingVpc": {"VpcId": "vpc-2", "Ipv4Cidrs": ["172.20.0.0/16"]},
    }
    one = Case.load(peer)
    many = Case.load({"VpcPeerConnects": [peer], "MaxResults": 20, "TotalCount": 1})
    for case in (one, many):
        record = case.get(VpcPeer, "pcc-1")
        assert record is not None
        assert (record.value.accepting_vpc_id, record.value.cidrs) == ("vpc-2", ["10.0.0.0/16"])
    assert [c.listing(VpcPeer).is_complete for c in (one, many)] == [False, True]


# ── PrivateLink ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("order", [1, -1])
def test_an_endpoint_with_zones_and_groups_in_any_order(order: int) -> None:
    documents = [
        ENDPOINT,
        envelope("ListVpcEndpointZones", ZONES, EndpointId="ep-1"),
        envelope("ListVpcEndpointSecurityGroups", GROUPS, EndpointId="ep-1"),
    ]
    case = Case.load(*documents[::order])
    record = case.get(PrivateEndpoint, "ep-1")
    assert record is not None
    assert (record.value.vpc_id, record.value.security_group_ids) == ("vpc-1", ["sg-ep"])
    zone = "ep-1-i.epsrv-1.cn-hangzhou.privatelink.aliyuncs.com"
    assert ("ep-1", zone, "10.0.2.50") in hosts(case)
    assert ("ep-1", ENDPOINT["EndpointDomain"], "10.0.2.50") in hosts(case)


def test_zones_without_request_belong_to_the_only_endpoint() -> None:
    assert any(ip for _, _, ip in hosts(Case.load(ZONES, ENDPOINT)))
    two = Case.load(ZONES, ENDPOINT, {**ENDPOINT, "EndpointId": "ep-2"})
    assert not any(ip for _, _, ip in hosts(two))
    assert any("counts for none" in notice.en for notice in two.notices)


# ── NAS ──────────────────────────────────────────────────────────────────────────────────────────


def test_mount_targets_and_access_rules() -> None:
    case = Case.load(TARGETS, envelope("DescribeAccessRules", RULES, AccessGroupName="shop"))
    target = case.get(MountTarget, "0a1b-xx.cn-hangzhou.nas.aliyuncs.com")
    assert target is not None
    assert (target.value.file_system_id, target.value.v_switch_id) == ("0a1b", "vsw-b")
    rules = case.listing(AccessRule, of="shop")
    assert (rules.is_complete, [r.value.priority for r in rules.records]) == (True, ["3"])


def test_rules_of_no_known_group_count_for_none() -> None:
    case = Case.load(RULES)
    assert case.listing(AccessRule).records == ()
    assert any("permission group" in notice.en for notice in case.notices)


# ── Registries and key stores ────────────────────────────────────────────────────────────────────


def test_a_registry_by_both_of_its_answers() -> None:
    case = Case.load(
        envelope("GetInstanceEndpoint", PUBLIC_ENTRY, InstanceId="cri-1", EndpointType="internet"),
        envelope("GetInstanceVpcEndpoint", VPC_ENTRY, InstanceId="cri-1"),
    )
    record = case.get(RegistryEndpoint, "cri-1")
    assert record is not None
    value = record.value
    assert (value.is_public_enabled, value.is_acl_enabled) == (True, True)
    assert value.acl_entries == ["198.51.100.20/32"]
    assert [vpc.vpc_id for vpc in value.linked_vpcs or ()] == ["vpc-1"]
    assert ("cri-1", "shop-registry-vpc.cn-hangzhou.cr.aliyuncs.com", "10.0.2.61") in hosts(case)
    assert ("cri-1", "shop-registry.cn-hangzhou.cr.aliyuncs.com", "") in hosts(case)


def test_a_key_store() -> None:
    case = Case.load(
        {
            "KmsInstance": {
                "InstanceId": "kst-1",
                "Status": "Connected",
                "VpcId": "vpc-1",
                "BindVpcs": {"BindVpc": [{"VpcId": "vpc-2", "VSwitchId": "vsw-2"}]},
            }
        }
    )
    record = case.get(KeyStore, "kst-1")
    assert record is not None
    assert [vpc.vpc_id for vpc in record.value.bind_vpcs or ()] == ["vpc-2"]
    assert ("kst-1", "kst-1.cryptoservice.kms.aliyuncs.com", "") in hosts(case)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            '{"api_server_endpoint":"https://203.0.113.5:6443",'
            '"intranet_api_server_endpoint":"https://10.0.2.99:6443"}',
            {("c-1", "", "203.0.113.5"), ("c-1", "", "10.0.2.99")},
        ),
        ('{"intranet_api_server_endpoint":"10.0.2.99:6443"}', {("c-1", "", "10.0.2.99")}),
        ('{"api_server_endpoint":"https://api.example.com"}', {("c-1", "api.example.com", "")}),
        ('{"api_server_endpoint":"https://[x"}', set()),
        ("{", set()),
        ("[]", set()),
        ("", set()),
    ],
)
def test_the_addresses_of_the_api_server(text: str, found: set[tuple[str, str, str]]) -> None:
    assert hosts(Case.load({"cluster_id": "c-1", "master_url": text})) == found


# ── Bad input ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "answer",
    [
        {"Instances": {"Instance": "i-vm"}},
        {"Instances": {"Instance": [{**INSTANCE, "VpcAttributes": "vpc-1"}]}},
        {"VpcPeerConnects": [{"InstanceId": "pcc-1", "Vpc": []}]},
        {"KmsInstance": "kst-1"},
        {"KmsInstance": {"InstanceId": "kst-1", "BindVpcs": 3}},
        {"MountTargets": {"MountTarget": [{"Status": "Active"}]}},
        envelope("DescribeAccessRules", {"AccessRules": "all"}, AccessGroupName="shop"),
        envelope("GetInstanceVpcEndpoint", {"LinkedVpcs": "x"}, InstanceId="cri-1"),
        {**ENDPOINT, "EndpointId": "a b"},
    ],
)
def test_broken_answers_are_refused_with_their_place(answer: Answer) -> None:
    with pytest.raises(InputError, match="document 1"):
        Case.load(answer)


@pytest.mark.parametrize(
    "part",
    [
        {"ecs_instances": [{"id": "i-vm", "state": "Running"}]},
        {"vpc_peers": [{"id": "pcc-1", "cidrs": ["everything"]}]},
        {"private_endpoints": [{"id": "ep-1", "zones": [{"ip": "here"}]}]},
        {"permission_groups": {"shop": [{"source": "10.0.0.0/8", "priority": 0}]}},
        {"registries": [{"id": "cri-1", "public": "perhaps"}]},
    ],
)
def test_slips_in_a_case_file_are_told(part: Answer) -> None:
    with pytest.raises(InputError):
        Case.load({"apiVersion": "wayout/v1", "kind": "Case", **part})


def test_short_forms_that_say_there_are_none() -> None:
    case = Case.load({"apiVersion": "wayout/v1", "kind": "Case", "vpc_peers": []})
    assert case.listing(VpcPeer).is_complete
    assert not case.listing(EcsInstance).is_complete
