"""Changes on a case, for trying out a fix."""

from typing import Any

import pytest

from wayout.engine.case import (
    Addon,
    Case,
    Cluster,
    Eip,
    NetworkAcl,
    NetworkInterface,
    NetworkPolicy,
    Pod,
    RouteEntry,
    SecurityGroup,
    SecurityGroupRule,
    SnatEntry,
    VSwitch,
)
from wayout.engine.errors import InputError


def policy(name: str, **spec: Any) -> dict[str, Any]:
    meta = {"name": name, "namespace": "shop"}
    return {
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta,
        "spec": spec,
    }  # fmt: skip


@pytest.fixture
def case() -> Case:
    return Case.load(
        {
            "apiVersion": "wayout/v1",
            "kind": "Case",
            "question": {"pod": "shop/api-0", "to": "203.0.113.10:443"},
            "cluster": {"id": "c1", "addons": ["poseidon"]},
            "pod": {"name": "shop/api-0", "ip": "10.0.1.5", "security_groups": ["sg-1"],
                    "labels": {"app": "api"}},
            "network_policies": [policy("deny", podSelector={}, policyTypes=["Egress"])],
            "security_groups": [{"id": "sg-1", "type": "enterprise", "egress": [
                {"id": "sgr-1", "policy": "drop", "priority": 5}]}],
            "vswitches": [{"id": "vsw-1", "cidr": "10.0.1.0/24", "network_acl": "nacl-1"}],
            "route_tables": [{"id": "vtb-1", "routes": [
                {"id": "rte-1", "to": "0.0.0.0/0", "via": "ngw-1"}]}],
            "nat_gateways": [{"id": "ngw-1", "snat": []}],
            "eips": [{"id": "eip-1", "ip": "203.0.113.1", "business_status": "OperationLock",
                      "locks": ["financial"]}],
            "network_acls": [{"id": "nacl-1", "egress": [{"id": "n1"}], "ingress": []}],
        }
    )  # fmt: skip


def test_add_an_entry(case: Case) -> None:
    op = {
        "add": "snat_entries", "of": "ngw-1",
        "item": {"SnatEntryId": "new", "SourceVSwitchId": "vsw-1", "SnatIp": "203.0.113.1"},
    }  # fmt: skip
    listing = case.patched([op]).listing(SnatEntry, "ngw-1")
    (record,) = listing.records
    assert listing.is_complete
    assert (record.value.nat_gateway_id, record.value.source_v_switch_id) == ("ngw-1", "vsw-1")
    assert record.origin.document == "<fix>"
    assert not case.listing(SnatEntry, "ngw-1").records


def test_add_a_rule(case: Case) -> None:
    item = {"SecurityGroupRuleId": "new", "Direction": "egress", "Policy": "Accept"}
    after = case.patched([{"add": "security_group_rules", "of": "sg-1", "item": item}])
    keys = [r.value.key for r in after.listing(SecurityGroupRule, "sg-1/egress").records]
    assert keys == ["new", "sgr-1"]
    assert len(case.listing(SecurityGroupRule, "sg-1").records) == 1


def test_add_a_group_with_rules(case: Case) -> None:
    item = {"SecurityGroupId": "sg-2", "Permissions": {"Permission": [{"Direction": "egress"}]}}
    after = case.patched([{"add": "security_groups", "item": item}])
    assert after.get(SecurityGroup, "sg-2") is not None
    assert len(after.listing(SecurityGroupRule, "sg-2").records) == 1


def test_add_a_route(case: Case) -> None:
    item = {
        "RouteEntryId": "rte-2", "DestinationCidrBlock": "203.0.113.0/24",
        "NextHops": {"NextHop": [{"NextHopType": "NatGateway", "NextHopId": "ngw-1"}]},
    }  # fmt: skip
    after = case.patched([{"add": "route_entries", "of": "vtb-1", "item": item}])
    record = after.get(RouteEntry, "rte-2")
    assert record is not None
    assert record.value.route_table_id == "vtb-1"
    assert record.value.next_hops[0].next_hop_id == "ngw-1"


def test_add_and_replace_a_policy(case: Case) -> None:
    allow = policy("allow", podSelector={}, egress=[{}])
    replaced = policy("deny", podSelector={}, egress=[{"ports": [{"port": 443}]}])
    after = case.patched(
        [{"add": "network_policies", "item": allow}, {"add": "network_policies", "item": replaced}]
    )
    listing = after.listing(NetworkPolicy, "shop")
    assert [r.value.key for r in listing.records] == ["shop/allow", "shop/deny"]
    assert listing.is_complete
    deny = after.get(NetworkPolicy, "shop/deny")
    assert deny is not None
    assert (deny.value.spec.policy_types, len(deny.value.spec.egress or ())) == (None, 1)


def test_remove(case: Case) -> None:
    after = case.patched([{"remove": "network_policies", "key": "shop/deny"}])
    assert after.listing(NetworkPolicy, "shop").records == ()
    assert after.listing(NetworkPolicy, "shop").is_complete
    assert case.get(NetworkPolicy, "shop/deny") is not None


