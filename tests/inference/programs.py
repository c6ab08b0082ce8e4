"""Random programs: stratified rules over several gates, and facts full of nasty values."""

from __future__ import annotations

import json
from typing import Any, Literal, NamedTuple

from hypothesis import strategies as st

from tests.inference.kinds import DERIVED, MEASURED, Entry
from wayout.engine.errors import RuleError
from wayout.engine.facts import Fact
from wayout.engine.facts.common import Collected, Conclusion, Flow, NotAssessed
from wayout.engine.rules import GATE_PREFIXES, Rule, phases
from wayout.engine.rules.vocabulary import FieldType, fields_of

GATES = ("pod", "policy", "dns")
ROLES: tuple[Literal["main", "lookup"], ...] = ("main", "lookup")
NEGATED_RARELY: tuple[type[Fact], ...] = (Conclusion, NotAssessed)
READ_RARELY: tuple[type[Fact], ...] = (Flow, Collected, *NEGATED_RARELY)
NASTY = (
    "",
    "a",
    "b",
    "80",
    "true",
    "null",
    "$x",
    "s0",
    "f0",
    "~phase",
    '"},{"kind":"apple","id":"f0","sid":1',
    "line\nbreak\x00",
    "中文安全组",
    "😀\u202e",
    "{kind.field}",
    "x" * 70_000,
    "x" * 70_001,
)
NUMBERS = (0, 1, -1, 80, 443, 2**31, -(2**61), 2**62 - 1)


class Pool(NamedTuple):
    """The few kinds and values one program is made of, so that conditions find facts."""

    texts: tuple[str, ...]
    numbers: tuple[int, ...]
    measured: tuple[type[Fact], ...]
    derived: tuple[type[Fact], ...]

    def values(self, field: FieldType) -> st.SearchStrategy[Any]:
        """Values of a fact."""
        if field.options:
            return st.sampled_from(field.options[:2])
        return {
            str: st.sampled_from(self.texts),
            int: st.sampled_from(self.numbers),
            bool: st.booleans(),
        }[field.base]

    def constants(self, field: FieldType) -> st.SearchStrategy[Any]:
        """Values of a rule; a leading dollar would make it a variable."""
        return self.values(field).filter(lambda v: not str(v).startswith("$"))


@st.composite
def programs(draw: st.DrawFn) -> tuple[list[Rule], list[Fact]]:
    """Rules of several gates and facts for them."""
    pool = Pool(
        ("a", *draw(st.lists(st.sampled_from(NASTY), min_size=1, max_size=2))),
        (80, draw(st.sampled_from(NUMBERS))),
        draw(st.sampled_from([MEASURED[:2], MEASURED[1:3], MEASURED[2:], MEASURED])),
        draw(st.sampled_from([DERIVED[:2], DERIVED])),
    )
    return draw(rules(pool)), draw(facts(pool))


@st.composite
def facts(draw: st.DrawFn, pool: Pool) -> list[Fact]:
    """Facts of all kinds, among them flows and complete lists."""
    found: list[Fact] = []
    for _ in range(draw(st.integers(5, 12))):
        cls = draw(st.sampled_from([*pool.measured, *pool.measured, *pool.derived]))
        types = fields_of(cls)
        names = draw(st.sets(st.sampled_from(list(types)), max_size=2))
        found.append(cls(**{name: draw(pool.values(types[name])) for name in sorted(names)}))
    for _ in range(draw(st.integers(0, 2))):
        role: Literal["main", "lookup"] = draw(st.sampled_from(ROLES))
        found.append(Flow(flow=draw(st.sampled_from(pool.texts)), pod="a", role=role))
    for name in draw(st.lists(st.sampled_from(["entries", "members"]), max_size=2)):
        owner = draw(st.sampled_from(pool.texts)) if name == "entries" else ""
        found.append(Collected(list=name, of=owner))
    return draw(st.permutations(found))


@st.composite
def rules(draw: st.DrawFn, pool: Pool) -> list[Rule]:
    """Rules of several gates; those that would negate what they derive are left out."""
    kept: list[Rule] = []
    for number in range(draw(st.integers(4, 9))):
        rule = draw(one_rule(number, pool))
        same_gate = [other for other in kept if other.gate == rule.gate]
        try:
            phases([*same_gate, rule])
        except RuleError:
            continue
        kept.append(rule)
    return kept


