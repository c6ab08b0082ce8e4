"""Answers of databases, caches, search and queues: one form for what the products spell apart."""

from __future__ import annotations

from typing import Any

import pytest

from wayout.engine.case import (
    Case,
    Instance,
    InstanceEndpoint,
    Whitelist,
    WhitelistSecurityGroup,
    WhitelistTemplate,
)
from wayout.engine.errors import InputError

Part = dict[str, Any]
LISTS: tuple[type[Any], ...] = (
    InstanceEndpoint,
    Whitelist,
    WhitelistTemplate,
    WhitelistSecurityGroup,
)


def asked(action: str, response: Part, **request: str) -> Part:
    return {"action": action, "request": request, "response": {"RequestId": "x", **response}}


def groups(case: Case, instance: str) -> dict[str, list[str]]:
    """Whitelist groups by name, network and port range."""
    found = case.listing(Whitelist, of=instance).records
    return {record.value.key: record.value.entries for record in found}


def endpoints(case: Case, instance: str) -> list[tuple[str, str, tuple[int, ...], str, str]]:
    found = (r.value for r in case.listing(InstanceEndpoint, of=instance).records)
    return [(e.host, e.ip, e.ports, e.network, e.role) for e in found]


def instance(case: Case, key: str) -> Instance:
    record = case.get(Instance, key)
    assert record is not None
    return record.value


def complete(case: Case, key: str) -> list[str]:
    listings = [case.listing(model, of=key) for model in LISTS]
    return [listing.name for listing in listings if listing.is_complete]


IP_ARRAYS = {
    "Items": {
        "DBInstanceIPArray": [
            {"DBInstanceIPArrayName": "default", "SecurityIPList": "127.0.0.1"},
            {
                "DBInstanceIPArrayName": "hdm_security_ips",
                "DBInstanceIPArrayAttribute": "hidden",
                "SecurityIPList": "192.0.2.0/24,192.0.2.1",
                "WhitelistNetworkType": "MIX",
            },
        ]
    }
}


def test_rds() -> None:
    net = {
        "ConnectionString": "RM-1.mysql.rds.aliyuncs.com.",
        "IPAddress": "10.0.0.9",
        "IPType": "Private",
        "Port": "3306",
        "PGBouncerPort": "6432",
        "VPCId": "vpc-1",
        "VSwitchId": "vsw-1",
        "SecurityIPGroups": {
            "securityIPGroup": [{"SecurityIPGroupName": "own", "SecurityIPs": "10.1.0.0/16"}]
        },
    }
    public = {"ConnectionString": "rm-1o.mysql.rds.aliyuncs.com", "IPType": "Public", "Port": 3306}
    inner = {"ConnectionString": "rm-1i.mysql.rds.aliyuncs.com", "IPType": "Inner"}
    infos = {"DBInstanceNetInfo": [net, public, inner]}
    case = Case.load(
        asked(
            "DescribeDBInstanceNetInfo",
            {"InstanceNetworkType": "VPC", "SecurityIPMode": "safety", "DBInstanceNetInfos": infos},
            DBInstanceId="rm-1",
        ),
        asked("DescribeDBInstanceIPArrayList", IP_ARRAYS, DBInstanceId="rm-1"),
        asked(
            "DescribeInstanceLinkedWhitelistTemplate",
            {"Data": {"InsName": "rm-1", "Templates": [{"TemplateName": "t", "Ips": "10.9.0.1"}]}},
        ),
        asked(
            "DescribeSecurityGroupConfiguration",
            {
                "DBInstanceName": "rm-1",
                "Items": {
                    "EcsSecurityGroupRelation": [{"NetworkType": "VPC", "SecurityGroupId": "sg-1"}]
                },
            },
        ),
        {
            "Items": {
                "DBInstanceAttribute": [
                    {"DBInstanceId": "rm-1", "DBInstanceStatus": "Running", "LockMode": "Unlock"}
                ]
            }
        },
    )
    known = instance(case, "rm-1")
    assert (known.product, known.status, known.lock) == ("rds", "Running", "Unlock")
    assert (known.whitelist_mode, known.network_type) == ("safety", "VPC")
    assert sorted(endpoints(case, "rm-1")) == [
        ("rm-1.mysql.rds.aliyuncs.com", "10.0.0.9", (3306, 6432), "private", ""),
        ("rm-1i.mysql.rds.aliyuncs.com", "", (), "classic", ""),
        ("rm-1o.mysql.rds.aliyuncs.com", "", (3306,), "public", ""),
    ]
    assert groups(case, "rm-1") == {
        "default||": ["127.0.0.1"],
        "hdm_security_ips|mix|": ["192.0.2.0/24", "192.0.2.1"],
        "own|connection|": ["10.1.0.0/16"],
    }
    assert case.listing(WhitelistTemplate, of="rm-1").records[0].value.entries == ["10.9.0.1"]
    bound = case.listing(WhitelistSecurityGroup, of="rm-1").records[0].value
    assert (bound.security_group_id, bound.network) == ("sg-1", "VPC")
    assert len(complete(case, "rm-1")) == len(LISTS)


