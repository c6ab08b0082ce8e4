"""The route gate, row by row (RT-01 … RT-07) and trap by trap, through the shipped rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.exits import (
    DEFAULT_ROUTE,
    DESTINATION,
    LOCAL_ROUTES,
    POD_IP,
    VPC,
    VSWITCHES,
    ask,
    codes,
    eip,
    judge,
    lacks,
    one,
    pod_eip,
    route,
    status,
    vswitch,
    world,
)
from wayout.engine.case import Question
from wayout.engine.observe.flow import make_view
from wayout.engine.observe.route import observe

SYSTEM = [DEFAULT_ROUTE, *LOCAL_ROUTES]
PEER = "172.20.0.9"
CUSTOM_VSWITCH = [vswitch("vsw-a", "10.20.16.0/24", "vtb-custom", "Custom"), VSWITCHES[1]]


def table(*routes: dict[str, Any]) -> dict[str, Any]:
    """The only table, with these entries beside the local ones."""
    return {"vtb-sys": [*routes, *LOCAL_ROUTES]}


# ── Rows of the table ────────────────────────────────────────────────────────────────────────


def test_healthy_default_route_to_the_nat_gateway() -> None:
    case = world()
    hit = one(ask(case), "route_hit", vswitch="vsw-a")
    assert (hit.cidr, hit.hop_class, hit.hop) == ("0.0.0.0/0", "nat", "ngw-1")
    assert status(judge(case), "route") == "passes"


def test_rt_01_no_route_matches() -> None:
    answer = judge(world(entries=table()))
    assert codes(answer, "route") == ["RTE-001"]
    assert status(answer, "route") == "blocks"
    assert status(answer, "internet-exit") == "passes"  # its SNAT entry would serve
    fix = next(fix for fix in answer.fixes if fix.id == "add-route-to-nat")
    assert f"{DESTINATION}/32" in fix.change.aliyun
    assert "0.0.0.0/0" not in fix.change.aliyun
    assert fix.verified.result == "yes"


def test_rt_01_without_any_gateway() -> None:
    answer = judge(world(entries=table(), nats=[], snats={}, forwards={}))
    assert codes(answer, "route") == ["RTE-002"]
    assert codes(answer, "internet-exit") == ["NAT-001"]


def test_rt_02_the_next_hop_was_deleted() -> None:
    gone = table(route("0.0.0.0/0", "NatGateway", "ngw-gone"))
    assert codes(judge(world(entries=gone)), "route") == ["RTE-022"]  # ngw-1 could serve
    alone = judge(world(entries=gone, nats=[], snats={}, forwards={}))
    assert codes(alone, "route") == ["RTE-023"]
    assert codes(alone, "internet-exit") == ["NAT-001"]


def test_rt_02_a_gateway_that_is_merely_not_collected_is_not_deleted() -> None:
    entries = table(route("0.0.0.0/0", "NatGateway", "ngw-other"))
    answer = judge(world(entries=entries, truncated=["nat_gateways"]))
    assert codes(answer, "route") == []
    assert status(answer, "internet-exit") == "unknown"
    assert ("nat_gateways", "") in lacks(answer, "internet-exit")


@pytest.mark.parametrize("state", ["Pending", "Modifying", "Deleting"])
def test_rt_02_the_only_route_is_not_in_effect(state: str) -> None:
    answer = judge(world(entries=table({**DEFAULT_ROUTE, "Status": state})))
    assert codes(answer, "route") == ["RTE-009"]
    assert status(answer, "route") == "blocks"


def test_rt_02_a_pending_longer_route_beside_one_that_serves_is_only_possible() -> None:
    pending = {**route("203.0.113.0/24", "NatGateway", "ngw-1"), "Status": "Pending"}
    answer = judge(world(entries=table(DEFAULT_ROUTE, pending)))
    assert codes(answer, "route") == ["RTE-010"]
    assert status(answer, "route") == "unknown"


def test_rt_02_a_disabled_router_interface() -> None:
    hops = [("RouterInterface", "ri-1", 0)]
    entries = table(DEFAULT_ROUTE, route("172.20.0.0/16", "RouterInterface", hops=hops))
    answer = judge(world(entries=entries), f"{PEER}:80")
    assert codes(answer, "route") == ["RTE-007"]


def test_several_next_hops_of_which_one_is_disabled_are_intermittent() -> None:
    hops = [("RouterInterface", "ri-1", 0), ("RouterInterface", "ri-2", 1)]
    entries = table(DEFAULT_ROUTE, route("172.20.0.0/16", "RouterInterface", hops=hops))
    answer = judge(world(entries=entries), f"{PEER}:80")
    assert codes(answer, "route") == ["RTE-008"]
    assert status(answer, "route") == "unknown"


def test_enabled_means_nothing_for_other_next_hops() -> None:
    hops = [("NatGateway", "ngw-1", 0)]
    answer = judge(world(entries=table(route("0.0.0.0/0", "NatGateway", hops=hops))))
    assert status(answer, "route") == "passes"


def test_rt_03_the_custom_table_misses_the_route_of_the_system_table() -> None:
    entries = {"vtb-sys": SYSTEM, "vtb-custom": LOCAL_ROUTES}
    answer = judge(world(entries=entries, vswitches=CUSTOM_VSWITCH))
    assert codes(answer, "route") == ["RTE-003"]
    fix = next(fix for fix in answer.fixes if fix.id == "add-route-to-custom-table")
    assert "vtb-custom" in fix.change.aliyun
    assert fix.verified.result == "yes"


@pytest.mark.parametrize(
    ("hop_type", "code"),
    [
        ("VpnGateway", "RTE-011"),
        ("VpcPeer", "RTE-011"),
        ("RouterInterface", "RTE-011"),
        ("Instance", "RTE-012"),
        ("NetworkInterface", "RTE-012"),
        ("HaVip", "RTE-012"),
    ],
)
def test_rt_04_a_more_specific_route_hijacks_the_destination(hop_type: str, code: str) -> None:
    entries = table(DEFAULT_ROUTE, route("203.0.113.0/24", hop_type, "x-1"))
    answer = judge(world(entries=entries))
    assert codes(answer, "route") == [code]
    if code == "RTE-011":
        assert status(answer, "route") == "blocks"
        fix = next(fix for fix in answer.fixes if fix.id == "adjust-diverting-route")
        assert fix.verified.result == "yes"


def test_rt_04_a_more_specific_route_to_the_same_exit_is_fine() -> None:
    entries = table(DEFAULT_ROUTE, route("203.0.113.0/24", "NatGateway", "ngw-1"))
    assert status(judge(world(entries=entries)), "route") == "passes"


def test_rt_05_a_private_address_without_route() -> None:
    answer = judge(world(entries=table()), f"{PEER}:80")
    assert codes(answer, "route") == ["RTE-005"]
    assert status(answer, "internet-exit") == "not-applicable"


def test_rt_05_a_peering_route_passes_and_assumes_the_way_back() -> None:
    entries = table(DEFAULT_ROUTE, route("172.20.0.0/16", "VpcPeer", "pcc-1"))
    answer = judge(world(entries=entries), f"{PEER}:80")
    assert status(answer, "route") == "passes"
    assert "RTE-601" in {assumption.code for assumption in answer.assumptions}


def test_rt_05_a_custom_table_misses_the_peering_route() -> None:
    peering = route("172.20.0.0/16", "VpcPeer", "pcc-1")
    entries = {"vtb-sys": [*SYSTEM, peering], "vtb-custom": LOCAL_ROUTES}
    answer = judge(world(entries=entries, vswitches=CUSTOM_VSWITCH), f"{PEER}:80")
    assert codes(answer, "route") == ["RTE-004"]


def test_rt_06_an_address_of_the_vpc_in_no_vswitch_may_be_an_overlap() -> None:
    answer = judge(world(), "10.20.200.9:80")
    assert codes(answer, "route") == ["RTE-013"]
    assert status(answer, "route") == "unknown"


def test_rt_06_is_silent_while_not_all_vswitches_are_known() -> None:
    answer = judge(world(truncated=["vswitches"]), "10.20.200.9:80")
    assert codes(answer, "route") == []
    assert status(answer, "route") == "passes"


CLUSTER = {"cluster_id": "c-1", "vpc_id": "vpc-1", "service_cidr": "172.21.0.0/20"}


def test_rt_07_the_service_range_captures_an_outside_address() -> None:
    answer = judge(world(extra=[CLUSTER]), "172.21.9.9:80")
    assert codes(answer, "route") == ["RTE-014"]


def test_rt_07_needs_the_services() -> None:
    answer = judge(world(extra=[CLUSTER], missing=["services"]), "172.21.9.9:80")
    assert status(answer, "route") == "unknown"
    assert ("services", "") in lacks(answer, "route")


# ── The way back ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("cidr", "back", "code"),
    [
        pytest.param("172.20.0.0/16", [], "RTE-015", id="no route back"),
        pytest.param(
            "172.20.0.0/16", [route("0.0.0.0/0", "NatGateway", "ngw-9")], "RTE-016", id="to NAT"
        ),
        pytest.param("172.20.0.0/16", [route("10.20.0.0/16", "VpcPeer", "pcc-1")], "", id="back"),
        pytest.param("10.0.0.0/8", [], "RTE-017", id="the peer contains the pod's address"),
    ],
)
def test_the_table_of_the_peer(cidr: str, back: list[dict[str, Any]], code: str) -> None:
    peer = {"VpcId": "vpc-2", "CidrBlock": cidr}
    there = {**vswitch("vsw-peer", "172.20.0.0/24", "vtb-peer"), "VpcId": "vpc-2"}
    entries = {"vtb-sys": [*SYSTEM, route("172.20.0.0/16", "VpcPeer", "pcc-1")], "vtb-peer": back}
    case = world(entries=entries, vpcs=[VPC, peer], vswitches=[*VSWITCHES, there])
    answer = judge(case, f"{PEER}:80")
    assert codes(answer, "route") == ([code] if code else [])
    assert "RTE-601" not in {assumption.code for assumption in answer.assumptions}


# ── Traps ────────────────────────────────────────────────────────────────────────────────────


def test_trap_14_no_literal_default_route_is_needed() -> None:
    halves = [
        route("0.0.0.0/1", "NatGateway", "ngw-1"),
        route("128.0.0.0/1", "NatGateway", "ngw-1"),
    ]
    assert status(judge(world(entries=table(*halves))), "route") == "passes"


def test_trap_14_a_specific_public_block_is_enough() -> None:
    specific = route("203.0.113.0/24", "NatGateway", "ngw-1")
    assert status(judge(world(entries=table(specific))), "route") == "passes"


def test_trap_14_the_system_table_does_not_count_beside_a_custom_one() -> None:
    case = world(
        entries={"vtb-sys": SYSTEM, "vtb-custom": [DEFAULT_ROUTE, *LOCAL_ROUTES]},
        vswitches=CUSTOM_VSWITCH,
    )
    assert one(ask(case), "route_hit", vswitch="vsw-a").table == "vtb-custom"


def test_trap_19_a_pod_with_an_eip_needs_no_route_in_direct_mode() -> None:
    answer = judge(world(entries=table(), eips=[eip(), pod_eip()]))
    assert status(answer, "route") == "passes"
    assert status(answer, "internet-exit") == "passes"


def test_trap_19_an_eip_without_route_is_unknown_while_the_vpc_is() -> None:
    answer = judge(world(entries=table(), eips=[eip(), pod_eip()], missing=["vpcs"]))
    assert status(answer, "route") == "unknown"
    assert status(answer, "internet-exit") == "unknown"
    assert ("vpcs", "") in lacks(answer, "internet-exit")


@pytest.mark.parametrize(
    "ip",
    [
        pytest.param("100.118.28.50", id="internal OSS endpoint"),
        pytest.param("100.100.2.136", id="VPC DNS"),
        pytest.param("100.100.100.200", id="metadata"),
    ],
)
def test_trap_21_cloud_services_need_neither_route_nor_nat(ip: str) -> None:
    answer = judge(world(entries={"vtb-sys": []}, nats=[], snats={}, forwards={}), f"{ip}:443")
    assert status(answer, "route") == "passes"
    assert status(answer, "internet-exit") == "not-applicable"


def test_trap_21_a_secondary_block_of_the_vpc_is_local() -> None:
    wider = {**VPC, "SecondaryCidrBlocks": {"SecondaryCidrBlock": ["192.168.0.0/16"]}}
    vswitches = [*VSWITCHES, vswitch("vsw-c", "192.168.4.0/24")]
    answer = judge(world(vpcs=[wider], vswitches=vswitches), "192.168.4.9:80")
    assert status(answer, "route") == "passes"
    assert status(answer, "internet-exit") == "not-applicable"


def test_trap_21_a_user_cidr_is_private_and_needs_a_route_of_its_own() -> None:
    declared = {**VPC, "UserCidrs": {"UserCidr": ["30.0.0.0/8"]}}
    to_the_office = route("30.0.0.0/8", "VpnGateway", "vpn-1")
    answer = judge(
        world(vpcs=[declared], entries=table(DEFAULT_ROUTE, to_the_office)), "30.1.2.3:80"
    )
    assert status(answer, "route") == "passes"
    assert status(answer, "internet-exit") == "not-applicable"


def test_trap_22_a_vpc_with_a_public_range_is_local() -> None:
    vpc = {**VPC, "CidrBlock": "30.0.0.0/16"}
    vswitches = [*VSWITCHES, vswitch("vsw-c", "30.0.4.0/24")]
    answer = judge(world(vpcs=[vpc], vswitches=vswitches), "30.0.4.9:80")
    assert status(answer, "route") == "passes"
    assert status(answer, "internet-exit") == "not-applicable"


def test_trap_23_a_truncated_table_is_no_missing_route() -> None:
    answer = judge(world(entries=table(), truncated=["route_entries"]))
    assert codes(answer, "route") == []
    assert status(answer, "route") == "unknown"
    assert ("route_entries", "vtb-sys") in lacks(answer, "route")


def test_trap_31_an_ipv4_default_route_does_not_serve_ipv6() -> None:
    answer = judge(world(pod_ips=[POD_IP, "2001:db8:1::5"]), "[2001:db8::10]:443")
    assert codes(answer, "route") == ["RTE-019"]


# ── What lacks ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("missing", "need"),
    [
        (["route_entries"], ("route_entries", "vtb-sys")),
        (["vswitches"], ("vswitches", "vsw-a")),
        (["vswitches", "network_interfaces"], ("network_interfaces", "")),
    ],
)
def test_each_missing_document_is_named(missing: list[str], need: tuple[str, str]) -> None:
    answer = judge(world(missing=missing))
    assert status(answer, "route") == "unknown"
    assert need in lacks(answer, "route")


def test_an_address_in_a_vswitch_of_the_vpc_needs_no_table() -> None:
    answer = judge(world(missing=["route_entries"]), "10.20.0.99:80")
    assert status(answer, "route") == "passes"


def test_a_name_without_address_leaves_the_gate_undecided() -> None:
    answer = judge(world(), "api.example.com:443")
    assert status(answer, "route") == "unknown"
    assert ("observations", "") in lacks(answer, "route")


def test_a_vswitch_in_no_custom_table_uses_the_system_table_when_all_are_known() -> None:
    bare = [vswitch("vsw-a", "10.20.16.0/24", ""), VSWITCHES[1]]
    system = {"RouteTableId": "vtb-sys", "RouteTableType": "System", "VpcId": "vpc-1"}
    custom = {
        "RouteTableId": "vtb-other",
        "RouteTableType": "Custom",
        "VpcId": "vpc-1",
        "VSwitchIds": {"VSwitchId": ["vsw-x"]},
    }
    case = world(vswitches=bare, tables=[system, custom])
    assert one(ask(case), "route_hit", vswitch="vsw-a").table == "vtb-sys"
    partly = world(vswitches=bare, tables=[system, custom], truncated=["route_tables"])
    assert one(ask(partly), "route_hit", vswitch="vsw-a").state == "undetermined"


@pytest.mark.parametrize(
    "text", ["", "0.0.0.0", "10.0.0.0/99", "::/129", "pl-", "\x00", "٣.0.0.0/8"]
)
def test_hostile_destinations_never_raise(text: str) -> None:
    odd = {**route("0.0.0.0/0", "NatGateway", "ngw-1"), "DestinationCidrBlock": text}
    facts = ask(world(entries=table(DEFAULT_ROUTE, odd)))
    assert one(facts, "route_hit", vswitch="vsw-a").state in ("hit", "undetermined")


def test_every_fact_is_proven_by_a_document() -> None:
    question = Question(pod="shop/api-0", destination=f"{DESTINATION}:443")
    sightings = list(observe(make_view(world(), question)))
    assert sightings
    assert all(sighting.origins for sighting in sightings)
