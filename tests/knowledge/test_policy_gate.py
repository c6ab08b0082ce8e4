"""The policy gate as a whole: what is enforced, what blocks, and that the fixes work."""

from __future__ import annotations

from typing import Any

import pytest

from tests.observe.kube import AGENT, ALL, POD, Manifest, egress, lists, pod, policy
from wayout.engine import Answer, Case, Question, diagnose

MODE = "network.alibabacloud.com/network-policy-mode"
DENY = policy("a/default-deny", {"policyTypes": ["Egress"]})
INSTALLED = [{"name": "poseidon", "version": "v0.8.0"}]
TRAFFIC = (*ALL, "TrafficPolicy", "GlobalTrafficPolicy")
DESTINATION = "203.0.113.10:443"


def ask(
    *manifests: Manifest,
    addons: list[Manifest] | None = INSTALLED,
    complete: tuple[str, ...] = ALL,
    destination: str = DESTINATION,
    **asked: Any,
) -> Answer:
    cluster = {} if addons is None else {"cluster": {"addons": addons}}
    case = Case.load(
        *lists(manifests, complete), {"apiVersion": "wayout/v1", "kind": "Case", **cluster}
    )
    return diagnose(case, Question(pod=POD, destination=destination, **asked))


def web(labels: str = "app=web", **annotations: str) -> Manifest:
    return pod(POD, "10.0.0.10", labels, annotations=annotations)


def status(answer: Answer) -> str:
    return next(gate.status for gate in answer.gates if gate.gate == "policy")


def codes(answer: Answer) -> set[str]:
    """The rules of the gate that said something: blocks, passes, notes, and what they wait for."""
    said = {finding.code for finding in answer.findings}
    said |= {entry.code for entry in answer.ruled_out}
    said |= {statement.code for statement in answer.information}
    said |= {code for need in answer.not_assessed for code in need.codes}
    return {code for code in said if code.startswith("POL-")}


ON = {AGENT: "true"}


@pytest.mark.parametrize(
    ("annotations", "labels", "addons", "want", "code"),
    [
        pytest.param(ON, "", INSTALLED, "blocks", "POL-001", id="enforced"),
        pytest.param(ON, "", [], "passes", "POL-020", id="no component"),
        pytest.param({}, "", INSTALLED, "passes", "POL-021", id="not annotated"),
        pytest.param({AGENT: "false"}, "", INSTALLED, "passes", "POL-022", id="switched off"),
        pytest.param(
            ON, "alibabacloud.com/compute-class=gpu-hpn", INSTALLED, "passes", "POL-023", id="GPU"
        ),
        pytest.param({}, "", None, "passes", "POL-021", id="not annotated, component unknown"),
        pytest.param(ON, "", None, "unknown", "POL-030", id="component unknown"),
        pytest.param({AGENT: "True"}, "", INSTALLED, "unknown", "POL-032", id="ambiguous"),
        pytest.param({**ON, MODE: "network-policy"}, "", INSTALLED, "blocks", "POL-001", id="mode"),
        pytest.param(
            {**ON, MODE: "traffic-policy"}, "", INSTALLED, "unknown", "POL-033", id="other engine"
        ),
    ],
)
def test_a_default_deny(
    annotations: dict[str, str],
    labels: str,
    addons: list[Manifest] | None,
    want: str,
    code: str,
) -> None:
    answer = ask(web(labels, **annotations), DENY, addons=addons, complete=TRAFFIC)
    assert status(answer) == want
    assert code in codes(answer)


def test_a_pod_nobody_described() -> None:
    answer = ask(DENY, complete=("Namespace", "NetworkPolicy"))
    assert status(answer) == "unknown"
    assert "POL-031" in codes(answer)


def test_no_policy_passes_whether_enforced_or_not() -> None:
    other = policy(
        "a/db-lockdown", {"policyTypes": ["Egress"], "podSelector": {"matchLabels": {"app": "db"}}}
    )
    for addons in (INSTALLED, [], None):
        assert status(ask(web(**ON), addons=addons)) == "passes"
        assert codes(ask(web(**ON), other, addons=addons)) == {"POL-012"}


def test_ipv6_is_not_judged() -> None:
    answer = ask(web(**ON), DENY, destination="[2001:db8::10]:443")
    assert status(answer) == "not-applicable"


def test_the_near_miss_stands_under_its_finding() -> None:
    allow80 = policy(
        "a/web", egress({"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"port": 80}]})
    )
    answer = ask(web(**ON), allow80)
    finding = next(f for f in answer.findings if f.code == "POL-002")
    assert any("TCP 80, not on TCP 443" in miss.text.en for miss in finding.near_misses)


def test_the_fix_for_a_network_policy_works() -> None:
    answer = ask(web(**ON), DENY)
    fix = next(fix for fix in answer.fixes if fix.id == "allow-egress")
    assert fix.verified.result == "yes"
    assert "203.0.113.10/32" in fix.change.yaml


def strict(priority: int = 100) -> Manifest:
    return {
        "kind": "TrafficPolicy",
        "metadata": {"namespace": "a", "name": "strict"},
        "spec": {
            "priority": priority,
            "selector": {},
            "egress": {"rules": [{"action": "deny", "to": [{"cidr": "0.0.0.0/0"}]}]},
        },
    }


TRAFFIC_ON = {AGENT: "true", MODE: "traffic-policy"}


@pytest.mark.parametrize(
    ("annotations", "addons", "want", "code"),
    [
        pytest.param(TRAFFIC_ON, INSTALLED, "blocks", "POL-310", id="enforced"),
        pytest.param(
            {AGENT: "true", MODE: "enhanced-traffic-policy"},
            INSTALLED,
            "blocks",
            "POL-310",
            id="enhanced",
        ),
        pytest.param(TRAFFIC_ON, [], "passes", "POL-316", id="no component"),
        pytest.param(
            TRAFFIC_ON,
            [{"name": "poseidon", "version": "v0.6.0"}],
            "passes",
            "POL-317",
            id="old component",
        ),
        pytest.param(
            TRAFFIC_ON, [{"name": "poseidon"}], "unknown", "POL-314", id="version unknown"
        ),
        pytest.param(
            {AGENT: "true", MODE: "network-policy"}, INSTALLED, "passes", "POL-318", id="other mode"
        ),
        pytest.param(ON, INSTALLED, "unknown", "POL-314", id="no mode chosen"),
        pytest.param({MODE: "traffic-policy"}, INSTALLED, "unknown", "POL-314", id="no agent"),
    ],
)
def test_a_traffic_policy_that_denies(
    annotations: dict[str, str], addons: list[Manifest], want: str, code: str
) -> None:
    answer = ask(web(**annotations), strict(), addons=addons, complete=TRAFFIC)
    assert status(answer) == want
    assert code in codes(answer)


def test_the_fix_for_a_traffic_policy_works() -> None:
    answer = ask(web(**TRAFFIC_ON), strict(), complete=TRAFFIC)
    fix = next(fix for fix in answer.fixes if fix.id == "allow-by-traffic-policy")
    assert fix.verified.result == "yes"
    assert "priority: 99" in fix.change.yaml


def test_traffic_policies_nobody_collected() -> None:
    silent = ask(web(**ON))
    assert status(silent) == "passes"
    assert "POL-329" in {statement.code for statement in silent.assumptions}
    chosen = ask(web(**TRAFFIC_ON))
    assert status(chosen) == "unknown"
    assert {"traffic_policies"} <= {need.name for need in chosen.not_assessed}