def test_redis() -> None:
    net = {
        "ConnectionString": "r-1.redis.rds.aliyuncs.com",
        "Port": "6379",
        "IPAddress": "10.0.0.1",
        "DBInstanceNetType": "2",
        "DirectConnection": 1,
        "VPCId": "vpc-1",
    }
    case = Case.load(
        asked(
            "DescribeDBInstanceNetInfo",
            {"InstanceNetworkType": "VPC", "NetInfoItems": {"InstanceNetInfo": [net]}},
            InstanceId="r-1",
        ),
        asked(
            "DescribeSecurityIps",
            {
                "SecurityIpGroups": {
                    "SecurityIpGroup": [{"SecurityIpGroupName": "a", "SecurityIpList": "10.0.0.8"}]
                }
            },
            InstanceId="r-1",
        ),
        asked(
            "DescribeGlobalSecurityIPGroupRelation",
            {"GlobalSecurityIPGroupRel": [{"GlobalIgName": "g", "GIpList": "10.0.0.0/8"}]},
            DBClusterId="r-1",
        ),
        asked(
            "DescribeSecurityGroupConfiguration",
            {
                "Items": {
                    "EcsSecurityGroupRelation": [{"NetType": "vpc", "SecurityGroupId": "sg-1"}]
                }
            },
            InstanceId="r-1",
        ),
    )
    assert instance(case, "r-1").product == "redis"
    assert endpoints(case, "r-1") == [
        ("r-1.redis.rds.aliyuncs.com", "10.0.0.1", (6379,), "private", "direct")
    ]
    assert groups(case, "r-1") == {"a||": ["10.0.0.8"]}
    assert len(complete(case, "r-1")) == len(LISTS)


def test_mongodb() -> None:
    member = {
        "ConnectionDomain": "dds-1a.mongodb.rds.aliyuncs.com",
        "ConnectionPort": "3717",
        "NetworkType": "VPC",
        "ReplicaSetRole": "Primary",
    }
    node = {
        "NetworkAddress": "s-1.mongodb.rds.aliyuncs.com",
        "IPAddress": "10.0.0.7",
        "Port": "3717",
        "NetworkType": "VPC",
        "NodeType": "mongos",
    }
    case = Case.load(
        asked(
            "DescribeReplicaSetRole",
            {"ReplicaSets": {"ReplicaSet": [member]}},
            DBInstanceId="dds-1",
        ),
        asked(
            "DescribeSecurityIps",
            {"SecurityIps": "", "SecurityIpGroups": {"SecurityIpGroup": []}},
            DBInstanceId="dds-1",
        ),
        asked(
            "DescribeSecurityGroupConfiguration",
            {"Items": {"RdsEcsSecurityGroupRel": []}},
            DBInstanceId="dds-1",
        ),
        asked(
            "DescribeShardingNetworkAddress",
            {"NetworkAddresses": {"NetworkAddress": [node]}},
            DBInstanceId="dds-2",
        ),
    )
    assert endpoints(case, "dds-1") == [
        ("dds-1a.mongodb.rds.aliyuncs.com", "", (3717,), "private", "primary")
    ]
    assert endpoints(case, "dds-2") == [
        ("s-1.mongodb.rds.aliyuncs.com", "10.0.0.7", (3717,), "private", "mongos")
    ]
    assert case.listing(Whitelist, of="dds-1").state == "collected"
    assert case.listing(WhitelistSecurityGroup, of="dds-1").state == "collected"


