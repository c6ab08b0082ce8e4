"""Guards and metrics in the short form of a case file."""

from __future__ import annotations

from typing import Any

import pytest

from wayout.engine.case import (
    AccountBalance,
    Case,
    DdosAddress,
    FirewallAsset,
    FirewallPolicy,
    Metric,
)
from wayout.engine.case.casefile import case_file_schema
from wayout.engine.errors import InputError


def load(**parts: Any) -> Case:
    return Case.load({"apiVersion": "wayout/v1", "kind": "Case", **parts})


def policy(**part: Any) -> FirewallPolicy:
    (record,) = load(guards={"firewall_policies": [part]}).listing(FirewallPolicy).records
    return record.value


def test_guards_in_short_form() -> None:
    case = load(
        guards={
            "firewall_policies": [{"action": "drop", "to": "203.0.113.0/24", "ports": "443"}],
            "firewall_addresses": {"198.51.100.20": "open"},
            "ddos": [{"ip": "198.51.100.20", "state": "blackhole"}],
            "balance": {"amount": "-1,002.50", "currency": "CNY"},
        }
    )
    for model in (FirewallPolicy, FirewallAsset, DdosAddress, AccountBalance):
        assert case.listing(model).is_complete
        assert len(case.listing(model).records) == 1
    (found,) = case.listing(FirewallPolicy).records
    value = found.value
    assert found.origin.pointer == "/guards/firewall_policies/0"
    assert (value.acl_uuid, value.acl_action, value.order) == ("policy-1", "drop", "1")
    assert (value.destination, value.dest_port, value.release) == (
        "203.0.113.0/24",
        "443/443",
        True,
    )
    assert case.listing(AccountBalance).records[0].value.available_amount == "-1,002.50"


def test_a_policy_about_everything_or_several_blocks() -> None:
    every = policy(action="accept", order=7, enabled=False)
    assert (every.source, every.destination, every.dest_port) == ("0.0.0.0/0", "0.0.0.0/0", "0/0")
    assert (every.order, every.release, every.proto) == ("7", False, "ANY")
    some = policy(action="accept", to="203.0.113.1, 198.51.100.0/24")
    assert some.destination_type == "group"
    assert some.destination_group_cidrs == ["203.0.113.1", "198.51.100.0/24"]
    named = policy(action="accept", to="api.example.com")
    assert (named.destination, named.destination_type) == ("api.example.com", "domain")


def test_given_lists_are_complete_and_absent_ones_missing() -> None:
    case = load(guards={"firewall_policies": []})
    assert case.listing(FirewallPolicy).state == "collected"
    assert case.listing(DdosAddress).state == "missing"
    assert load(guards={"balance": -3}).listing(AccountBalance).is_complete


@pytest.mark.parametrize(
    ("resource", "metric", "namespace", "name"),
    [
        ("ngw-1", "snat_port_allocation_drops", "acs_nat_gateway", "ErrorPortAllocationCount"),
        ("ngw-1", "connection_drops", "acs_nat_gateway", "SessionLimitDropConnection"),
        ("ngw-1", "bandwidth_drops", "acs_nat_gateway", "DropTotalPps"),
        ("eip-1", "bandwidth_drops", "acs_vpc_eip", "out_ratelimit_drop_speed"),
        ("cbwp-1", "bandwidth_drops", "acs_bandwidth_package", "out_ratelimit_drop_pps"),
    ],
)
def test_metrics_in_short_form(resource: str, metric: str, namespace: str, name: str) -> None:
    case = load(metrics=[{"resource": resource, "metric": metric, "value": 12}])
    (record,) = case.listing(Metric).records
    value = record.value
    assert (value.namespace, value.metric_name, value.instance_id) == (namespace, name, resource)
    assert value.value == "12"


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"guards": {"firewal_policies": []}}, "did you mean firewall_policies?"),
        ({"guards": {"firewall_policies": [{"acton": "drop"}]}}, "did you mean action?"),
        ({"guards": {"firewall_policies": [{"action": "deny"}]}}, "accept"),
        ({"guards": {"firewall_policies": [{"to": "203.0.113.1"}]}}, "action is missing"),
        (
            {"guards": {"firewall_policies": [{"action": "drop", "ports": 1, "port": 1}]}},
            "ports or port, not both",
        ),
        (
            {"guards": {"firewall_policies": [{"action": "drop", "from": "somewhere"}]}},
            "addresses or CIDR blocks",
        ),
        ({"guards": {"firewall_addresses": {"eip-1": "open"}}}, "public address"),
        ({"guards": {"ddos": [{"ip": "198.51.100.20", "state": "attacked"}]}}, "blackhole"),
        ({"guards": {"balance": {"amont": 1}}}, "did you mean amount?"),
        ({"metrics": [{"resource": "ngw-1", "metric": "drops", "value": 1}]}, "bandwidth_drops"),
        (
            {"metrics": [{"resource": "eip-1", "metric": "connection_drops", "value": 1}]},
            "whose id is ngw-...",
        ),
        ({"metrics": [{"resource": "ngw-1", "metric": "bandwidth_drops", "value": -1}]}, "value"),
        ({"metric": []}, "did you mean metrics?"),
    ],
)
def test_mistakes_are_named(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        load(**parts)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_schema_describes_them() -> None:
    schema = case_file_schema()
    assert {"guards", "metrics"} <= set(schema["properties"])
    assert schema["$defs"]["GuardsPart"]["additionalProperties"] is False
    assert "from" in schema["$defs"]["FirewallPolicyPart"]["properties"]
