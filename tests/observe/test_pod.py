"""The pod gate: state, and documents that disagree with each other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.net import API, POD, Part, answer, ask, codes, every, only, shop

GROUPS = "network.alibabacloud.com/security-group-ids"
VSWITCHES = "network.alibabacloud.com/vswitch-ids"
TO = "203.0.113.10:443"


def workload(own: dict[str, str], template: dict[str, str], kind: str = "Deployment") -> Part:
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": "api", "namespace": "shop", "annotations": own},
        "spec": {
            "selector": {"matchLabels": {"app": "api"}},
            "template": {"metadata": {"labels": {"app": "api"}, "annotations": template}},
        },
    }


LABELLED = {**API, "labels": {"app": "api"}}


@pytest.mark.parametrize(
    ("pod", "status", "code"),
    [
        ({}, "passes", None),
        ({"phase": "Pending", "ip": None}, "blocks", "POD-015"),
        ({"phase": "Pending"}, "passes", None),
        ({"phase": "Succeeded"}, "blocks", "POD-004"),
        ({"phase": "Failed"}, "blocks", "POD-005"),
        ({"phase": "Unknown"}, "unknown", None),
        ({"phase": "Running", "ip": None}, "unknown", None),
    ],
)
def test_state(pod: dict[str, Any], status: str, code: str | None) -> None:
    merged = {name: part for name, part in {**API, **pod}.items() if part is not None}
    found = answer(shop(pods=[merged]), TO)
    assert found.gate("pod").status == status
    assert codes(found, "pod") == ({code} if code else set())


def test_a_missing_document_leaves_the_gate_unknown_and_asks_for_it() -> None:
    found = answer(shop(pods=None), TO)
    assert found.gate("pod").status == "unknown"
    assert "pods" in {item.name for item in found.not_assessed if "pod" in item.gates}


def test_absent_is_only_said_of_a_complete_list() -> None:
    assert only(ask(shop(pods=None), TO), "pod_document").state == "missing"
    assert only(ask(shop(pods=[], collected=["pods"]), TO), "pod_document").state == "absent"


def test_ipv6_needs_an_ipv6_address() -> None:
    """V6-01, trap 31: IPv4 says nothing about IPv6."""
    world = shop()
    assert "POD-013" in codes(answer(world, "[2001:db8::10]:443"), "pod")
    dual = shop(pods=[{**API, "ips": ["10.0.1.5", "2001:db8::5"]}])
    assert only(ask(dual, TO), "pod_state").has_ipv6 is True
    assert codes(answer(dual, "[2001:db8::10]:443"), "pod") == set()


def test_annotation_on_the_workload_itself_is_read_by_nobody() -> None:
    """Trap 26."""
    world = shop(pods=[LABELLED], documents=[workload({GROUPS: "sg-1"}, {})])
    fact = only(ask(world, TO), "annotation_drift")
    assert (fact.place, fact.wanted, fact.actual) == ("metadata", "sg-1", "")


def test_template_changed_after_the_pod_was_created() -> None:
    """Trap 26: the annotation is read at creation only."""
    pod = {**LABELLED, "annotations": {GROUPS: "sg-old"}}
    world = shop(pods=[pod], documents=[workload({}, {GROUPS: "sg-new"})])
    fact = only(ask(world, TO), "annotation_drift")
    assert (fact.place, fact.wanted, fact.actual) == ("template", "sg-new", "sg-old")


@pytest.mark.parametrize(
    "document",
    [
        workload({}, {GROUPS: "sg-1"}),
        workload({GROUPS: "sg-1"}, {}, kind="ReplicaSet"),
    ],
    ids=["same value", "a ReplicaSet repeats its Deployment"],
)
def test_no_drift(document: Part) -> None:
    pod = {**LABELLED, "annotations": {GROUPS: "sg-1"}}
    assert every(ask(shop(pods=[pod], documents=[document]), TO), "annotation_drift") == []


def test_annotation_and_interface_disagree() -> None:
    """SG-06: the annotation was changed after the pod was created."""
    world = shop(
        pods=[{**API, "annotations": {GROUPS: "sg-new"}}],
        network_interfaces=[{"id": "eni-1", "ip": "10.0.1.5", "security_groups": ["sg-old"]}],
    )
    fact = only(ask(world, TO), "group_drift")
    assert (fact.annotated, fact.attached) == ("sg-new", "sg-old")


def test_order_of_groups_is_no_drift() -> None:
    world = shop(
        pods=[{**API, "annotations": {GROUPS: "sg-b, sg-a"}}],
        network_interfaces=[{"id": "eni-1", "ip": "10.0.1.5", "security_groups": ["sg-a", "sg-b"]}],
    )
    assert every(ask(world, TO), "group_drift") == []


def test_requested_vswitch_not_the_real_one() -> None:
    world = shop(
        pods=[{**API, "annotations": {VSWITCHES: "vsw-2,vsw-3"}}],
        network_interfaces=[{"id": "eni-1", "ip": "10.0.1.5", "vswitch": "vsw-1"}],
    )
    assert only(ask(world, TO), "vswitch_drift").actual == "vsw-1"


def test_eci_keys_have_no_effect_on_acs_pods() -> None:
    """Trap 26."""
    pod = {**API, "annotations": {"k8s.aliyun.com/eci-security-group": "sg-1"}}
    facts = ask(shop(pods=[pod]), TO)
    assert only(facts, "foreign_annotation").instead == GROUPS
    assert every(facts, "group_candidate") == []


def test_pod_address_outside_its_vswitch_contradicts() -> None:
    world = shop(
        network_interfaces=[{"id": "eni-1", "ip": "10.0.1.5", "vswitch": "vsw-1"}],
        vswitches=[{"id": "vsw-1", "cidr": "10.0.9.0/24"}],
    )
    fact = only(ask(world, TO), "address_mismatch")
    assert (fact.what, fact.value) == ("vswitch", "10.0.9.0/24")
    assert "POD-026" in {c.code for c in answer(world, TO).contradictions}


def test_interface_with_another_address_contradicts() -> None:
    pod = {**API, "annotations": {"network.alibabacloud.com/allocated-eni-id": "eni-1"}}
    world = shop(pods=[pod], network_interfaces=[{"id": "eni-1", "ip": "10.0.1.77"}])
    assert only(ask(world, TO), "address_mismatch", what="eni").value == "10.0.1.77"


def test_facts_come_in_the_same_order_every_time() -> None:
    world = shop(
        pods=[{**LABELLED, "annotations": {GROUPS: "sg-b,sg-a"}}],
        documents=[workload({VSWITCHES: "vsw-1"}, {GROUPS: "sg-c"})],
    )
    assert [str(fact) for fact in ask(world, TO)] == [str(fact) for fact in ask(world, TO)]
    assert only(ask(world, TO), "pod_state").pod == POD
