"""PrivateZone: which zone decides, whether it is bound, and lookups over TCP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine import Answer, diagnose
from wayout.engine.case import Case, Question
from wayout.engine.facts.private_zone import LookupTransport, ZoneMatch
from wayout.engine.observe import observe
from wayout.engine.observe.private_zone import holds

NAME = "db.corp.internal"
QUESTION = Question(pod="shop/api-0", destination=f"{NAME}:5432")


def case(
    *zones: dict[str, Any], dns: dict[str, Any] | None = None, corefile: str = "", **more: Any
) -> Case:
    pod = {"name": "shop/api-0", "ip": "10.20.16.31", "phase": "Running", **(dns or {})}
    kube_dns = {
        "name": "kube-system/kube-dns",
        "cluster_ip": "172.21.0.10",
        "ports": [{"name": "dns", "port": 53, "protocol": "UDP"}],
    }
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"namespace": "kube-system", "name": "coredns"},
        "data": {"Corefile": corefile},
    }
    return Case.load(
        {
            "apiVersion": "wayout/v1",
            "kind": "Case",
            "cluster": {"vpc": "vpc-1", "region": "cn-hangzhou", "service_cidr": "172.21.0.0/20"},
            "pod": pod,
            "services": [kube_dns],
            "private_zones": list(zones),
            **more,
        },
        *([config] if corefile else []),
    )


def zone(name: str, *vpcs: str, **more: Any) -> dict[str, Any]:
    return {"id": f"z-{name}-{'-'.join(vpcs)}", "name": name, "vpcs": list(vpcs), **more}


def matches(found: Case) -> list[ZoneMatch]:
    return [f for f in observe(found, QUESTION).facts if isinstance(f, ZoneMatch)]


def codes(found: Case) -> set[str]:
    answer: Answer = diagnose(found, QUESTION)
    return {finding.code for finding in answer.findings if finding.gate == "dns"}


DEFAULT = {"dns_policy": "Default"}
USE_VC = {"dns_config": {"options": ["use-vc"]}}
OTHER = zone("corp.internal", "vpc-2")
OURS = zone("corp.internal", "vpc-2", "vpc-1")


@pytest.mark.parametrize(
    ("zones", "expected"),
    [
        ([OTHER], [("corp.internal", "unbound")]),
        ([OURS], [("corp.internal", "bound")]),
        ([zone("corp.internal")], [("corp.internal", "unbound")]),
        ([{"name": "corp.internal"}], [("corp.internal", "unknown")]),
        ([OTHER, OURS], [("corp.internal", "bound")]),
        (
            [OURS, zone("db.corp.internal", "vpc-2")],
            [("db.corp.internal", "unbound"), ("corp.internal", "bound")],
        ),
        ([zone("internal", "vpc-2"), OURS], [("corp.internal", "bound")]),
        ([zone("orp.internal", "vpc-2"), zone("x.db.corp.internal")], []),
        ([zone("CORP.Internal.", "vpc-1")], [("corp.internal", "bound")]),
    ],
)
def test_the_longest_bound_zone_decides(
    zones: list[dict[str, Any]], expected: list[tuple[str, str]]
) -> None:
    assert [(m.zone, m.binding) for m in matches(case(*zones))] == expected


def test_the_vpc_of_the_pod_decides_what_is_bound() -> None:
    found = case(OURS, cluster={"service_cidr": "172.21.0.0/20"})
    assert [m.binding for m in matches(found)] == ["unknown"]


def test_a_fix_resends_every_vpc() -> None:
    """The API replaces the list: whoever sends only the new VPC unbinds all others."""
    (match,) = matches(case(OTHER))
    assert json.loads(match.vpcs_json) == [
        {"VpcId": "vpc-2"},
        {"VpcId": "vpc-1", "RegionId": "cn-hangzhou"},
    ]
    (fix,) = diagnose(case(OTHER, dns=DEFAULT), QUESTION).fixes
    assert fix.id == "bind-zone-to-vpc"
    assert "the finding is gone" in fix.verified.text.en
    assert "DescribeZoneInfo" in fix.change.aliyun
    assert "--Vpcs.1.VpcId vpc-1" in fix.change.aliyun


@pytest.mark.parametrize(
    ("zones", "dns", "status", "expected"),
    [
        ([OTHER], DEFAULT, "", {"DNS-055"}),
        ([zone("corp.example.com", "vpc-2")], DEFAULT, "", set()),
        ([OTHER], {}, "", {"DNS-057"}),
        ([OTHER], {}, "NXDOMAIN", {"DNS-054"}),
        ([OTHER], DEFAULT, "NXDOMAIN", {"DNS-054"}),
        ([OTHER], DEFAULT, "NOERROR", set()),
        ([OURS], {}, "NXDOMAIN", {"DNS-040"}),
        ([], {}, "NXDOMAIN", {"DNS-040"}),
        ([OURS], DEFAULT, "", set()),
        ([OTHER, OURS], DEFAULT, "", set()),
        ([zone("db.corp.internal", "vpc-2"), OURS], DEFAULT, "", {"DNS-055"}),
        ([OTHER], {"dns_policy": "None", "dns_config": {"nameservers": ["10.0.0.2"]}}, "", set()),
    ],
)
def test_what_is_concluded(
    zones: list[dict[str, Any]], dns: dict[str, Any], status: str, expected: set[str]
) -> None:
    seen = [{"dns": {"name": NAME, "status": status}}] if status else []
    assert codes(case(*zones, dns=dns, observations=seen)) == expected


def test_a_name_that_may_be_public_is_only_possible() -> None:
    found = case(zone("example.com", "vpc-2"), dns=DEFAULT)
    question = Question(pod="shop/api-0", destination="db.example.com:5432")
    (finding,) = (f for f in diagnose(found, question).findings if f.gate == "dns")
    assert (finding.code, finding.certainty) == ("DNS-056", "possible")


def test_an_unknown_binding_asks_for_it() -> None:
    answer = diagnose(case({"name": "corp.internal"}, dns=DEFAULT), QUESTION)
    assert "private_zones" in {need.name for need in answer.not_assessed}


@pytest.mark.parametrize(
    ("dns", "corefile", "expected"),
    [
        ({**DEFAULT, **USE_VC}, "", {"DNS-059"}),
        (USE_VC, "", {"DNS-047"}),
        (USE_VC, ".:53 {\n  forward . /etc/resolv.conf {\n    prefer_udp\n  }\n}", set()),
        ({}, ".:53 {\n  forward . /etc/resolv.conf {\n    force_tcp\n  }\n}", {"DNS-046"}),
        ({}, ".:53 {\n  # force_tcp would be wrong\n  forward . /etc/resolv.conf\n}", set()),
        ({"dns_config": {"options": ["ndots:2"]}}, "", set()),
    ],
)  # fmt: skip
def test_private_zones_answer_udp_only(
    dns: dict[str, Any], corefile: str, expected: set[str]
) -> None:
    assert codes(case(OURS, dns=dns, corefile=corefile)) == expected


def test_without_a_zone_of_the_name_nothing_is_said() -> None:
    facts = observe(case(zone("example.org", "vpc-1")), QUESTION).facts
    assert not [f for f in facts if isinstance(f, (ZoneMatch, LookupTransport))]


@given(st.lists(st.sampled_from("ab"), min_size=1, max_size=4), st.integers(0, 4))
def test_a_zone_holds_itself_and_what_is_below(labels: list[str], start: int) -> None:
    name, tail = ".".join(labels), ".".join(labels[start:])
    assert holds(tail, name) is bool(tail)
    assert not holds(f"a{name}", name)
