"""WHY-NOT: which condition failed, by which field, and what else tells about it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scenarios.runner import load
from wayout.engine import Case, Question, QuestionError, WhyNot, diagnose, why_not
from wayout.engine.advise.diagnosis import shipped
from wayout.engine.advise.why_not import FORMS, OPPOSITE, RuleTrace
from wayout.engine.facts.common import GATES

ROOT = Path(__file__).parents[2]


def case_of(place: str) -> Case:
    return Case.load(ROOT / place)


def traced(place: str, code: str) -> RuleTrace:
    [trace] = why_not(case_of(place), code).rules
    assert trace.code == code
    return trace


def test_the_first_failing_condition_the_field_and_what_was_found() -> None:
    trace = traced("examples/no-snat", "POL-001")
    assert trace.result == "silent"
    [way] = trace.ways
    assert [condition.result for condition in way.conditions] == ["met", "failed", "open", "open"]
    failed = way.conditions[1]
    [missed] = failed.missed
    assert (missed.field, missed.wanted, missed.got) == ("verdict", "deny", "open")
    assert failed.fields["verdict"] == "open"
    assert "examples/no-snat/pods.yaml:12 /items/0/metadata/labels" in str(failed.origins)
    assert trace.text.en == (
        "POL-001 did not fire. Condition 2 of 4 fails. Asked for: decision of the network policies "
        "(policy_decision) with flow=main, verdict=deny, rules=0. The nearest has verdict=open "
        "(pod=shop/api-0, target=203.0.113.10 TCP 443)."
    )
    assert trace.text.zh == (
        "POL-001 未触发。第 2 个条件（共 4 个）不成立：需要符合 flow=main、verdict=deny、rules=0 的"
        "“网络策略的判定”（policy_decision），而最接近的一条为 verdict=open "
        "(pod=shop/api-0, target=203.0.113.10 TCP 443)。"
    )


def test_how_the_gate_ends_instead() -> None:
    trace = traced("examples/no-snat", "POL-001")
    assert trace.gate_status == "passes"
    assert trace.gate_reason is not None
    assert "Namespace shop has no NetworkPolicy" in trace.gate_reason.en
    assert traced("examples/no-snat", "VER-003").gate_status is None


def test_rules_that_could_have_inferred_what_lacks() -> None:
    [way] = traced("examples/no-snat", "NAT-001").ways
    [made] = way.producers
    assert made.code == "NAT-251"  # NAT-252 infers the same kind with another cause
    assert "there is live_hop(flow=main" in made.text.en.lower()
    assert way.conditions[1].rules == ("NAT-252",)


def test_a_negation_that_finds_a_fact() -> None:
    [way] = traced("examples/no-snat", "NAT-251").ways
    failed = next(condition for condition in way.conditions if condition.result == "failed")
    assert failed.is_negated
    assert failed.fields["hop"] == "ngw-bp1exit"
    assert failed.text.en.startswith("no next hop that is in service (live_hop) with ")
    assert failed.text.zh.startswith("没有符合 ")


def test_what_lacks_is_told_with_the_way_to_get_it() -> None:
    trace = traced("examples/partial-data", "NAT-002")
    assert trace.gate_status == "unknown"
    [need] = trace.needs
    assert need.name == "route_entries"
    assert "DescribeRouteEntryList" in need.aliyun
    assert "no rule inferred one" in trace.text.en


def test_a_list_that_was_not_collected() -> None:
    case = Case.load(
        {
            "apiVersion": "wayout/v1",
            "kind": "Case",
            "question": {"pod": "shop/api-0", "to": "203.0.113.10:443"},
            "pod": {"name": "shop/api-0", "ip": "10.20.16.31"},
        }
    )
    _, inferred = shipped().infer(case, Question(pod="shop/api-0", destination="203.0.113.10:443"))
    codes = sorted({firing.rule.id for firing in inferred.not_assessed} - inferred.fired)
    assert codes
    for code in codes:
        [trace] = why_not(case, code).rules
        assert trace.result == "not-assessed"
        assert trace.text.en.startswith(f"{code} could not be assessed. All conditions hold, but ")
        assert trace.needs


def test_near_misses_of_the_rule_are_connected() -> None:
    scenario = load(ROOT / "tests/scenarios/sg-port-not-allowed.yaml")
    question = Question(**scenario.question) if scenario.question else None
    answer = diagnose(scenario.case(), question)
    [finding] = [finding for finding in answer.findings if finding.near_misses]
    [miss] = finding.near_misses
    silent = next(
        rule.id
        for rule in shipped().knowledge.rules_of(finding.gate)
        if rule.concludes and rule.concludes.status == "blocks" and rule.id != finding.code
    )
    [trace] = why_not(scenario.case(), silent, question).rules
    assert miss.code in {near.code for near in trace.near_misses}
    assert miss.text in {near.text for near in trace.near_misses}


@pytest.mark.parametrize("name", sorted(p.name for p in (ROOT / "examples").iterdir()))
def test_a_rule_that_fired_is_said_to_have_fired_and_no_other(name: str) -> None:
    case = case_of(f"examples/{name}")
    assert case.question is not None
    fired = shipped().infer(case, case.question)[1].fired
    silent = {rule.id for rule in shipped().knowledge.rules} - fired
    for code in (*sorted(fired)[::7], *sorted(silent)[::23]):
        trace = why_not(case, code).rules[0]
        assert (trace.result == "fired") is (code in fired), code
        assert trace.text.en.startswith(f"{code} ")


def test_a_gate_names_the_rules_that_would_have_ended_it_otherwise() -> None:
    case = case_of("examples/no-snat")
    answer = diagnose(case)
    rules = {rule.id: rule for rule in shipped().knowledge.rules}
    for gate in GATES:
        found = why_not(case, gate)
        assert found.name == gate
        for trace in found.rules:
            assert trace.gate == gate
            assert trace.result != "fired"
            done = rules[trace.code].concludes
            assert done is not None
            assert done.status in OPPOSITE[answer.gate(gate).status]


def test_any_spelling_of_a_code_and_none_that_is_not_one() -> None:
    case = case_of("examples/healthy")
    assert why_not(case, " nat-002 ").name == "NAT-002"
    with pytest.raises(QuestionError, match="did you mean NAT-"):
        why_not(case, "NAT-00x")
    with pytest.raises(QuestionError, match="no question"):
        why_not(Case.load(), "NAT-002")


def test_it_survives_a_round_trip_and_is_the_same_each_time() -> None:
    case = case_of("examples/default-deny-forgot-dns")
    found = why_not(case, "NAT-002")
    assert WhyNot.model_validate_json(found.model_dump_json()) == found
    assert why_not(case, "NAT-002") == found


def test_forms_have_the_same_places_and_full_width_punctuation() -> None:
    for en, zh in FORMS.values():
        assert set(re.findall(r"{.*?}", en)) == set(re.findall(r"{.*?}", zh))
        bare = re.sub(r"`[^`]*`|{.*?}", "", zh)
        assert not re.search(r"[,;:?!()]", bare)
        assert en.endswith(".") is zh.endswith("。")
