"""Name servers that a DHCP options set hands out."""

from __future__ import annotations

from typing import Any

import pytest

from wayout.engine import diagnose
from wayout.engine.case import Case, DhcpOptionsSet, Question
from wayout.engine.facts.dns import Resolver
from wayout.engine.observe import observe

QUESTION = Question(pod="shop/api-0", destination="api.example.com:443")
VPC_DNS = {("100.100.2.136", "vpc-dns"), ("100.100.2.138", "vpc-dns")}
SET: dict[str, Any] = {
    "DhcpOptionsSetId": "dopt-1",
    "DhcpOptions": {"DomainName": "corp.internal", "DomainNameServers": "10.0.0.2, 10.0.0.3"},
    "AssociateVpcs": [{"VpcId": "vpc-1", "AssociateStatus": "InUse"}],
}


def case(*documents: Any, policy: str = "Default", dhcp: str = "dopt-1") -> Case:
    pod = {"name": "shop/api-0", "ip": "10.20.16.31", "phase": "Running", "dns_policy": policy}
    return Case.load(
        {
            "apiVersion": "wayout/v1",
            "kind": "Case",
            "cluster": {"vpc": "vpc-1"},
            "pod": pod,
            "vpc": {"id": "vpc-1", "cidr": "10.0.0.0/8", "dhcp_options_set": dhcp},
        },
        *documents,
    )


def servers(found: Case) -> set[tuple[str, str]]:
    facts = observe(found, QUESTION).facts
    return {(f.address, f.role) for f in facts if isinstance(f, Resolver) and f.source == "host"}


OWN = {("10.0.0.2", "other"), ("10.0.0.3", "other")}


@pytest.mark.parametrize(
    ("documents", "dhcp", "expected"),
    [
        ([SET], "dopt-1", OWN),
        ([SET], "", OWN),  # the set names the VPC
        ([{**SET, "AssociateVpcs": []}], "dopt-1", OWN),  # the VPC names the set
        ([{"DhcpOptionsSets": [SET], "TotalCount": 1}], "dopt-1", OWN),
        ([{**SET, "DhcpOptions": {"DomainNameServers": ""}}], "dopt-1", VPC_DNS),
        ([{**SET, "DhcpOptionsSetId": "dopt-2", "AssociateVpcs": []}], "", VPC_DNS),
        ([], "", VPC_DNS),
        ([], "dopt-1", {("", "unknown")}),
        ([{**SET, "DhcpOptions": {}, "AssociateVpcs": None}], "dopt-1", {("", "unknown")}),
    ],
)
def test_what_the_vpc_hands_out(
    documents: list[Any], dhcp: str, expected: set[tuple[str, str]]
) -> None:
    assert servers(case(*documents, dhcp=dhcp)) == expected


def test_a_set_nobody_collected_is_asked_for() -> None:
    answer = diagnose(case(), QUESTION)
    assert answer.gate("dns").status == "unknown"
    assert "dhcp_options_sets" in {need.name for need in answer.not_assessed}


def test_pods_that_ask_coredns_do_not_care() -> None:
    assert servers(case(SET, policy="ClusterFirst")) == set()


def test_the_short_form() -> None:
    part = {"id": "dopt-1", "name_servers": "10.0.0.2", "vpcs": ["vpc-1"]}
    found = Case.load({"apiVersion": "wayout/v1", "kind": "Case", "dhcp_options_sets": [part]})
    (record,) = found.listing(DhcpOptionsSet).records
    assert (record.value.domain_name_servers, record.value.vpc_ids) == (["10.0.0.2"], ["vpc-1"])
