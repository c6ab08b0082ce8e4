"""Runs rules over facts: gate after gate, phase after phase, until nothing new follows."""

from __future__ import annotations

import json
import os
import queue
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from wayout.engine.facts import Fact
from wayout.engine.facts.common import NotAssessed
from wayout.engine.inference.compile import PHASE, WARM, GateProgram, Symbols, compile_gate
from wayout.engine.inference.driver import Ruleset
from wayout.engine.inference.results import Firing, Inferred
from wayout.engine.rules import GATE_PREFIXES, Rule

__all__ = ["Inference"]

SESSIONS = 4  # the engine holds the interpreter lock, so more runs at a time gain nothing


class Inference:
    """A set of rules, compiled once, run any number of times from any number of threads.

    When more threads than `sessions` run, they wait for one another. After a fork the child
    compiles its own copy on first use. Raises RuleError when the rules cannot be run as they
    are, EngineError when the rules engine is not usable.
    """

    def __init__(self, rules: Iterable[Rule], *, sessions: int = SESSIONS) -> None:
        by_gate: dict[str, list[Rule]] = {gate: [] for gate in GATE_PREFIXES}
        for rule in rules:
            by_gate[rule.gate].append(rule)
        self._sessions = sessions
        self._symbols = Symbols()
        self._programs = [
            compile_gate(gate, sorted(members, key=lambda rule: rule.id), self._symbols)
            for gate, members in by_gate.items()
            if members
        ]
        self._engine = Engine(self._programs, sessions)

    def run(self, facts: Iterable[Fact]) -> Inferred:
        """Everything that follows from the facts.

        Raises EngineError for a number beyond 62 bits.
        """
        engine = self._engine
        if engine.process != os.getpid():
            engine = self._engine = Engine(self._programs, self._sessions)
        run = Run(facts, self._symbols.fork())
        with engine.session() as session:
            for program, ruleset in engine.gates:
                if program.can_fire(run.kinds):
                    run.evaluate(program, ruleset, session)
        return run.result()

    def close(self) -> None:
        """Frees the memory of the engine; only for many short-lived inferences."""
        for _, ruleset in self._engine.gates:
            ruleset.close()
        self._engine.gates.clear()


class Engine:
    """The rulesets of one process and the sessions that are free."""

    def __init__(self, programs: Sequence[GateProgram], sessions: int) -> None:
        self.process = os.getpid()
        self.gates = [
            (program, Ruleset(program.gate, program.definition, WARM, sessions))
            for program in programs
        ]
        self._free: queue.SimpleQueue[int] = queue.SimpleQueue()
        for session in range(1, sessions + 1):
            self._free.put(session)

    @contextmanager
    def session(self) -> Iterator[int]:
        """A session of one's own; waits until one is free."""
        session = self._free.get()
        try:
            yield session
        finally:
            self._free.put(session)


class Run:
    """The state of one run: every fact known so far, with a number for each."""

    def __init__(self, facts: Iterable[Fact], symbols: Symbols) -> None:
        self.symbols = symbols
        self.facts: list[Fact] = list(dict.fromkeys(facts))
        self.numbers = {fact: number for number, fact in enumerate(self.facts)}
        self.by_kind: dict[str, list[int]] = {}
        for number, fact in enumerate(self.facts):
            self.by_kind.setdefault(fact.kind, []).append(number)
        self.firings: list[Firing] = []
        self.not_assessed: list[Firing] = []

    @property
    def kinds(self) -> set[str]:
        """The kinds of which there are facts."""
        return set(self.by_kind)

    def evaluate(self, program: GateProgram, ruleset: Ruleset, session: int) -> None:
        """Runs one gate to its end and adds what it found."""
        first_new = len(self.facts)
        found: list[Firing] = []
        batch = [
            form.message(self.facts[number], number, session, self.symbols)
            for kind, form in program.forms.items()
            for number in self.by_kind.get(kind, ())
        ]
        try:
            for phase in range(program.phases):
                batch.append(f'{{"kind":"{PHASE}","id":"p{phase}","sid":{session},"n":{phase}}}')
                while batch:
                    known = len(self.facts)
                    for match in ruleset.insert(batch):
                        found += self.firings_of(program, match)
                    batch = [
                        form.message(self.facts[number], number, session, self.symbols)
                        for number in range(known, len(self.facts))
                        if (form := program.forms.get(self.facts[number].kind))
                    ]
        finally:
            ruleset.forget(session)
        self.settle(found, first_new)

    def firings_of(self, program: GateProgram, match: str) -> list[Firing]:
        """What a match of the engine means: one firing, or one per list that lacks."""
        ((name, matched),) = json.loads(match).items()
        clause = program.clauses[name]
        bindings: list[Fact | None] = [None] * len(clause.rule.when)
        for alias, index in clause.aliases:
            bindings[index] = self.facts[int(matched[alias]["id"][1:])]
        bound = tuple(bindings)
        lists = tuple(need.complete(bound) for need in clause.needs)
        lacking = [
            need.missing(bound)
            for need, complete in zip(clause.needs, lists, strict=True)
            if complete not in self.numbers
        ]
        produced = lacking or [clause.produce(bound)]
        for fact in produced:
            if fact not in self.numbers:
                self.add(fact)
        if lacking:
            return [Firing(clause.rule, bound, fact) for fact in lacking]
        return [Firing(clause.rule, bound, produced[0], lists)]

    def add(self, fact: Fact) -> None:
        number = self.numbers[fact] = len(self.facts)
        self.facts.append(fact)
        self.by_kind.setdefault(fact.kind, []).append(number)

    def settle(self, found: list[Firing], first_new: int) -> None:
        """Puts what a gate found into an order that does not depend on the engine."""
        new = sorted(self.facts[first_new:], key=content)
        self.facts[first_new:] = new
        for number, fact in enumerate(new, start=first_new):
            self.numbers[fact] = number
        for kind in {fact.kind for fact in new}:
            self.by_kind[kind] = [n for n in self.by_kind[kind] if n < first_new]
        for number, fact in enumerate(new, start=first_new):
            self.by_kind[fact.kind].append(number)
        found.sort(key=lambda firing: (firing.rule.id, self.places(firing)))
        for firing in found:
            lacks = isinstance(firing.produced, NotAssessed)
            (self.not_assessed if lacks else self.firings).append(firing)

    def places(self, firing: Firing) -> tuple[int, ...]:
        numbers = self.numbers
        bound = [-1 if fact is None else numbers[fact] for fact in firing.bindings]
        return (*bound, numbers[firing.produced])

    def result(self) -> Inferred:
        """What was found, frozen."""
        supports: dict[Fact, list[Firing]] = {}
        for firing in (*self.firings, *self.not_assessed):
            supports.setdefault(firing.produced, []).append(firing)
        return Inferred(
            facts=tuple(self.facts),
            firings=tuple(self.firings),
            supports={fact: tuple(found) for fact, found in supports.items()},
            not_assessed=tuple(self.not_assessed),
        )


def content(fact: Fact) -> tuple[str, tuple[object, ...]]:
    """Sorts facts by what they say; values of one field have one type."""
    return fact.kind, tuple(fact.__dict__.values())
