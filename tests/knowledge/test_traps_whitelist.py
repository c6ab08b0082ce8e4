"""What a naive implementation gets wrong about whitelists: one test or more per trap.

Each trap is asked as a whole case through the public door. The number in a name is that of the
trap; the first sentence of a docstring says the naive belief.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.knowledge.worlds import (
    NAT,
    Part,
    add,
    ask,
    case_file,
    change,
    codes,
    finding,
    fix_of,
    lacks,
    listed,
    pod_eip,
    snat,
    status,
    told,
)
from wayout.engine import Answer

RDS, HOST = "rm-bp1shop", "rm-bp1shop.mysql.rds.aliyuncs.com"
PRIVATE: Part = {"host": HOST, "ip": "10.20.40.9", "port": 3306, "network": "private"}
PUBLIC: Part = {
    "host": "rm-bp1shopo.mysql.rds.aliyuncs.com",
    "ip": "203.0.113.60",
    "port": 3306,
    "network": "public",
}
NOTHING = "127.0.0.1"
BLOCK, EXIT, SECOND = "10.20.16.0/24", "198.51.100.20", "198.51.100.21"
ACCESS = "destination-access"


def instance(**parts: Any) -> Part:
    """A healthy RDS instance of which all is known; a part replaces, None leaves out."""
    made = {
        "id": RDS, "vpc": "vpc-bp1shop", "status": "Running", "lock": "Unlock", "mode": "normal",
        "endpoints": [PRIVATE], "whitelist": {"default": NOTHING}, "templates": {},
        "security_groups": [], **parts,
    }  # fmt: skip
    return case_file(instances=[{k: v for k, v in made.items() if v is not None}])


def ask_rds(to: str = f"{RDS}:3306", changes: Any = (), **parts: Any) -> Answer:
    return ask(instance(**parts), to=to, changes=changes)


def access(**parts: Any) -> str:
    return status(ask_rds(**parts), ACCESS)


def two_exits(*more: Part) -> tuple[Part, ...]:
    """The SNAT entry has a second address that is healthy."""
    eip = {
        "AllocationId": "eip-bp1two", "IpAddress": SECOND, "Status": "InUse",
        "BusinessStatus": "Normal", "InstanceId": NAT, "InstanceType": "Nat",
    }  # fmt: skip
    ips = [
        {"AllocationId": "eip-bp1exit", "IpAddress": EXIT},
        {"AllocationId": "eip-bp1two", "IpAddress": SECOND},
    ]
    gateway = change("nat_gateways", NAT, IpLists={"IpList": ips})
    return snat(SnatIp=f"{EXIT},{SECOND}"), gateway, add("eips", eip), *more


def test_trap_11_any_group_template_or_member_lets_in() -> None:
    """Every group must hold the address, or only the group `default` counts."""
    assert access(whitelist={"default": NOTHING, "app": BLOCK}) == "passes"
    assert access(templates={"office": BLOCK}) == "passes"
    assert access() == "blocks"


def test_trap_11_a_security_group_counts_members_and_not_rules() -> None:
    """The inbound rules of a whitelisted security group decide."""
    member = ask_rds(security_groups=["sg-bp1cluster"])
    stranger = ask_rds(security_groups=["sg-bp1nodes"])
    assert (member.verdict, codes(member)) == ("unknown", ["DAC-321"])
    assert "DAC-337" in told(member)
    assert (stranger.verdict, codes(stranger)) == ("blocked", ["DAC-320"])
    assert "DAC-349" in told(stranger)


def test_trap_11_enhanced_mode_also_asks_for_the_network_type() -> None:
    """In enhanced mode the address alone decides."""
    classic = [{"group": "app", "entries": BLOCK, "network": "Classic"}]
    vpc = [{"group": "app", "entries": BLOCK, "network": "VPC"}]
    assert access(mode="safety", whitelist=classic) == "blocks"
    assert access(mode="safety", whitelist=vpc) == "passes"
    assert access(mode="normal", whitelist=classic) == "passes"
    assert access(mode=None, whitelist=classic) == "unknown"


def test_trap_12_a_public_endpoint_never_sees_the_private_address() -> None:
    """The pod's CIDR block is listed, so the pod is let in."""
    answer = ask_rds(to=f"{PUBLIC['host']}:3306", endpoints=[PRIVATE, PUBLIC],
                     whitelist={"app": BLOCK})  # fmt: skip
    assert codes(answer) == ["DAC-320"]
    assert {"DAC-344", "DAC-352"} <= told(answer)
    assert fix_of(answer, "DAC-320").id == "use-private-endpoint"
    listed_exit = ask_rds(to=f"{PUBLIC['host']}:3306", endpoints=[PUBLIC], whitelist={"app": EXIT})
    assert listed_exit.verdict == "reachable"


