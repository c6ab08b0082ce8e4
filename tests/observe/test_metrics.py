"""Metrics of an exit: what was dropped, through the rules."""

from __future__ import annotations

import json

import pytest

from tests.observe.exits import SNAT_IP, Item, codes, eip, judge, pod_eip, status, world
from wayout.engine.advise.answer import Answer
from wayout.engine.case import Case, Metric
from wayout.engine.observe.metrics import decimal

GATE = "guards"
EIP_ID = f"eip-{SNAT_IP}"
NAT = "acs_nat_gateway"
DROPS = [
    (NAT, "ErrorPortAllocationCount", "ngw-1", "GRD-017"),
    (NAT, "ErrorPortAllocationRate", "ngw-1", "GRD-017"),
    (NAT, "SessionLimitDropConnection", "ngw-1", "GRD-018"),
    (NAT, "SessionNewLimitDropConnection", "ngw-1", "GRD-018"),
    (NAT, "DropTotalPps", "ngw-1", "GRD-019"),
    ("acs_vpc_eip", "out_ratelimit_drop_speed", EIP_ID, "GRD-020"),
    ("acs_vpc_eip", "in_ratelimit_drop_speed", EIP_ID, "GRD-020"),
    ("acs_bandwidth_package", "out_ratelimit_drop_pps", "cbwp-1", "GRD-021"),
    ("acs_bandwidth_package", "in_ratelimit_drop_pps", "cbwp-1", "GRD-021"),
    ("acs_bandwidth_package", "ratelimit_drop_speed", "cbwp-1", "GRD-021"),
]


def metric(namespace: str, name: str, resource: str, *values: float) -> Item:
    points = [{"timestamp": i, "instanceId": resource, "Value": v} for i, v in enumerate(values)]
    return {
        "action": "DescribeMetricList",
        "request": {"Namespace": namespace, "MetricName": name},
        "response": {"Code": "200", "Datapoints": json.dumps(points)},
    }


def ask(*documents: Item) -> Answer:
    return judge(case_of(*documents))


def case_of(*documents: Item) -> Case:
    return world(eips=[eip(BandwidthPackageId="cbwp-1")], extra=documents)


def assumed(answer: Answer) -> set[str]:
    return {statement.code for statement in answer.assumptions}


@pytest.mark.parametrize(("namespace", "name", "resource", "code"), DROPS)
def test_drops_degrade(namespace: str, name: str, resource: str, code: str) -> None:
    answer = ask(metric(namespace, name, resource, 0, 12, 3))
    assert status(answer, GATE) == "unknown"
    (finding,) = (found for found in answer.findings if found.gate == GATE)
    assert (finding.code, finding.status, finding.subject) == (code, "degrades", resource)
    assert finding.certainty == ("possible" if code == "GRD-019" else "confirmed")
    assert f"{name}: 12" in finding.text.en


@pytest.mark.parametrize(("namespace", "name", "resource", "code"), DROPS)
def test_no_drops_are_ruled_out(namespace: str, name: str, resource: str, code: str) -> None:
    answer = ask(metric(namespace, name, resource, 0, 0))
    assert status(answer, GATE) == "passes"
    assert code not in codes(answer, GATE)
    assert any(name in item.text.en for item in answer.ruled_out)


def test_without_metrics_free_ports_are_assumed() -> None:
    answer = ask()
    assert status(answer, GATE) == "not-applicable"
    assert "NAT-603" in assumed(answer)


def test_measured_ports_need_no_assumption_but_bandwidth_does() -> None:
    ports = metric(NAT, "ErrorPortAllocationCount", "ngw-1", 0)
    assert "NAT-603" not in assumed(ask(ports))
    assert "NAT-604" in assumed(ask(ports))
    bandwidth = metric("acs_vpc_eip", "out_ratelimit_drop_speed", EIP_ID, 0)
    assert not {"NAT-603", "NAT-604"} & assumed(ask(ports, bandwidth))


@pytest.mark.parametrize(
    "document",
    [
        metric(NAT, "ErrorPortAllocationCount", "ngw-2", 12),
        metric("acs_vpc_eip", "out_ratelimit_drop_speed", "eip-2", 12),
        metric("acs_vpc_eip", "net_out.rate_percentage", EIP_ID, 99),
        metric("acs_vpc_eip", "ErrorPortAllocationCount", "ngw-1", 12),
    ],
)
def test_other_resources_and_metrics_change_nothing(document: Item) -> None:
    answer = ask(document)
    assert status(answer, GATE) == "not-applicable"
    assert "NAT-603" in assumed(answer)


def test_a_pod_with_an_eip_uses_no_port_of_the_gateway() -> None:
    ports = metric(NAT, "ErrorPortAllocationCount", "ngw-1", 12)
    own = metric("acs_vpc_eip", "out_ratelimit_drop_speed", pod_eip()["AllocationId"], 5)
    eips = [eip(), pod_eip()]
    public = {"PublicIpAddress": pod_eip()["IpAddress"], "AllocationId": pod_eip()["AllocationId"]}
    answer = judge(world(eips=eips, extra=(ports, own)).patched(
        [{"set": "network_interfaces", "key": "eni-1", "fields": {"AssociatedPublicIp": public}}]
    ))  # fmt: skip
    assert codes(answer, GATE) == ["GRD-020"]


def test_the_highest_of_several_answers_counts() -> None:
    answer = ask(
        metric(NAT, "ErrorPortAllocationCount", "ngw-1", 0),
        metric(NAT, "ErrorPortAllocationCount", "ngw-1", 0, 4),
    )
    assert "GRD-017" in codes(answer, GATE)


def test_flows_inside_the_vpc_use_no_exit() -> None:
    ports = metric(NAT, "ErrorPortAllocationCount", "ngw-1", 12)
    answer = judge(case_of(ports), "10.20.0.9:5432")
    assert "GRD-017" not in codes(answer, GATE)


@pytest.mark.parametrize("text", ["", "many", "-1", "NaN", "Infinity", "1e", "--"])
def test_what_is_no_count(text: str) -> None:
    assert decimal(text) is None
    item = {"Namespace": NAT, "MetricName": "DropTotalPps", "InstanceId": "ngw-1", "Value": text}
    case = case_of().patched([{"add": "metrics", "item": item}])
    assert case.listing(Metric).records
    assert "GRD-019" not in codes(judge(case), GATE)
