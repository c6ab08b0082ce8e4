"""Conversations as a worker sees them: the steps so far in, one more step and the answer out.

A step is kept as what was read from it (`Case.saved`), never as its documents, so no secret is in
it. Nothing of a conversation is held here: each job gets the whole of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, PrivateAttr, ValidationError

from wayout import engine
from wayout.service.jobs import (
    BAD_REQUEST,
    AssessIn,
    Done,
    NoBody,
    Part,
    QuestionIn,
    RefusedError,
    Said,
    replied,
)

__all__ = ["JOBS", "MODELS", "Conversation", "Step", "Talk", "resumed"]

CONFLICT = 409
GONE = 410


class InWords(BaseModel):
    """A text in both languages."""

    en: str
    zh: str


class Step(BaseModel):
    """One step: documents that were added, or the reply to a question.

    `asked` and `question_id` are the question that was replied to, `reply` its reply: the id of a
    choice, what was typed in, or nothing for a document.
    """

    kind: Literal["documents", "reply"]
    documents: int = 0
    errors: int = 0
    question_id: str = ""
    asked: InWords | None = None
    reply: str = ""
    question: QuestionIn | None = Field(
        default=None, description="the question about pod and destination, where the step sets it"
    )

    @property
    def sources(self) -> int:
        """How many names of documents it takes up."""
        return self.documents + bool(self.errors) if self.kind == "documents" else 1


class DatedStep(Step):
    """A step with its number and time."""

    number: int
    at: datetime


class Conversation(BaseModel):
    """A conversation that the service keeps: what was said, and what is known with it."""

    id: str
    version: int = Field(description="rises with every change; also the ETag")
    expires_at: datetime
    question: QuestionIn | None
    history: list[DatedStep]
    answer: engine.Answer


class KeptStep(BaseModel):
    """A step with the case it brought, as the store has it; a whole one holds all before it too."""

    number: int
    at: float
    step: Step
    is_whole: bool
    case: str


class Talk(BaseModel):
    """A conversation as the front hands it over; id, version and times are those to be shown."""

    id: str
    version: int
    at: float
    expires_at: float
    most_documents: int
    steps: list[KeptStep]
    _cases: list[engine.Case] = PrivateAttr(default_factory=list)

    def model_post_init(self, _: Any) -> None:
        self._cases = [engine.Case.restored(kept.case) for kept in from_whole(self.steps)]

    @property
    def documents(self) -> int:
        """How many documents were added so far."""
        return sum(kept.step.documents for kept in self.steps)

    @property
    def question(self) -> engine.Question | None:
        """The question as it was said last; None while only case files may ask one."""
        said = [kept.step.question for kept in self.steps if kept.step.question is not None]
        return said[-1].question() if said else None

    def case(self) -> engine.Case:
        """Everything that is known."""
        return engine.Case.load(*self._cases, question=self.question)

    def before(self, is_whole: bool) -> list[engine.Case]:
        """What documents are read after. Each is named by its place, so there are as many cases as
        places were taken, or more; for a whole step, those that know what was said so far.

        Documents may say of what they are only together with those before them; what a reply says
        stands for itself.
        """
        taken = sum(kept.step.sources for kept in self.steps)
        known = self._cases if is_whole else []
        return [*known, *(engine.Case() for _ in range(taken - len(known)))]

    def add(self, step: Step, case: engine.Case, is_whole: bool) -> KeptStep:
        """One more step; what is kept of it is what counts from now on."""
        number = self.steps[-1].number + 1 if self.steps else 1
        text = case.saved()
        kept = KeptStep(number=number, at=self.at, step=step, is_whole=is_whole, case=text)
        self.steps.append(kept)
        self._cases = [*([] if is_whole else self._cases), engine.Case.restored(text)]
        return kept


def from_whole(steps: Sequence[KeptStep]) -> Sequence[KeptStep]:
    """The steps that together hold all: the last whole one and those after it."""
    first = max((place for place, kept in enumerate(steps) if kept.is_whole), default=0)
    return steps[first:]


def resumed(talk: Mapping[str, Any]) -> Talk:
    """A conversation as the store has it."""
    try:
        return Talk.model_validate(talk)
    except (ValidationError, engine.InputError):
        problem = "The conversation was had with another version of wayout; begin a new one."
        raise RefusedError(GONE, problem) from None


def add(talk: Talk, body: AssessIn) -> Done:
    """The first step of a conversation, or more documents."""
    if talk.documents + body.count > talk.most_documents:
        raise RefusedError(
            BAD_REQUEST, f"The conversation has more than {talk.most_documents} documents."
        )
    case = body.case(*talk.before(is_whole=True))
    asked = body.question.question() if body.question is not None else None
    step = Step(
        kind="documents",
        documents=body.count,
        errors=len(body.errors),
        question=QuestionIn.of(asked) if asked is not None else None,
    )
    return after(talk, step, case, is_whole=True)


def reply(talk: Talk, said: Said) -> Done:
    """A reply to the question that is asked now."""
    case = talk.case()
    asked = engine.assess(case).next_question
    if asked is None or asked.id != said.question_id:
        raise RefusedError(CONFLICT, "That is not the question asked now; read the conversation.")
    document, question = replied(case, said)
    is_document = "documents" in document
    step = Step(
        kind="reply",
        documents=int(is_document),
        question_id=asked.id,
        asked=InWords(en=asked.text.en, zh=asked.text.zh),
        question=QuestionIn.of(question) if question != case.question and question else None,
    )
    if step.question is not None:  # in the form without user name, password and query
        step.reply = step.question.pod if asked.id.endswith("pod") else step.question.to
    elif not is_document:
        step.reply = str(said.value)  # an id of a choice, or what has the form of an address or id
    brought = engine.Case.load(*talk.before(is_document), document)
    return after(talk, step, brought, is_document)


def after(talk: Talk, step: Step, case: engine.Case, is_whole: bool) -> Done:
    kept = talk.add(step, case, is_whole)
    return shown(talk)._replace(kept=kept.model_dump(mode="json"))


def read(talk: Talk, _: NoBody) -> Done:
    """The conversation as it is."""
    return shown(talk)


def shown(talk: Talk) -> Done:
    case = talk.case()
    answer = engine.assess(case)
    out = Conversation(
        id=talk.id,
        version=talk.version,
        expires_at=moment(talk.expires_at),
        question=QuestionIn.of(case.question) if case.question is not None else None,
        history=[
            DatedStep(number=kept.number, at=moment(kept.at), **kept.step.model_dump())
            for kept in talk.steps
        ],
        answer=answer,
    )
    return Done(out.model_dump_json(), answer.verdict)


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


MODELS: Mapping[str, type[Part]] = {"add": AssessIn, "reply": Said, "read": NoBody}
JOBS: Mapping[str, Callable[[Talk, Any], Done]] = {"add": add, "reply": reply, "read": read}
