"""A change that only the values of a case make unsafe is not offered, and the answer says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.scenarios.runner import base_case
from wayout.engine import Answer
from wayout.engine.advise.diagnosis import Diagnoser, shipped
from wayout.engine.report import Format, Lang, render
from wayout.engine.rules import Never


@pytest.fixture(scope="module")
def answer() -> Answer:
    never = Never.model_validate_json(
        '{"id": "that-address", "in": ["aliyun"], "contains": ["SnatIp 198.51.100.20"],'
        ' "reason": {"en": "This address is for others.", "zh": "该地址另有用途。"}}'
    )
    known = shipped().knowledge
    return Diagnoser(replace(known, never=(*known.never, never))).diagnose(base_case("no-snat"))


def test_it_is_not_offered_and_the_next_best_is_planned(answer: Answer) -> None:
    assert "add-snat-entry" in {fix.id for fix in shipped().diagnose(base_case("no-snat")).fixes}
    assert "add-snat-entry" not in {fix.id for fix in answer.fixes}
    [finding] = answer.findings
    assert finding.fixes
    assert "add-snat-entry" not in finding.fixes
    [refusal] = answer.refused
    assert (refusal.fix, refusal.rule, refusal.codes) == (
        "add-snat-entry",
        "that-address",
        ("NAT-002",),
    )


@pytest.mark.parametrize("format", ["text", "md", "html"])
@pytest.mark.parametrize(
    ("lang", "heading", "reason"),
    [("en", "Not offered", "for others."), ("zh", "不予推荐", "该地址另有用途。")],
)
def test_the_report_says_so(
    answer: Answer, format: Format, lang: Lang, heading: str, reason: str
) -> None:
    text = render(answer, format, lang)
    assert heading in text
    assert reason in text


def test_answers_of_the_shipped_knowledge_refuse_nothing_by_themselves() -> None:
    assert shipped().diagnose(base_case("no-snat")).refused == ()
