"""What a request asks for and what the engine makes of it; runs in a worker process.

Each job is a pure function from a request to a result: no state is kept between them, so any
number of workers behind any load balancer give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wayout import engine

__all__ = [
    "JOBS",
    "MODELS",
    "AssessIn",
    "CaseIn",
    "Done",
    "ExplainIn",
    "Explained",
    "NoBody",
    "Part",
    "Problem",
    "QuestionIn",
    "RefusedError",
    "ReplyIn",
    "ReplyOut",
    "ReportIn",
    "ReportOut",
    "Result",
    "Said",
    "WhatIfIn",
    "observed",
    "perform",
    "replied",
]

BAD_REQUEST = 422
Result = tuple[dict[str, Any], str]  # a head with the HTTP status, and a JSON text


class RefusedError(Exception):
    """What was asked for cannot be done, with the HTTP status that says why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Done(NamedTuple):
    """What a job made: a JSON text, the verdict in it, and what its front is to keep."""

    text: str
    verdict: str = ""
    kept: dict[str, Any] | None = None


class Part(BaseModel):
    """A part of a request; an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @property
    def count(self) -> int:
        """How many documents and files it brings."""
        return 0


class QuestionIn(Part):
    """Which pod is to reach what."""

    pod: str = Field(max_length=512, description="namespace/name of the pod")
    to: str = Field(
        max_length=4096,
        description="host[:port], address[:port], URL, svc/<namespace>/<name>[:port], "
        "pod/<namespace>/<name>[:port] or the id of a cloud resource",
    )
    protocol: Literal["tcp", "udp", "icmp", "sctp"] = "tcp"
    port: int | None = Field(default=None, ge=1, le=65535)
    source_port: int | None = Field(default=None, ge=1, le=65535)

    @classmethod
    def of(cls, question: engine.Question) -> QuestionIn:
        """The question of the engine in this form."""
        return cls(
            pod=question.pod,
            to=question.destination,
            protocol=question.protocol,
            port=question.port,
            source_port=question.source_port,
        )

    def question(self) -> engine.Question:
        """The question as the engine takes it."""
        return engine.Question(
            pod=self.pod,
            destination=self.to,
            protocol=self.protocol,
            port=self.port,
            source_port=self.source_port,
        )


class FileIn(Part):
    """The text of a file as it is: JSON or YAML, one document or several."""

    name: str = Field(max_length=512, description="shown where the file is cited")
    text: str


def observed(errors: Sequence[str]) -> list[dict[str, Any]]:
    """Error texts as the document that tells them; none when there are none."""
    seen = [{"error": text} for text in errors]
    return [{"apiVersion": "wayout/v1", "kind": "Case", "observations": seen}] if seen else []


class CaseIn(Part):
    """Everything that is known: parsed documents, files, error texts, and the question.

    Documents are Kubernetes objects, OpenAPI answers (bare or as {action, request, response}) and
    wayout case files, in any mix; the replies to earlier questions are documents too.
    """

    # Never text: the engine would take it for the path of a file on this machine.
    documents: list[dict[str, Any] | list[Any]] = Field(default_factory=list)
    files: list[FileIn] = Field(default_factory=list)
    errors: list[str] = Field(
        default_factory=list, max_length=32, description="error texts somebody saw"
    )
    question: QuestionIn | None = None

    def case(self, *before: engine.Case) -> engine.Case:
        """The case, with what was known before; raises WayoutError."""
        sources: list[Any] = [*self.documents]
        sources += [engine.Upload(file.name, file.text) for file in self.files]
        sources += observed(self.errors)
        asked = self.question.question() if self.question is not None else None
        return engine.Case.load(*before, *sources, question=asked)

    @property
    def count(self) -> int:
        return len(self.documents) + len(self.files)


class NoBody(Part):
    """A request that says all in its address."""


class AssessIn(CaseIn):
    """A case to judge."""


class Said(Part):
    """The reply to the question that an answer asked.

    `value` is the id of one of the replies, a typed value, "unknown", or a document that tells.
    """

    question_id: str = Field(max_length=512)
    value: Any


class ReplyIn(CaseIn, Said):
    """A case, and the reply to the question that its answer asked.

    `value` is the id of one of the replies, a typed value, "unknown", or a document that tells.
    """


class ReplyOut(BaseModel):
    """The reply as a document to keep beside the others, and the answer with it.

    `question` is what is asked now; keep it too, a reply may have named the pod or destination.
    """

    document: dict[str, Any]
    question: QuestionIn
    answer: engine.Answer


class ExplainIn(CaseIn):
    """What to prove: a rule id or a gate; without `topic` whatever decided the verdict."""

    topic: str | None = Field(default=None, max_length=64)
    format: Literal["json", "text", "md", "mermaid"] = "json"
    lang: Literal["en", "zh"] = "en"


class ReportIn(CaseIn):
    """A case to judge, and the form and language of what is said about it."""

    format: Literal["text", "md", "mermaid", "html"] = "text"
    lang: Literal["en", "zh"] = "en"
    part: bool = Field(
        default=False,
        description="HTML: only what stands in the body, to go with /answer.css and /answer.js",
    )


class ReportOut(BaseModel):
    """The answer as a text or a page, and what a conversation goes on with."""

    verdict: Literal["reachable", "blocked", "unknown"]
    summary: dict[str, str]
    next_question: engine.NextQuestion | None
    text: str


class WhatIfIn(CaseIn):
    """Changes to try: ids of fixes, LIST/KEY.FIELD=VALUE, or edits ({add|set|remove: LIST, …})."""

    changes: list[str | dict[str, Any]] = Field(default_factory=list, max_length=64)
    collateral: bool = True
    robust: bool = False


def assess(body: AssessIn) -> Done:
    return of_answer(engine.assess(body.case()))


def of_answer(answer: engine.Answer) -> Done:
    return Done(answer.model_dump_json(), answer.verdict)


def reply(body: ReplyIn) -> Done:
    document, asked = replied(body.case(), body)
    # Judged as a client will ask the next time, so that both answers are the same.
    told = body.model_copy(update={"documents": [*body.documents, document]})
    answer = engine.assess(engine.Case.load(told.case(), question=asked))
    kept = asked if asked is not None else engine.unnamed_question()
    out = ReplyOut(document=document, question=QuestionIn.of(kept), answer=answer)
    return Done(out.model_dump_json(), answer.verdict)


def replied(case: engine.Case, said: Said) -> tuple[dict[str, Any], engine.Question | None]:
    """The reply as a document, and the question as it is asked then. Raises WayoutError."""
    if said.question_id.startswith("question/"):
        asked = engine.reply(case, said.question_id, said.value).question
        return {"apiVersion": "wayout/v1", "kind": "Case"}, asked
    if isinstance(said.value, (dict, list)):
        given = said.value if isinstance(said.value, list) else [said.value]
        return {**engine.handed_over(said.question_id), "documents": given}, case.question
    return engine.reply_document(case, said.question_id, said.value), case.question


def explain(body: ExplainIn) -> Done:
    answer = engine.diagnose(body.case())
    text = engine.render_explanation(answer, body.topic, body.format, body.lang)
    return Done(text if body.format == "json" else Explained(text=text).model_dump_json())


def report(body: ReportIn) -> Done:
    answer = engine.assess(body.case())
    out = ReportOut(
        verdict=answer.verdict,
        summary=answer.summary.model_dump(),
        next_question=answer.next_question,
        text=engine.render(answer, body.format, body.lang, engine.Style(is_part=body.part)),
    )
    return Done(out.model_dump_json(), answer.verdict)


def what_if(body: WhatIfIn) -> Done:
    compared = engine.what_if(
        body.case(), None, body.changes, collateral=body.collateral, robust=body.robust
    )
    return Done(compared.model_dump_json())


class Explained(BaseModel):
    """An explanation as text."""

    text: str


MODELS: Mapping[str, type[Part]] = {
    "assess": AssessIn,
    "reply": ReplyIn,
    "explain": ExplainIn,
    "report": ReportIn,
    "what-if": WhatIfIn,
}
JOBS: Mapping[str, Callable[[Any], Done]] = {
    "assess": assess,
    "reply": reply,
    "explain": explain,
    "report": report,
    "what-if": what_if,
}


def perform(head: Mapping[str, Any], body: bytes) -> Result:
    """The result of one request; whatever the body is, it ends in a status and a JSON text."""
    verb, most = head["verb"], head["most_documents"]
    try:
        model, job = job_of(verb, head)
        request = model.model_validate_json(body)
        if request.count > most:
            raise RefusedError(BAD_REQUEST, f"The request has more than {most} documents.")
        done = job(request)
    except ValidationError as error:
        return refused(BAD_REQUEST, sentence(error))
    except RefusedError as error:
        return refused(error.status, str(error))
    except engine.WayoutError as error:
        return refused(BAD_REQUEST, str(error))
    return {"status": 200, "verdict": done.verdict, "kept": done.kept}, done.text


def job_of(verb: str, head: Mapping[str, Any]) -> tuple[type[Part], Callable[[Any], Done]]:
    """The model of the body and the function for it; conversations bring what was said so far."""
    talk = head.get("talk")
    if talk is None:
        return MODELS[verb], JOBS[verb]
    from wayout.service import talks

    return talks.MODELS[verb], partial(talks.JOBS[verb], talks.resumed(talk))


def sentence(error: ValidationError) -> str:
    """The first complaint: where in the body, and what is wrong."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "The body"
    return f"{place}: {first['msg'][:300].rstrip('.')}."


def refused(status: int, message: str) -> Result:
    return {"status": status}, Problem(error=message).model_dump_json()


class Problem(BaseModel):
    """What is wrong, in one sentence."""

    error: str
