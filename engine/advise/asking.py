"""Consultation: which missing fact to ask for, and what a reply makes of the case.

Every question of `knowledge/questions/` that could be asked now is tried out: the rules are
run with each of its possible replies. The question is worth most whose replies decide most, for
the least work. What no reply can change is not asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from wayout.engine.advise.answer import Answer, Need, NextQuestion
from wayout.engine.advise.asking_text import Asked, next_question
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.diagnosis import Diagnoser, question_of, shipped
from wayout.engine.advise.told import (
    HANDED_OVER,
    filled,
    has_open_lookup,
    is_apt,
    keys_of,
    known_values,
    opening,
    reply_id,
    scope_of,
    too_early,
    typed,
    with_part,
)
from wayout.engine.advise.worth import (
    UNTRIED,
    Suspicion,
    Trial,
    suspicion,
    tells,
    undecided,
    waiting,
    worth_of,
)
from wayout.engine.case import Case, Question
from wayout.engine.case.question import unnamed_question
from wayout.engine.errors import InputError
from wayout.engine.facts.common import GATES
from wayout.engine.inference import Memory
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
        is_any = question is not None or case.question is not None
        asked = question_of(case, question) if is_any else unnamed_question()
        search = Round(self.diagnoser, case, asked)
        answer = self.diagnoser.answer(case, asked, search.observed, search.inferred)
        first = opening(asked, case)
        if first is not None:
            return answer.model_copy(update={"summary": too_early(asked), "next_question": first})
        if answer.verdict != "unknown":
            return answer  # it stands, whatever else is told
        return answer.model_copy(update={"next_question": search.best(answer)})


def parts_of(name: str) -> tuple[str, str]:
    """The key of a question and what its list is of, from what was noted of a reply."""
    key, _, of = name.removesuffix(HANDED_OVER).partition("/")
    return key, of


def document_of(key: str, of: str) -> str:
    """Stands for the document of a list, whichever gate asks for it."""
    return f"{key.partition('@')[0]}/{of}{HANDED_OVER}"


class Round:
    """One search for the best question about one case."""

    def __init__(self, diagnoser: Diagnoser, case: Case, question: Question) -> None:
        self.diagnoser, self.case, self.question = diagnoser, case, question
        self.memory: Memory = {}  # a reply changes little: most gates meet the facts they know
        self.observed, self.inferred = diagnoser.infer(case, question, self.memory)
        observed, inferred = self.observed, self.inferred
        self.values = known_values(observed.view)
        self.scope = scope_of(observed.view)
        self.before = Conclusions(inferred)
        self.is_lookup_open = has_open_lookup(self.before)
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
        replied = [name for name in self.case.asked if not name.endswith(HANDED_OVER)]
        posed = {self.words(*parts_of(name)) for name in replied}
        handed = {document_of(*parts_of(name)) for name in self.case.asked - set(replied)}
        open_now: list[tuple[str, Need]] = []
        for need in needs:
            if not {need.name, reply_id(need.name, need.of)}.isdisjoint(self.case.unknown):
                continue
            for key in self.keys(need, is_last=len(needs) == 1, posed=posed):
                words = self.words(key, need.of)
                if words not in posed and document_of(key, need.of) not in handed:
                    open_now.append((key, need))
                    posed.add(words)
        return open_now[:MOST_TRIED]

    def keys(self, need: Need, is_last: bool, posed: Set[str]) -> tuple[str, ...]:
        """The keys of the questions about what lacks.

        When nothing else lacks, its document decides everything: no gate asks for itself then.
        """
        known = self.diagnoser.knowledge
        if is_last and need.name in known.questions and self.words(need.name, need.of) not in posed:
            return (need.name,)
        return keys_of(known, need.name, need.gates, self.scope, self.is_lookup_open)

    def is_shown(self, asking: Asking) -> bool:
        """Whether the words were read before, and a document was what somebody had to say.

        That is so for a question that several lists lead to; who could not choose then cannot now.
        """
        known = self.diagnoser.knowledge.questions
        names = (name for name in self.case.asked if name.endswith(HANDED_OVER))
        return bool(asking.scopes) and any(
            (other := known.get(parts_of(name)[0])) is not None and other.ask == asking.ask
            for name in names
        )

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
        if asking is not None and not is_apt(asking, self.scope, self.is_lookup_open):
            asking = None
        values = {**self.values, "of": need.of}
        suspected = sum(self.suspects.get(gate, 0.0) for gate in need.gates)
        if asking is None:
            return Candidate(Asked(named, need, None, (), values), UNTRIED * suspected)
        replies = tuple(t for t in self.trials(asking, values) if tells(t, self.before))
        sample = self.after(asking.paste, values) if asking.paste else None
        worth, is_document_best = worth_of(
            replies, Trial(None, sample) if sample else None, self.suspects, self.before
        )
        if not asking.scopes:  # else it asks for far more than the one document tells
            is_document_best = is_document_best or self.leaves_open(need, replies)
        asked = Asked(named, need, asking, replies, values, is_document_best)
        if self.is_shown(asking):
            asked = Asked(named, need, None, (), values)
        return Candidate(asked, (worth or UNTRIED * suspected) / asking.effort)

    def leaves_open(self, need: Need, replies: tuple[Trial, ...]) -> bool:
        """Whether one gate would still wait for the same document after every reply.

        Then the document decides at once what else takes two questions.
        """
        lack = (need.name, need.of)
        return bool(need.of and replies) and all(
            trial.verdict != "reachable"
            and (
                trial.verdict == "blocked"
                or any(lack in lists for lists in waiting(trial.after).values())
            )
            for trial in replies
        )

    def trials(self, asking: Asking, values: Mapping[str, Any]) -> Iterator[Trial]:
        """The replies that can be tried on this case."""
        patches: list[tuple[Reply | None, Any]] = [
            (r, r.patch) for r in asking.replies if not (r.is_about_flow and self.is_lookup_open)
        ]
        if asking.value is not None:
            value = typed(asking, asking.value.example)
            if asking.value.question:
                asked = with_part(self.question, asking.value.question, value)
                yield Trial(None, self.conclusions(self.case, asked))
            else:
                patches.append((None, asking.value.patch))
                values = {**values, "value": value}
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
        if len(changed.notices) > len(self.case.notices):
            return None  # documents say otherwise
        return self.conclusions(changed, self.question)

    def conclusions(self, case: Case, question: Question) -> Conclusions:
        return Conclusions(self.diagnoser.infer(case, question, self.memory)[1])
