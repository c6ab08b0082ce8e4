"""Runs rules over facts: gate after gate, phase after phase, until nothing new follows."""

from __future__ import annotations

import os
import queue
import re
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from wayout.engine.facts import Fact
from wayout.engine.facts.common import Collected, NotAssessed
from wayout.engine.inference.compile import (
    PHASE,
    WARM,
    Clause,
    GateProgram,
    Program,
    Symbols,
    clause_of,
    compile_rules,
)
from wayout.engine.inference.driver import Ruleset
from wayout.engine.inference.kept import program_of
from wayout.engine.inference.results import Firing, Inferred
from wayout.engine.rules import Knowledge, Rule, RuleBook

__all__ = ["Inference", "Memory"]

# The C code holds the interpreter lock: more runs at a time gain nothing and cost memory, and a
# thread that waits here does not slow down the one that runs.
SESSIONS = 1

# In a match the engine repeats each fact as it was written, under the alias of its condition.
BOUND = re.compile(r'"c(\d+)":\{"kind":"[a-z_]+","id":"f(\d+)"')


class Inference:
    """A set of rules, compiled once, run any number of times from any number of threads.

    When more threads than `sessions` run, they wait for one another. After a fork the child
    compiles its own copy on first use. Raises RuleError when the rules cannot be run as they
    are, EngineError when the rules engine is not usable.
    """

    def __init__(self, rules: Iterable[Rule] | Knowledge, *, sessions: int = SESSIONS) -> None:
        if isinstance(rules, Knowledge):
            book, self._program = rules.book, program_of(rules)
        else:
            book = RuleBook(rules)
            self._program = compile_rules(book.values())
        self._sessions = sessions
        self._clauses = Clauses(book)
        self._engine = Engine(self._program, sessions)

    def run(self, facts: Iterable[Fact], memory: Memory | None = None) -> Inferred:
        """Everything that follows from the facts.

        With `memory` a gate that met the same facts before is not run again; whoever runs nearly
        the same facts often keeps one. Raises EngineError for a number beyond 62 bits.
        """
        engine = self._engine
        if engine.process != os.getpid():
            engine = self._engine = Engine(self._program, self._sessions)
        run = Run(facts, Symbols(self._program.symbols), self._clauses)
        with engine.sessions.one() as session:
            for program, ruleset in engine.gates:
                if program.can_fire(run.kinds):
                    run.judge(program, ruleset, session, memory)
        return run.result()

    def close(self) -> None:
        """Frees the memory of the engine; only for many short-lived inferences."""
        for _, ruleset in self._engine.gates:
            ruleset.close()
        self._engine.gates.clear()


class Engine:
    """The rulesets of one process and the sessions that are free."""

    def __init__(self, program: Program, sessions: int) -> None:
        self.process = os.getpid()
        self.gates = [
            (gate, Ruleset(gate.gate, gate.definition, WARM, sessions)) for gate in program.gates
        ]
        self.sessions = Sessions(sessions)


class Clauses(dict[str, Clause]):
    """The clauses of rules by id, made on first use: of hundreds of rules, dozens ever fire."""

    def __init__(self, book: RuleBook) -> None:
        super().__init__()
        self._book = book

    def __missing__(self, rule_id: str) -> Clause:
        clause = self[rule_id] = clause_of(self._book[rule_id])
        return clause


class Sessions:
    """Hands out session numbers in the order of asking, so that no caller starves."""

    def __init__(self, count: int) -> None:
        self._free = list(range(count, 0, -1))
        self._waiting: deque[queue.SimpleQueue[int]] = deque()
        self._lock = threading.Lock()

    @contextmanager
    def one(self) -> Iterator[int]:
        """A session of one's own; waits until one is free."""
        session = self._take()
        try:
            yield session
        finally:
            self._give(session)

    def _take(self) -> int:
        with self._lock:
            if self._free:
                return self._free.pop()
            ticket: queue.SimpleQueue[int] = queue.SimpleQueue()
            self._waiting.append(ticket)
        try:
            return ticket.get()
        except BaseException:  # interrupted while waiting: nobody will use what comes
            with self._lock:
                is_served = ticket not in self._waiting
                if not is_served:
                    self._waiting.remove(ticket)
            if is_served:
                self._give(ticket.get())
            raise

    def _give(self, session: int) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().put(session)
            else:
                self._free.append(session)


class Found(NamedTuple):
    """What a gate made of the facts it reads: new ones and firings, both in their final order.

    `lists` are those it asked whether they are complete, each with the fact that says so.
    """

    facts: tuple[Fact, ...]
    firings: tuple[Firing, ...]
    not_assessed: tuple[Firing, ...]
    lists: Mapping[tuple[str, str], Collected | None]


# Gate and the facts it reads in their order -> what it made of them, by the lists it asked for.
Memory = dict[tuple[str, tuple[Fact, ...]], list[Found]]


class Match(NamedTuple):
    """A firing with the numbers of its facts, by which firings are put in order."""

    numbers: tuple[int, ...]
    produced: int
    firing: Firing