def test_polardb_and_clickhouse() -> None:
    address = {
        "ConnectionString": "pe-1.rwlb.rds.aliyuncs.com",
        "NetType": "Public",
        "Port": "3306",
    }
    info = {
        "ConnectionString": "cc-1.clickhouse.ads.aliyuncs.com",
        "HttpPort": "8123",
        "MySQLPort": "9004",
        "NetType": "Private",
    }
    case = Case.load(
        asked(
            "DescribeDBClusterEndpoints",
            {"Items": [{"EndpointType": "Cluster", "AddressItems": [address]}]},
            DBClusterId="pc-1",
        ),
        asked(
            "DescribeDBClusterAccessWhitelist",
            {
                "Items": {"DBClusterIPArray": [{"DBClusterIPArrayName": "d", "SecurityIps": "%"}]},
                "DBClusterSecurityGroups": {
                    "DBClusterSecurityGroup": [{"SecurityGroupId": "sg-1"}]
                },
            },
            DBClusterId="pc-1",
        ),
        {"RequestId": "x", "DBClusterId": "pc-1", "DBClusterStatus": "Running", "VPCId": "vpc-1"},
        asked(
            "DescribeDBClusterNetInfoItems",
            {"NetInfoItems": {"NetInfoItem": [info]}},
            DBClusterId="cc-1",
        ),
        asked(
            "DescribeDBClusterAccessWhiteList",
            {
                "DBClusterAccessWhiteList": {
                    "IPArray": [{"DBClusterIPArrayName": "d", "SecurityIPList": "10.0.0.1"}]
                }
            },
            DBClusterId="cc-1",
        ),
        {"RequestId": "x", "DBCluster": {"DBClusterId": "cc-1", "DBClusterStatus": "Running"}},
    )
    assert instance(case, "pc-1").vpc_id == "vpc-1"
    assert endpoints(case, "pc-1")[0][1:] == ("", (3306,), "public", "cluster")
    assert groups(case, "pc-1") == {"d||": ["%"]}
    assert case.listing(WhitelistSecurityGroup, of="pc-1").is_complete
    assert endpoints(case, "cc-1")[0][2:] == ((8123, 9004), "private", "")
    assert groups(case, "cc-1") == {"d||": ["10.0.0.1"]}
    assert instance(case, "cc-1").product == "clickhouse"


