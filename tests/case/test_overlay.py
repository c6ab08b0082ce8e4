"""Other documents in the place of what was said, and one thing less."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wayout.engine.case import (
    Case,
    NetworkAcl,
    NetworkPolicy,
    Pod,
    SecurityGroupRule,
    SnatEntry,
    TrafficPolicy,
)
from wayout.engine.case.overlay import parts, without

EXAMPLES = Path(__file__).parents[2] / "examples"


def case_file(**said: Any) -> dict[str, Any]:
    return {"apiVersion": "wayout/v1", "kind": "Case", **said}


@pytest.fixture(scope="module")
def healthy() -> Case:
    return Case.load(EXAMPLES / "healthy")


def snat(*entries: dict[str, str]) -> Case:
    return Case.load(
        {
            "action": "DescribeSnatTableEntries",
            "request": {"NatGatewayId": "ngw-bp1exit"},
            "response": {
                "TotalCount": len(entries),
                "PageNumber": 1,
                "PageSize": 50,
                "SnatTableEntries": {"SnatTableEntry": list(entries)},
            },
        }
    )


def keys(case: Case, model: Any, of: str = "") -> list[str]:
    return [record.value.key for record in case.listing(model, of).records]


def test_a_complete_list_replaces_the_whole_list(healthy: Case) -> None:
    assert keys(healthy, SnatEntry, "ngw-bp1exit") == ["snat-bp1pods"]
    empty = healthy.overlaid(snat())
    assert keys(empty, SnatEntry, "ngw-bp1exit") == []
    assert empty.listing(SnatEntry, "ngw-bp1exit").is_complete
    assert keys(healthy, SnatEntry, "ngw-bp1exit") == ["snat-bp1pods"], "the case itself stays"


def test_a_single_object_replaces_its_namesake_and_nothing_else(healthy: Case) -> None:
    other = Case.load(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "api-0", "namespace": "shop"},
            "status": {"phase": "Failed"},
        }
    )
    both = healthy.overlaid(other)
    changed = both.get(Pod, "shop/api-0")
    assert changed is not None
    assert changed.value.status.phase == "Failed"
    assert keys(both, Pod) == keys(healthy, Pod)
    assert both.question == healthy.question


def test_one_more_policy_leaves_the_others(healthy: Case) -> None:
    policies = [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": "shop"},
            "spec": {"podSelector": {}, "policyTypes": ["Egress"]},
        }
        for name in ("one", "other")
    ]
    one = healthy.overlaid(Case.load(policies[0]))
    both = one.overlaid(Case.load(policies[1]))
    assert keys(both, NetworkPolicy) == ["shop/one", "shop/other"]
    assert both.listing(NetworkPolicy).state == healthy.listing(NetworkPolicy).state == "collected"
    listed = {"apiVersion": "v1", "kind": "List", "items": policies[:1]}
    assert keys(both.overlaid(Case.load(listed)), NetworkPolicy) == ["shop/one"]
    nothing = Case.load()
    assert nothing.overlaid(Case.load(*policies)).listing(NetworkPolicy).state == "missing"


def test_one_direction_of_a_group_leaves_the_other(healthy: Case) -> None:
    other = Case.load(
        {
            "action": "DescribeSecurityGroupAttribute",
            "request": {"SecurityGroupId": "sg-bp1cluster", "Direction": "egress"},
            "response": {"SecurityGroupId": "sg-bp1cluster", "Permissions": {"Permission": []}},
        }
    )
    before = healthy.listing(SecurityGroupRule, "sg-bp1cluster/ingress")
    after = healthy.overlaid(other)
    assert keys(after, SecurityGroupRule, "sg-bp1cluster/egress") == []
    assert after.listing(SecurityGroupRule, "sg-bp1cluster/ingress").records == before.records


def test_a_case_over_itself_is_the_same(healthy: Case) -> None:
    again = healthy.overlaid(healthy)
    assert repr(again) == repr(healthy)
    assert list(again.complete_lists()) == list(healthy.complete_lists())


RICH = case_file(
    network_policies=[
        {
            "name": "out",
            "namespace": "shop",
            "podSelector": {},
            "policyTypes": ["Egress"],
            "egress": [{"ports": [{"port": 53}]}, {"ports": [{"port": 443}]}],
        }
    ],
    network_acls=[
        {
            "id": "nacl-1",
            "vpc": "vpc-bp1shop",
            "egress": [{"id": "e1", "policy": "accept", "protocol": "all"}],
            "ingress": [
                {"id": "i1", "policy": "accept", "protocol": "tcp"},
                {"id": "i2", "policy": "drop", "protocol": "all"},
            ],
        }
    ],
)


def test_every_part_can_be_taken_away_alone(healthy: Case) -> None:
    case = Case.load(healthy, RICH)
    names = [part.name for part in parts(case)]
    assert len(set(names)) == len(names)
    assert "network_acls/nacl-1 ingress_entries[1]" in names
    assert "network_policies/shop/out egress[1]" in names
    assert "snat_entries/ngw-bp1exit/snat-bp1pods" in names
    for part in parts(case):
        left = [other.name for other in parts(without(case, part))]
        assert len(left) == len(names) - 1 or part.field, part.name
    assert [part.name for part in parts(case)] == names, "the case itself stays"


def test_an_entry_is_cut_out_of_its_list(healthy: Case) -> None:
    case = Case.load(healthy, RICH)
    by_name = {part.name: part for part in parts(case)}
    acl = without(case, by_name["network_acls/nacl-1 ingress_entries[0]"]).get(NetworkAcl, "nacl-1")
    assert acl is not None
    assert [e.policy for e in acl.value.ingress_entries or ()] == ["drop"]
    policy = without(case, by_name["network_policies/shop/out egress[0]"]).get(
        NetworkPolicy, "shop/out"
    )
    assert policy is not None
    assert policy.value.spec.egress is not None
    assert [str(p.port) for rule in policy.value.spec.egress for p in rule.ports] == ["443"]


def test_rules_of_a_traffic_policy_are_parts_too() -> None:
    case = Case.load(
        {
            "apiVersion": "network.alibabacloud.com/v1alpha1",
            "kind": "TrafficPolicy",
            "metadata": {"name": "tp", "namespace": "shop"},
            "spec": {
                "priority": 10,
                "egress": {"rules": [{"action": "allow"}, {"action": "deny"}]},
            },
        }
    )
    [first, second] = parts(case)
    assert [first.field, second.place] == ["egress.rules", 1]
    left = without(case, first).get(TrafficPolicy, "shop/tp")
    assert left is not None
    assert left.value.spec.egress is not None
    assert [rule.action for rule in left.value.spec.egress.rules] == ["deny"]