class Run:
    """The state of one run: every fact known so far, with a number for each."""

    def __init__(self, facts: Iterable[Fact], symbols: Symbols, clauses: Clauses) -> None:
        self.symbols, self.clauses = symbols, clauses
        self.facts: list[Fact] = []
        self.numbers: dict[Fact, int] = {}
        self.by_kind: dict[str, list[int]] = {}
        for fact in facts:
            self.number_of(fact)
        self.complete = {
            (fact.list, fact.of): fact for fact in self.facts if isinstance(fact, Collected)
        }
        self.firings: list[Firing] = []
        self.not_assessed: list[Firing] = []
        self.asked: dict[tuple[str, str], Collected | None] = {}  # lists, since a gate began

    @property
    def kinds(self) -> set[str]:
        """The kinds of which there are facts."""
        return set(self.by_kind)

    def number_of(self, fact: Fact) -> int:
        """The number of a fact, which becomes known if it was not."""
        number = self.numbers.setdefault(fact, len(self.facts))
        if number == len(self.facts):
            self.facts.append(fact)
            self.by_kind.setdefault(fact.kind, []).append(number)
        return number

    def judge(
        self, program: GateProgram, ruleset: Ruleset, session: int, memory: Memory | None
    ) -> None:
        """Adds what a gate finds, from memory when it is there."""
        if memory is None:
            self.evaluate(program, ruleset, session)
            return
        read = sorted(n for kind in program.forms for n in self.by_kind.get(kind, ()))
        before = memory.setdefault((program.gate, tuple(self.facts[n] for n in read)), [])
        found = next((found for found in before if self.has_same_lists(found)), None)
        if found is None:
            start = len(self.facts), len(self.firings), len(self.not_assessed)
            self.asked = {}
            self.evaluate(program, ruleset, session)
            before.append(
                Found(
                    tuple(self.facts[start[0] :]),
                    tuple(self.firings[start[1] :]),
                    tuple(self.not_assessed[start[2] :]),
                    self.asked,
                )
            )
            return
        for fact in found.facts:
            self.number_of(fact)
        self.firings += found.firings
        self.not_assessed += found.not_assessed

    def has_same_lists(self, found: Found) -> bool:
        return all(self.complete.get(key) == fact for key, fact in found.lists.items())

    def evaluate(self, program: GateProgram, ruleset: Ruleset, session: int) -> None:
        """Runs one gate to its end and adds what it found."""
        first_new = len(self.facts)
        found: list[Match] = []
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
                    for text in ruleset.insert(batch):
                        found += self.matches(program, text)
                    batch = [
                        form.message(self.facts[number], number, session, self.symbols)
                        for number in range(known, len(self.facts))
                        if (form := program.forms.get(self.facts[number].kind))
                    ]
        finally:
            ruleset.forget(session)
        self.settle(found, first_new)

    def matches(self, program: GateProgram, text: str) -> list[Match]:
        """What a match of the engine means: one firing, or one per list that lacks."""
        clause = self.clauses[program.rules[text[2 : text.index('"', 2)]]]
        bindings: list[Fact | None] = [None] * len(clause.rule.when)
        places = [-1] * len(bindings)
        for index, number in BOUND.findall(text):
            bindings[int(index)] = self.facts[int(number)]
            places[int(index)] = int(number)
        bound, numbers = tuple(bindings), tuple(places)
        # By the list: which conditions need the same one, only the match may tell.
        needs = {need.key(bound): need for need in clause.needs}
        self.asked.update((key, self.complete.get(key)) for key in needs)
        lacking = [need.missing(bound) for key, need in needs.items() if key not in self.complete]
        if lacking:
            return [
                Match(numbers, self.number_of(fact), Firing(clause.rule, bound, fact))
                for fact in lacking
            ]
        complete = tuple(self.complete[key] for key in needs)
        produced = clause.produce(bound)
        firing = Firing(clause.rule, bound, produced, complete)
        return [Match(numbers, self.number_of(produced), firing)]

    def settle(self, found: list[Match], first_new: int) -> None:
        """Puts what a gate found into an order that does not depend on the engine."""
        new = range(first_new, len(self.facts))
        order = sorted(new, key=lambda number: content(self.facts[number]))
        place = {number: first_new + rank for rank, number in enumerate(order)}
        self.facts[first_new:] = [self.facts[number] for number in order]
        for fact, number in zip(self.facts[first_new:], new, strict=True):
            self.numbers[fact] = number
        for kind in {fact.kind for fact in self.facts[first_new:]}:
            self.by_kind[kind] = sorted(place.get(n, n) for n in self.by_kind[kind])

        def rank(match: Match) -> tuple[str, list[int], int]:
            numbers = [place.get(number, number) for number in match.numbers]
            return match.firing.rule.id, numbers, place.get(match.produced, match.produced)

        for match in sorted(found, key=rank):
            lacks = isinstance(match.firing.produced, NotAssessed)
            (self.not_assessed if lacks else self.firings).append(match.firing)

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
