"""What a naive implementation gets wrong about load balancers: one test or more per trap.

Each trap is asked as a whole case through the public door. The number in a name is that of the
trap; the first sentence of a docstring says the naive belief.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.knowledge.worlds import (
    ADDRESS,
    ENI,
    NAT,
    NO_SNAT,
    VPC,
    Part,
    ask,
    case_file,
    change,
    codes,
    finding,
    lacks,
    status,
    told,
)
from wayout.engine import Answer
from wayout.engine.advise.answer import Fix

ACCESS, SERVICE = "destination-access", "destination-service"
PODS = "10.20.16.0/24"
HEALTHY = [{"ip": "10.20.32.8", "port": 8443, "state": "normal"}]
SERVER = {"id": "eni-bp1web0", "ip": "10.20.32.8", "port": 8443, "weight": 100,
          "zone": "cn-hangzhou-h"}  # fmt: skip


def told_only(part: Part) -> Part:
    """Without what nobody told: a None."""
    return {name: value for name, value in part.items() if value is not None}


def clb(acl: Any = "off", lists: Part | None = None, **more: Any) -> Part:
    own = {
        "port": 443,
        "protocol": "tcp",
        "status": "running",
        "acl": acl,
        "health": HEALTHY,
        "server_groups": ["rsp-bp1web"],
        **more.pop("listener", {}),
    }
    servers = more.pop("servers", [SERVER])
    part = {
        "id": "lb-bp1web",
        "address": "10.20.40.9",
        "type": "intranet",
        "status": "active",
        "vpc": VPC,
        "listeners": [own],
        **more,
    }
    if part["listeners"] is not None:
        part["listeners"] = [told_only(one) for one in part["listeners"]]
    return case_file(
        load_balancers=[told_only(part)],
        access_control_lists=lists or {},
        server_groups=[told_only({"id": "rsp-bp1web", "servers": servers})],
    )


def white(*names: str) -> Part:
    return {"mode": "white", "lists": list(names)}


def black(*names: str) -> Part:
    return {"mode": "black", "lists": list(names)}


def balanced(product: str, **more: Any) -> Part:
    """A healthy ALB or NLB in one zone, without security group."""
    protocol, group = ("https", "sgp-bp1alb") if product == "alb" else ("tcp", "sgp-bp1nlb")
    own = {
        "id": "lsn-bp1web",
        "port": 443,
        "protocol": protocol,
        "status": "Running",
        "server_groups": [group],
        "health_check": True,
        "health": [],
        **({"acl": "off"} if product == "alb" else {}),
        **more.pop("listener", {}),
    }
    zone = {
        "zone": "cn-hangzhou-h",
        "vswitch": "vsw-bp1lb",
        "private_ip": "10.20.40.31",
        "status": "Active",
        "health": "Healthy",
    }
    around = {"network_acls": more.pop("network_acls")} if "network_acls" in more else {}
    rules = more.pop("rules", None)
    part = {
        "id": f"{product}-bp1web",
        "type": "intranet",
        "status": "Active",
        "vpc": VPC,
        "dns_name": f"{product}-bp1web.cn-hangzhou.{product}.aliyuncsslb.com",
        "business_status": "Normal",
        "cross_zone": True,
        "zones": [zone],
        "listeners": [told_only(own)],
        "security_groups": [] if rules is None else ["sg-bp1lb"],
        **more,
    }
    groups = [] if rules is None else [{"id": "sg-bp1lb", "type": "enterprise", "ingress": rules}]
    return case_file(
        load_balancers=[told_only(part)],
        server_groups=[{"id": group, "preserve_client_ip": True, "servers": [SERVER]}],
        security_groups=groups,
        vswitches=[
            {
                "id": "vsw-bp1lb",
                "cidr": "10.20.40.0/24",
                "vpc": VPC,
                "network_acl": "nacl-bp1lb" if "network_acls" in around else "",
            }
        ],
        **around,
    )


def deny(**more: Any) -> Part:
    return {
        "id": "sgr-deny",
        "policy": "drop",
        "protocol": "all",
        "from": "any",
        "priority": 50,
        **more,
    }


def allow(**more: Any) -> Part:
    return {
        "id": "sgr-allow",
        "policy": "accept",
        "protocol": "tcp",
        "ports": 443,
        "from": PODS,
        "priority": 50,
        **more,
    }


def at_clb(part: Part, **more: Any) -> Answer:
    return ask(part, to="lb-bp1web:443", **more)


def fix_named(answer: Answer, name: str) -> Fix:
    return next(fix for fix in answer.fixes if fix.id == name)


def test_trap_05_the_list_of_an_intercepted_load_balancer_has_no_say() -> None:
    """The cluster's own load balancer filters by its list."""
    own = {
        "name": "web",
        "namespace": "shop",
        "cluster_ip": "172.21.7.44",
        "ports": [443],
        "type": "LoadBalancer",
        "load_balancer": ["10.20.40.9"],
        "endpoints": ["10.20.32.8"],
    }
    answer = ask(clb(white("acl-1"), {"acl-1": ["10.30.0.0/16"]}), case_file(services=[own]),
                 to="10.20.40.9:443")  # fmt: skip
    assert not {code for code in codes(answer) if code[:5] in ("DAC-4", "DSV-4")}
    assert "lb-bp1web" not in str([f.text.en for f in answer.findings])


