"""Where a pod stands: every source of evidence is read; none is read into another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.net import API, CLUSTER, POD, Part, answer, case, shop, view
from wayout.engine.case import Case, Pod
from wayout.engine.observe.placement import (
    eni_of,
    group_candidates,
    injected_annotations,
    split_ids,
    vswitch_candidates,
)

ENI = "network.alibabacloud.com/allocated-eni-id"
GROUPS = "network.alibabacloud.com/security-group-ids"
VSWITCHES = "network.alibabacloud.com/vswitch-ids"
VSWITCH = "network.alibabacloud.com/vswitch-id"


def annotated(**annotations: str) -> Part:
    keys = {"eni": ENI, "groups": GROUPS, "vswitches": VSWITCHES, "vswitch": VSWITCH}
    return {**API, "annotations": {keys[name]: text for name, text in annotations.items()}}


def interface(number: int, ip: str = "10.0.1.5", **more: Any) -> Part:
    return {"id": f"eni-{number}", "ip": ip, "security_groups": [f"sg-{number}"], **more}


def profile(**data: str) -> Part:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "acs-profile", "namespace": "kube-system"},
        "data": data,
    }


def groups(world: Case) -> dict[str, tuple[str, ...]]:
    return {c.source: c.groups for c in group_candidates(view(world))}


def vswitches(world: Case) -> dict[str, str]:
    return {c.source: c.vswitch for c in vswitch_candidates(view(world))}


def eni_id(world: Case, pod: str = POD) -> str:
    found = eni_of(view(world, pod=pod))
    return found.value.network_interface_id if found is not None else ""


def test_the_note_of_acs_beats_the_address() -> None:
    world = shop(
        pods=[annotated(eni="eni-2")],
        network_interfaces=[interface(1), interface(2, "10.0.1.99")],
    )
    assert eni_id(world) == "eni-2"


def test_a_noted_interface_without_document_is_not_guessed_from_the_address() -> None:
    world = shop(pods=[annotated(eni="eni-9")], network_interfaces=[interface(1)])
    assert eni_id(world) == ""


def test_without_a_note_the_address_tells() -> None:
    assert eni_id(shop(network_interfaces=[interface(1), interface(2, "10.0.1.6")])) == "eni-1"


def test_an_address_of_another_vpc_is_not_the_pod() -> None:
    world = shop(network_interfaces=[interface(1, vpc="vpc-2"), interface(2, vpc="vpc-1")])
    assert eni_id(world) == "eni-2"


def test_two_interfaces_with_the_address_tell_nothing() -> None:
    assert eni_id(shop(network_interfaces=[interface(1), interface(2)])) == ""


def test_a_bare_address_stands_for_its_interface() -> None:
    world = case(network_interfaces=[interface(7, "10.9.9.9")])
    assert eni_id(world, "10.9.9.9") == "eni-7"
    assert view(world, pod="10.9.9.9").pod == "10.9.9.9"


def test_a_bare_address_finds_the_pod_that_has_it() -> None:
    assert view(shop(), pod="10.0.1.5").pod == POD


def test_a_finished_pod_has_given_its_address_back() -> None:
    world = shop(pods=[{**API, "name": "job", "phase": "Succeeded"}, API])
    assert view(world, pod="10.0.1.5").pod == POD


def test_every_source_of_groups_is_a_candidate_of_its_own() -> None:
    """Trap 6: only the groups on the ENI count; a rule chooses, the observer only reads."""
    world = shop(
        pods=[annotated(groups="sg-a, sg-b,,sg-a")],
        cluster={**CLUSTER, "security_group": "sg-c"},
        network_interfaces=[interface(1)],
        documents=[profile(securityGroupId="sg-p", vSwitchIds="vsw-p")],
    )
    assert groups(world) == {
        "eni": ("sg-1",),
        "annotation": ("sg-a", "sg-b"),
        "profile": ("sg-p",),
        "cluster": ("sg-c",),
    }


def test_a_pod_without_document_may_have_any_groups() -> None:
    assert groups(shop(pods=[], cluster={**CLUSTER, "security_group": "sg-c"})) == {}


SELECTORS = (
    '[{"name":"a","objectSelector":{"matchLabels":{"app":"web"}},'
    '"effect":{"annotations":{"network.alibabacloud.com/security-group-ids":"sg-s"}}}]'
)


@pytest.mark.parametrize(
    ("labels", "expected"), [({"app": "web"}, ("sg-s",)), ({"app": "db"}, None), ({}, None)]
)
def test_a_selector_of_the_profile_counts_for_pods_it_matches(
    labels: dict[str, str], expected: tuple[str, ...] | None
) -> None:
    world = shop(pods=[{**API, "labels": labels}], documents=[profile(selectors=SELECTORS)])
    assert groups(world).get("selector") == expected


@pytest.mark.parametrize("text", ["", "{", "[1, null]", '[{"effect":{}}]', "{}", "[" * 5000])
def test_a_malformed_profile_is_ignored_as_the_platform_does(text: str) -> None:
    record = shop().get(Pod, POD)
    assert record is not None
    assert injected_annotations(text, shop(), record.value) == {}


def test_vswitch_sources() -> None:
    world = shop(
        pods=[annotated(vswitches="vsw-r", vswitch="vsw-a")],
        cluster={**CLUSTER, "vswitches": ["vsw-c"]},
        network_interfaces=[interface(1, vswitch="vsw-e")],
        vswitches=[{"id": "vsw-1", "cidr": "10.0.1.0/24", "vpc": "vpc-1"}],
    )
    assert vswitches(world) == {
        "eni": "vsw-e",
        "allocated": "vsw-a",
        "address": "vsw-1",
        "requested": "vsw-r",
        "cluster": "vsw-c",
    }


def test_several_requested_vswitches_name_none() -> None:
    world = shop(
        pods=[annotated(vswitches="vsw-1,vsw-2")],
        cluster={**CLUSTER, "vswitches": ["vsw-1", "vsw-2"]},
    )
    assert vswitches(world) == {}


def test_the_address_only_tells_within_the_own_vpc() -> None:
    blocks = [
        {"id": "vsw-other", "cidr": "10.0.1.0/24", "vpc": "vpc-2"},
        {"id": "vsw-own", "cidr": "10.0.0.0/20", "vpc": "vpc-1"},
    ]
    assert vswitches(shop(vswitches=blocks)) == {"address": "vsw-own"}


def test_split_ids() -> None:
    assert split_ids(" sg-b ,sg-a,, sg-b") == ("sg-b", "sg-a")


@pytest.mark.parametrize(
    ("extra", "source"),
    [
        ({"network_interfaces": [interface(1)]}, "eni"),
        ({"pods": [annotated(groups="sg-a")]}, "annotation"),
        ({"documents": [profile(securityGroupId="sg-p")]}, "profile"),
        ({"cluster": {**CLUSTER, "security_group": "sg-c"}}, "cluster"),
    ],
)
def test_weaker_evidence_is_an_assumption(extra: dict[str, Any], source: str) -> None:
    assumed = {a.code for a in answer(shop(**extra), "203.0.113.10:443").assumptions}
    wanted = {"annotation": "POD-031", "profile": "POD-033", "cluster": "POD-034"}
    assert assumed & set(wanted.values()) == ({wanted[source]} if source in wanted else set())
