"""Consultation: which missing fact to ask for, and what a reply makes of the case.

Every question of `knowledge/questions.yaml` that could be asked now is tried out: the rules are
run with each of its possible replies. The question is worth most whose replies decide most, for
the least work. What no reply can change is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wayout.engine.advise.answer import Answer, Need, NextQuestion
from wayout.engine.advise.asking_text import Asked, next_question
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.diagnosis import Diagnoser, question_of, shipped
from wayout.engine.advise.told import (
    HANDED_OVER,
    filled,
    is_apt,
    keys_of,
    known_values,
    opening,
    reply_id,
    scope_of,
    too_early,
    typed,
)
from wayout.engine.advise.worth import (
    UNTRIED,
    Suspicion,
    Trial,
    suspicion,
    undecided,
    worth_of,
)
from wayout.engine.case import Case, Question
from wayout.engine.case.question import unnamed_question
from wayout.engine.errors import InputError
from wayout.engine.facts.common import GATES
from wayout.engine.rules import Asking, Reply

__all__ = ["assess"]

MOST_TRIED = 12  # questions whose replies are tried; those of later gates wait for their turn


@dataclass(frozen=True, slots=True)
class Candidate:
    """One question that could be asked now, and what it is worth."""

    asked: Asked
    worth: float


def assess(case: Case, question: Question | None = None) -> Answer:
    """The answer, with the one question that is most worth asking next.

    `question` may be left out when the case asks one; when nobody has said yet what is to be
    reached, or by which pod, that is asked first. Pure and thread-safe.
    """
    return Consultation(shipped()).assess(case, question)


class Consultation:
    """A knowledge base that is asked for its next question."""

    def __init__(self, diagnoser: Diagnoser) -> None:
        self.diagnoser = diagnoser

    def assess(self, case: Case, question: Question | None = None) -> Answer:
        """As the function of this module."""
        asked = question or case.question or unnamed_question()
        answer = self.diagnoser.diagnose(case, asked)
        first = opening(asked)
        if first is not None:
            return answer.model_copy(update={"summary": too_early(asked), "next_question": first})
        found = self.next_question(case, asked, answer)
        return answer.model_copy(update={"next_question": found})

    def next_question(self, case: Case, question: Question, answer: Answer) -> NextQuestion | None:
        """The best question; None when the verdict stands or nothing is left to ask."""
        if answer.verdict != "unknown":
            return None
        return Round(self.diagnoser, case, question_of(case, question)).best(answer)


def document_of(key: str, of: str) -> str:
    return f"{key.partition('@')[0]}/{of}{HANDED_OVER}"


class Round:
    """One search for the best question about one case."""

    def __init__(self, diagnoser: Diagnoser, case: Case, question: Question) -> None:
        self.diagnoser, self.case, self.question = diagnoser, case, question
        observed, inferred = diagnoser.infer(case, question)
        self.values = known_values(observed.view)
        self.scope = scope_of(observed.view)
        self.before = Conclusions(inferred)
        symptoms = diagnoser.knowledge.symptoms
        self.suspects: Suspicion = suspicion(
            observed.facts, inferred.supports, symptoms, self.before
        )

    def best(self, answer: Answer) -> NextQuestion | None:
        """The question that is worth most, the first of equals in path order; None without any."""
        found = [self.candidate(key, need) for key, need in self.askable(answer)]
        useful = [candidate for candidate in found if candidate.worth > 0]
        if not useful:
            return None
        best = max(useful, key=lambda candidate: candidate.worth)
        return next_question(best.asked, undecided(self.before))

    def askable(self, answer: Answer) -> list[tuple[str, Need]]:
        """Key and need of what lacks and nobody has been asked for yet, in path order."""
        path = {gate: place for place, gate in enumerate(GATES)}
        needs = sorted(answer.not_assessed, key=lambda need: min(path[gate] for gate in need.gates))
        found = {
            reply_id(key, need.of): (key, need)
            for need in needs
            if need.name not in self.case.unknown
            and reply_id(need.name, need.of) not in self.case.unknown
            for key in keys_of(self.diagnoser.knowledge, need.name, need.gates, self.scope)
        }
        posed = {self.words_of(name) for name in self.case.asked}
        open_now: list[tuple[str, Need]] = []
        for name, (key, need) in found.items():
            words = self.words(key, need.of)
            if name not in self.case.asked and words not in posed:
                open_now.append((key, need))
                posed.add(words)
        return open_now[:MOST_TRIED]

    def words_of(self, name: str) -> str:
        """What somebody was asked who replied to the question with this id."""
        key, _, of = name.removesuffix(HANDED_OVER).partition("/")
        is_document = name.endswith(HANDED_OVER)
        return document_of(key, of) if is_document else self.words(key, of)

    def words(self, key: str, of: str) -> str:
        """What a question asks for: several lists may lead to the same one."""
        asking = self.written(key, of)
        return asking.ask.en.replace("{of}", of) if asking is not None else document_of(key, of)

    def written(self, key: str, of: str) -> Asking | None:
        """The question as somebody wrote it; None when it does not suit this case."""
        asking = self.diagnoser.knowledge.questions.get(key)
        if asking is None or not is_apt(asking, self.scope):
            return None
        return asking if filled(asking.ask.en, {**self.values, "of": of}) is not None else None

    def candidate(self, key: str, need: Need) -> Candidate:
        asking, named = self.written(key, need.of), reply_id(key, need.of)
        values = {**self.values, "of": need.of}
        suspected = sum(self.suspects.get(gate, 0.0) for gate in need.gates)
        if asking is None:
            return Candidate(Asked(named, need, None, (), values), UNTRIED * suspected)
        replies = tuple(self.trials(asking, values))
        sample = self.after(asking.paste, values) if asking.paste else None
        worth, is_document_best = worth_of(
            replies, Trial(None, sample) if sample else None, self.suspects, self.before
        )
        asked = Asked(named, need, asking, replies, values, is_document_best)
        return Candidate(asked, (worth or UNTRIED * suspected) / asking.effort)

    def trials(self, asking: Asking, values: Mapping[str, Any]) -> Iterator[Trial]:
        """The replies that can be tried on this case."""
        patches: list[tuple[Reply | None, Any]] = [(r, r.patch) for r in asking.replies]
        if asking.value is not None:
            patches.append((None, asking.value.patch))
            values = {**values, "value": typed(asking, asking.value.example)}
        for reply, template in patches:
            after = self.after(template, values)
            if after is not None:
                yield Trial(reply, after)

    def after(self, template: Any, values: Mapping[str, Any]) -> Conclusions | None:
        """What follows from a patch; None when it cannot be made of this case."""
        patch = filled(template, values)
        if patch is None:
            return None
        try:
            changed = self.case.told(patch)
        except InputError:  # it does not fit this case: not a reply that can be given
            return None
        return Conclusions(self.diagnoser.infer(changed, self.question)[1])
