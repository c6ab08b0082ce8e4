"""The engine agrees with the naive evaluator on random programs, whatever the order of facts."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.inference import programs
from tests.inference.build import rule
from tests.inference.kinds import Apple, test_vocabulary
from tests.inference.oracle import Outcome, Step, evaluate
from wayout.engine.facts import Fact
from wayout.engine.inference import Firing, Inference, Inferred
from wayout.engine.rules import Rule

# Every change plays the same 2,000 programs. New ones, and as many as wanted, by hand:
# WAYOUT_EXAMPLES=100000 pytest tests/inference
EXAMPLES = int(os.environ.get("WAYOUT_EXAMPLES", "2000"))


@pytest.fixture(autouse=True, scope="module")
def _vocabulary() -> Iterator[None]:
    with test_vocabulary():
        yield


@settings(
    max_examples=EXAMPLES,
    derandomize="WAYOUT_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(programs.programs(), st.integers(0, 2**16))
def test_agrees_with_the_naive_evaluator(program: tuple[list[Rule], list[Fact]], seed: int) -> None:
    rules, facts = program
    inference = Inference(rules, sessions=1)
    expected = evaluate(rules, facts)
    shuffled = random.Random(seed).sample(facts, len(facts))
    try:
        for order in (facts, shuffled):
            result = inference.run(order)
            assert outcome_of(result) == expected
            check_supports(result)
            assert inference.run(order) == result
    finally:
        inference.close()


def test_two_conditions_that_need_the_same_list_miss_it_once() -> None:
    """Found by random programs: only the match tells that both owners are the same."""
    made = rule(
        1,
        [
            {"apple": {"flow": "$owner"}},
            {"none": {"entry": {"colour": "red", "owner": "a"}}},
            {"none": {"entry": {"owner": "$owner"}}},
        ],
        infers={"jam": {}},
    )
    inference = Inference([made], sessions=1)
    try:
        result = inference.run([Apple(flow="a"), Apple(flow="b")])
    finally:
        inference.close()
    missed = sorted(firing.produced.of for firing in result.not_assessed)  # type: ignore[attr-defined]
    assert missed == ["a", "a", "b"]
    assert outcome_of(result) == evaluate([made], [Apple(flow="a"), Apple(flow="b")])


def outcome_of(result: Inferred) -> Outcome:
    found = Outcome(
        frozenset(result.facts),
        frozenset(map(step_of, result.firings)),
        frozenset(map(step_of, result.not_assessed)),
    )
    assert len(found.facts) == len(result.facts), "a fact is listed twice"
    assert len(found.firings) == len(result.firings), "a firing is listed twice"
    assert len(found.not_assessed) == len(result.not_assessed)
    return found


def step_of(firing: Firing) -> Step:
    return Step(firing.rule.id, firing.bindings, firing.produced)


def check_supports(result: Inferred) -> None:
    by_fact: dict[Fact, list[Firing]] = {}
    for firing in (*result.firings, *result.not_assessed):
        by_fact.setdefault(firing.produced, []).append(firing)
    assert {fact: list(support) for fact, support in result.supports.items()} == by_fact