def test_set_fields_of_the_api(case: Case) -> None:
    after = case.patched(
        [
            {"set": "eips", "key": "eip-1", "fields": {"BusinessStatus": "Normal"}},
            {"set": "security_group_rules", "of": "sg-1", "key": "sgr-1",
             "fields": {"Priority": 7, "Policy": "Accept"}},
            {"set": "vswitches", "key": "vsw-1", "fields": {"NetworkAclId": ""}},
            {"set": "network_acls", "key": "nacl-1", "fields": {
                "IngressAclEntries": {"IngressAclEntry": [{"Policy": "accept"}]}}},
            {"set": "network_interfaces", "key": "eni-of-shop-api-0",
             "fields": {"SecurityGroupIds": {"SecurityGroupId": ["sg-2"]}}},
            {"set": "pods", "key": "shop/api-0", "fields": {"metadata": {"annotations": {
                "alibabacloud.com/enable-network-policy-agent": "true"}}}},
            {"set": "network_policies", "key": "shop/deny",
             "fields": {"spec": {"policyTypes": None, "egress": [{}]}}},
            {"set": "addons", "key": "poseidon", "fields": {"version": "v0.7.0"}},
            {"set": "clusters", "key": "c1", "fields": {"security_group_id": "sg-9"}},
        ]
    )  # fmt: skip

    def value(model: Any, key: str) -> Any:
        record = after.get(model, key)
        assert record is not None
        return record.value

    eip = value(Eip, "eip-1")
    assert (eip.business_status, eip.ip_address) == ("Normal", "203.0.113.1")
    assert eip.lock_reasons == ["financial"]
    rule = value(SecurityGroupRule, "sgr-1")
    assert (rule.priority, rule.policy, rule.direction) == ("7", "Accept", "egress")
    vswitch = value(VSwitch, "vsw-1")
    assert (vswitch.network_acl_id, vswitch.cidr_block) == ("", "10.0.1.0/24")
    acl = value(NetworkAcl, "nacl-1")
    assert (len(acl.egress_entries), len(acl.ingress_entries)) == (1, 1)
    eni = value(NetworkInterface, "eni-of-shop-api-0")
    assert (eni.security_group_ids, eni.private_ips) == (["sg-2"], ["10.0.1.5"])
    pod = value(Pod, "shop/api-0")
    assert pod.metadata.labels == {"app": "api"}
    assert pod.metadata.annotations == {"alibabacloud.com/enable-network-policy-agent": "true"}
    deny = value(NetworkPolicy, "shop/deny")
    assert (deny.spec.policy_types, len(deny.spec.egress)) == (None, 1)
    assert value(Addon, "poseidon").version == "v0.7.0"
    assert value(Cluster, "c1").security_group_id == "sg-9"
    (record,) = after.listing(Eip).records
    assert [o.document for o in record.origins] == ["<fix>", "<document 1>"]


def test_the_rest_stays(case: Case) -> None:
    after = case.patched([{"remove": "eips", "key": "eip-1"}])
    assert after.question == case.question
    assert after.notices == case.notices
    before = [place[:2] for place in case.complete_lists()]
    assert [place[:2] for place in after.complete_lists()] == before


def test_no_change_is_an_equal_case(case: Case) -> None:
    after = case.patched([])
    assert after.listing(Pod) == case.listing(Pod)


def test_unlocking_needs_the_locks_too(case: Case) -> None:
    fields = {"OperationLocks": {"LockReason": []}}
    record = case.patched([{"set": "eips", "key": "eip-1", "fields": fields}]).get(Eip, "eip-1")
    assert record is not None
    assert record.value.lock_reasons == []


@pytest.mark.parametrize(
    ("op", "message"),
    [
        ({}, "exactly one of add, set, remove"),
        ({"add": "eips", "remove": "eips"}, "exactly one of add, set, remove"),
        ({"add": "eip", "item": {}}, 'no list is called "eip" .did you mean eips'),
        ({"add": 5, "item": {}}, "must name a list"),
        ({"add": "eips"}, "item must be a mapping"),
        ({"add": "eips", "item": {}, "fields": {}}, 'unknown key "fields"'),
        ({"add": "eips", "item": {"AllocationId": 5}}, "AllocationId must be text"),
        ({"add": "snat_entries", "item": {}}, "of must name the NAT gateway"),
        ({"add": "network_policies", "item": {"kind": "Pod"}}, "kind must be NetworkPolicy"),
        ({"add": "network_policies", "item": {"kind": "NetworkPolicy"}}, "metadata is missing"),
        ({"set": "eips", "key": "eip-9", "fields": {}}, 'eips has no "eip-9"'),
        ({"set": "eips", "key": "eip-1"}, "fields must be a mapping"),
        ({"set": "eips", "key": "eip-1", "fields": {"AllocationId": "x"}}, "cannot be changed"),
        ({"set": "eips", "fields": {}}, "key must be text"),
        ({"set": "pods", "key": "shop/api-0", "fields": {"spec": 5}}, "spec must be a mapping"),
        ({"set": "pods", "key": "shop/api-0", "fields": {"metadata": {"name": "b"}}}, "the key of"),
        ({"remove": "snat_entries", "key": "x"}, 'snat_entries has no "x"'),
        ({"remove": "security_group_rules", "of": "sg-2", "key": "sgr-1"}, 'has no "sgr-1"'),
        ({"set": "security_group_rules", "of": 5, "key": "sgr-1", "fields": {}}, "of must be text"),
    ],
)
def test_bad_changes(case: Case, op: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=f"change 1.*{message}"):
        case.patched([op])


@pytest.mark.parametrize("op", [5, None, "add", ["add"], {"add": {1: 2}}])
def test_changes_that_are_none(case: Case, op: Any) -> None:
    with pytest.raises(InputError):
        case.patched([op])