def test_trap_12_a_private_endpoint_never_sees_the_exit() -> None:
    """The NAT address is listed, so the pod is let in."""
    answer = ask_rds(whitelist={"nat": EXIT})
    assert codes(answer) == ["DAC-320"]
    assert "DAC-345" in told(answer)


@pytest.mark.parametrize(
    ("part", "flag"),
    [
        ({"id": RDS}, "--ModifyMode Append"),
        ({"id": "pc-bp1order"}, "--ModifyMode Append"),
        ({"id": "r-bp1cart"}, "--ModifyMode Append"),
        ({"id": "dds-bp1docs"}, "--ModifyMode Append"),
        ({"id": "cc-bp1events"}, "--ModifyMode Append"),
        ({"id": "pxc-bp1order"}, "--ModifyMode 1"),
        ({"id": "selectdb-cn-bp1olap"}, "--ModifyMode 1"),
        ({"id": "alikafka_post-cn-bp1q", "product": "kafka"}, "--UpdateType add"),
    ],
)
def test_trap_13_what_is_printed_appends(part: Part, flag: str) -> None:
    """The default of ModifyMode does no harm."""
    answer = ask_rds(to="10.20.40.9:3306", whitelist={"default": "10.99.0.0/16"}, **part)
    commands = [fix.change.aliyun for fix in answer.fixes if fix.change.aliyun]
    assert commands
    assert all(flag in command and "Cover" not in command for command in commands)
    assert all("wayout_pods" in c or "kafka" in c for c in commands)


@pytest.mark.parametrize(
    ("ident", "entries", "expected"),
    [
        (RDS, [], "blocks"),
        (RDS, ["0.0.0.0/0"], "passes"),
        (RDS, ["0.0.0.0"], "blocks"),
        (RDS, ["%"], "blocks"),
        (RDS, ["127.0.0.1", "::1"], "blocks"),
        ("pc-bp1order", ["%"], "passes"),
        ("dds-bp1docs", [], "passes"),
        ("dds-bp1docs", ["127.0.0.1"], "blocks"),
        ("drds-bp1old", ["*.*.*.*"], "passes"),
        ("drds-bp1old", ["10.20.*.*"], "passes"),
        ("drds-bp1old", ["10.20.16.30-10.20.16.40"], "passes"),
        ("cc-bp1events", ["0.0.0.0/0"], "unknown"),
    ],
)
def test_trap_14_special_contents_mean_different_things(
    ident: str, entries: list[str], expected: str
) -> None:
    """`%`, an empty list and 127.0.0.1 mean the same everywhere."""
    groups = {"default": entries}
    assert status(ask_rds(f"{ident}:3306", id=ident, whitelist=groups), ACCESS) == expected


