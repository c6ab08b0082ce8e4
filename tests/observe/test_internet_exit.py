"""The internet-exit gate: facts of the domain sheet, rows NAT-, IGW-, EIP-, V6-, and traps."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.observe.exits import (
    DEFAULT_ROUTE,
    DESTINATION,
    ENI,
    LOCAL_ROUTES,
    POD,
    POD_EIP,
    POD_IP,
    SNAT_IP,
    VPC,
    VSWITCHES,
    Item,
    ask,
    codes,
    eip,
    forward,
    judge,
    lacks,
    nat,
    one,
    pod_eip,
    route,
    snat,
    status,
    vswitch,
    world,
)
from wayout.engine.advise.answer import Answer
from wayout.engine.case import Case, Origin, Record
from wayout.engine.case.alibaba import SnatEntry
from wayout.engine.observe.address import Network, parse_cidr
from wayout.engine.observe.nat_entries import Source, best_snat

GATE = "internet-exit"
OTHER_VSWITCH = {"SourceVSwitchId": "vsw-old", "SourceCIDR": "10.20.8.0/24"}


def findings(answer: Answer) -> list[str]:
    return codes(answer, GATE)


def told(answer: Answer) -> set[str]:
    """Every code the answer mentions besides findings."""
    near = {n.code for finding in answer.findings for n in finding.near_misses}
    return near | {s.code for s in (*answer.information, *answer.assumptions)}


def seen_outside(answer: Answer) -> list[str]:
    return [line.address for line in answer.ledger if line.hop == "internet"]


def fix(answer: Answer, name: str) -> Any:
    return next(found for found in answer.fixes if found.id == name)


# ── SNAT and the gateway on the route (section 6.1, D to G) ──────────────────────────────────


def test_healthy_snat() -> None:
    answer = judge(world())
    assert status(answer, GATE) == "passes"
    assert seen_outside(answer) == [SNAT_IP]


def test_fact_1_a_route_without_snat_does_not_reach_the_internet() -> None:
    answer = judge(world(snats={"ngw-1": []}))
    assert findings(answer) == ["NAT-002"]
    assert status(answer, GATE) == "blocks"
    assert seen_outside(answer) == []


def test_fact_5_a_new_vswitch_without_snat_entry() -> None:
    answer = judge(world(snats={"ngw-1": [snat(**OTHER_VSWITCH)]}))
    assert findings(answer) == ["NAT-002"]
    change = fix(answer, "add-snat-entry").change.aliyun
    assert "--SourceVSwitchId vsw-a" in change
    assert "--SnatTableId stb-ngw-1" in change
    assert f"--SnatIp {SNAT_IP}" in change
    assert fix(answer, "add-snat-entry").verified.result == "yes"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param({"SourceVSwitchId": "vsw-a"}, id="vSwitch"),
        pytest.param({"SourceVSwitchId": "vsw-a", "SourceCIDR": "10.20.16.0/24"}, id="with CIDR"),
        pytest.param({"SourceCIDR": "10.20.0.0/16"}, id="VPC"),
        pytest.param({"SourceCIDR": "10.20.16.16/28"}, id="trap 16: a part of the vSwitch"),
        pytest.param({"SourceCIDR": f"{POD_IP}/32"}, id="trap 16: the pod alone"),
        pytest.param({"SourceCIDR": POD_IP}, id="an address without length"),
        pytest.param({"NetworkInterfaceId": "eni-1"}, id="the ENI"),
    ],
)
def test_fact_4_every_granularity_of_an_entry_that_covers_the_pod(source: Item) -> None:
    answer = judge(world(snats={"ngw-1": [snat(**source)]}))
    assert status(answer, GATE) == "passes"


@pytest.mark.parametrize(
    "source",
    [
        pytest.param(OTHER_VSWITCH, id="trap 16: another vSwitch"),
        pytest.param({"SourceCIDR": "10.20.16.0/28"}, id="a part without the pod"),
        pytest.param({"SourceCIDR": "10.20.16.30/32"}, id="another pod"),
        pytest.param({"NetworkInterfaceId": "eni-2"}, id="another ENI"),
    ],
)
def test_an_entry_that_does_not_cover_the_pod(source: Item) -> None:
    assert findings(judge(world(snats={"ngw-1": [snat(**source)]}))) == ["NAT-002"]


def test_the_longest_source_wins() -> None:
    entries = [
        snat("snat-vpc", ips="198.51.100.30", SourceCIDR="10.20.0.0/16"),
        snat("snat-part", ips="198.51.100.31", SourceCIDR="10.20.16.16/28"),
        snat("snat-vsw", ips="198.51.100.32", SourceCIDR="10.20.16.0/24", SourceVSwitchId="vsw-a"),
    ]
    choice = one(ask(world(snats={"ngw-1": entries})), "snat_choice", gateway="ngw-1")
    assert (choice.entry, choice.addresses) == ("snat-part", "198.51.100.31")


@pytest.mark.parametrize("state", ["Pending", "Deleting", "Modifying"])
def test_nat_03_an_entry_that_is_not_in_effect(state: str) -> None:
    answer = judge(world(snats={"ngw-1": [snat(Status=state)]}))
    assert findings(answer) == ["NAT-003"]
    assert fix(answer, "wait-for-snat-entry").verified.result == "yes"


def test_nat_04_a_gateway_without_eip() -> None:
    answer = judge(world(nats=[nat(ips=[])], snats={"ngw-1": []}, eips=[]))
    assert findings(answer) == ["NAT-004"]


def test_nat_05_a_gateway_that_is_locked_for_debt() -> None:
    answer = judge(world(nats=[nat(BusinessStatus="FinancialLocked")]))
    assert findings(answer) == ["NAT-005"]
    assert fix(answer, "pay-nat-gateway").verified.result == "yes"


@pytest.mark.parametrize("state", ["Creating", "Modifying", "Deleting", "Converting"])
def test_nat_06_a_gateway_that_is_not_available(state: str) -> None:
    assert findings(judge(world(nats=[nat(Status=state)]))) == ["NAT-006"]


def test_nat_07_trap_15_17_the_entry_is_on_a_gateway_the_route_does_not_name() -> None:
    case = world(
        nats=[nat("ngw-0", ["198.51.100.50"]), nat()],
        snats={"ngw-0": [snat("snat-0", "ngw-0", "198.51.100.50")], "ngw-1": []},
        forwards={"ngw-0": [], "ngw-1": []},
        eips=[eip(), eip("198.51.100.50", "ngw-0")],
    )
    answer = judge(case)
    assert findings(answer) == ["NAT-007"]
    assert fix(answer, "route-to-snat-gateway").verified.result == "yes"
    assert f"{DESTINATION}/32" in fix(answer, "route-to-snat-gateway").change.aliyun


def test_trap_15_the_first_gateway_of_the_list_does_not_matter() -> None:
    case = world(
        nats=[nat("ngw-0", [], NetworkType="intranet"), nat()],
        snats={"ngw-0": [], "ngw-1": [snat()]},
        forwards={"ngw-0": [], "ngw-1": []},
    )
    assert status(judge(case), GATE) == "passes"


def test_nat_08_fact_10_a_vpc_nat_gateway_never_gives_internet_access() -> None:
    answer = judge(world(nats=[nat(NetworkType="intranet")]))
    assert findings(answer) == ["NAT-008"]
    assert seen_outside(answer) == []


def test_nat_08_beside_an_internet_gateway() -> None:
    case = world(
        nats=[nat(NetworkType="intranet", ips=[]), nat("ngw-2")],
        snats={"ngw-1": [], "ngw-2": [snat(gateway="ngw-2")]},
        forwards={"ngw-1": [], "ngw-2": []},
        eips=[eip(instance="ngw-2")],
    )
    answer = judge(case)
    assert "NAT-010" in findings(answer)
    assert status(answer, GATE) == "blocks"


def test_nat_09_a_stale_entry_for_a_former_address_is_the_near_miss() -> None:
    answer = judge(world(snats={"ngw-1": [snat(SourceCIDR="10.20.16.30/32")]}))
    assert findings(answer) == ["NAT-002"]
    assert "NAT-009" in told(answer)


def test_a_gateway_of_another_vpc() -> None:
    answer = judge(world(nats=[nat(VpcId="vpc-2")]))
    assert "NAT-012" in findings(answer)
    assert status(answer, GATE) == "blocks"


def test_nat_01_no_exit_at_all() -> None:
    case = world(entries={"vtb-sys": LOCAL_ROUTES}, nats=[], snats={}, forwards={}, eips=[])
    answer = judge(case)
    assert findings(answer) == ["NAT-001"]
    warning = fix(answer, "create-nat-gateway").side_effects.en
    assert "system route table" in warning  # trap 35


def test_nat_01_another_exit_is_not_no_exit() -> None:
    entries = {"vtb-sys": [route("0.0.0.0/0", "Attachment", "tr-attach-1"), *LOCAL_ROUTES]}
    answer = judge(world(entries=entries, nats=[], snats={}, forwards={}, eips=[]))
    assert findings(answer) == []
    assert status(answer, GATE) == "unknown"


def test_nat_01_is_only_possible_without_the_routes() -> None:
    case = world(missing=["route_entries"], nats=[], snats={}, forwards={}, eips=[])
    answer = judge(case)
    assert findings(answer) == ["NAT-015"]
    assert status(answer, GATE) == "unknown"


@pytest.mark.parametrize(
    ("hop_type", "expected"),
    [
        ("Instance", "unknown"),
        ("NetworkInterface", "unknown"),
        ("HaVip", "unknown"),
        ("Attachment", "unknown"),
        ("CenBasic", "unknown"),
        ("VpnGateway", "unknown"),
        ("Teleporter", "unknown"),
        ("GatewayEndpoint", "not-applicable"),
    ],
)
def test_a_default_route_that_leads_elsewhere(hop_type: str, expected: str) -> None:
    entries = {"vtb-sys": [route("0.0.0.0/0", hop_type, "x-1"), *LOCAL_ROUTES]}
    answer = judge(world(entries=entries))
    assert findings(answer) == []
    assert status(answer, GATE) == expected


def test_two_faults_are_both_reported() -> None:
    case = world(
        entries={"vtb-sys": LOCAL_ROUTES},
        snats={"ngw-1": []},
        nats=[nat(BusinessStatus="FinancialLocked")],
    )
    answer = judge(case)
    assert codes(answer, "route") == ["RTE-001"]
    assert findings(answer) == ["NAT-002", "NAT-005"]


# ── The EIPs of an entry (section 6.1 G, trap 37) ────────────────────────────────────────────

TWO = f"{SNAT_IP},198.51.100.23"


def locked(address: str = SNAT_IP, **more: Any) -> Item:
    reasons = {"LockReason": [{"LockReason": "financial"}]}
    return eip(address, BusinessStatus="FinancialLocked", OperationLocks=reasons, **more)


@pytest.mark.parametrize(
    ("eips", "code", "result"),
    [
        pytest.param([eip(), eip("198.51.100.23")], [], "passes", id="both work"),
        pytest.param([locked(), eip("198.51.100.23")], ["NAT-021"], "unknown", id="one locked"),
        pytest.param(
            [eip(Status="Available", InstanceId=""), eip("198.51.100.23")],
            ["NAT-021"],
            "unknown",
            id="one unbound",
        ),
        pytest.param([locked(), locked("198.51.100.23")], ["NAT-022"], "blocks", id="all locked"),
        pytest.param(
            [eip(instance="ngw-9"), eip("198.51.100.23", "ngw-9")],
            ["NAT-022"],
            "blocks",
            id="all bound to another gateway",
        ),
    ],
)
def test_trap_37_several_eips(eips: list[Item], code: list[str], result: str) -> None:
    case = world(nats=[nat(ips=TWO.split(","))], snats={"ngw-1": [snat(ips=TWO)]}, eips=eips)
    answer = judge(case)
    assert findings(answer) == code
    assert status(answer, GATE) == result


def test_one_bad_eip_among_unknown_ones_decides_nothing() -> None:
    case = world(
        nats=[nat(ips=TWO.split(","))],
        snats={"ngw-1": [snat(ips=TWO)]},
        eips=[locked()],
        truncated=["eips"],
    )
    answer = judge(case)
    assert findings(answer) == []
    assert status(answer, GATE) == "unknown"
    assert ("eips", "") in lacks(answer, GATE)


# ── EIP > DNAT > SNAT (section 6.1 B, C; traps 18, 19) ───────────────────────────────────────


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(world(eips=[eip(), pod_eip()]), id="DescribeEipAddresses"),
        pytest.param(
            world(
                eips=[eip(), pod_eip(InstanceId="eni-1", PrivateIpAddress="")],
                eni={**ENI, "AssociatedPublicIp": {"PublicIpAddress": POD_EIP}},
            ),
            id="by the ENI alone",
        ),
    ],
)
def test_trap_18_an_eip_wins_over_snat(case: Case) -> None:
    answer = judge(case)
    assert status(answer, GATE) == "passes"
    assert seen_outside(answer) == [POD_EIP]


def test_trap_18_a_broken_nat_gateway_is_no_fault_beside_an_eip() -> None:
    case = world(nats=[nat(Status="Deleting", ips=[])], snats={"ngw-1": []}, eips=[pod_eip()])
    answer = judge(case)
    assert findings(answer) == []
    assert status(answer, GATE) == "passes"


def test_trap_18_a_locked_eip_does_not_fall_back_to_snat() -> None:
    bad = pod_eip(
        BusinessStatus="OperationLock", OperationLocks={"LockReason": [{"LockReason": "security"}]}
    )
    answer = judge(world(eips=[eip(), bad]))
    assert findings(answer) == ["NAT-041"]
    assert fix(answer, "unlock-eip").verified.result == "yes"


@pytest.mark.parametrize("state", ["Associating", "Unassociating", "Available"])
def test_an_eip_that_is_not_in_use(state: str) -> None:
    answer = judge(world(eips=[eip(), pod_eip(Status=state)]))
    assert findings(answer) == ["NAT-042"]


@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param({"InstanceId": "eni-2"}, id="another ENI"),
        pytest.param({"PrivateIpAddress": "10.20.16.99"}, id="another address of the ENI"),
        pytest.param({"InstanceType": "EcsInstance"}, id="an instance"),
        pytest.param({"InstanceId": ""}, id="bound to nothing"),
    ],
)
def test_an_eip_that_is_not_the_pods(foreign: Item) -> None:
    facts = ask(world(eips=[eip(), pod_eip(**foreign)]))
    assert one(facts, "eip_evidence", source="eips").state == "none"


@pytest.mark.parametrize(
    ("annotation", "address"),
    [
        ({"network.alibabacloud.com/allocated-eip-address": POD_EIP}, POD_EIP),
        ({"k8s.aliyun.com/allocated-eipAddress": POD_EIP}, POD_EIP),
        ({"network.alibabacloud.com/allocated-eip-id": f"eip-{POD_EIP}"}, ""),
    ],
)
def test_what_acs_noted_on_the_pod_is_evidence(annotation: dict[str, str], address: str) -> None:
    facts = ask(world(annotations=annotation, missing=["eips", "network_interfaces"]))
    found = one(facts, "eip_evidence", source="annotation")
    assert (found.state, found.address) == ("bound", address)


def pod_eip_object(state: str) -> Item:
    namespace, name = POD.split("/")
    return {
        "apiVersion": "alibabacloud.com/v1beta1",
        "kind": "PodEIP",
        "metadata": {"namespace": namespace, "name": name},
        "spec": {"allocationID": f"eip-{POD_EIP}"},
        "status": {"eipAddress": POD_EIP, "privateIPAddress": POD_IP, "status": state},
    }


@pytest.mark.parametrize(("state", "expected"), [("InUse", "bound"), ("Pending", "unknown")])
def test_a_pod_eip_counts_only_in_use(state: str, expected: str) -> None:
    facts = ask(world(extra=[pod_eip_object(state)]))
    assert one(facts, "eip_evidence", source="controller").state == expected


def test_the_list_of_eips_and_the_interface_may_contradict() -> None:
    eni = {**ENI, "AssociatedPublicIp": {"PublicIpAddress": POD_EIP}}
    answer = judge(world(eni=eni))
    assert "NAT-701" in {statement.code for statement in answer.contradictions}


def test_a_dnat_ip_mapping_wins_over_snat() -> None:
    mapped = eip("198.51.100.21")
    case = world(
        nats=[nat(ips=[SNAT_IP, "198.51.100.21"])],
        snats={"ngw-1": []},
        forwards={"ngw-1": [forward()]},
        eips=[eip(), mapped],
    )
    answer = judge(case)
    assert findings(answer) == []
    assert status(answer, GATE) == "passes"
    assert seen_outside(answer) == ["198.51.100.21"]


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(
            {"ExternalPort": "443", "InternalPort": "8443", "IpProtocol": "TCP"}, id="port"
        ),
        pytest.param({"InternalIp": "10.20.16.32"}, id="another pod"),
        pytest.param({"Status": "Pending"}, id="not in effect"),
    ],
)
def test_an_ordinary_dnat_entry_is_no_exit(changed: Item) -> None:
    case = world(snats={"ngw-1": []}, forwards={"ngw-1": [forward(**changed)]})
    assert findings(judge(case)) == ["NAT-002"]


def test_unread_dnat_entries_are_assumed_away_unless_an_eip_serves_dnat() -> None:
    quiet = judge(world(missing=["forward_entries"]))
    assert status(quiet, GATE) == "passes"
    assert "NAT-602" in told(quiet)
    ips = {"IpList": [{"IpAddress": SNAT_IP, "UsingStatus": "UsedByForwardSnatTable"}]}
    busy = judge(world(missing=["forward_entries"], nats=[nat(IpLists=ips)]))
    assert status(busy, GATE) == "unknown"
    assert ("forward_entries", "ngw-1") in lacks(busy, GATE)
    only_snat = {"IpList": [{"IpAddress": SNAT_IP, "UsingStatus": "UsedBySnatTable"}]}
    sure = judge(world(missing=["forward_entries"], nats=[nat(IpLists=only_snat)]))
    assert "NAT-602" not in told(sure)


def test_no_snat_entry_blocks_only_when_the_dnat_entries_are_known() -> None:
    unread = judge(world(snats={"ngw-1": []}, missing=["forward_entries"]))
    assert status(unread, GATE) == "unknown"
    assert ("forward_entries", "ngw-1") in lacks(unread, GATE)
    assert "NAT-602" not in told(unread)
    assert findings(judge(world(snats={"ngw-1": []}))) == ["NAT-002"]


def test_hairpin_to_the_own_gateway_is_only_possible() -> None:
    published = forward(ExternalIp="198.51.100.22", InternalIp="10.20.0.9", ExternalPort="443")
    answer = judge(world(forwards={"ngw-1": [published]}), "198.51.100.22:443")
    assert findings(answer) == ["NAT-013"]
    assert status(answer, GATE) == "unknown"


# ── IPv4 gateway (section 6.5; trap 20) ──────────────────────────────────────────────────────

CENTRAL = {**VPC, "SupportIpv4Gateway": True, "Ipv4GatewayId": "ipv4gw-1"}
TO_IGW = route("0.0.0.0/0", "Ipv4Gateway", "ipv4gw-1")
SPLIT = [
    vswitch("vsw-a", "10.20.16.0/24"),
    vswitch("vsw-nat", "10.20.0.0/24", "vtb-public", "Custom"),
]


def central(**more: Any) -> Case:
    """Pods route to the NAT gateway, whose own vSwitch routes to the IPv4 gateway."""
    entries = {"vtb-sys": [DEFAULT_ROUTE, *LOCAL_ROUTES], "vtb-public": [TO_IGW, *LOCAL_ROUTES]}
    return world(**{"vpcs": [CENTRAL], "vswitches": SPLIT, "entries": entries, **more})


def test_trap_20_an_ipv4_gateway_is_no_fault() -> None:
    answer = judge(central())
    assert findings(answer) == []
    assert status(answer, GATE) == "passes"


def test_igw_01_an_eip_in_a_private_vswitch() -> None:
    answer = judge(central(eips=[eip(), pod_eip()]))
    assert findings(answer) == ["NAT-031"]
    assert fix(answer, "add-ipv4-gateway-route").verified.result == "yes"


def test_igw_01_an_eip_in_a_public_vswitch() -> None:
    entries = {"vtb-sys": [TO_IGW, *LOCAL_ROUTES]}
    answer = judge(world(vpcs=[CENTRAL], entries=entries, eips=[eip(), pod_eip()]))
    assert status(answer, "route") == "passes"
    assert status(answer, GATE) == "passes"


def test_igw_02_the_vswitch_of_the_nat_gateway_is_private() -> None:
    entries = {"vtb-sys": [DEFAULT_ROUTE, *LOCAL_ROUTES], "vtb-public": LOCAL_ROUTES}
    answer = judge(central(entries=entries))
    assert findings(answer) == ["NAT-032"]
    assert fix(answer, "add-ipv4-gateway-route").verified.result == "yes"


def test_igw_03_the_bind_mode() -> None:
    answer = judge(central(nats=[nat(EipBindMode="MULTI_BINDED")]))
    assert findings(answer) == ["NAT-033"]
    assert status(judge(world(nats=[nat(EipBindMode="MULTI_BINDED")])), GATE) == "passes"


def test_igw_04_pod_and_gateway_share_a_vswitch_that_routes_to_the_ipv4_gateway() -> None:
    entries = {"vtb-sys": [TO_IGW, *LOCAL_ROUTES]}
    shared = nat(NatGatewayPrivateInfo={"VswitchId": "vsw-a"})
    answer = judge(world(vpcs=[CENTRAL], entries=entries, nats=[shared]))
    assert findings(answer) == ["NAT-016"]


def test_igw_04_the_shared_vswitch_routes_to_the_nat_gateway() -> None:
    shared = nat(NatGatewayPrivateInfo={"VswitchId": "vsw-a"})
    answer = judge(world(vpcs=[CENTRAL], nats=[shared]))
    assert findings(answer) == ["NAT-034"]


def test_igw_05_the_gateway_is_gone_but_its_mode_is_not() -> None:
    gone = {**VPC, "SupportIpv4Gateway": True, "Ipv4GatewayId": ""}
    answer = judge(world(vpcs=[gone], eips=[eip(), pod_eip()]))
    assert "NAT-035" in findings(answer)
    assert answer.verdict != "reachable"


def test_the_mode_is_assumed_for_nat_and_asked_for_an_eip() -> None:
    by_nat = judge(world(missing=["vpcs"]))
    assert status(by_nat, GATE) == "passes"
    assert "NAT-601" in told(by_nat)
    by_eip = judge(world(missing=["vpcs"], eips=[eip(), pod_eip()]))
    assert status(by_eip, GATE) == "unknown"
    assert ("vpcs", "") in lacks(by_eip, GATE)


def test_a_route_to_an_ipv4_gateway_tells_the_mode_without_a_vpc_document() -> None:
    found = one(ask(central(missing=["vpcs"])), "vpc_exit")
    assert (found.mode, found.ipv4_gateway) == ("centralised", "ipv4gw-1")


def test_a_public_vswitch_of_the_gateway_that_is_not_known() -> None:
    entries = {"vtb-sys": [DEFAULT_ROUTE, *LOCAL_ROUTES]}
    answer = judge(central(entries=entries))
    assert status(answer, GATE) == "unknown"
    assert ("route_entries", "vtb-public") in lacks(answer, GATE)


# ── The life of an EIP annotation (section 6.4) ──────────────────────────────────────────────

AUTO = {"network.alibabacloud.com/pod-with-eip": "true"}
GIVEN = {"network.alibabacloud.com/pod-eip-instanceid": "eip-9"}
NO_EXIT: dict[str, Any] = {"entries": {"vtb-sys": LOCAL_ROUTES}, "nats": [], "snats": {}}
NO_POD_EIPS = {"apiVersion": "alibabacloud.com/v1beta1", "kind": "PodEIPList", "items": []}


def addons(*names: str) -> Item:
    return {"addons": [{"name": name, "version": "v1.0.0"} for name in names]}


def test_eip_01_the_requested_eip_is_not_attached() -> None:
    answer = judge(world(annotations=AUTO, extra=[pod_eip_object("Pending")], **NO_EXIT))
    assert findings(answer) == ["NAT-044"]


def test_eip_01_the_controller_is_missing() -> None:
    answer = judge(world(annotations=AUTO, extra=[addons("poseidon")], **NO_EXIT))
    assert findings(answer) == ["NAT-045"]


def test_eip_01_is_no_block_while_snat_serves() -> None:
    answer = judge(world(annotations=AUTO, extra=[pod_eip_object("Pending")]))
    assert findings(answer) == []
    assert status(answer, GATE) == "passes"
    assert "NAT-047" in told(answer)


def test_eip_03_two_pods_with_one_eip() -> None:
    other = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"namespace": "shop", "name": "api-1", "annotations": GIVEN},
        "status": {"phase": "Running", "podIP": "10.20.16.32"},
    }
    answer = judge(world(annotations=GIVEN, extra=[other], **NO_EXIT))
    assert findings(answer) == ["NAT-046"]


def test_eip_04_an_annotation_that_perhaps_came_late() -> None:
    extra = [addons("ack-extend-network-controller"), NO_POD_EIPS]
    answer = judge(world(annotations=AUTO, extra=extra, **NO_EXIT))
    assert "NAT-048" in told(answer)


@pytest.mark.parametrize(
    "key",
    [
        "network.alibabacloud.com/pod-with-eip",
        "k8s.aliyun.com/pod-with-eip",
        "k8s.aliyun.com/eci-with-eip",
    ],
)
def test_each_spelling_of_the_request_is_read(key: str) -> None:
    assert one(ask(world(annotations={key: "true"})), "eip_request").key == key
    assert not [f for f in ask(world(annotations={key: "false"})) if f.kind == "eip_request"]


# ── IPv6 (section 6.6) ───────────────────────────────────────────────────────────────────────

V6 = "[2001:db8::10]:443"
DUAL = [POD_IP, "2001:db8:1::5"]
V6_ROUTES = {"vtb-sys": [DEFAULT_ROUTE, route("::/0", "IPv6Gateway", "ipv6gw-1"), *LOCAL_ROUTES]}
BANDWIDTH = {"network.alibabacloud.com/ipv6-bandwidth-enable": "true"}


def test_v6_01_a_pod_without_ipv6() -> None:
    answer = judge(world(entries=V6_ROUTES), V6)
    assert status(answer, "pod") == "blocks"
    assert status(answer, GATE) == "not-applicable"


def test_ipv6_with_address_route_and_bandwidth() -> None:
    answer = judge(world(entries=V6_ROUTES, pod_ips=DUAL, annotations=BANDWIDTH), V6)
    assert status(answer, "route") == "passes"
    assert status(answer, GATE) == "passes"


def test_ipv6_without_public_bandwidth_is_only_possible() -> None:
    answer = judge(world(entries=V6_ROUTES, pod_ips=DUAL), V6)
    assert findings(answer) == ["NAT-053"]
    assert status(answer, GATE) == "unknown"


def test_fact_10_snat_never_serves_ipv6() -> None:
    entries = {"vtb-sys": [route("::/0", "NatGateway", "ngw-1"), *LOCAL_ROUTES]}
    answer = judge(world(entries=entries, pod_ips=DUAL, annotations=BANDWIDTH), V6)
    assert findings(answer) == ["NAT-054"]


def test_an_eip_does_not_serve_ipv6() -> None:
    answer = judge(world(pod_ips=DUAL, annotations=BANDWIDTH, eips=[eip(), pod_eip()]), V6)
    assert codes(answer, "route") == ["RTE-019"]
    assert status(answer, GATE) != "passes"


# ── What lacks ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("missing", "need"),
    [
        (["eips"], ("eips", "")),
        (["eips", "network_interfaces"], ("eips", "")),
        (["nat_gateways"], ("nat_gateways", "")),
        (["snat_entries"], ("snat_entries", "ngw-1")),
        (["route_entries"], ("route_entries", "vtb-sys")),
        (["vswitches"], ("vswitches", "vsw-a")),
    ],
)
def test_each_missing_document_is_named(missing: list[str], need: tuple[str, str]) -> None:
    answer = judge(world(missing=missing))
    assert status(answer, GATE) == "unknown"
    assert need in lacks(answer, GATE)


@pytest.mark.parametrize("name", ["eips", "nat_gateways", "snat_entries"])
def test_trap_23_a_truncated_page_is_no_missing_resource(name: str) -> None:
    empty: dict[str, Any] = {
        "eips": {"eips": []},
        "nat_gateways": {"nats": [], "snats": {}, "forwards": {}},
        "snat_entries": {"snats": {"ngw-1": []}},
    }
    answer = judge(world(truncated=[name], **empty[name]))
    assert [f.code for f in answer.findings if f.gate == GATE and f.certainty == "confirmed"] == []
    assert status(answer, GATE) == "unknown"


@pytest.mark.parametrize("field", ["Status", "BusinessStatus", "NetworkType", "IpLists"])
def test_an_unstated_field_of_the_gateway_is_not_taken_for_healthy(field: str) -> None:
    silent = {key: value for key, value in nat().items() if key != field}
    answer = judge(world(nats=[silent]))
    assert status(answer, GATE) == "unknown"
    assert ("nat_gateways", "") in lacks(answer, GATE)


@pytest.mark.parametrize("field", ["Status", "BusinessStatus"])
def test_an_unstated_field_of_an_eip_is_not_taken_for_healthy(field: str) -> None:
    silent = {key: value for key, value in eip().items() if key != field}
    assert status(judge(world(eips=[silent])), GATE) == "unknown"


# Each document a reachable case needs, and each that shows the one fault of a blocked one: no
# removal may turn "unknown" or "blocked" into "reachable", nor "reachable" into "blocked".
LISTS = [
    "vpcs",
    "vswitches",
    "network_interfaces",
    "eips",
    "nat_gateways",
    "route_entries",
    "snat_entries",
    "forward_entries",
    "pods",
    "services",
]
FAULTS: dict[str, dict[str, Any]] = {
    "healthy": {},
    "eip": {"eips": [eip(), pod_eip()]},
    "locked eip": {"eips": [eip(), pod_eip(BusinessStatus="FinancialLocked")]},
    "no snat": {"snats": {"ngw-1": []}},
    "no route": {"entries": {"vtb-sys": LOCAL_ROUTES}},
    "locked gateway": {"nats": [nat(BusinessStatus="FinancialLocked")]},
    "locked snat eip": {"eips": [locked()]},
    "custom table": {
        "entries": {"vtb-sys": [DEFAULT_ROUTE, *LOCAL_ROUTES], "vtb-custom": LOCAL_ROUTES},
        "vswitches": [vswitch("vsw-a", "10.20.16.0/24", "vtb-custom", "Custom"), VSWITCHES[1]],
    },
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("absent", LISTS)
def test_less_is_known_without_a_document_never_the_opposite(fault: str, absent: str) -> None:
    whole = judge(world(**FAULTS[fault]))
    part = judge(world(**FAULTS[fault], missing=[absent]))
    for gate in ("route", GATE):
        if status(whole, gate) == "blocks":
            assert status(part, gate) != "passes"
        if status(whole, gate) == "passes":
            assert status(part, gate) != "blocks"


# ── The choice of an entry, against a naive oracle ───────────────────────────────────────────

PREFIXES = st.sampled_from([8, 16, 20, 24, 26, 28, 30, 31, 32])
SOURCES = st.one_of(
    st.tuples(st.integers(0, 63), PREFIXES).map(
        lambda pair: {
            "source_cidr": str(ipaddress.ip_network((f"10.20.16.{pair[0]}", pair[1]), strict=False))
        }
    ),
    st.sampled_from(["vsw-a", "vsw-b"]).map(lambda name: {"source_v_switch_id": name}),
    st.sampled_from(["eni-1", "eni-2"]).map(lambda name: {"network_interface_id": name}),
)
ENTRIES = st.lists(
    st.tuples(SOURCES, st.sampled_from(["Available", "Pending", "Deleting"])), max_size=8
)
BLOCK = parse_cidr("10.20.16.0/24")


def naive_choice(entries: list[SnatEntry], ip: str) -> int | None:
    """The prefix of the entry the sheet chooses for the pod, written down word by word."""
    lengths = []
    for entry in entries:
        if entry.status != "Available":
            continue
        if entry.network_interface_id == "eni-1":
            lengths.append(32)
        elif entry.source_v_switch_id == "vsw-a":
            lengths.append(24)
        elif entry.source_cidr:
            network = ipaddress.ip_network(entry.source_cidr)
            if ipaddress.ip_address(ip) in network:
                lengths.append(network.prefixlen)
    return max(lengths, default=None)


@given(ENTRIES, st.integers(0, 63))
def test_the_choice_agrees_with_a_naive_one(
    drawn: list[tuple[dict[str, str], str]], host: int
) -> None:
    ip = f"10.20.16.{host}"
    entries = [
        SnatEntry(snat_entry_id=f"snat-{index}", status=state, **source)
        for index, (source, state) in enumerate(drawn)
    ]
    records = [Record(entry, (Origin("test"),)) for entry in entries]
    best = best_snat(records, Source(ip, "vsw-a", "eni-1"), BLOCK)
    assert (prefix(best.value, BLOCK) if best else None) == naive_choice(entries, ip)


def prefix(entry: SnatEntry, block: Network | None) -> int:
    if entry.network_interface_id:
        return 32
    network = parse_cidr(entry.source_cidr) if entry.source_cidr else block
    assert network is not None
    return network.prefix
