"""The plan of an answer: the changes it names free the path together, and none is superfluous."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from tests.scenarios.runner import HERE, load
from wayout.engine import Case, diagnose
from wayout.engine.advise.diagnosis import question_of, shipped
from wayout.engine.report import render

EXAMPLES = Path(__file__).parents[2] / "examples"
SEVERAL = sorted(path.stem for path in HERE.glob("*-faults-*.yaml"))


def test_there_are_answers_with_several_faults() -> None:
    assert len(SEVERAL) >= 3


@pytest.mark.parametrize("name", SEVERAL)
def test_plan_removes_every_finding_it_can(name: str) -> None:
    answer = load(HERE / f"{name}.yaml").answer()
    assert answer.plan is not None
    planned = [fix for fix in answer.fixes if fix.id in answer.plan.fixes]
    solved = {code for fix in planned for code in fix.solves}
    unsolved = {f.code for f in answer.findings if f.certainty == "confirmed"} - solved
    # What is left has no change whose effect could be computed.
    for finding in answer.findings:
        if finding.code in unsolved:
            rest = [fix for fix in answer.fixes if fix.id in finding.fixes]
            assert {fix.verified.result for fix in rest} <= {"unmodelled", "no"}
    assert (answer.plan.verdict_after == "blocked") == bool(unsolved)


def test_plan_leads_to_reachable_and_nothing_in_it_is_superfluous() -> None:
    scenario = load(HERE / "three-faults-policy-acl-and-debt.yaml")
    case, answer = scenario.case(), scenario.answer()
    assert answer.plan is not None
    assert answer.plan.verdict_after == "reachable"
    assert len(answer.plan.fixes) == 3
    patches = patches_of(case)
    for size in range(3):
        for some in combinations(answer.plan.fixes, size):
            changed = case.patched([op for fix in some for op in patches[fix]])
            assert diagnose(changed).verdict == "blocked", some
    whole = case.patched([op for fix in answer.plan.fixes for op in patches[fix]])
    assert diagnose(whole).verdict == "reachable"


def patches_of(case: Case) -> dict[str, list[dict[str, object]]]:
    """What each fix of the answer does to the case, computed apart from the plan."""
    diagnoser = shipped()
    _, inferred = diagnoser.infer(case, question_of(case, None))
    return {
        name: firing.patch_of(diagnoser.knowledge.fixes[name])
        for firing in inferred.firings
        for name in firing.rule.fixes
    }


def test_plan_of_one_finding_is_its_verified_fix() -> None:
    answer = diagnose(Case.load(EXAMPLES / "no-snat"))
    assert answer.plan is not None
    assert answer.plan.fixes == ("add-snat-entry",)
    assert answer.plan.verdict_after == "reachable"


@pytest.mark.parametrize("name", ["healthy", "partial-data"])
def test_without_a_confirmed_finding_there_is_no_plan(name: str) -> None:
    assert diagnose(Case.load(EXAMPLES / name)).plan is None


def test_report_names_the_plan_once_several_changes_are_needed() -> None:
    answer = load(HERE / "three-faults-policy-acl-and-debt.yaml").answer()
    assert "All together: 1, 2, 3." in render(answer, "text", "en")
    assert "完整方案" in render(answer, "text", "zh")
    assert "All together" in render(answer, "md", "en")