def test_trap_14_elasticsearch_has_a_list_for_each_endpoint() -> None:
    """An instance has one list; the default is closed."""
    name = "es-cn-bp1search.elasticsearch.aliyuncs.com"
    result: dict[str, Any] = {
        "instanceId": "es-cn-bp1search", "esVersion": "7.10", "status": "active", "domain": name,
        "port": 9200, "enablePublic": False, "privateNetworkIpWhiteList": [],
        "publicIpWhitelist": ["127.0.0.1", "::1"], "networkConfig": {"vpcId": "vpc-bp1shop"},
    }  # fmt: skip
    seen = case_file(observations=[{"resolved": {name: "10.20.40.70"}}])

    def asked(**more: Any) -> str:
        answer = listed("DescribeInstance", {"Result": {**result, **more}})
        return status(ask(answer, seen, to=f"{name}:9200"), ACCESS)

    assert asked() == "passes"  # a private list without entries is open
    assert asked(privateNetworkIpWhiteList=["10.99.0.0/16"]) == "unknown"  # documents of 2021 only
    del result["privateNetworkIpWhiteList"]
    assert asked(publicIpWhitelist=["0.0.0.0/0"]) == "unknown"  # the private list was not told


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ("10.20.16.9/24", "passes"),
        ("10.1.1.1/8", "passes"),
        (" 10.20.16.0/24 ,, ", "passes"),
        ("office,10.20.16.0/24", "passes"),
        ("office,10.20.16.0/33,", "blocks"),
        ("2001:db8::/32", "blocks"),
    ],
)
def test_trap_15_entries_are_read_leniently(entries: str, expected: str) -> None:
    """A malformed entry is an error, or matches."""
    response = {"Items": {"DBInstanceIPArray": [{"DBInstanceIPArrayName": "app",
                                                 "SecurityIPList": entries}]}}  # fmt: skip
    answer = ask(
        instance(whitelist=None),
        listed("DescribeDBInstanceIPArrayList", response, DBInstanceId=RDS),
        to=f"{RDS}:3306",
    )
    assert status(answer, ACCESS) == expected
    assert ("DAC-338" in told(answer)) == ("office" in entries)


@pytest.mark.parametrize("seen", ["connected", "timeout"])
def test_trap_16_a_connection_proves_no_whitelist(seen: str) -> None:
    """Telnet works, so the address is listed; it times out, so it is not."""
    observed = case_file(observations=[{"tcp": seen}])
    refused = ask(instance(), observed, to=f"{RDS}:3306")
    admitted = ask(instance(whitelist={"app": BLOCK}), observed, to=f"{RDS}:3306")
    assert codes(refused) == ["DAC-320"]
    assert codes(admitted) == []
    assert "DAC-330" in told(admitted)


def test_trap_19_every_exit_address_must_be_listed() -> None:
    """One of the SNAT addresses is enough."""
    answer = ask_rds(changes=two_exits(), endpoints=[PUBLIC], whitelist={"nat": EXIT})
    assert codes(answer) == ["DAC-322"]
    command = fix_of(answer, "DAC-322").change.aliyun
    assert EXIT in command
    assert SECOND in command
    both = ask_rds(changes=two_exits(), endpoints=[PUBLIC], whitelist={"nat": f"{EXIT},{SECOND}"})
    assert both.verdict == "reachable"
    none = ask_rds(changes=two_exits(), endpoints=[PUBLIC])
    assert codes(none) == ["DAC-320"]


def test_trap_19_the_own_eip_is_what_counts_then() -> None:
    """The SNAT address is listed, so a pod with an EIP is let in."""
    snat_listed = ask_rds(changes=[pod_eip()], endpoints=[PUBLIC], whitelist={"nat": EXIT})
    eip_listed = ask_rds(
        changes=[pod_eip()], endpoints=[PUBLIC], whitelist={"nat": "198.51.100.40"}
    )
    assert status(snat_listed, ACCESS) == "blocks"
    assert status(eip_listed, ACCESS) == "passes"


def test_trap_23_a_pod_address_is_never_the_fix() -> None:
    """List the address of the pod."""
    answer = ask_rds(whitelist={"api": "10.20.16.30"})
    assert "DAC-346" in told(answer)
    commands = [fix.change.aliyun for fix in answer.fixes if fix.change.aliyun]
    assert commands
    assert all(BLOCK in c and "10.20.16.31" not in c for c in commands)
    assert "DAC-350" in told(ask_rds(whitelist={"api": "10.20.16.31"}))


