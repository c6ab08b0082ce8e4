"""What rules mean, said as simply as possible: the naive evaluator everything is compared with.

No index, no symbols, no engine: for every rule every way to pick facts is tried, level by level,
until nothing new follows. It shares only the rule model with the code under test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from wayout.engine.facts import KINDS, Fact, Scalar
from wayout.engine.facts.common import Collected, Conclusion, NotAssessed
from wayout.engine.rules import GATE_PREFIXES, Pattern, Rule, Test

Bindings = tuple[Fact | None, ...]


class Step(NamedTuple):
    """A rule that fires, on what, and the fact that follows."""

    rule: str
    bindings: Bindings
    produced: Fact


class Outcome(NamedTuple):
    facts: frozenset[Fact]
    firings: frozenset[Step]
    not_assessed: frozenset[Step]


def evaluate(rules: Iterable[Rule], facts: Iterable[Fact]) -> Outcome:
    """Everything that follows, gate after gate."""
    known = dict.fromkeys(facts)
    steps: dict[Step, None] = {}
    everything = list(rules)
    for gate in GATE_PREFIXES:
        members = [rule for rule in everything if rule.gate == gate]
        if not members:
            continue
        levels = levels_of(members)
        for level in range(max(levels.values()) + 1):
            here = [rule for rule in members if levels[rule.id] == level]
            while True:
                found = [step for rule in here for step in steps_of(rule, list(known))]
                steps.update(dict.fromkeys(found))
                fresh = {step.produced for step in found} - known.keys()
                if not fresh:
                    break
                known.update(dict.fromkeys(fresh))
    missing = {step for step in steps if isinstance(step.produced, NotAssessed)}
    return Outcome(frozenset(known), frozenset(steps.keys() - missing), frozenset(missing))


def levels_of(rules: list[Rule]) -> dict[str, int]:
    """How late each rule runs: after the last rule that makes a fact it negates."""
    levels = dict.fromkeys((rule.id for rule in rules), 0)
    for _ in range(len(rules) ** 2 + 1):
        for rule in rules:
            for pattern in rule.when:
                for other in rules:
                    makes = {other.produces} | ({"not_assessed"} if other.list_needs else set())
                    if pattern.kind in makes:
                        wanted = levels[other.id] + pattern.is_negated
                        levels[rule.id] = max(levels[rule.id], wanted)
    if max(levels.values()) > len(rules):
        raise ValueError("negation is not stratified")
    return levels


def steps_of(rule: Rule, facts: list[Fact]) -> Iterator[Step]:
    for bindings, variables in ways(rule.when, facts, (), {}):
        lacking = [
            (list_name, str(owner))
            for list_name, owner in needs(rule, variables)
            if Collected(list=list_name, of=str(owner)) not in facts
        ]
        for list_name, owner in lacking:
            yield Step(rule.id, bindings, shortfall(rule, bindings, list_name, owner))
        if not lacking:
            yield Step(rule.id, bindings, produced(rule, bindings, variables))


def ways(
    patterns: tuple[Pattern, ...], facts: list[Fact], bound: Bindings, variables: dict[str, Scalar]
) -> Iterator[tuple[Bindings, dict[str, Scalar]]]:
    """Every way to meet the conditions; a fact meets only one condition at a time."""
    if len(bound) == len(patterns):
        holds = all(
            not any(
                matches(pattern, fact, variables) is not None for fact in facts if fact not in bound
            )
            for pattern in patterns
            if pattern.is_negated
        )
        if holds:
            yield bound, variables
        return
    pattern = patterns[len(bound)]
    if pattern.is_negated:
        yield from ways(patterns, facts, (*bound, None), variables)
        return
    for fact in facts:
        if fact not in bound and (found := matches(pattern, fact, variables)) is not None:
            yield from ways(patterns, facts, (*bound, fact), found)


def matches(pattern: Pattern, fact: Fact, variables: dict[str, Scalar]) -> dict[str, Scalar] | None:
    """The variables after `fact` met `pattern`, or None."""
    if fact.kind != pattern.kind:
        return None
    found = dict(variables)
    for test in pattern.tests:
        value = fact.fields[test.field]
        if test.operator == "same":
            if found.setdefault(str(test.value), value) != value:
                return None
        elif not holds(test, value):
            return None
    return found


def holds(test: Test, value: Scalar) -> bool:
    wanted = test.value
    match test.operator:
        case "is":
            return value == wanted
        case "not":
            return value != wanted
    assert isinstance(value, int)
    assert isinstance(wanted, int)
    match test.operator:
        case "lt":
            return value < wanted
        case "at_most":
            return value <= wanted
        case "gt":
            return value > wanted
        case "at_least":
            return value >= wanted
    raise AssertionError(test.operator)


def needs(rule: Rule, variables: dict[str, Scalar]) -> set[tuple[str, Scalar]]:
    """The lists whose completeness the negations take for granted."""
    found: set[tuple[str, Scalar]] = set()
    for pattern in rule.when:
        reference = KINDS[pattern.kind].from_list
        if not pattern.is_negated or reference is None:
            continue
        owner: Scalar = ""
        for test in pattern.tests:
            if test.field == reference.of:
                owner = variables[str(test.value)] if test.operator == "same" else test.value
        found.add((reference.name, owner))
    return found


def produced(rule: Rule, bindings: Bindings, variables: dict[str, Scalar]) -> Fact:
    def meant(value: Scalar) -> Scalar:
        return variables[value] if isinstance(value, str) and value.startswith("$") else value

    if rule.infers is not None:
        fields = {name: meant(value) for name, value in rule.infers.fields.items()}
        return KINDS[rule.infers.kind].model_validate(fields)
    assert rule.concludes is not None
    return Conclusion.model_validate(
        {
            "flow": flow_of(rule, bindings),
            "gate": rule.gate,
            "status": rule.concludes.status,
            "certainty": rule.certainty,
            "rule": rule.id,
            "subject": meant(rule.concludes.subject),
            "needs": meant(rule.concludes.needs),
            "of": meant(rule.concludes.of),
        }
    )


def shortfall(rule: Rule, bindings: Bindings, list_name: str, owner: str) -> Fact:
    return NotAssessed.model_validate(
        {
            "flow": flow_of(rule, bindings),
            "gate": rule.gate,
            "rule": rule.id,
            "list": list_name,
            "of": owner,
        }
    )


def flow_of(rule: Rule, bindings: Bindings) -> Scalar:
    """The main flow when the rule names it, else the flow of the first condition that has one."""
    pairs = [(p, f) for p, f in zip(rule.when, bindings, strict=True) if f is not None]
    for pattern, fact in pairs:
        if fact.kind == "flow" and any(
            (t.field, t.operator, t.value) == ("role", "is", "main") for t in pattern.tests
        ):
            return fact.fields["flow"]
    return next((fact.fields["flow"] for _, fact in pairs if "flow" in fact.fields), "")
