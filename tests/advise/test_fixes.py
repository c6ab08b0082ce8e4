"""Fixes are tried together when only together they help, and never offered twice for one thing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from wayout.engine import Answer, Case, Question, diagnose

EXAMPLES = Path(__file__).parents[2] / "examples"
POD = "shop/api-0"
CaseFile = dict[str, Any]


def case_file(**parts: Any) -> CaseFile:
    return {"apiVersion": "wayout/v1", "kind": "Case", **parts}


def policy(name: str, **spec: Any) -> CaseFile:
    meta = {"name": name, "namespace": "shop"}
    full = {"podSelector": {}, "policyTypes": ["Egress"], **spec}
    return {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta,
            "spec": full}  # fmt: skip


@pytest.fixture(scope="module")
def healthy() -> Case:
    return Case.load(EXAMPLES / "healthy")


@pytest.fixture(scope="module")
def denied_name(healthy: Case) -> Answer:
    """A name with two addresses; a policy that lets out lookups and nothing else."""
    resolved = case_file(
        observations=[{"resolved": {"a.example": ["203.0.113.10", "203.0.113.11"]}}]
    )
    only_dns = policy("only-dns", egress=[{"ports": [{"port": 53, "protocol": "UDP"}]}])
    return diagnose(
        Case.load(healthy, resolved, only_dns), Question(pod=POD, destination="a.example:443")
    )


def test_changes_for_several_addresses_are_verified_together(denied_name: Answer) -> None:
    fixes = [fix for fix in denied_name.fixes if fix.id.startswith("allow-egress")]
    assert [fix.id for fix in fixes] == ["allow-egress", "allow-egress#2"]
    assert {fix.verified.result for fix in fixes} == {"yes"}
    assert {fix.verified.verdict_after for fix in fixes} == {"reachable"}
    assert "allow-egress#2" in fixes[0].verified.text.en
    assert "allow-egress#2" in fixes[0].verified.text.zh
    proofs = [fix.verified.after for fix in fixes]
    assert proofs[0] is not None
    assert proofs[1] is not None
    assert ["203.0.113.11" in proof.en for proof in proofs if proof] == [False, True]


def test_one_change_that_helps_every_endpoint_is_offered_once(healthy: Case) -> None:
    endpoints = case_file(
        services=[{"name": "shop/pay", "cluster_ip": "172.21.9.9", "selector": {"app": "pay"},
                   "ports": [{"port": 80, "targetPort": 9000}],
                   "endpoints": ["10.20.16.51", "10.20.16.52"]}],
        pods=[{"name": f"shop/pay-{n}", "ip": f"10.20.16.5{n + 1}", "labels": {"app": "pay"}}
              for n in (0, 1)],
    )  # fmt: skip
    only_dns = policy("only-dns", egress=[{"ports": [{"port": 53, "protocol": "UDP"}]}])
    case = Case.load(healthy, endpoints, only_dns)
    answer = diagnose(case, Question(pod=POD, destination="svc/shop/pay:80"))
    assert len(answer.question.flows) == 2
    found = [fix.id for fix in answer.fixes if fix.id.startswith("allow-egress")]
    assert found == ["allow-egress"]
    [finding] = [f for f in answer.findings if f.gate == "policy"]
    said = [miss.text.en for miss in finding.near_misses]
    assert len(said) == len(set(said))


def test_every_name_server_is_opened(healthy: Case) -> None:
    """Name servers that are no pods take a rule each; one alone would leave every other lookup."""
    servers = ["100.100.2.136", "100.100.2.138"]
    case = Case.load(
        healthy,
        case_file(
            observations=[{"resolv_conf": servers}, {"resolved": {"a.example": "203.0.113.10"}}]
        ),
        policy("web", egress=[{"ports": [{"port": 443}]}]),
    )
    answer = diagnose(case, Question(pod=POD, destination="a.example:443"))
    fixes = [fix for fix in answer.fixes if fix.id.startswith("allow-dns-egress")]
    changes = "".join(fix.change.yaml for fix in fixes)
    assert all(f"{server}/32" in changes for server in servers)
    assert {fix.verified.verdict_after for fix in fixes} == {"reachable"}


def test_the_same_trouble_in_other_words_is_no_new_trouble(healthy: Case) -> None:
    """A first rule makes the finding that is left name rules instead of their absence."""
    case = Case.load(healthy, policy("deny-all"))
    answer = diagnose(
        Case.load(case, case_file(observations=[{"resolved": {"a.example": "203.0.113.10"}}])),
        Question(pod=POD, destination="a.example:443"),
    )
    by_id = {fix.id: fix for fix in answer.fixes}
    assert {f.code for f in answer.findings} == {"DNS-020", "POL-001"}
    for name, other in (("allow-dns-egress", "POL-001"), ("allow-egress", "DNS-020")):
        assert by_id[name].verified.result == "yes"
        assert by_id[name].verified.text.en.endswith(f"still to solve: {other}.")