@pytest.mark.parametrize("mode", [white, black])
def test_trap_06_an_empty_list_admits_everybody(mode: Any) -> None:
    """An empty white list admits nobody."""
    answer = at_clb(clb(mode("acl-1"), {"acl-1": []}))
    assert status(answer, ACCESS) == "passes"
    assert answer.verdict == "reachable"


def test_trap_06_all_lists_of_a_listener_count_together() -> None:
    """Only AclId counts."""
    second = at_clb(clb(white("acl-1", "acl-2"), {"acl-1": ["10.30.0.0/16"], "acl-2": [PODS]}))
    assert status(second, ACCESS) == "passes"
    beside_an_empty_one = clb(white("acl-1", "acl-2"), {"acl-1": ["10.30.0.0/16"], "acl-2": []})
    refused = at_clb(beside_an_empty_one)
    assert status(refused, ACCESS) == "blocks"
    named = at_clb(clb(black("acl-1", "acl-2"), {"acl-1": [], "acl-2": [f"{ADDRESS}/32"]}))
    assert codes(named) == ["DAC-407"]
    assert fix_named(named, "remove-clb-acl-entry").verified.verdict_after == "reachable"


def test_trap_07_groups_of_a_load_balancer_let_in_what_none_denies() -> None:
    """No rule means deny, as at an instance."""
    for product in ("alb", "nlb"):
        silent = ask(balanced(product, rules=[]), to=f"{product}-bp1web:443")
        elsewhere = ask(balanced(product, rules=[allow(ports=80)]), to=f"{product}-bp1web:443")
        closed = ask(balanced(product, rules=[allow(ports=80), deny()]), to=f"{product}-bp1web:443")
        assert [status(a, ACCESS) for a in (silent, elsewhere, closed)] == [
            "passes", "passes", "blocks",
        ]  # fmt: skip
        assert fix_named(closed, "accept-at-balancer-group").verified.verdict_after == "reachable"


def test_trap_08_priority_then_deny_decides_and_never_the_prefix() -> None:
    """The narrower block wins."""
    narrow_allow = balanced("nlb", rules=[allow(**{"from": f"{ADDRESS}/32"}), deny()])
    earlier = balanced("nlb", rules=[allow(priority=49), deny()])
    narrow_deny = balanced(
        "nlb", rules=[allow(priority=1, **{"from": "any"}), deny(**{"from": f"{ADDRESS}/32"})]
    )
    found = [ask(part, to="nlb-bp1web:443") for part in (narrow_allow, earlier, narrow_deny)]
    assert [status(answer, ACCESS) for answer in found] == ["blocks", "passes", "passes"]


def test_trap_10_a_network_acl_guards_an_nlb_both_ways_and_never_a_clb() -> None:
    """Network ACLs are stateful, or guard every load balancer."""
    entry = {"policy": "accept", "protocol": "tcp", "ports": 443, "from": "10.20.0.0/16"}
    acl = {
        "id": "nacl-bp1lb",
        "vpc": VPC,
        "status": "Available",
        "vswitches": ["vsw-bp1lb"],
        "ingress": [entry],
        "egress": [],
    }
    answer = ask(balanced("nlb", network_acls=[acl]), to="nlb-bp1web:443")
    assert finding(answer, "DAC-443").certainty == "confirmed"
    assert fix_named(answer, "add-destination-acl-reply").verified.verdict_after == "reachable"
    shut = case_file(
        network_acls=[{**acl, "ingress": []}],
        vswitches=[{"id": "vsw-bp1lb", "cidr": "10.20.40.0/24", "network_acl": "nacl-bp1lb"}],
    )
    assert at_clb(clb(vswitch="vsw-bp1lb"), changes=()).verdict == "reachable"
    assert ask(clb(vswitch="vsw-bp1lb"), shut, to="lb-bp1web:443").verdict == "reachable"


