"""Why a rule did not fire: how far its conditions hold, and what the first failing one met.

A plain matcher beside the rules engine, for one rule and the facts of a run that has ended. It
follows what the engine does: conditions in the order of the rule, a fact meets one condition at a
time, `none` is judged when everything else holds, then the lists must be complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from wayout.engine.facts import Fact, Scalar
from wayout.engine.facts.common import Collected
from wayout.engine.inference.results import Inferred
from wayout.engine.rules import GATE_PREFIXES, ListNeed, Operator, Pattern, Rule, holds, is_variable

__all__ = ["Attempt", "Attempts", "Missed"]

GATES = list(GATE_PREFIXES)
Stage = Literal["condition", "none", "lists", "fires"]
BEFORE_ALL = -1  # the gate of what was measured
STAGES: tuple[Stage, ...] = ("condition", "none", "lists", "fires")


class Missed(NamedTuple):
    """One test that a fact does not pass."""

    field: str
    operator: Operator
    wanted: Scalar  # variables replaced
    got: Scalar


class Attempt(NamedTuple):
    """The furthest a rule gets.

    ends      condition: no fact meets the condition `failed`; none: the negated condition `failed`
              finds `nearest`; lists: `lacking` are not complete; fires: everything holds
    bindings  in the order of the conditions; None for negated ones and from `failed` on
    nearest   the fact of the kind that fails fewest tests, None when there is none of the kind
    """

    rule: Rule
    ends: Stage
    bindings: tuple[Fact | None, ...]
    failed: int = -1
    nearest: Fact | None = None
    missed: tuple[Missed, ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()  # list and its owner

    @property
    def progress(self) -> tuple[int, int, int]:
        """Orders attempts: the stage reached, the condition, the fewest tests missed."""
        is_near = -len(self.missed) if self.nearest is not None else -1_000
        return STAGES.index(self.ends), self.failed, is_near


class Attempts:
    """The facts of one run, ready to try rules on; `given` are those it began with."""

    def __init__(self, inferred: Inferred, given: Iterable[Fact]) -> None:
        self._inferred = inferred
        self._first = {fact: first_gate(inferred, fact) for fact in inferred.facts}
        self._first.update(dict.fromkeys(given, BEFORE_ALL))
        self._complete = {(f.list, f.of) for f in inferred.facts if isinstance(f, Collected)}

    def furthest(self, rule: Rule, flow: Fact | None = None) -> Attempt:
        """The furthest `rule` gets; with `flow`, for that main flow alone."""
        search = Search(rule, self._seen_by(rule), self._complete, flow)
        return max(search.attempts(), key=lambda attempt: attempt.progress)

    def _seen_by(self, rule: Rule) -> dict[str, list[Fact]]:
        """By kind, what is known when the gate of the rule ends: later gates add to it."""
        gate = GATES.index(rule.gate)
        kinds = {pattern.kind for pattern in rule.when}
        found: dict[str, list[Fact]] = {kind: [] for kind in kinds}
        for fact in self._inferred.facts:
            if fact.kind in kinds and self._first[fact] <= gate:
                found[fact.kind].append(fact)
        return found


def first_gate(inferred: Inferred, fact: Fact) -> int:
    """The first gate that infers a fact."""
    gates = [GATES.index(firing.rule.gate) for firing in inferred.supports.get(fact, ())]
    return min(gates, default=BEFORE_ALL)


class Search:
    """Tries the facts on the conditions of one rule, condition after condition."""

    def __init__(
        self,
        rule: Rule,
        facts: Mapping[str, Sequence[Fact]],
        complete: set[tuple[str, str]],
        flow: Fact | None,
    ) -> None:
        self.rule, self.facts, self.complete = rule, facts, complete
        self.positive = [i for i, pattern in enumerate(rule.when) if not pattern.is_negated]
        self.negated = [i for i, pattern in enumerate(rule.when) if pattern.is_negated]
        self.flow = flow
        self.start: dict[str, Scalar] = {}
        if flow is not None and (variable := flow_variable(rule)):
            self.start[variable] = flow.fields["flow"]

    def attempts(self) -> Iterator[Attempt]:
        """Every dead end and every success."""
        return self.extend(0, [None] * len(self.rule.when), self.start)

    def extend(
        self, place: int, bound: list[Fact | None], values: Mapping[str, Scalar]
    ) -> Iterator[Attempt]:
        if place == len(self.positive):
            yield self.judge(bound, values)
            return
        index = self.positive[place]
        pattern = self.rule.when[index]
        candidates = [fact for fact in self.candidates(index) if fact not in bound]
        tried = [(fact, missed_by(pattern, fact, values)) for fact in candidates]
        fitting = [fact for fact, missed in tried if not missed]
        for fact in fitting:
            here = list(bound)
            here[index] = fact
            yield from self.extend(place + 1, here, bind(pattern, fact, values))
        if not fitting:
            nearest, missed = min(tried, key=lambda t: distance(pattern, t[1]), default=(None, ()))
            yield Attempt(self.rule, "condition", tuple(bound), index, nearest, tuple(missed))

    def candidates(self, index: int) -> Sequence[Fact]:
        if self.flow is not None and index == self.rule.main_flow:
            return (self.flow,)
        return self.facts[self.rule.when[index].kind]

    def judge(self, bound: list[Fact | None], values: Mapping[str, Scalar]) -> Attempt:
        """What the negations and the lists say once every other condition holds."""
        bindings = tuple(bound)
        for index in self.negated:
            pattern = self.rule.when[index]
            for fact in self.facts[pattern.kind]:
                if fact not in bound and not missed_by(pattern, fact, values):
                    return Attempt(self.rule, "none", bindings, index, fact)
        lacking = [
            need
            for need in (owned(need, values) for need in self.rule.list_needs)
            if need not in self.complete
        ]
        if lacking:
            return Attempt(self.rule, "lists", bindings, lacking=tuple(dict.fromkeys(lacking)))
        return Attempt(self.rule, "fires", bindings)


def flow_variable(rule: Rule) -> str:
    """The variable that stands for the flow a rule is about, "" when it names none."""
    patterns = rule.when if rule.main_flow is None else (rule.when[rule.main_flow],)
    tests = (pattern.test_on("flow") for pattern in patterns if not pattern.is_negated)
    return next((str(t.value) for t in tests if t and t.operator == "same"), "")


def owned(need: ListNeed, values: Mapping[str, Scalar]) -> tuple[str, str]:
    owner = values[str(need.of)] if is_variable(need.of) else need.of
    return need.list, str(owner)


def bind(pattern: Pattern, fact: Fact, values: Mapping[str, Scalar]) -> Mapping[str, Scalar]:
    found = dict(values)
    for test in pattern.tests:
        if test.operator == "same":
            found.setdefault(str(test.value), fact.__dict__[test.field])
    return found


def missed_by(pattern: Pattern, fact: Fact, values: Mapping[str, Scalar]) -> list[Missed]:
    """The tests a fact of the right kind does not pass; an unbound variable takes its value."""
    known = dict(values)
    found = []
    for test in pattern.tests:
        got = fact.__dict__[test.field]
        is_join = test.operator == "same"
        wanted = known.setdefault(str(test.value), got) if is_join else test.value
        if not holds(test.operator, got, wanted):
            found.append(Missed(test.field, test.operator, wanted, got))
    return found


def distance(pattern: Pattern, missed: Sequence[Missed]) -> tuple[int, int, int]:
    """How far a fact is from meeting a condition: a fact about another flow is no candidate,
    then tests count, and of those a different subject counts more than a different value.
    """
    is_other_flow = any(one.field == "flow" and one.operator == "same" for one in missed)
    joins = sum(one.operator == "same" for one in missed)
    return is_other_flow, len(missed), joins