def test_elasticsearch_and_kafka() -> None:
    search = {
        "instanceId": "es-cn-1",
        "esVersion": "7.10",
        "status": "active",
        "domain": "es-cn-1.elasticsearch.aliyuncs.com",
        "port": 9200,
        "publicDomain": "es-cn-1.public.elasticsearch.aliyuncs.com",
        "publicPort": 9200,
        "enablePublic": False,
        "kibanaDomain": "es-cn-1.kibana.elasticsearch.aliyuncs.com",
        "kibanaPort": 5601,
        "privateNetworkIpWhiteList": ["10.0.0.0/8"],
        "publicIpWhitelist": [],
        "kibanaIPWhitelist": ["192.0.2.1"],
        "networkConfig": {
            "vpcId": "vpc-1",
            "whiteIpGroupList": [
                {"groupName": "pods", "ips": ["10.0.1.0/24"], "whiteIpType": "PRIVATE_ES"}
            ],
        },
    }
    queue = {
        "InstanceId": "alikafka_post-cn-1",
        "DeployType": 4,
        "ServiceStatus": 5,
        "VpcId": "vpc-1",
        "EndPoint": "10.0.0.4:9092,10.0.0.5:9092",
        "SslDomainEndpoint": "alikafka-1.alikafka.aliyuncs.com:9093",
    }
    allowed = {
        "VpcList": [
            {
                "PortRange": "9092/9092",
                "AllowedIpList": ["10.0.0.0/8"],
                "BlackIPList": ["10.0.9.0/24"],
            }
        ],
        "InternetList": [
            {"PortRange": "9093/9093", "AllowedIpList": [], "SecurityGroupId": "sg-1"}
        ],
    }
    case = Case.load(
        {"RequestId": "x", "Result": search},
        {"RequestId": "x", "Code": 200, "InstanceList": {"InstanceVO": [queue]}},
        asked("GetAllowedIpList", {"AllowedList": allowed}, InstanceId="alikafka_post-cn-1"),
    )
    assert [(e[0], e[3], e[4]) for e in endpoints(case, "es-cn-1")] == [
        ("es-cn-1.elasticsearch.aliyuncs.com", "private", ""),
        ("es-cn-1.kibana.elasticsearch.aliyuncs.com", "public", "kibana"),
    ]
    assert groups(case, "es-cn-1") == {
        "default|public_es|": [],
        "default|public_kibana|": ["192.0.2.1"],
        "pods|private_es|": ["10.0.1.0/24"],
    }
    assert sorted(endpoints(case, "alikafka_post-cn-1")) == [
        ("", "10.0.0.4", (9092,), "private", "broker-9092"),
        ("", "10.0.0.5", (9092,), "private", "broker-9092"),
        ("alikafka-1.alikafka.aliyuncs.com", "", (9093,), "public", "broker-9093"),
    ]
    assert groups(case, "alikafka_post-cn-1") == {
        "9092/9092|vpc|9092/9092": ["10.0.0.0/8"],
        "9092/9092|vpc|9092/9092|refused": ["10.0.9.0/24"],
        "9093/9093|internet|9093/9093": [],
    }
    assert instance(case, "alikafka_post-cn-1").status == "5"


# ── Whose answer it is ───────────────────────────────────────────────────────────────────────


def rds_attribute(*names: str) -> Part:
    items = [{"DBInstanceId": name, "DBInstanceStatus": "Running"} for name in names]
    return {"RequestId": "x", "Items": {"DBInstanceAttribute": items}}


def test_a_bare_answer_belongs_to_the_only_instance_it_can() -> None:
    case = Case.load(IP_ARRAYS, rds_attribute("rm-1"))
    assert case.listing(Whitelist, of="rm-1").is_complete
    assert any("taken as that of rm-1" in notice.en for notice in case.notices)


@pytest.mark.parametrize("names", [(), ("rm-1", "rm-2")])
def test_a_bare_answer_of_nobody_counts_for_none(names: tuple[str, ...]) -> None:
    case = Case.load(IP_ARRAYS, rds_attribute(*names) if names else {"RequestId": "x"})
    assert case.listing(Whitelist).records == ()
    assert any("counts for none" in notice.en for notice in case.notices)


def test_an_answer_for_one_network_type_is_not_the_whole_list() -> None:
    request = {"DBInstanceId": "rm-1", "WhitelistNetworkType": "VPC"}
    case = Case.load(asked("DescribeDBInstanceIPArrayList", IP_ARRAYS, **request))
    assert not case.listing(Whitelist, of="rm-1").is_complete
    assert case.listing(Whitelist, of="rm-1/vpc").is_complete


def test_empty_items_are_told_apart_by_the_action() -> None:
    action = "DescribeSecurityGroupConfiguration"
    case = Case.load(asked(action, {"Items": {}}, DBInstanceId="rm-1"), rds_attribute("rm-1"))
    assert case.listing(WhitelistSecurityGroup, of="rm-1").is_complete
    other = Case.load(asked("DescribeSomethingElse", {"Items": {}}, DBInstanceId="rm-1"))
    assert not other.listing(WhitelistSecurityGroup, of="rm-1").is_complete


