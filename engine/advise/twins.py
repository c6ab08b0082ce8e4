"""Two pods, one destination: one gets there, the other does not. What is different about them?

Only what sits on the failing proof counts: the facts it rests on, and of those only the fields
that its rules test or name. Everything else that differs between two pods explains nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from wayout.engine.advise.answer import (
    Answer,
    Frozen,
    QuestionEcho,
    Statement,
    Status,
    Text,
    VerdictName,
)
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.diagnosis import Diagnoser, question_of, shipped
from wayout.engine.case import Case, Pod, Question
from wayout.engine.errors import QuestionError
from wayout.engine.facts import Fact, Scalar
from wayout.engine.facts.common import GateName
from wayout.engine.inference import Firing
from wayout.engine.rules import Pattern, placeholders

__all__ = ["Difference", "FieldPair", "GatePair", "PodComparison", "PodSide", "compare"]

DOCUMENTS = 3  # places that are named for one side of a difference
IDENTITY = frozenset({"flow", "pod"})
WORST: Mapping[str, int] = {"reachable": 0, "unknown": 1, "blocked": 2}
REASONS: Mapping[str, tuple[str, ...]] = {
    "blocks": ("blocks",),
    "unknown": ("blocks", "degrades", "unknown"),
}


class FieldPair(Frozen):
    """One field of a fact, as it is for the pod that fails and for the one that works."""

    field: str
    fails: str | int | bool | None  # None: this pod has no such fact
    works: str | int | bool | None


class Difference(Frozen):
    """One fact on the failing proof that is otherwise for the pod that works."""

    gate: GateName
    code: str  # rule of the failing proof that reads it
    fact: str  # kind
    fields: tuple[FieldPair, ...]
    is_absent_where_it_fails: bool = False  # the failing pod fails for want of such a fact
    fails_at: tuple[str, ...] = ()  # document:line pointer
    works_at: tuple[str, ...] = ()


class GatePair(Frozen):
    """A gate that ends otherwise for the two."""

    gate: GateName
    title: Text
    fails: Status
    works: Status
    reason_fails: Text
    reason_works: Text


class PodSide(Frozen):
    """One of the two."""

    question: QuestionEcho
    verdict: VerdictName
    summary: Text
    findings: tuple[Statement, ...]


class PodComparison(Frozen):
    """Why one pod reaches a destination and another does not."""

    schema_version: str = "wayout/v1"
    works: PodSide
    fails: PodSide
    gates: tuple[GatePair, ...]
    differences: tuple[Difference, ...]
    text: Text


def compare(case: Case, first: str, second: str, question: Question | None = None) -> PodComparison:
    """What differs between two pods along the proof of the one that fails.

    `first` and `second` are `namespace/name`; `question` gives destination, port and protocol. The
    pod with the worse verdict is the one that fails, `second` when both are alike. Pure. Raises
    QuestionError for the same pod twice and when there is no question.
    """
    diagnoser, asked = shipped(), question_of(case, question)
    if question_for(asked, first).pod == question_for(asked, second).pod:
        raise QuestionError(f"two different pods are needed, not {first} twice.")
    works, fails = (Seen(diagnoser, case, question_for(asked, pod)) for pod in (first, second))
    if WORST[works.answer.verdict] > WORST[fails.answer.verdict]:
        works, fails = fails, works
    gates = tuple(pairs_of(works.answer, fails.answer))
    failing = [pair.gate for pair in gates if pair.fails == "blocks"] or [
        pair.gate for pair in gates if pair.fails == "unknown"
    ]
    differences = tuple(unique(differences_of(works, fails, failing)))
    return PodComparison(
        works=side_of(works.answer),
        fails=side_of(fails.answer),
        gates=gates,
        differences=differences,
        text=sentence(works.answer, fails.answer, gates, len(differences)),
    )


def question_for(asked: Question, pod: str) -> Question:
    """The same question about another pod."""
    return Question(**(asked.model_dump() | {"pod": pod}))


class Seen:
    """One pod: its answer, and the facts behind it."""

    def __init__(self, diagnoser: Diagnoser, case: Case, question: Question) -> None:
        self.case, self.question = case, question
        self.answer = diagnoser.diagnose(case, question)
        self.observed, self.inferred = diagnoser.infer(case, question)
        self.conclusions = Conclusions(self.inferred)

    @cached_property
    def own(self) -> Sequence[tuple[str, str]]:
        """What is this pod's alone and no difference: its name and addresses, longest first."""
        pod = self.case.get(Pod, self.answer.question.pod)
        addresses = {pod.value.status.pod_ip, *map(str, pod.value.status.pod_ips)} if pod else set()
        known = [(address, "<address>") for address in addresses if address]
        return [(self.answer.question.pod, "<pod>"), *sorted(known, reverse=True)]

    def normal(self, value: Scalar) -> Scalar:
        """A value in which the pod has no name."""
        if isinstance(value, str):
            for own, instead in self.own:
                value = instead if value == own else value.replace(f"{own}/", f"{instead}/")
        return value

    @cached_property
    def facts(self) -> Mapping[str, list[Fact]]:
        """Every fact by kind, measured and inferred."""
        found: dict[str, list[Fact]] = {}
        for fact in self.inferred.facts:
            found.setdefault(fact.kind, []).append(fact)
        return found

    def places(self, fact: Fact) -> tuple[str, ...]:
        """Where the documents show it, or what it was inferred from."""
        found: dict[str, None] = {}
        for part in below(self, fact):
            for origin in self.observed.facts.get(part, ()):
                place = self.case.locate(origin)
                line = f":{place.line}" if place.line else ""
                found.setdefault(f"{place.document}{line} {place.pointer}".rstrip())
        return tuple(found)[:DOCUMENTS]


