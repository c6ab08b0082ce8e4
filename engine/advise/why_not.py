"""WHY-NOT: for a rule that did not fire, the condition that failed and the fact that came nearest.

Asked for by name after a diagnosis; nothing here is part of making an answer.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from wayout.engine.advise.absence import FORMS as ABSENCE
from wayout.engine.advise.absence import difference
from wayout.engine.advise.answer import (
    Answer,
    Frozen,
    GateResult,
    Need,
    QuestionEcho,
    Statement,
    Status,
    Text,
    VerdictName,
)
from wayout.engine.advise.diagnosis import Diagnoser, question_of, shipped
from wayout.engine.advise.filled import said, text
from wayout.engine.advise.kind_names import name_of
from wayout.engine.advise.known import placeholders
from wayout.engine.advise.needs import needs_of, title_of
from wayout.engine.advise.wording import Asked, asked_text
from wayout.engine.case import Case, Origin, Question
from wayout.engine.errors import QuestionError
from wayout.engine.facts import Fact, Scalar
from wayout.engine.facts.common import GATES, Conclusion, Flow, NotAssessed
from wayout.engine.inference import Firing
from wayout.engine.inference.attempts import Attempt, Attempts
from wayout.engine.rules import Pattern, Rule, is_variable

__all__ = ["FORMS", "Condition", "Producer", "RuleTrace", "Way", "WhyNot", "why_not"]

Result = Literal["fired", "silent", "not-assessed"]
RESULTS: Mapping[str, Result] = {"fires": "fired", "lists": "not-assessed"}
PRODUCERS = 5  # rules named that could have inferred what lacks
# What would have made a gate end otherwise than it did.
OPPOSITE: Mapping[str, tuple[str, ...]] = {
    "passes": ("blocks", "degrades"),
    "not-applicable": ("blocks", "degrades"),
    "blocks": ("passes",),
    "unknown": ("blocks", "degrades", "passes"),
}

# (English, Chinese)
FORMS: Mapping[str, tuple[str, str]] = {
    "a": ("{name}", "{name}"),
    "a-with": ("{name} with {tests}", "符合 {tests} 的{name}"),
    "no": ("no {name}", "没有{name}"),
    "no-with": ("no {name} with {tests}", "没有符合 {tests} 的{name}"),
    "nearest": (
        "Condition {number} of {count} fails. Asked for: {asked}. The nearest has {got}.",
        "第 {number} 个条件（共 {count} 个）不成立：需要{asked}，而最接近的一条为 {got}。",
    ),
    "nothing": (
        "Condition {number} of {count} fails. Asked for: {asked}; {got}.",
        "第 {number} 个条件（共 {count} 个）不成立：需要{asked}，而{got}。",
    ),
    "bound": (
        "Condition {number} of {count} fails. Asked for: another {asked}; there is only one.",
        "第 {number} 个条件（共 {count} 个）不成立：还需要另一条{asked}，而仅有一条。",
    ),
    "found": (
        "Condition {number} of {count} fails. Asked for: {asked}. There is {got}.",
        "第 {number} 个条件（共 {count} 个）不成立：要求{asked}，而实际存在 {got}。",
    ),
    "lists": (
        "All conditions hold, but this was not collected, or not completely: {lists}.",
        "条件均成立，但以下信息未收集或收集不完整：{lists}。",
    ),
    "fired": ("It fired: {said}", "已触发：{said}"),
    "silent-summary": ("{code} did not fire. {why}", "{code} 未触发。{why}"),
    "not-assessed-summary": ("{code} could not be assessed. {why}", "{code} 无法评估。{why}"),
    "fired-summary": (
        "{code} fired for this question; `wayout explain {code}` prints its proof.",
        "{code} 已在本次诊断中触发；用 `wayout explain {code}` 查看其证明。",
    ),
    "some-fired-summary": (
        "{code} fired for some addresses of the destination, not for all. {why}",
        "{code} 仅对目标的部分地址触发。{why}",
    ),
}


class MissedTest(Frozen):
    """One field that is not as the condition asks."""

    field: str
    operator: str
    wanted: str | int | bool
    got: str | int | bool


class Condition(Frozen):
    """One condition of the rule: what it asks for, and the fact that meets it or comes nearest.

    result: "met", "failed", or "open" when it was not reached. `fields` are those of the fact of
    `kind` that met it, came nearest, or should not be there; empty when there is none. The fact is
    shown by `origins` (`file:line pointer`) or inferred by `rules`.
    """

    number: int
    kind: str
    is_negated: bool
    result: Literal["met", "failed", "open"]
    text: Text
    fields: dict[str, str | int | bool]
    missed: tuple[MissedTest, ...] = ()
    origins: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class Producer(Frozen):
    """A rule that could have inferred the fact that lacks, and how it ended."""

    code: str
    title: Text
    text: Text


class Way(Frozen):
    """How far the rule gets for some flows of the question; without `flows`, for all there is."""

    flows: tuple[str, ...]
    result: Result
    text: Text
    conditions: tuple[Condition, ...]
    producers: tuple[Producer, ...] = ()


class RuleTrace(Frozen):
    """One rule: whether it fired, and if not, why not."""

    code: str
    gate: str
    title: Text
    result: Result
    text: Text
    ways: tuple[Way, ...]
    near_misses: tuple[Statement, ...] = ()
    needs: tuple[Need, ...] = ()  # what lacks, for the rule itself or for its gate to be decided
    gate_status: Status | None = None  # how its gate ended instead; None for the verdict's rules
    gate_reason: Text | None = None


class WhyNot(Frozen):
    """The answer to `--why-not`: one rule, or the rules that would have changed how a gate ends."""

    name: str
    question: QuestionEcho
    verdict: VerdictName
    rules: tuple[RuleTrace, ...]


def why_not(case: Case, name: str, question: Question | None = None) -> WhyNot:
    """Why the rule `name` did not fire; for a gate, why it did not end otherwise.

    Raises QuestionError for a name that is neither, or without a question.
    """
    tracer = Tracer(shipped(), case, question_of(case, question))
    rules = tracer.opposing(name) if name in GATES else [tracer.rule(name)]
    return WhyNot(
        name=name if name in GATES else rules[0].id,
        question=tracer.answer.question,
        verdict=tracer.answer.verdict,
        rules=tuple(tracer.trace(rule) for rule in rules),
    )


class Tracer:
    """One run and its answer, and what they say of any rule."""

    def __init__(self, diagnoser: Diagnoser, case: Case, question: Question) -> None:
        self.case, self.knowledge = case, diagnoser.knowledge
        self.answer: Answer = diagnoser.diagnose(case, question)
        self.observed, self.inferred = diagnoser.infer(case, question)
        self.attempts = Attempts(self.inferred, self.observed.facts)
        self.known = placeholders(case, question)
        self.flows = [f for f in self.observed.facts if isinstance(f, Flow) and f.role == "main"]
        self.firings: dict[str, list[Firing]] = {}
        for firing in self.inferred.firings:
            self.firings.setdefault(firing.rule.id, []).append(firing)

    def rule(self, name: str) -> Rule:
        """The rule of this id in any spelling."""
        wanted = name.strip().upper()
        found = self.knowledge.rule(wanted)
        if found is not None:
            return found
        near = difflib.get_close_matches(wanted, [rule.id for rule in self.knowledge.rules], n=1)
        hint = f"did you mean {near[0]}?" if near else "`wayout rules list` shows all."
        raise QuestionError(f"there is no rule or gate {name!r}; {hint}")

    def opposing(self, gate: str) -> list[Rule]:
        """The rules that did not fire and would have let the gate end otherwise."""
        wanted = OPPOSITE[self.answer.gate(gate).status]
        return [
            rule
            for rule in self.knowledge.rules_of(gate)
            if rule.concludes and rule.concludes.status in wanted and rule.id not in self.firings
        ]

    def trace(self, rule: Rule) -> RuleTrace:
        found = list(self.furthest(rule))
        ways = tuple(self.way(attempt, flows) for attempt, flows in found)
        unfired = [way for way in ways if way.result != "fired"]
        result: Result = unfired[0].result if len(unfired) == len(ways) else "fired"
        form = f"{result}-summary" if result != "fired" or not unfired else "some-fired-summary"
        gate = next((g for g in self.answer.gates if g.gate == rule.gate), None)
        return RuleTrace(
            code=rule.id,
            gate=rule.gate,
            title=text(rule.title),
            result=result,
            text=filled(form, code=same(rule.id), why=unfired[0].text if unfired else same("")),
            ways=ways,
            near_misses=() if result == "fired" else tuple(self.near_misses(rule)),
            needs=tuple(self.needs([attempt for attempt, _ in found], gate)) if unfired else (),
            gate_status=gate.status if gate else None,
            gate_reason=gate.reason if gate else None,
        )

    def furthest(self, rule: Rule) -> Iterator[tuple[Attempt, tuple[str, ...]]]:
        """How far the rule gets, flows that fare alike together."""
        if rule.main_flow is None or not self.flows:
            yield self.attempts.furthest(rule), ()
            return
        alike: dict[object, tuple[Attempt, list[str]]] = {}
        for flow in self.flows:
            found = self.attempts.furthest(rule, flow)
            alike.setdefault(likeness(found), (found, []))[1].append(flow.flow)
        for found, flows in alike.values():
            yield found, tuple(flows)

    def way(self, found: Attempt, flows: tuple[str, ...]) -> Way:
        return Way(
            flows=flows,
            result=RESULTS.get(found.ends, "silent"),
            text=self.reason(found),
            conditions=tuple(self.conditions(found)),
            producers=tuple(self.producers(found)),
        )

    def reason(self, found: Attempt) -> Text:
        """The one sentence that answers."""
        rule = found.rule
        if found.ends == "fires":
            return filled("fired", said=said(self.firing(found)))
        if found.ends == "lists":
            titles = [title_of(name, of, self.knowledge) for name, of in found.lacking]
            return filled("lists", lists=listed(titles))
        pattern = rule.when[found.failed]
        parts = {
            "number": same(found.failed + 1),
            "count": same(len(rule.when)),
            "asked": self.asked_for(found, found.failed),
        }
        if found.ends == "none" and found.nearest is not None:
            return filled("found", got=same(str(found.nearest)), **parts)
        if found.nearest is not None:
            missed = [Asked(m.field, m.operator, m.wanted) for m in found.missed]
            return filled("nearest", got=same(difference(pattern, missed, found.nearest)), **parts)
        if any(fact is not None and fact.kind == pattern.kind for fact in found.bindings):
            return filled("bound", **parts)
        lacks = ABSENCE["never-inferred" if pattern.model.is_derived else "never-measured"]
        return filled("nothing", got=Text(en=lacks[0], zh=lacks[1]), **parts)

    def firing(self, found: Attempt) -> Firing:
        """A firing on the same facts; what it says is what the rule says."""
        fired = self.firings.get(found.rule.id, [])
        return next((f for f in fired if f.bindings == found.bindings), fired[0])

    def asked_for(self, found: Attempt, index: int) -> Text:
        """What a condition asks for, with the values its variables have by then."""
        pattern = found.rule.when[index]
        asked = tuple(asked_by(pattern, values_of(found)))
        form = ("no" if pattern.is_negated else "a") + ("-with" if asked else "")
        return filled(form, name=name_of(pattern.kind), tests=asked_text(asked))

    def conditions(self, found: Attempt) -> Iterator[Condition]:
        for index, pattern in enumerate(found.rule.when):
            fact = found.nearest if index == found.failed else found.bindings[index]
            missed = found.missed if index == found.failed else ()
            yield Condition(
                number=index + 1,
                kind=pattern.kind,
                is_negated=pattern.is_negated,
                result=result_of(found, index),
                text=self.asked_for(found, index),
                fields=fact.fields if fact else {},
                missed=tuple(MissedTest(**one._asdict()) for one in missed),
                origins=self.origins(fact) if fact else (),
                rules=self.makers(fact) if fact else (),
            )

    def origins(self, fact: Fact) -> tuple[str, ...]:
        found = self.observed.facts.get(fact, ())
        return tuple(dict.fromkeys(place_text(self.case.locate(origin)) for origin in found))

    def makers(self, fact: Fact) -> tuple[str, ...]:
        return tuple(dict.fromkeys(f.rule.id for f in self.inferred.supports.get(fact, ())))

    def needs(self, found: Sequence[Attempt], gate: GateResult | None) -> Iterator[Need]:
        """How to collect the lists that lack, and what else the gate waits for."""
        if gate is None:  # rules of the verdict depend on no list
            return
        lacks = [
            NotAssessed(flow="", gate=gate.gate, rule=attempt.rule.id, list=name, of=of)
            for attempt in found
            for name, of in attempt.lacking
        ]
        own = needs_of((), lacks, self.knowledge, self.known)
        yield from own
        named = {(need.name, need.of) for need in own}
        for need in self.answer.not_assessed:
            if gate.gate in need.gates and (need.name, need.of) not in named:
                yield need

    def producers(self, found: Attempt) -> Iterator[Producer]:
        """The rules that could have inferred what the failed condition asks for."""
        if found.ends != "condition":
            return
        pattern = found.rule.when[found.failed]
        wanted = [a for a in asked_by(pattern, values_of(found)) if a.operator in ("is", "same")]
        for rule in self.makers_of(pattern.kind, wanted)[:PRODUCERS]:
            reason = self.reason(self.attempts.furthest(rule))
            yield Producer(code=rule.id, title=text(rule.title), text=reason)

    def makers_of(self, kind: str, wanted: Sequence[Asked]) -> list[Rule]:
        if kind == Conclusion.kind:  # every rule of every gate makes one
            return []
        values = {one.field: one.wanted for one in wanted}
        return [
            rule
            for rule in self.knowledge.rules
            if rule.infers
            and rule.infers.kind == kind
            and all(
                is_variable(value) or values.get(field, value) == value
                for field, value in rule.infers.fields.items()
            )
        ]

    def near_misses(self, rule: Rule) -> Iterator[Statement]:
        """What near-miss rules say of this rule, else of any other of its gate."""
        about = [f for f in self.inferred.firings if f.rule.about]
        own = [f for f in about if rule.id in f.rule.about]
        here = own or [f for f in about if f.rule.gate == rule.gate]
        told = {(f.rule.id, said(f)): None for f in here}
        yield from (Statement(code=code, text=words) for code, words in told)


def likeness(found: Attempt) -> tuple[object, ...]:
    """Attempts that differ in this are told apart; which flow it was does not matter."""
    missed = tuple(one for one in found.missed if one.field != "flow")
    return found.ends, found.failed, missed, found.nearest is None, found.lacking


def result_of(found: Attempt, index: int) -> Literal["met", "failed", "open"]:
    if index == found.failed:
        return "failed"
    if found.ends in ("fires", "lists") or found.bindings[index] is not None:
        return "met"
    return "met" if found.ends == "none" and index < found.failed else "open"


def values_of(found: Attempt) -> dict[str, Scalar]:
    """The variables that the conditions before the failed one have bound."""
    values: dict[str, Scalar] = {}
    for pattern, fact in zip(found.rule.when, found.bindings, strict=True):
        for test in pattern.tests if fact is not None else ():
            if test.operator == "same" and fact is not None:
                values.setdefault(str(test.value), fact.fields[test.field])
    return values


def asked_by(pattern: Pattern, values: Mapping[str, Scalar]) -> Iterator[Asked]:
    """The tests with a value to compare with; a variable that is still free takes any."""
    for test in pattern.tests:
        if not is_variable(test.value):
            yield Asked(test.field, test.operator, test.value)
        elif str(test.value) in values:
            yield Asked(test.field, test.operator, values[str(test.value)])


def place_text(origin: Origin) -> str:
    """`file:line pointer`, as proofs write it."""
    line = "" if origin.line is None else f":{origin.line}"
    return f"{origin.document}{line} {origin.pointer}".rstrip()


def listed(titles: Iterable[Text]) -> Text:
    titles = list(titles)
    return Text(en=", ".join(t.en for t in titles), zh="、".join(t.zh for t in titles))


def same(value: object) -> Text:
    """Something that is written alike in both languages."""
    return Text(en=str(value), zh=str(value))


def filled(form: str, **parts: Text) -> Text:
    """A sentence of FORMS with its parts put in."""
    en, zh = FORMS[form]
    return Text(
        en=en.format(**{name: part.en for name, part in parts.items()}).rstrip(),
        zh=zh.format(**{name: part.zh for name, part in parts.items()}).rstrip(),
    )