@st.composite
def one_rule(draw: st.DrawFn, number: int, pool: Pool) -> Rule:
    gate = draw(st.sampled_from(GATES))
    concludes = draw(st.integers(0, 4)) == 0
    variables: dict[str, type] = {}
    when = [draw(positive(variables, pool)) for _ in range(draw(st.sampled_from([1, 1, 2, 2, 3])))]
    if concludes:
        main = {"kind": "flow", "tests": [test("role", "is", "main")]}
        when.insert(draw(st.integers(0, len(when))), main)
    when += [draw(negative(variables, pool)) for _ in range(draw(st.sampled_from([0, 0, 1, 1, 2])))]
    body: dict[str, Any] = {
        "id": f"{GATE_PREFIXES[gate]}-{number:03}",
        "title": {"en": "t", "zh": "t"},
        "says": {"en": "t.", "zh": "t。"},
        "gate": gate,
        "when": when,
        "sources": ["GK"],
        "file": f"rules/{gate}/{number}.yaml",
    }
    if concludes:
        subjects = [name for name, base in variables.items() if base is str]
        subject = draw(st.sampled_from([*subjects, "", "thing"]))
        body["concludes"] = {"status": "passes", "subject": subject}
    else:
        body["infers"] = draw(inferred(variables, pool))
    return Rule.model_validate_json(json.dumps(body))


@st.composite
def positive(draw: st.DrawFn, variables: dict[str, type], pool: Pool) -> dict[str, Any]:
    usual = [*pool.measured, *pool.measured, *pool.derived, *pool.derived]
    rare = draw(st.sampled_from(READ_RARELY))
    cls: type[Fact] = draw(st.sampled_from([*usual, rare]))
    tests = draw(constants(cls, pool))
    types = fields_of(cls)
    fields = st.lists(st.sampled_from(list(types)), min_size=1, max_size=2, unique=True)
    for field in draw(fields):
        base = types[field].base
        known = [name for name, other in variables.items() if other is base]
        name = draw(st.sampled_from([*known, f"$v{len(variables)}"]))
        variables.setdefault(name, base)
        tests.append(test(field, "same", name))
    return {"kind": cls.kind, "tests": draw(st.permutations(tests))}


@st.composite
def negative(draw: st.DrawFn, variables: dict[str, type], pool: Pool) -> dict[str, Any]:
    rare = draw(st.sampled_from(NEGATED_RARELY))
    cls: type[Fact] = draw(st.sampled_from([*pool.measured, *pool.derived, rare]))
    types = fields_of(cls)
    tests = draw(constants(cls, pool))
    fields = st.lists(st.sampled_from(list(types)), min_size=1, max_size=2, unique=True)
    for field in draw(fields):
        known = [name for name, base in variables.items() if base is types[field].base]
        if known:
            tests.append(test(field, "same", draw(st.sampled_from(known))))
    if cls is Entry:
        tests = [t for t in tests if t["field"] != "owner"]
        known = [name for name, base in variables.items() if base is str]
        is_joined = draw(st.booleans())
        if known and is_joined:
            tests.append(test("owner", "same", draw(st.sampled_from(known))))
        else:
            tests.append(test("owner", "is", draw(pool.constants(types["owner"]))))
    return {"kind": cls.kind, "tests": tests, "is_negated": True}


@st.composite
def constants(draw: st.DrawFn, cls: type[Fact], pool: Pool) -> list[dict[str, Any]]:
    tests = []
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 1, 2]))):
        field = draw(st.sampled_from(list(fields_of(cls))))
        allowed = fields_of(cls)[field]
        operators = ["is", "not"]
        if allowed.base is int:
            operators += ["lt", "at_most", "gt", "at_least"]
        operator = draw(st.sampled_from(operators))
        tests.append(test(field, operator, draw(pool.constants(allowed))))
    return tests


@st.composite
def inferred(draw: st.DrawFn, variables: dict[str, type], pool: Pool) -> dict[str, Any]:
    cls = draw(st.sampled_from(pool.derived))
    types = fields_of(cls)
    fields: dict[str, Any] = {}
    for field in draw(st.lists(st.sampled_from(list(types)), max_size=3, unique=True)):
        known = [name for name, base in variables.items() if base is types[field].base]
        if known and not types[field].options and draw(st.integers(0, 3)):
            fields[field] = draw(st.sampled_from(known))
        else:
            fields[field] = draw(pool.constants(types[field]))
    return {"kind": cls.kind, "fields": fields}


def test(field: str, operator: str, value: Any) -> dict[str, Any]:
    """One test of a pattern."""
    return {"field": field, "operator": operator, "value": value}


test.__test__ = False  # type: ignore[attr-defined]  # no test by itself
