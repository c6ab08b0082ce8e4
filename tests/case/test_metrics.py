"""Answers of CloudMonitor: the peak of each resource, or one sentence about what is wrong."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.case import Case, Metric
from wayout.engine.errors import InputError

NAT = {"Namespace": "acs_nat_gateway", "MetricName": "ErrorPortAllocationCount"}


def answer(points: Any, request: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "action": "DescribeMetricList",
        "request": NAT if request is None else request,
        "response": {"Code": "200", "Period": "60", "Datapoints": points, **more},
    }


def peak_of(points: Any) -> dict[str, str]:
    listing = Case.load(answer(points)).listing(Metric)
    assert listing.state == "missing"  # a metric of one resource says nothing about others
    return {record.value.instance_id: record.value.value for record in listing.records}


def point(value: Any, resource: str = "ngw-1", time: int = 1700000000000) -> dict[str, Any]:
    return {"timestamp": time, "userId": "1", "instanceId": resource, "Value": value}


def test_the_peak_of_the_text_of_a_list() -> None:
    points = [point(0), point(12.5, time=1700000060000), point(3), point(7, "ngw-2")]
    case = Case.load(answer(json.dumps(points), NextToken="", RequestId="r"))
    first, second = (record.value for record in case.listing(Metric).records)
    assert (first.instance_id, first.value, first.timestamp) == ("ngw-1", "12.5", "1700000060000")
    assert (second.instance_id, second.value) == ("ngw-2", "7")
    assert (first.namespace, first.metric_name) == tuple(NAT.values())


def test_a_message_beside_code_200_is_no_error() -> None:
    document = answer("[]", Message="The specified resource is not found.")
    assert Case.load(document).listing(Metric).records == ()


def test_the_largest_statistic_counts() -> None:
    found = {"instanceId": "ngw-1", "Minimum": 1, "Average": 2, "Maximum": 9}
    assert peak_of([found]) == {"ngw-1": "9"}


@pytest.mark.parametrize("value", [True, None, "many", -1, 1e18, [], {}])
def test_what_is_no_count_is_left_out(value: Any) -> None:
    assert peak_of([point(value), point(2, "ngw-2")]) == {"ngw-2": "2"}


def test_a_command_line_names_the_metric_too() -> None:
    document = {
        "action": "aliyun cms DescribeMetricLast --Namespace acs_vpc_eip "
        "--MetricName out_ratelimit_drop_speed",
        "response": {"Datapoints": json.dumps([point(4, "eip-1")])},
    }
    (record,) = Case.load(document).listing(Metric).records
    assert (record.value.namespace, record.value.value) == ("acs_vpc_eip", "4")


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        (answer("[]", request={"Namespace": "acs_nat_gateway"}), "Namespace and MetricName"),
        (answer("[]")["response"], "Namespace and MetricName"),
        (answer("{"), "text of a JSON list"),
        (answer("[] []"), "text of a JSON list"),
        (answer('[{"a": 1, "a": 2}]'), "text of a JSON list"),
        (answer('{"instanceId": "ngw-1"}'), "list of mappings"),
        (answer([1]), "list of mappings"),
        (answer([point(1, "ngw 1")]), "not a valid name"),
    ],
)
def test_mistakes_are_named(document: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError) as caught:
        Case.load(document)
    assert problem in str(caught.value)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert Case.load(answer(text)).listing(Metric).records == ()