def test_trap_18_unhealthy_servers_of_an_https_listener_are_no_access_fault() -> None:
    """A 502 of a load balancer is its security group."""
    down = {"health": [{"ip": "10.20.32.8", "port": 8443, "state": "unhealthy"}]}
    answer = ask(balanced("alb", listener=down), to="alb-bp1web:443")
    assert status(answer, ACCESS) == "passes"
    assert status(answer, SERVICE) == "unknown"  # the connection itself succeeds
    assert "502" in finding(answer, "DSV-444").text.en


POOL = (
    change("snat_entries", "snat-bp1pods", NAT, SnatIp="198.51.100.20,198.51.100.21"),
    {"add": "eips", "item": {"AllocationId": "eip-bp1two", "IpAddress": "198.51.100.21",
                             "Status": "InUse", "BusinessStatus": "Normal", "InstanceId": NAT,
                             "InstanceType": "Nat"}},
    change("nat_gateways", NAT, IpLists={"IpList": [
        {"AllocationId": "eip-bp1exit", "IpAddress": "198.51.100.20"},
        {"AllocationId": "eip-bp1two", "IpAddress": "198.51.100.21"}]}),
)  # fmt: skip
PUBLIC = {"address": "203.0.113.80", "type": "internet"}


@pytest.mark.parametrize(
    ("entries", "end"),
    [
        (["198.51.100.20/32", "198.51.100.21/32"], "passes"),
        (["198.51.100.20/32"], "unknown"),
        (["198.51.100.20/31"], "passes"),
        (["192.0.2.0/24"], "blocks"),
        (["10.20.0.0/16"], "blocks"),  # the address of the pod is never seen there
    ],
)
def test_trap_19_every_address_of_the_exit_must_be_listed(entries: list[str], end: str) -> None:
    """One EIP of the SNAT entry is enough, or the address of the pod."""
    answer = ask(clb(white("acl-1"), {"acl-1": entries}, **PUBLIC), to="203.0.113.80:443",
                 changes=POOL)  # fmt: skip
    assert status(answer, ACCESS) == end
    if end == "blocks":
        fixes = [fix for fix in answer.fixes if fix.id.startswith("add-clb-acl-entry")]
        assert {fix.change.aliyun.partition('entry":"')[2][:16] for fix in fixes} == {
            "198.51.100.20/32", "198.51.100.21/32",
        }  # fmt: skip


def test_trap_19_a_mapping_of_the_gateway_is_a_source_too() -> None:
    """A pod leaves by an SNAT entry only."""
    mapping = {"add": "forward_entries", "of": NAT, "item": {
        "ForwardEntryId": "fwd-bp1", "NatGatewayId": NAT, "ExternalIp": "198.51.100.20",
        "ExternalPort": "any", "InternalIp": ADDRESS, "InternalPort": "any", "IpProtocol": "any",
        "Status": "Available"}}  # fmt: skip
    for entries, end in ((["198.51.100.20/32"], "passes"), (["198.51.100.21/32"], "blocks")):
        part = clb(white("acl-1"), {"acl-1": entries}, **PUBLIC)
        answer = ask(part, to="203.0.113.80:443", changes=[NO_SNAT, mapping])
        assert status(answer, ACCESS) == end


def test_trap_23_an_entry_names_the_vswitch_and_never_the_pod() -> None:
    """The address of the pod goes into the list."""
    answer = at_clb(clb(white("acl-1"), {"acl-1": ["10.30.0.0/16"]}))
    command = fix_named(answer, "add-clb-acl-entry").change.aliyun
    assert PODS in command
    assert ADDRESS not in command
    assert fix_named(answer, "add-clb-acl-entry").verified.verdict_after == "reachable"


