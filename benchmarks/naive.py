"""The baseline: the evaluator somebody would write in an afternoon.

Rules ordered once, facts kept by kind, nested loops for the joins, repeated until nothing new
follows. It gives the same derived facts as the engine and keeps no proof.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from tests.inference.oracle import Bindings, matches, needs, produced, shortfall
from wayout.engine.facts import Fact, Scalar
from wayout.engine.facts.common import Collected
from wayout.engine.rules import GATE_PREFIXES, Rule, phases

__all__ = ["Naive"]

ByKind = dict[str, list[Fact]]


class Naive:
    """The rules by gate and phase."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._layers: list[list[Rule]] = []
        everything = list(rules)
        for gate in GATE_PREFIXES:
            members = [rule for rule in everything if rule.gate == gate]
            phase = phases(members)
            for level in sorted(set(phase.values())):
                self._layers.append([rule for rule in members if phase[rule.id] == level])

    def run(self, facts: Iterable[Fact]) -> set[Fact]:
        """All facts, given and derived."""
        known = set(facts)
        by_kind: ByKind = defaultdict(list)
        for fact in known:
            by_kind[fact.kind].append(fact)
        for layer in self._layers:
            while fresh := {fact for rule in layer for fact in follows(rule, by_kind, known)}:
                known |= fresh
                for fact in fresh:
                    by_kind[fact.kind].append(fact)
        return known


def follows(rule: Rule, by_kind: ByKind, known: set[Fact]) -> Iterator[Fact]:
    for bindings, variables in ways(rule, by_kind, (), {}):
        lacking = [
            (name, str(of))
            for name, of in needs(rule, variables)
            if Collected(list=name, of=str(of)) not in known
        ]
        for name, of in lacking:
            if (fact := shortfall(rule, bindings, name, of)) not in known:
                yield fact
        if not lacking and (fact := produced(rule, bindings, variables)) not in known:
            yield fact


def ways(
    rule: Rule, by_kind: ByKind, bound: Bindings, variables: dict[str, Scalar]
) -> Iterator[tuple[Bindings, dict[str, Scalar]]]:
    if len(bound) == len(rule.when):
        yield bound, variables
        return
    pattern = rule.when[len(bound)]
    candidates = [fact for fact in by_kind[pattern.kind] if fact not in bound]
    if pattern.is_negated:
        if not any(matches(pattern, fact, variables) is not None for fact in candidates):
            yield from ways(rule, by_kind, (*bound, None), variables)
        return
    for fact in candidates:
        if (found := matches(pattern, fact, variables)) is not None:
            yield from ways(rule, by_kind, (*bound, fact), found)
