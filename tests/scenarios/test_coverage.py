"""Every rule fires in a whole case: in a shipped example, a scenario, or a small case.

The small cases of `coverage/` also say how gates end; the scenarios state whole answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import pytest

from tests.scenarios.runner import EXAMPLES, HERE, base_case, load
from tests.scenarios.small import Small, small_cases
from wayout.engine import Case, Question, diagnose
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.rules.lint import lint

SMALL = small_cases()
# Fixes after which something new appears, and why that is right.
UNCOVERED = {
    ("guards: a firewall and no exit at all", "add-snat-entry"),  # the firewall drops
    # Without the PROXY header the traffic policy of the Service comes to light.
    ("own-balancer: Local and PROXY protocol", "turn-proxy-protocol-off"),
}


def scenarios() -> Iterator[tuple[Case, Question]]:
    """Every example and scenario with its question."""
    for folder in sorted(p for p in EXAMPLES.iterdir() if p.is_dir()):
        case = base_case(folder.name)
        assert case.question is not None, folder.name
        yield case, case.question
    for path in sorted(HERE.glob("*.yaml")):
        scenario = load(path)
        case = scenario.case()
        question = Question(**scenario.question) if scenario.question else case.question
        assert question is not None, path.name
        yield case, question


def fired(case: Case, question: Question) -> frozenset[str]:
    return shipped().infer(case, question)[1].fired


@cache
def fired_in_a_small_case(name: str) -> frozenset[str]:
    return fired(*SMALL[name].asked())


@pytest.mark.parametrize("name", SMALL)
def test_small_case(name: str) -> None:
    small: Small = SMALL[name]
    missing = set(small.fires) - fired_in_a_small_case(name)
    assert not missing, f"silent: {sorted(missing)}"
    if small.gates:
        ends = {gate.gate: gate.status for gate in diagnose(*small.asked()).gates}
        assert {gate: ends[gate] for gate in small.gates} == small.gates  # type: ignore[index]


def test_every_rule_fires_in_a_whole_case() -> None:
    everything = frozenset[str]().union(
        *(fired(case, question) for case, question in scenarios()),
        *(fired_in_a_small_case(name) for name in SMALL),
    )
    remarks = lint(shipped().knowledge, everything)
    assert [remark for remark in remarks if remark.endswith("fires in no case.")] == []


@pytest.mark.parametrize("name", SMALL)
def test_no_fix_is_refuted_by_the_rules(name: str) -> None:
    fixes = diagnose(*SMALL[name].asked()).fixes
    refuted = {(name, fix.id) for fix in fixes if fix.verified.result == "no"}
    assert refuted <= UNCOVERED