@pytest.mark.parametrize("field", ["LoadBalancerBusinessStatus", "LoadBalancerBussinessStatus"])
def test_trap_24_fields_have_other_names_in_each_api(field: str) -> None:
    """The three products spell things alike."""
    answer: Part = {
        "LoadBalancerId": "alb-bp1web",
        "LoadBalancerStatus": "Active",
        "AddressType": "Intranet",
        "VpcId": VPC,
        field: "Abnormal",
    }
    assert "DSV-403" in codes(ask(balanced("alb", business_status=None), answer,
                                  to="alb-bp1web:443"))  # fmt: skip


@pytest.mark.parametrize("state", ["unavailable", "unused"])
def test_trap_25_a_check_that_is_off_is_not_unhealthy(state: str) -> None:
    """Everything but normal is unhealthy."""
    health = [{"ip": "10.20.32.8", "port": 8443, "state": state}]
    answer = at_clb(clb(listener={"health": health}))
    assert "DSV-442" not in codes(answer)
    if state == "unavailable":
        assert "DSV-445" in told(answer)
        assert answer.verdict == "reachable"


def test_trap_25_what_an_nlb_does_not_list_is_healthy() -> None:
    """An empty list of servers means that there is none."""
    assert ask(balanced("nlb"), to="nlb-bp1web:443").verdict == "reachable"


@pytest.mark.parametrize(("port", "end"), [(8000, "passes"), (8100, "passes"), (8101, "blocks")])
def test_trap_26_a_listener_of_port_0_is_a_range(port: int, end: str) -> None:
    """Port 0 matches nothing, or everything."""
    own = {"port": None, "ports": "8000-8100"}
    answer = ask(balanced("nlb", listener=own), to=f"nlb-bp1web:{port}")
    assert status(answer, SERVICE) == end


@pytest.mark.parametrize(
    ("part", "list_"),
    [
        (clb(white("acl-1", "acl-2"), {"acl-1": ["10.30.0.0/16"]}), "acl_entries"),
        (clb(black("acl-1", "acl-2"), {"acl-1": ["10.30.0.0/16"]}), "acl_entries"),
        (clb(listener={"acl": None}), "listeners"),
        (clb(listeners=None), "listeners"),
        (clb(listener={"health": None}), "listener_health"),
        (clb(servers=None), "backend_servers"),
        (clb(status=None), "load_balancers"),
        (balanced("nlb", security_groups=None), "load_balancers"),
        (balanced("nlb", zones=None, address="10.20.40.31"), "load_balancers"),
    ],
)
def test_trap_27_what_was_not_collected_is_no_pass(part: Part, list_: str) -> None:
    """No complaint means no fault."""
    to = f"{part['load_balancers'][0]['id']}:443"
    answer = ask(part, to=to)
    assert answer.verdict == "unknown"
    assert list_ in lacks(answer)


def test_trap_27_what_lacks_does_not_matter_when_the_rest_decides() -> None:
    """A list that was not collected leaves everything open."""
    listed = at_clb(clb(white("acl-1", "acl-2"), {"acl-1": [PODS]}))
    refused = at_clb(clb(black("acl-1", "acl-2"), {"acl-1": [PODS]}))
    assert [status(answer, ACCESS) for answer in (listed, refused)] == ["passes", "blocks"]


def test_an_eip_of_an_intranet_clb_is_judged_like_the_clb() -> None:
    """An EIP of the account is judged by a security group."""
    eip = {
        "AllocationId": "eip-bp1lb",
        "IpAddress": "203.0.113.90",
        "Status": "InUse",
        "InstanceId": "lb-bp1web",
        "InstanceType": "SlbInstance",
        "BusinessStatus": "Normal",
    }
    answer = ask(clb(white("acl-1"), {"acl-1": ["198.51.100.20/32"]}), eip, to="203.0.113.90:443")
    assert status(answer, ACCESS) == "passes"


def test_the_pod_behind_its_own_load_balancer() -> None:
    """A load balancer reaches every server for every client."""
    own = {"id": ENI, "ip": ADDRESS, "port": 8080, "weight": 100}
    alone = at_clb(clb(servers=[own], listener={"health": [{**HEALTHY[0], "ip": ADDRESS}]}))
    assert finding(alone, "DSV-450").certainty == "possible"
    among = at_clb(clb(servers=[own, SERVER]))
    assert "DSV-451" in codes(among)
    application = at_clb(clb(servers=[own], listener={"protocol": "https"}))
    assert codes(application) == []
