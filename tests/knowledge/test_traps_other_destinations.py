"""What a naive implementation gets wrong at instances, other networks and platform services.

Each trap is asked as a whole case through the public door. The number in a name is that of the
trap in the list of the destination side; the first sentence of a docstring says the naive belief.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.knowledge.worlds import (
    GROUP,
    NO_SNAT,
    VPC,
    Part,
    add_route,
    ask,
    case_file,
    change,
    codes,
    fix_of,
    lacks,
    policy,
    status,
    told,
)
from wayout.engine import Answer

EXIT = "198.51.100.20"  # the SNAT address of the healthy example
PODS = "10.20.16.0/24"
PUBLIC, PRIVATE = "203.0.113.66", "10.20.40.12"
VSWITCH: Part = {
    "id": "vsw-bp1vm", "cidr": "10.20.40.0/24", "vpc": VPC, "network_acl": "",
    "route_table": "vtb-bp1shop", "route_table_type": "System",
}  # fmt: skip


def rule(source: str, ports: int | str = 3306, **more: Any) -> Part:
    return {"protocol": "tcp", "ports": ports, "from": source, **more}


def machine(*ingress: Part, groups: list[Part] | None = None, **parts: Any) -> Part:
    """An instance with an EIP behind one group with these inbound rules, or behind `groups`."""
    own = {
        "id": "sg-bp1vm", "type": "normal", "inner_access": "accept", "egress": [],
        "ingress": [{"id": f"sgr-{i}", **r} for i, r in enumerate(ingress)],
    }  # fmt: skip
    behind = groups if groups is not None else [own]
    card = {
        "id": "eni-bp1vm", "ip": PRIVATE, "vswitch": "vsw-bp1vm", "vpc": VPC,
        "instance": "i-bp1vm", "security_groups": [g["id"] for g in behind],
    }  # fmt: skip
    eip = {
        "id": "eip-bp1vm", "ip": PUBLIC, "bound_to": "i-bp1vm", "bound_type": "EcsInstance",
        "status": "InUse", "business_status": "Normal",
    }  # fmt: skip
    made = {
        "vswitches": [VSWITCH],
        "security_groups": behind,
        "network_interfaces": [card],
        "eips": [eip],
    }
    return case_file(**{**made, **parts})


def public(*ingress: Part, **more: Any) -> Answer:
    return ask(machine(*ingress, **more), to=f"{PUBLIC}:3306")


# ── 8, 9, 10, 32: the groups and the network ACL of an instance ──────────────────────────────────


def test_trap_08_the_priority_is_a_number_and_the_narrower_block_does_not_win() -> None:
    """The most specific source wins, and "10" comes before "9"."""
    first = public(rule(EXIT, priority=9), rule("0.0.0.0/0", policy="drop", priority=10))
    second = public(rule(EXIT, priority=10), rule("0.0.0.0/0", policy="drop", priority=9))
    tie = public(rule(EXIT), rule("0.0.0.0/0", policy="drop"))
    got = [status(a, "destination-access") for a in (first, second, tie)]
    assert got == ["passes", "blocks", "blocks"]


@pytest.mark.parametrize(
    ("written", "want"),
    [
        pytest.param(rule(EXIT), "passes", id="an address without /32"),
        pytest.param(rule("198.51.100.0/24", "-1/-1", protocol="all"), "passes", id="everything"),
        pytest.param(rule(EXIT, protocol="6"), "passes", id="a protocol by its number"),
        pytest.param(rule(EXIT, protocol="17"), "blocks", id="another number"),
        pytest.param(rule(EXIT, priority=110), "passes", id="an old system rule"),
        pytest.param(rule("pl-bp1exits"), "passes", id="a prefix list"),
        pytest.param(rule(PODS), "blocks", id="the vSwitch of the pods"),
        pytest.param(rule(GROUP), "blocks", id="the group of the pods"),
    ],
)
def test_trap_08_how_a_rule_may_be_written(written: Part, want: str) -> None:
    """Rules name addresses, ports and protocols in one way only."""
    answer = public(written, prefix_lists={"pl-bp1exits": ["198.51.100.16/28"]})
    assert status(answer, "destination-access") == want


def test_trap_08_a_prefix_list_nobody_collected_leaves_the_rule_open() -> None:
    """A rule that cannot be read does not match."""
    answer = public(rule("pl-bp1exits"))
    assert status(answer, "destination-access") == "unknown"
    assert "prefix_list_entries" in lacks(answer)


def test_trap_09_a_common_basic_group_is_for_private_traffic() -> None:
    """Members of one basic group always reach each other."""
    shared = [{"id": GROUP, "type": "normal", "inner_access": "accept", "ingress": []}]
    basic = change("security_groups", GROUP, SecurityGroupType="normal")
    made = machine(groups=shared)
    private = ask(made, changes=[basic], to=f"{PRIVATE}:3306")
    over_the_internet = ask(made, changes=[basic], to=f"{PUBLIC}:3306")
    assert status(private, "destination-access") == "passes"
    assert status(over_the_internet, "destination-access") == "blocks"


def acl(ingress: list[Part], egress: list[Part]) -> dict[str, Any]:
    bound = {
        "id": "nacl-bp1vm", "vpc": VPC, "status": "Available", "vswitches": ["vsw-bp1vm"],
        "ingress": ingress, "egress": egress,
    }  # fmt: skip
    return {"vswitches": [{**VSWITCH, "network_acl": "nacl-bp1vm"}], "network_acls": [bound]}


def test_trap_10_the_answers_need_an_entry_of_their_own() -> None:
    """What is let in may answer."""
    request = {"policy": "accept", "protocol": "tcp", "ports": 3306, "from": "0.0.0.0/0"}
    answers = {"policy": "accept", "protocol": "tcp", "ports": "1024-65535", "to": "0.0.0.0/0"}
    forgotten = public(rule(EXIT), **acl([request], [{**answers, "ports": 3306}]))
    right = public(rule(EXIT), **acl([request], [answers]))
    assert codes(forgotten) == ["DAC-622"]
    assert right.verdict == "reachable"


def test_trap_10_the_entry_has_to_name_the_address_of_the_exit() -> None:
    """The network ACL sees the pod."""
    request = {"policy": "accept", "protocol": "tcp", "ports": 3306, "from": PODS}
    answers = {"policy": "accept", "protocol": "tcp", "ports": "1024-65535", "to": "0.0.0.0/0"}
    answer = public(rule(EXIT), **acl([request], [answers]))
    assert codes(answer) == ["DAC-621"]
    fix = fix_of(answer, "DAC-621")
    assert (fix.verified.result, fix.verified.verdict_after) == ("yes", "reachable")


def test_trap_32_a_drop_in_another_group_of_the_interface_wins_a_tie() -> None:
    """Each group is judged by itself, and one that accepts is enough."""
    accepts = {"id": "sg-bp1a", "type": "normal", "egress": [], "ingress": [rule(EXIT)]}
    drops = {
        "id": "sg-bp1b", "type": "normal", "egress": [],
        "ingress": [rule("0.0.0.0/0", policy="drop")],
    }  # fmt: skip
    later = {**drops, "ingress": [rule("0.0.0.0/0", policy="drop", priority=2)]}
    assert status(public(groups=[accepts, drops]), "destination-access") == "blocks"
    assert status(public(groups=[accepts, later]), "destination-access") == "passes"


# ── 19: the source is the exit ───────────────────────────────────────────────────────────────────


def test_the_private_address_of_the_same_instance_sees_the_pod() -> None:
    """An instance sees the same source by every address it has."""
    made = machine(rule(PODS))
    assert ask(made, to=f"{PRIVATE}:3306").verdict == "reachable"
    assert codes(ask(made, to=f"{PUBLIC}:3306")) == ["DAC-618"]


# ── 29: what the platform does for the pod ───────────────────────────────────────────────────────

NAS = "0a1b2c-xyz.cn-hangzhou.nas.aliyuncs.com"
REGISTRY = "shop-registry-vpc.cn-hangzhou.cr.aliyuncs.com"


@pytest.mark.parametrize(
    ("host", "port", "ip", "code"),
    [(NAS, 2049, "10.20.40.60", "DAC-664"), (REGISTRY, 443, "10.20.40.61", "DAC-680")],
)
def test_trap_29_a_network_policy_does_not_stop_mounts_and_pulls(
    host: str, port: int, ip: str, code: str
) -> None:
    """A network policy that denies everything is why the volume or the image does not come."""
    known = case_file(observations=[{"resolved": {host: ip}}], network_policies=[policy()])
    assert code in told(ask(known, to=f"{host}:{port}"))


# ── 33, 34, 35 ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("host", "want"),
    [
        ("shop.cn-shanghai-intranet.log.aliyuncs.com", "blocks"),
        ("ecs-vpc.cn-shanghai.aliyuncs.com", "blocks"),
        ("kms-vpc.cn-shanghai.aliyuncs.com", "blocks"),
        ("shop-registry-vpc.cn-shanghai.cr.aliyuncs.com", "blocks"),
        ("shop.cn-hangzhou-intranet.log.aliyuncs.com", "not-applicable"),
        ("ecs-vpc.cn-hangzhou.aliyuncs.com", "not-applicable"),
        ("kms-vpc.cn-hangzhou.aliyuncs.com", "not-applicable"),
    ],
)
def test_trap_33_a_name_that_resolves_may_be_of_another_region(host: str, want: str) -> None:
    """A name that resolves leads somewhere."""
    known = case_file(observations=[{"resolved": {host: "100.100.9.9"}}])
    assert status(ask(known, to=f"{host}:443"), "destination-access") == want


def test_trap_34_an_ipv6_address_beside_an_ipv4_address_is_harmless() -> None:
    """A name with an IPv6 address cannot be reached from a pod without one."""
    name = "api.example.com"
    both = case_file(observations=[{"resolved": {name: ["2001:db8::9", "203.0.113.10"]}}])
    alone = case_file(observations=[{"resolved": {name: ["2001:db8::9"]}}])
    assert ask(both, to=f"{name}:443").verdict == "reachable"
    answer = ask(alone, to=f"{name}:443")
    assert (answer.verdict, "POD-013" in codes(answer)) == ("blocked", True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "0.0.0.0"])
def test_the_pod_itself_is_no_other_destination(host: str) -> None:
    """localhost is the machine the program used to run on: that nothing stops it is a pass."""
    answer = ask(to=f"{host}:3306")
    gate = answer.gate("destination-service")
    assert (answer.verdict, gate.status) == ("unknown", "unknown")
    assert "shop/api-0 itself" in gate.reason.en
    for other in ("route", "internet-exit", "own-load-balancer", "destination-access"):
        assert answer.gate(other).status == "not-applicable"
    assert not answer.not_assessed  # no document tells whether a container listens


def test_trap_35_several_faults_are_all_told() -> None:
    """The first fault is the only one."""
    stopped = machine(rule(PODS), ecs_instances=[{"id": "i-bp1vm", "status": "Stopped"}])
    answer = ask(stopped, changes=[NO_SNAT], to=f"{PUBLIC}:3306")
    assert {"NAT-002", "DSV-602"} <= set(codes(answer))
    assert status(answer, "destination-access") == "unknown"


# ── other networks ───────────────────────────────────────────────────────────────────────────────

PEER = add_route("192.168.0.0/16", "VpcPeer", "pcc-bp1data")


def far(source: str, state: str = "Activated", **card: Any) -> Part:
    """A database in another VPC, over a peering connection with routes both ways."""
    vswitch = {
        "id": "vsw-bp1data", "cidr": "192.168.40.0/24", "vpc": "vpc-bp1data", "network_acl": "",
        "route_table": "vtb-bp1data", "route_table_type": "System",
    }  # fmt: skip
    back = {"to": "10.20.0.0/16", "via": "VpcPeer/pcc-bp1data"}
    group = {
        "id": "sg-bp1data", "type": "normal", "vpc": "vpc-bp1data", "inner_access": "accept",
        "egress": [], "ingress": [rule(source, 5432, id="sgr-bp1data")],
    }  # fmt: skip
    eni = {
        "id": "eni-bp1data", "ip": "192.168.40.10", "vswitch": "vsw-bp1data",
        "vpc": "vpc-bp1data", "instance": "i-bp1pg", "security_groups": ["sg-bp1data"],
    }  # fmt: skip
    return case_file(
        vpcs=[{"id": "vpc-bp1data", "cidr": "192.168.0.0/16"}],
        vswitches=[vswitch],
        route_tables=[
            {"id": "vtb-bp1data", "type": "System", "vpc": "vpc-bp1data", "routes": [back]}
        ],
        vpc_peers=[
            {"id": "pcc-bp1data", "status": state, "vpc": VPC, "accepting_vpc": "vpc-bp1data"}
        ],
        security_groups=[group],
        network_interfaces=[{**eni, **card}],
    )


def over_the_peering(source: str, state: str = "Activated", **card: Any) -> Answer:
    return ask(far(source, state, **card), changes=[PEER], to="192.168.40.10:5432")


def test_a_rule_that_names_a_group_does_not_help_across_vpcs() -> None:
    """A rule may name the group of the pods in the other VPC."""
    assert over_the_peering(PODS).verdict == "reachable"
    answer = over_the_peering(GROUP)
    assert codes(answer) == ["DAC-144"]
    assert fix_of(answer, "DAC-144").verified.verdict_after == "reachable"


def test_a_common_group_id_is_no_membership_across_vpcs() -> None:
    """Two interfaces that name one group are members of one group."""
    made = case_file(
        security_groups=[
            {"id": "sg-bp1both", "type": "normal", "inner_access": "accept", "ingress": []}
        ]
    )
    shared = change(
        "network_interfaces", "eni-bp1api0", SecurityGroupIds={"SecurityGroupId": ["sg-bp1both"]}
    )
    world = far(PODS, security_groups=["sg-bp1both"])
    answer = ask(world, made, changes=[PEER, shared], to="192.168.40.10:5432")
    assert status(answer, "destination-access") == "blocks"


@pytest.mark.parametrize(
    ("state", "want"),
    [
        ("Activated", "passes"),
        ("Accepting", "blocks"),
        ("Rejected", "blocks"),
        ("Expired", "blocks"),
        ("Updating", "passes"),
    ],
)
def test_only_an_activated_peering_connection_forwards(state: str, want: str) -> None:
    """A route that points to a peering connection is enough."""
    assert status(over_the_peering(PODS, state), "route") == want


def test_the_interface_of_another_vpc_is_not_one_of_the_pods_own() -> None:
    """Whoever has the address is the destination, in whatever VPC."""
    same = far(PODS, ip="10.20.40.12", vpc="vpc-bp1data")
    answer = ask(same, to="10.20.40.12:5432")
    assert "sg-bp1data" not in {f.subject for f in answer.findings}