@pytest.mark.parametrize(
    "answer",
    [
        {"Items": {"DBInstanceIPArray": "none"}},
        {"Items": {"DBInstanceIPArray": ["default"]}},
        {"Items": {"DBInstanceIPArray": [{"SecurityIPList": ["10.0.0.1"]}]}},
        {"AllowedList": {"VpcList": [{"AllowedIpList": [1]}]}},
    ],
)
def test_a_malformed_answer_gets_one_sentence(answer: Part) -> None:
    with pytest.raises(InputError, match=r"must be"):
        Case.load(asked("x", answer, DBInstanceId="rm-1"))


# ── The case file ────────────────────────────────────────────────────────────────────────────


def from_file(*parts: Part) -> Case:
    return Case.load({"apiVersion": "wayout/v1", "kind": "Case", "instances": list(parts)})


def test_short_forms() -> None:
    case = from_file(
        {
            "id": "rm-1",
            "vpc": "vpc-1",
            "mode": "safety",
            "endpoints": [{"host": "RM-1.example.", "ip": "10.0.0.9", "port": 3306,
                           "network": "private"}, {"ip": "203.0.113.9", "network": "public"}],
            "whitelist": [{"entries": "10.0.0.1,10.0.0.2", "network": "VPC", "ports": 9092}],
            "templates": {"t": ["10.0.0.3"]},
            "security_groups": "sg-1,sg-2",
        }
    )  # fmt: skip
    assert sorted(endpoints(case, "rm-1"), reverse=True) == [
        ("rm-1.example", "10.0.0.9", (3306,), "private", ""),
        ("", "203.0.113.9", (), "public", ""),
    ]
    vpcs = [r.value.vpc_id for r in case.listing(InstanceEndpoint, of="rm-1").records]
    assert sorted(vpcs, key=str) == [None, "vpc-1"]
    assert groups(case, "rm-1") == {"default|vpc|9092/9092": ["10.0.0.1", "10.0.0.2"]}
    assert len(case.listing(WhitelistSecurityGroup, of="rm-1").records) == 2
    assert len(complete(case, "rm-1")) == len(LISTS)


def test_a_key_left_out_says_nothing_and_an_empty_list_says_there_are_none() -> None:
    case = from_file({"id": "rm-1", "templates": {}})
    assert case.listing(WhitelistTemplate, of="rm-1").is_complete
    assert case.listing(Whitelist, of="rm-1").state == "missing"
    assert case.listing(InstanceEndpoint, of="rm-1").state == "missing"


@pytest.mark.parametrize(
    ("part", "problem"),
    [
        ({"id": "rm-1", "whitlist": {}}, r"did you mean whitelist"),
        ({"id": "rm-1", "mode": "strict"}, r"mode"),
        ({"id": "rm-1", "endpoints": [{"ip": "10.0.0"}]}, r"this is no IP address"),
        ({"id": "rm-1", "endpoints": [{"port": 70000}]}, r"port"),
        ({"id": "rm-1", "whitelist": [{"ports": "x"}]}, r"ports must be"),
    ],
)
def test_a_mistake_is_named_where_it_stands(part: Part, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        from_file(part)


def test_a_change_can_append_a_group() -> None:
    case = from_file({"id": "rm-1", "whitelist": {"default": "127.0.0.1"}})
    item = {"InstanceId": "rm-1", "GroupName": "wayout_pods", "Entries": "10.0.0.0/24,10.0.1.0/24"}
    after = case.patched([{"add": "whitelists", "of": "rm-1", "item": item}])
    assert groups(after, "rm-1")["wayout_pods||"] == ["10.0.0.0/24", "10.0.1.0/24"]
    assert groups(case, "rm-1") == {"default||": ["127.0.0.1"]}
