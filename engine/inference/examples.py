"""Runs the examples of a rule: each says what the rule by itself makes of a few facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from wayout.engine.facts import Fact, make_fact
from wayout.engine.inference.results import Firing
from wayout.engine.inference.runner import Inference
from wayout.engine.rules import Example, Knowledge, Rule

__all__ = ["check_examples"]


def check_examples(knowledge: Knowledge, rules: Iterable[Rule]) -> Iterator[str]:
    """One sentence per example that the rule does not live up to.

    Each rule runs alone, so that no other rule can help or hinder; facts that other rules would
    derive are given. Every example runs with its facts in both orders.
    """
    for rule in rules:
        inference = Inference([rule], sessions=1)
        for example in knowledge.examples(rule):
            problem = problem_of(rule, example, inference)
            if problem:
                yield f"{rule.file}: {example.name}: {problem}"
        inference.close()


def problem_of(rule: Rule, example: Example, inference: Inference) -> str:
    try:
        facts = [make_fact(given.kind, given.fields) for given in example.given]
    except ValidationError as error:
        first = error.errors()[0]
        return f"given {error.title}.{'.'.join(map(str, first['loc']))}: {first['msg']}."
    return problem_with(rule, example, inference, facts) or problem_with(
        rule, example, inference, facts[::-1]
    )


def problem_with(rule: Rule, example: Example, inference: Inference, facts: list[Fact]) -> str:
    result = inference.run(facts)
    outcome: bool | str = bool(result.firings)
    if not outcome and result.not_assessed:
        outcome = "not-assessed"
    if outcome != example.fires:
        lacks = of(result.not_assessed)
        return f"expected {worded(example.fires)}, but the rule {worded(outcome)}{lacks}."
    if example.says and example.says not in (said := [f.say("en") for f in result.firings]):
        return f"expected the text {example.says!r}, but it is {said[0]!r}."
    return ""


def worded(outcome: bool | str) -> str:
    if outcome == "not-assessed":
        return "is not assessed"
    return "fires" if outcome else "stays silent"


def of(not_assessed: Iterable[Firing]) -> str:
    lists = sorted({str(firing.produced) for firing in not_assessed})
    return f" ({'; '.join(lists)})" if lists else ""
