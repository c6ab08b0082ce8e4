"""The patches of the security-group and network-acl fixes, applied and judged again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.case import Case, Question
from wayout.engine.facts import Fact
from wayout.engine.facts.common import Flow
from wayout.engine.facts.network_acl import AclDecision
from wayout.engine.facts.security_group import SgDecision
from wayout.engine.observe import network_acl, security_group
from wayout.engine.observe.base import Sighting, View
from wayout.engine.rules import structure
from wayout.engine.rules.yaml_reader import read_yaml

FIXES = Path(__file__).parents[2] / "knowledge/fixes"
POD_IP = "10.9.0.6"
FLOW = Flow(flow="main", pod=POD_IP, ip="203.0.113.10", port=443, destination="203.0.113.10")
QUESTION = Question(pod="default/x", destination="203.0.113.10:443")
Observer = Callable[[View], Iterator[Sighting]]
INTERFACE = {
    "NetworkInterfaceSets": {
        "NetworkInterfaceSet": [
            {
                "NetworkInterfaceId": "eni-pod",
                "PrivateIpAddress": POD_IP,
                "VSwitchId": "vsw-1",
                "SecurityGroupIds": {"SecurityGroupId": ["sg-1"]},
            }
        ]
    }
}


def facts_of(observe: Observer, case: Case) -> list[Fact]:
    return [sighting.fact for sighting in observe(View(case, QUESTION, POD_IP, None, (FLOW,)))]


def applied(case: Case, fix: str, fact: Fact) -> Case:
    """The case after the patch of a fix, its placeholders filled from one fact."""
    values = {f"{fact.kind}.{name}": value for name, value in fact.fields.items()}
    patch = read_yaml(FIXES / f"{fix}.yaml", fix)["patch"]
    return case.patched(structure(patch, values))


def group_of(rules: list[dict[str, Any]], type_: str) -> Case:
    about = {"SecurityGroupId": "sg-1", "SecurityGroupType": type_, "VpcId": "vpc-1"}
    numbered = [{"SecurityGroupRuleId": f"sgr-{n}", **rule} for n, rule in enumerate(rules)]
    attribute = {"SecurityGroupId": "sg-1", "Permissions": {"Permission": numbered}}
    return Case.load(INTERFACE, {"SecurityGroups": {"SecurityGroup": [about]}}, attribute)


def sg_decision(case: Case) -> SgDecision:
    [found] = [f for f in facts_of(security_group.observe, case) if isinstance(f, SgDecision)]
    return found


sg_rules = st.builds(
    lambda priority, policy, protocol, cidr: {
        "Direction": "egress",
        "Priority": str(priority),
        "Policy": policy,
        "IpProtocol": protocol,
        "PortRange": "-1/-1",
        "DestCidrIp": cidr,
    },
    st.integers(2, 6),
    st.sampled_from(("Accept", "Drop")),
    st.sampled_from(("TCP", "UDP", "ALL")),
    st.sampled_from(("0.0.0.0/0", "203.0.113.0/24", "10.0.0.0/8")),
)


@given(st.lists(sg_rules, max_size=5), st.sampled_from(("normal", "enterprise")))
def test_the_accept_rule_wins(rules: list[dict[str, Any]], type_: str) -> None:
    case = group_of(rules, type_)
    decision = sg_decision(case)
    if decision.action == "drop":
        after = sg_decision(applied(case, "add-sg-egress-accept", decision))
        assert (after.action, after.rule[:6]) == ("accept", "wayout")


@given(sg_rules, st.sampled_from(("normal", "enterprise")))
def test_a_drop_at_the_first_priority_makes_room(other: dict[str, Any], type_: str) -> None:
    drop = {**other, "Policy": "Drop", "Priority": "1", "IpProtocol": "ALL"}
    case = group_of([{**drop, "DestCidrIp": "0.0.0.0/0"}, other], type_)
    decision = sg_decision(case)
    assert (decision.action, decision.winning_priority) == ("drop", 0)
    after = applied(case, "move-sg-drop", decision)
    assert sg_decision(after).action == "accept"
    # Everything else stays dropped.
    elsewhere = FLOW.model_copy(update={"ip": "198.51.100.1"})
    view = View(after, QUESTION, POD_IP, None, (elsewhere,))
    [rest] = [s.fact for s in security_group.observe(view) if isinstance(s.fact, SgDecision)]
    assert rest.action == "drop"


acl_entries = st.builds(
    lambda policy, protocol, port, cidr: (policy, protocol, port, cidr),
    st.sampled_from(("accept", "drop")),
    st.sampled_from(("tcp", "udp", "all")),
    st.sampled_from(("1/65535", "443/443", "32768/50000", "40000/40009", "-1/-1")),
    st.sampled_from(("0.0.0.0/0", "203.0.113.0/24", "10.0.0.0/8")),
)


def acl_case(egress: list[Any], ingress: list[Any]) -> Case:
    def entries(specs: list[Any], peer: str) -> list[dict[str, str]]:
        return [
            {"NetworkAclEntryId": f"nae-{n}", "Policy": p, "Protocol": q, "Port": r, peer: c}
            for n, (p, q, r, c) in enumerate(specs)
        ]

    attribute = {
        "NetworkAclId": "nacl-1",
        "Status": "Available",
        "EgressAclEntries": {"EgressAclEntry": entries(egress, "DestinationCidrIp")},
        "IngressAclEntries": {"IngressAclEntry": entries(ingress, "SourceCidrIp")},
        "Resources": {
            "Resource": [{"ResourceId": "vsw-1", "ResourceType": "VSwitch", "Status": "BINDED"}]
        },
    }
    return Case.load(INTERFACE, {"NetworkAclAttribute": attribute})


def acl_decisions(case: Case) -> dict[str, AclDecision]:
    facts = facts_of(network_acl.observe, case)
    return {fact.direction: fact for fact in facts if isinstance(fact, AclDecision)}


@pytest.mark.parametrize(
    ("direction", "fix"),
    [("egress", "add-acl-egress-accept"), ("reply", "add-acl-reply-accept")],
)
@given(st.lists(acl_entries, max_size=5))
def test_the_new_entry_stands_above_what_drops(direction: str, fix: str, specs: list[Any]) -> None:
    case = acl_case(specs, specs)
    decision = acl_decisions(case)[direction]
    if decision.action == "accept":
        return
    after = applied(case, fix, decision)
    assert acl_decisions(after)[direction].action == "accept"
    # The other direction and every entry that was there are as before.
    others = {"egress", "reply"} - {direction}
    assert all(acl_decisions(after)[o].action == acl_decisions(case)[o].action for o in others)
