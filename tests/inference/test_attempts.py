"""How far a rule gets: as far as the naive evaluator says, and what failed is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.inference import programs
from tests.inference.kinds import Apple, Banana, Entry, Juice, Member, test_vocabulary
from tests.inference.oracle import Outcome, evaluate
from tests.inference.programs import test
from wayout.engine.facts import Fact
from wayout.engine.facts.common import Collected, Flow
from wayout.engine.inference import Firing, Inferred
from wayout.engine.inference.attempts import Attempt, Attempts, Missed
from wayout.engine.rules import Rule


@pytest.fixture(autouse=True, scope="module")
def _vocabulary() -> Iterator[None]:
    with test_vocabulary():
        yield


@settings(
    max_examples=150,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(programs.programs())
def test_a_rule_gets_to_its_end_just_when_the_naive_evaluator_says_so(
    program: tuple[list[Rule], list[Fact]],
) -> None:
    rules, facts = program
    outcome, attempts = evaluate(rules, facts), attempts_on(rules, facts)
    fired = {step.rule for step in outcome.firings}
    lacking = {step.rule for step in outcome.not_assessed}
    flows = [fact for fact in outcome.facts if isinstance(fact, Flow) and fact.role == "main"]
    for rule in rules:
        found = attempts.furthest(rule)
        expected = "fires" if rule.id in fired else "lists" if rule.id in lacking else ""
        assert (found.ends if expected else "") == expected
        if not expected:
            assert found.ends in ("condition", "none")
            check(found)
        if rule.main_flow is not None:
            ends = {attempts.furthest(rule, flow).ends for flow in flows}
            assert ("fires" in ends) is (rule.id in fired)


def inferred_of(outcome: Outcome, rules: list[Rule]) -> Inferred:
    """What the naive evaluator found, in the form of a run."""
    by_id = {rule.id: rule for rule in rules}
    supports: dict[Fact, tuple[Firing, ...]] = {}
    for step in outcome.firings | outcome.not_assessed:
        firing = Firing(by_id[step.rule], step.bindings, step.produced)
        supports[step.produced] = (*supports.get(step.produced, ()), firing)
    return Inferred(tuple(outcome.facts), (), supports, ())


def attempts_on(rules: list[Rule], facts: list[Fact]) -> Attempts:
    return Attempts(inferred_of(evaluate(rules, facts), rules), facts)


def check(found: Attempt) -> None:
    """What is told of a failed condition is true."""
    pattern = found.rule.when[found.failed]
    assert pattern.is_negated is (found.ends == "none")
    assert (found.ends == "condition") is (found.nearest is None or bool(found.missed))
    for missed in found.missed:
        assert found.nearest is not None
        assert found.nearest.fields[missed.field] == missed.got
        [_] = {t.value for t in pattern.tests if t.field == missed.field and holds(t, missed)}


def holds(tested: Any, missed: Missed) -> bool:
    return bool(tested.operator == missed.operator) and (
        tested.operator == "same" or tested.value == missed.wanted
    )


def rule(*when: dict[str, Any], gate: str = "pod") -> Rule:
    return Rule.model_validate_json(
        json.dumps(
            {
                "id": "POD-001",
                "title": {"en": "t", "zh": "t"},
                "gate": gate,
                "when": when,
                "infers": {"kind": "jam", "fields": {}},
                "sources": ["GK"],
                "file": "rules/pod/1.yaml",
            }
        )
    )


def there(kind: str, *tests: dict[str, Any], none: bool = False) -> dict[str, Any]:
    return {"kind": kind, "tests": list(tests), "is_negated": none}


RED = test("colour", "is", "red")
OWN = test("owner", "same", "$o")
FLOW = test("flow", "same", "$f")
AN_ENTRY = there("entry", OWN, none=True)


@pytest.mark.parametrize(
    ("when", "facts", "ends", "failed", "nearest", "missed"),
    [
        pytest.param([there("apple", RED)], [], "condition", 0, None, [], id="nothing of the kind"),
        pytest.param(
            [there("apple", RED, test("number", "gt", 5), test("other", "is", 0))],
            [Apple(colour="green"), Apple(colour="red", number=4)],
            "condition",
            0,
            Apple(colour="red", number=4),
            [("number", 5, 4)],
            id="the fact that passes most tests",
        ),
        pytest.param(
            [there("apple", OWN), there("banana", OWN, RED)],
            [Apple(owner="a"), Banana(owner="b", colour="red"), Banana(owner="a", colour="green")],
            "condition",
            1,
            Banana(owner="a", colour="green"),
            [("colour", "red", "green")],
            id="rather another value than another subject",
        ),
        pytest.param(
            [there("apple", FLOW), there("banana", FLOW, RED, test("number", "is", 1))],
            [Apple(flow="main"), Banana(flow="b", number=1), Banana(flow="main", colour="green")],
            "condition",
            1,
            Banana(flow="main", colour="green"),
            [("colour", "red", "green"), ("number", 1, 0)],
            id="never a fact about another flow",
        ),
        pytest.param(
            [there("apple", OWN), there("banana", OWN), there("juice", OWN)],
            [Apple(owner="a"), Apple(owner="b"), Banana(owner="b")],
            "condition",
            2,
            None,
            [],
            id="the furthest way counts",
        ),
        pytest.param(
            [there("apple"), there("apple")],
            [Apple()],
            "condition",
            1,
            None,
            [],
            id="a fact meets one condition at a time",
        ),
        pytest.param(
            [there("apple", OWN), there("member", OWN, none=True)],
            [Apple(owner="a"), Member(owner="a"), Member(owner="b")],
            "none",
            1,
            Member(owner="a"),
            [],
            id="a negation finds a fact",
        ),
        pytest.param(
            [there("apple", OWN), AN_ENTRY],
            [Apple(owner="a"), Collected(list="entries", of="b")],
            "lists",
            -1,
            None,
            [],
            id="the list of this owner lacks",
        ),
        pytest.param(
            [there("apple", OWN), AN_ENTRY],
            [Apple(owner="a"), Collected(list="entries", of="a"), Entry(owner="b")],
            "fires",
            -1,
            None,
            [],
            id="everything holds",
        ),
    ],
)
def test_what_is_told(
    when: list[dict[str, Any]],
    facts: list[Fact],
    ends: str,
    failed: int,
    nearest: Fact | None,
    missed: list[tuple[str, Any, Any]],
) -> None:
    tried = rule(*when)
    found = attempts_on([tried], facts).furthest(tried)
    assert (found.ends, found.failed, found.nearest) == (ends, failed, nearest)
    assert [(one.field, one.wanted, one.got) for one in found.missed] == missed
    assert found.lacking == ((("entries", "a"),) if ends == "lists" else ())


def test_a_rule_sees_nothing_that_a_later_gate_infers() -> None:
    reader = rule(there("juice", RED))
    writer = rule(there("apple"), gate="dns").model_copy(
        update={
            "id": "DNS-001",
            "infers": rule(there("apple")).infers.model_copy(update={"kind": "juice"}),  # type: ignore[union-attr]
        }
    )
    attempts = attempts_on([reader, writer], [Apple()])
    assert attempts.furthest(reader).nearest is None
    later = reader.model_copy(update={"gate": "dns"})
    assert attempts.furthest(later).ends == "fires"
    assert attempts.furthest(later).bindings == (Juice(),)


def test_only_the_flow_asked_about_is_tried() -> None:
    main = test("role", "is", "main")
    tried = rule(there("flow", main, FLOW), there("banana", FLOW, RED))
    flows = [Flow(flow="main", pod="a"), Flow(flow="main-2", pod="a")]
    attempts = attempts_on([tried], [*flows, Banana(flow="main-2")])
    assert attempts.furthest(tried, flows[0]).ends == "condition"
    assert attempts.furthest(tried, flows[1]).ends == "fires"
