"""Whatever a rule can ask for has a question somebody wrote."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scenarios.runner import HERE, load
from wayout.engine import Question, diagnose
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.rules import is_variable

KNOWN = shipped().knowledge


def needed() -> Iterator[str]:
    """Every list or fact that a rule names as lacking, or whose completeness it demands."""
    for rule in KNOWN.rules:
        if rule.concludes is not None and rule.concludes.needs:
            needs = rule.concludes.needs
            if not is_variable(needs):
                yield needs
        for need in rule.list_needs:
            yield need.list
    yield from KNOWN.collect  # what an observer may name as lacking


@pytest.mark.parametrize("name", sorted(set(needed())))
def test_whatever_can_lack_has_a_written_question(name: str) -> None:
    asking = KNOWN.questions.get(name)
    assert asking is not None, f"knowledge/questions/ lacks {name}"
    assert name in KNOWN.collect, f"knowledge/collect.yaml lacks {name}"
    for text in (asking.ask, asking.why):
        assert text.en.rstrip().endswith((".", "?")), text.en
        assert text.zh.rstrip().endswith(("。", "？")), text.zh


def test_what_scenarios_lack_has_a_written_question() -> None:
    """Variables stand for lists too: whatever an answer really lacks is among the questions."""
    lacking = set[str]()
    for path in sorted(HERE.glob("*.yaml"))[::5]:
        scenario = load(path)
        case = scenario.case()
        question = Question(**scenario.question) if scenario.question else case.question
        lacking |= {need.name for need in diagnose(case, question).not_assessed}
    assert lacking
    assert lacking <= set(KNOWN.questions)


@pytest.mark.parametrize("key", sorted(KNOWN.questions))
def test_a_question_names_what_a_list_is_of_and_no_other_gate(key: str) -> None:
    name, _, gate = key.partition("@")
    assert name in KNOWN.collect
    if gate:
        waiting = {
            rule.gate
            for rule in KNOWN.rules
            if rule.concludes is not None
            and (rule.concludes.needs == name or is_variable(rule.concludes.needs))
        }
        assert gate in waiting