def below(seen: Seen, fact: Fact) -> Iterator[Fact]:
    """The fact and everything its proof rests on, each once."""
    known: set[Fact] = set()
    todo = [fact]
    while todo:
        here = todo.pop(0)
        if here in known:
            continue
        known.add(here)
        yield here
        for firing in seen.inferred.supports.get(here, ()):
            todo += [premise for premise in firing.bindings if premise is not None]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule on the failing proof, and the fact that met it (None: absence)."""

    gate: GateName
    firing: Firing
    pattern: Pattern
    fact: Fact | None


def conditions(seen: Seen, gate: GateName) -> Iterator[Condition]:
    """The conditions below what decides at a gate, those of the deciding rule first."""
    status = next(g.status for g in seen.answer.gates if g.gate == gate)
    roots = [
        entry.firing
        for wanted in REASONS.get(status, ())
        for entry in seen.conclusions.of_gate(gate)
        if entry.conclusion.status == wanted
    ]
    known: set[int] = set()
    todo = list(roots)
    while todo:
        firing = todo.pop(0)
        if id(firing) in known:
            continue
        known.add(id(firing))
        for pattern, fact in zip(firing.rule.when, firing.bindings, strict=True):
            yield Condition(gate, firing, pattern, fact)
            if fact is not None:
                todo += seen.inferred.supports.get(fact, ())


def differences_of(works: Seen, fails: Seen, gates: Iterable[GateName]) -> Iterator[Difference]:
    """The differences of measured facts; of inferred ones only where nothing below differs."""
    for gate in gates:
        found: list[tuple[Condition, Difference]] = []
        for condition in conditions(fails, gate):
            difference = (
                missing(works, fails, condition)
                if condition.fact is None
                else differing(works, fails, condition, condition.fact)
            )
            if difference is not None:
                found.append((condition, difference))
        measured = {c.fact for c, _ in found if c.fact in fails.observed.facts}
        for condition, difference in found:
            fact = condition.fact
            if fact is None or fact in measured or not measured & set(below(fails, fact)):
                yield difference


def fields_of(condition: Condition) -> list[str]:
    """The fields of a fact that the rule tests or names."""
    kind, rule = condition.pattern.kind, condition.firing.rule
    # That a field is not some one value tells no more than that the rule can use it.
    tests = [test for test in condition.pattern.tests if test.operator != "not"]
    names = dict.fromkeys(test.field for test in tests)
    for placeholder in sorted(placeholders(rule.sentence.en)):
        owner, _, field = placeholder.name.partition(".")
        if owner == kind and field:
            names.setdefault(field)
    return list(names)


def differing(works: Seen, fails: Seen, condition: Condition, fact: Fact) -> Difference | None:
    """How the most similar fact of the other pod differs; None when there is an equal one."""
    fields = fields_of(condition)
    mine = {field: fails.normal(fact.fields[field]) for field in fields}

    def likeness(other: Fact) -> int:
        return sum(works.normal(other.fields[field]) == mine[field] for field in fields)

    others = works.facts.get(fact.kind, [])
    best = max(others, key=likeness, default=None)
    if best is not None and likeness(best) == len(fields):
        return None
    if best is None and set(fields) <= IDENTITY:  # it says no more than that it is about this pod
        return None
    pairs = [
        FieldPair(field=field, fails=fact.fields[field], works=best.fields[field] if best else None)
        for field in fields
        if best is None or works.normal(best.fields[field]) != mine[field]
    ]
    return Difference(
        gate=condition.gate,
        code=condition.firing.rule.id,
        fact=fact.kind,
        fields=tuple(pairs),
        fails_at=fails.places(fact),
        works_at=works.places(best) if best else (),
    )


def missing(works: Seen, fails: Seen, condition: Condition) -> Difference | None:
    """A fact that the failing pod lacks and the other has; None when the other lacks it too."""
    wanted = {
        field: fails.normal(value)
        for field, value in condition.firing.resolve(condition.pattern).items()
    }
    for fact in works.facts.get(condition.pattern.kind, ()):
        fits = {field: works.normal(fact.fields[field]) == value for field, value in wanted.items()}
        if all(fits.values()):
            return Difference(
                gate=condition.gate,
                code=condition.firing.rule.id,
                fact=fact.kind,
                fields=tuple(
                    FieldPair(field=field, fails=None, works=value)
                    for field, value in fact.fields.items()
                    if value != ""
                ),
                is_absent_where_it_fails=True,
                works_at=works.places(fact),
            )
    return None


def unique(found: Iterable[Difference]) -> Iterator[Difference]:
    """One difference per fact, with every field in which it differs, however many rules read it."""
    merged: dict[tuple[str, str, tuple[str, ...], tuple[str, ...]], Difference] = {}
    for difference in found:
        key = (difference.gate, difference.fact, difference.fails_at, difference.works_at)
        known = merged.get(key)
        if known is not None:
            fields = dict.fromkeys((*known.fields, *difference.fields))
            difference = known.model_copy(update={"fields": tuple(fields)})
        merged[key] = difference
    yield from merged.values()


def pairs_of(works: Answer, fails: Answer) -> Iterator[GatePair]:
    for one, other in zip(works.gates, fails.gates, strict=True):
        if one.status != other.status:
            yield GatePair(
                gate=one.gate,
                title=one.title,
                fails=other.status,
                works=one.status,
                reason_fails=other.reason,
                reason_works=one.reason,
            )


def side_of(answer: Answer) -> PodSide:
    return PodSide(
        question=answer.question,
        verdict=answer.verdict,
        summary=answer.summary,
        findings=tuple(Statement(code=f.code, text=f.text) for f in answer.findings),
    )


def sentence(works: Answer, fails: Answer, gates: Sequence[GatePair], differences: int) -> Text:
    one, other = works.question.pod, fails.question.pod
    if not gates:
        return Text(
            en=f"Every gate ends alike for {one} and {other}; "
            "nothing on the path tells them apart.",
            zh=f"{one} 和 {other} 在每个环节的结果都相同，路径上没有差异。",
        )
    en = ", ".join(pair.title.en for pair in gates)
    zh = "、".join(pair.title.zh for pair in gates)
    count = "1 difference sits" if differences == 1 else f"{differences} differences sit"
    return Text(
        en=f"{one} and {other} part ways at: {en}. {count} on the proof of {other}.",
        zh=f"{one} 与 {other} 在以下环节结果不同：{zh}。{other} 的证明中有 {differences} 处差异。",
    )
