"""Compiles the rules of one gate into one ruleset of durable_rules.

Only what the engine was seen to do right is ever emitted: flat facts, tests against constants,
equality joins with earlier patterns, negation behind a phase token. Every text becomes a symbol
(`s0`, `s1` …), so nothing an author or a document wrote reaches the C code.

The first condition of a rule with `none` is the token of its phase, which is asserted after all
facts: it looks at nothing before its negated kinds are complete. Rules without `none` need no
token, as nothing that comes later can undo them. Whether the lists behind a `none` are complete is
looked up when a rule matches: a condition on `collected` could not be met by a fact that another
condition of the rule already holds, as the engine uses a fact once per match.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from wayout.engine.errors import EngineError
from wayout.engine.facts import Fact, Scalar
from wayout.engine.facts.common import Conclusion, NotAssessed
from wayout.engine.inference.limits import check_limits
from wayout.engine.rules import GATE_PREFIXES, ListNeed, Pattern, Rule, Test, is_variable, phases

__all__ = [
    "PHASE",
    "WARM",
    "Clause",
    "FactForm",
    "GateProgram",
    "Program",
    "Symbols",
    "clause_of",
    "compile_gate",
    "compile_rules",
]

PHASE = "~phase"  # kinds of our own; no kind of the vocabulary has a tilde
WARM = "~warm"
SHARED = 200  # rules that share one copy of a condition; beyond 255 the engine crashes
LARGEST = 2**62  # the engine keeps whole numbers in 64 bits and saturates silently
OPERATORS = {"not": "$neq", "lt": "$lt", "at_most": "$lte", "gt": "$gt", "at_least": "$gte"}

Condition = dict[str, Any]


class Symbols:
    """Texts to symbols. Constants are known from the start, other texts are added per run."""

    def __init__(self, known: dict[str, str] | None = None) -> None:
        self.known: dict[str, str] = dict(known or {})  # text to symbol in quotes

    def constant(self, value: Scalar) -> Scalar:
        """A constant of a rule as the engine gets it."""
        token = self.token(value)  # also checks numbers
        return token[1:-1] if isinstance(value, str) else value

    def token(self, value: Scalar) -> str:
        """A value as JSON; raises EngineError for numbers the engine cannot hold."""
        if isinstance(value, str):
            token = self.known.get(value)
            if token is None:
                token = self.known[value] = f'"s{len(self.known)}"'
            return token
        if isinstance(value, bool):
            return "true" if value else "false"
        if -LARGEST < value < LARGEST:
            return str(value)
        raise EngineError(f"the number {value} is too large for the rules engine.")


Make = Callable[[Sequence["Fact | None"]], Fact]  # a fact from the facts that matched


@dataclass(frozen=True, slots=True)
class NeededList:
    """A list a match depends on, and what to state when it is not complete."""

    name: str
    owner: str  # when it is a constant
    owner_at: tuple[int, str] | None  # else the pattern and field that hold it
    missing: Make

    def key(self, bindings: Sequence[Fact | None]) -> tuple[str, str]:
        """Name and owner of the list for the facts that matched."""
        if self.owner_at is None:
            return self.name, self.owner
        index, field = self.owner_at
        return self.name, getattr(bindings[index], field)


@dataclass(frozen=True, slots=True)
class Clause:
    """What to make of a match of one rule."""

    rule: Rule
    produce: Make
    needs: tuple[NeededList, ...]


@dataclass(frozen=True, slots=True)
class FactForm:
    """How a fact of one kind is written: only the fields that a rule of the gate looks at."""

    fields: tuple[str, ...]
    template: str  # of JSON; takes the number of the fact, the session, then the fields

    def message(self, fact: Fact, number: int, session: int, symbols: Symbols) -> str:
        values = fact.__dict__
        return self.template % (
            number,
            session,
            *[symbols.token(values[name]) for name in self.fields],
        )


@dataclass(frozen=True, slots=True)
class GateProgram:
    """One gate, ready to be handed to the engine."""

    gate: str
    definition: str
    rules: dict[str, str]  # the name of a rule in the engine to its id
    starts: tuple[frozenset[str], ...]  # kinds that must all be there for some rule to fire
    forms: dict[str, FactForm]
    phases: int

    def can_fire(self, kinds: set[str]) -> bool:
        """Whether facts of these kinds can make any rule of the gate fire."""
        return any(needed <= kinds for needed in self.starts)


@dataclass(frozen=True, slots=True)
class Program:
    """All gates in the order of evaluation, and the symbols of the texts in their rules."""

    gates: tuple[GateProgram, ...]
    symbols: dict[str, str]


def compile_rules(rules: Iterable[Rule]) -> Program:
    """The program of all rules. Raises RuleError when a limit of the engine would be passed."""
    by_gate: dict[str, list[Rule]] = {gate: [] for gate in GATE_PREFIXES}
    for rule in rules:
        by_gate[rule.gate].append(rule)
    symbols = Symbols()
    gates = tuple(
        compile_gate(gate, sorted(members, key=lambda rule: rule.id), symbols)
        for gate, members in by_gate.items()
        if members
    )
    return Program(gates, symbols.known)


def compile_gate(gate: str, rules: Sequence[Rule], symbols: Symbols) -> GateProgram:
    """The program of one gate. Raises RuleError when a limit of the engine would be passed."""
    order = phases(rules)
    definition: dict[str, Any] = {}
    by_name: dict[str, Rule] = {}
    looked_at: dict[str, set[str]] = {}
    for number, rule in enumerate(rules):
        name = f"r{number}"
        conditions = conditions_of(rule, symbols, looked_at)
        if any(pattern.is_negated for pattern in rule.when):
            conditions.insert(0, {"ph": {"$and": [{"kind": PHASE}, {"n": order[rule.id]}]}})
        definition[name] = {"all": conditions}
        by_name[name] = rule
    spread(definition)
    check_limits(definition, by_name)
    definition[WARM] = {"all": [{"w": {"kind": WARM}}]}
    return GateProgram(
        gate=gate,
        definition=json.dumps(definition),
        rules={name: rule.id for name, rule in by_name.items()},
        starts=starts_of(rules),
        forms={kind: form_of(kind, fields) for kind, fields in looked_at.items()},
        phases=max(order.values()) + 1,
    )


def spread(definition: dict[str, Any]) -> None:
    """Gives conditions that very many rules share copies of their own.

    The engine takes one identical condition in so many rules only. A copy carries one more test,
    which every fact passes: that its kind is not one that no fact has.
    """
    used: Counter[str] = Counter()
    for body in definition.values():
        for condition in body["all"]:
            ((alias, expression),) = condition.items()
            key = json.dumps(expression)
            copy = used[key] // SHARED
            used[key] += 1
            if copy:
                terms = expression.get("$and", [expression])
                joins = [term for term in terms if is_join(term)]
                rest = [term for term in terms if not is_join(term)]
                rest.append({OPERATORS["not"]: {"kind": f"~{copy}"}})
                condition[alias] = {"$and": [*rest, *joins]}


def is_join(term: Condition) -> bool:
    ((key, value),) = term.items()
    return isinstance(value, dict) and not key.startswith("$")


def starts_of(rules: Iterable[Rule]) -> tuple[frozenset[str], ...]:
    """The kinds of the positive conditions of each rule; supersets of others tell nothing more."""
    kinds = {frozenset(p.kind for p in rule.when if not p.is_negated) for rule in rules}
    least = (one for one in kinds if not any(other < one for other in kinds))
    return tuple(sorted(least, key=sorted))


def form_of(kind: str, fields: Iterable[str]) -> FactForm:
    names = tuple(sorted(fields))
    body = "".join(f',"{name}":%s' for name in names)
    return FactForm(names, f'{{"kind":"{kind}","id":"f%d","sid":%d{body}}}')


def conditions_of(rule: Rule, symbols: Symbols, looked_at: dict[str, set[str]]) -> list[Condition]:
    """The conditions of a rule as the engine takes them: `none` behind all others."""
    writer = Writer(rule, symbols, looked_at)
    positive = [i for i, p in enumerate(rule.when) if not p.is_negated]
    negative = [i for i, p in enumerate(rule.when) if p.is_negated]
    conditions = [writer.pattern(f"c{i}", rule.when[i]) for i in positive]
    return conditions + [writer.pattern(f"n{i}$not", rule.when[i]) for i in negative]


def clause_of(rule: Rule) -> Clause:
    """What to make of the matches of a rule."""
    return Clause(
        rule=rule,
        produce=producer(rule),
        needs=tuple(needed_list(rule, need) for need in unique_needs(rule)),
    )


def unique_needs(rule: Rule) -> Iterable[ListNeed]:
    return {(need.list, need.of): need for need in rule.list_needs}.values()


class Writer:
    """Writes the patterns of one rule, in order, as conditions of the engine."""

    def __init__(self, rule: Rule, symbols: Symbols, looked_at: dict[str, set[str]]) -> None:
        self.rule, self.symbols, self.looked_at = rule, symbols, looked_at
        self.bound: dict[str, tuple[str, str]] = {}  # $variable to alias and field

    def pattern(self, alias: str, pattern: Pattern) -> Condition:
        fields = self.looked_at.setdefault(pattern.kind, set())
        tests: list[Condition] = []
        joins: list[Condition] = []
        for test in sorted(pattern.tests, key=lambda t: t.field):
            if test.operator != "same":
                tests.append(self.constant(test))
            elif (join := self.join(alias, pattern.kind, test)) is None:
                continue
            else:
                joins.append(join)
            fields.add(test.field)
        joins.sort(key=lambda join: "$m" not in str(join))
        terms = [{"kind": pattern.kind}, *tests, *joins]
        return {alias: {"$and": terms} if len(terms) > 1 else terms[0]}

    def constant(self, test: Test) -> Condition:
        term: Condition = {test.field: self.symbols.constant(test.value)}
        return term if test.operator == "is" else {OPERATORS[test.operator]: term}

    def join(self, alias: str, kind: str, test: Test) -> Condition | None:
        """The test of a variable; None where it is bound."""
        variable = str(test.value)
        if variable not in self.bound:
            self.bound[variable] = (alias, test.field)
            return None
        other, field = self.bound[variable]
        self.looked_at[self.kind_of(other)].add(field)
        return {test.field: {"$m": field} if other == alias else {other: field}}

    def kind_of(self, alias: str) -> str:
        return self.rule.when[int(alias[1:])].kind


def producer(rule: Rule) -> Make:
    """Makes what the rule produces from the facts that matched."""
    if rule.infers is not None:
        model = Pattern(kind=rule.infers.kind).model
        return maker(model, rule, dict(rule.infers.fields))
    assert rule.concludes is not None
    assert rule.main_flow is not None
    fields: dict[str, Scalar] = {
        "gate": rule.gate,
        "status": rule.concludes.status,
        "certainty": rule.certainty,
        "rule": rule.id,
        "subject": rule.concludes.subject,
        "needs": rule.concludes.needs,
        "of": rule.concludes.of,
    }
    return maker(Conclusion, rule, fields, {"flow": (rule.main_flow, "flow")})


def needed_list(rule: Rule, need: ListNeed) -> NeededList:
    """What to look up when the rule matches, and what to say when it is not there."""
    fields: dict[str, Scalar] = {"gate": rule.gate, "rule": rule.id}
    fields |= {"list": need.list, "of": need.of, "flow": ""}
    with_flow = [
        index
        for index, pattern in enumerate(rule.when)
        if not pattern.is_negated and "flow" in pattern.model.model_fields
    ]
    main = rule.main_flow if rule.main_flow is not None else next(iter(with_flow), None)
    places = {} if main is None else {"flow": (main, "flow")}
    return NeededList(
        name=need.list,
        owner=str(need.of),
        owner_at=rule.variables[str(need.of)] if is_variable(need.of) else None,
        missing=maker(NotAssessed, rule, fields, places),
    )


def maker(
    model: type[Fact],
    rule: Rule,
    fields: dict[str, Scalar],
    places: dict[str, tuple[int, str]] | None = None,
) -> Make:
    constants = {name: value for name, value in fields.items() if not is_variable(value)}
    found = dict(places or {})
    found |= {n: rule.variables[str(v)] for n, v in fields.items() if is_variable(v)}

    def make(bindings: Sequence[Fact | None]) -> Fact:
        taken = {name: getattr(bindings[index], field) for name, (index, field) in found.items()}
        return model(**(constants | taken))

    return make