def test_trap_23_every_vswitch_of_the_cluster_is_offered() -> None:
    """The vSwitch of this pod is all that matters."""
    zones = case_file(
        vswitches=[
            {
                "id": "vsw-bp1zoneb",
                "cidr": "10.20.17.0/24",
                "vpc": "vpc-bp1shop",
                "network_acl": "",
            },
            {"id": "vsw-bp1data", "cidr": "10.20.40.0/24", "vpc": "vpc-bp1shop", "network_acl": ""},
        ]
    )
    more = change("clusters", "c0shop7d3example", vswitch_ids=["vsw-bp1pods", "vsw-bp1zoneb"])
    answer = ask(instance(), zones, to=f"{RDS}:3306", changes=[more])
    wider = [fix for fix in answer.fixes if fix.id == "append-whitelist-typed-cluster"]
    assert [f"{BLOCK},10.20.17.0/24" in fix.change.aliyun for fix in wider] == [True]
    zone = ask(
        instance(whitelist={"app": "10.20.17.0/24"}), zones, to=f"{RDS}:3306", changes=[more]
    )
    assert "DAC-348" in told(zone)


@pytest.mark.parametrize(
    ("ident", "answer", "request_"),
    [
        ("rm-bp1shop", {"Items": {"EcsSecurityGroupRelation": [
            {"NetworkType": "vpc", "SecurityGroupId": "sg-bp1cluster"}]}}, "DBInstanceId"),
        ("r-bp1cart", {"Items": {"EcsSecurityGroupRelation": [
            {"NetType": "vpc", "SecurityGroupId": "sg-bp1cluster"}]}}, "InstanceId"),
        ("dds-bp1docs", {"Items": {"RdsEcsSecurityGroupRel": [
            {"NetType": "vpc", "SecurityGroupId": "sg-bp1cluster"}]}}, "DBInstanceId"),
    ],
)  # fmt: skip
def test_trap_24_the_same_thing_has_other_names_per_product(
    ident: str, answer: Part, request_: str
) -> None:
    """All products call a security group relation the same."""
    made = ask(
        instance(id=ident, security_groups=None, whitelist={"default": "10.99.0.0/16"}),
        listed("DescribeSecurityGroupConfiguration", answer, **{request_: ident}),
        to=f"{ident}:3306",
    )
    assert "DAC-337" in told(made)


def test_trap_27_what_was_not_collected_is_neither_listed_nor_absent() -> None:
    """No document, no whitelist."""
    nothing = ask_rds(whitelist=None)
    groups_only = ask_rds(templates=None, security_groups=None)
    assert (status(nothing, ACCESS), codes(nothing)) == ("unknown", [])
    assert "rds_access" in lacks(nothing)
    assert (groups_only.verdict, codes(groups_only)) == ("unknown", ["DAC-321"])
    assert finding(groups_only, "DAC-321").certainty == "possible"
    assert "rds_access" in lacks(groups_only)


def test_trap_27_an_answer_for_one_network_type_is_not_the_whole() -> None:
    """Whatever was asked for, the answer is the whitelist."""
    items = {"Items": {"DBInstanceIPArray": [{"DBInstanceIPArrayName": "default",
                                              "SecurityIPList": NOTHING}]}}  # fmt: skip

    def asked(*types: str, mode: str) -> Answer:
        answers = [
            listed("DescribeDBInstanceIPArrayList", items, DBInstanceId=RDS, WhitelistNetworkType=t)
            for t in types
        ]
        return ask(instance(whitelist=None, mode=mode), *answers, to=f"{RDS}:3306")

    assert status(asked("Classic", mode="safety"), ACCESS) == "unknown"
    assert status(asked("VPC", "Classic", mode="safety"), ACCESS) == "blocks"
    assert status(asked("VPC", mode="normal"), ACCESS) == "unknown"


def test_trap_31_members_behind_the_endpoint_are_said_to_be_assumed() -> None:
    """The bootstrap endpoint is all there is."""
    first: Part = {"host": "dds-bp1docs1.mongodb.rds.aliyuncs.com", "ip": "10.20.40.81"}
    second: Part = {"host": "dds-bp1docs2.mongodb.rds.aliyuncs.com", "ip": "10.20.40.82"}
    more = {"port": 3717, "network": "private"}
    answer = ask_rds(
        to=f"{first['host']}:3717",
        id="dds-bp1docs",
        endpoints=[{**first, **more, "role": "primary"}, {**second, **more, "role": "secondary"}],
        whitelist={"app": BLOCK},
    )
    assert answer.verdict == "reachable"
    said = next(item for item in answer.assumptions if item.code == "DSV-310")
    assert second["host"] in said.text.en
    assert first["host"] not in said.text.en
