"""What a request asks for and what the engine makes of it; runs in a worker process.

Each job is a pure function from a request to a result: no state is kept between them, so any
number of workers behind any load balancer give the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from wayout import engine

__all__ = [
    "JOBS",
    "MODELS",
    "AssessIn",
    "ExplainIn",
    "ReplyIn",
    "ReplyOut",
    "ReportIn",
    "ReportOut",
    "Result",
    "WhatIfIn",
    "perform",
]

BAD_REQUEST = 422
Result = tuple[int, str]  # HTTP status and JSON text


class Part(BaseModel):
    """A part of a request; an unknown field is a mistake."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


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

    def case(self) -> engine.Case:
        """The case; raises WayoutError."""
        sources: list[Any] = [*self.documents]
        sources += [engine.Upload(file.name, file.text) for file in self.files]
        if self.errors:
            seen = [{"error": text} for text in self.errors]
            sources.append({"apiVersion": "wayout/v1", "kind": "Case", "observations": seen})
        asked = self.question.question() if self.question is not None else None
        return engine.Case.load(*sources, question=asked)


class AssessIn(CaseIn):
    """A case to judge."""


class ReplyIn(CaseIn):
    """A case, and the reply to the question that its answer asked.

    `value` is the id of one of the replies, a typed value, "unknown", or a document that tells.
    """

    question_id: str = Field(max_length=512)
    value: Any


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


def assess(body: AssessIn) -> str:
    return engine.assess(body.case()).model_dump_json()


def reply(body: ReplyIn) -> str:
    case = body.case()
    head = {"apiVersion": "wayout/v1", "kind": "Case"}
    if body.question_id.startswith("question/"):
        asked = engine.reply(case, body.question_id, body.value).question
        document: dict[str, Any] = head
    elif isinstance(body.value, (dict, list)):
        asked = case.question
        given = body.value if isinstance(body.value, list) else [body.value]
        document = {**head, "asked": [body.question_id], "documents": given}
    else:
        asked = case.question
        document = engine.reply_document(case, body.question_id, body.value)
    # Judged as a client will ask the next time, so that both answers are the same.
    told = body.model_copy(update={"documents": [*body.documents, document]})
    after = engine.Case.load(told.case(), question=asked)
    kept = asked if asked is not None else engine.unnamed_question()
    return ReplyOut(
        document=document, question=QuestionIn.of(kept), answer=engine.assess(after)
    ).model_dump_json()


def explain(body: ExplainIn) -> str:
    answer = engine.diagnose(body.case())
    text = engine.render_explanation(answer, body.topic, body.format, body.lang)
    if body.format == "json":
        return text
    return Explained(text=text).model_dump_json()


def report(body: ReportIn) -> str:
    answer = engine.assess(body.case())
    return ReportOut(
        verdict=answer.verdict,
        summary=answer.summary.model_dump(),
        next_question=answer.next_question,
        text=engine.render(answer, body.format, body.lang, engine.Style(is_part=body.part)),
    ).model_dump_json()


def what_if(body: WhatIfIn) -> str:
    compared = engine.what_if(
        body.case(), None, body.changes, collateral=body.collateral, robust=body.robust
    )
    return compared.model_dump_json()


class Explained(BaseModel):
    """An explanation as text."""

    text: str


MODELS: Mapping[str, type[CaseIn]] = {
    "assess": AssessIn,
    "reply": ReplyIn,
    "explain": ExplainIn,
    "report": ReportIn,
    "what-if": WhatIfIn,
}
JOBS: Mapping[str, Callable[[Any], str]] = {
    "assess": assess,
    "reply": reply,
    "explain": explain,
    "report": report,
    "what-if": what_if,
}


def perform(verb: str, body: bytes, most_documents: int) -> Result:
    """The result of one request; whatever the body is, it ends in a status and a JSON text."""
    try:
        request = MODELS[verb].model_validate_json(body)
    except ValidationError as error:
        return refused(sentence(error))
    if len(request.documents) + len(request.files) > most_documents:
        return refused(f"The request has more than {most_documents} documents.")
    try:
        return 200, JOBS[verb](request)
    except engine.WayoutError as error:
        return refused(str(error))


def sentence(error: ValidationError) -> str:
    """The first complaint: where in the body, and what is wrong."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in first["loc"]) or "The body"
    return f"{place}: {first['msg'][:300].rstrip('.')}."


def refused(message: str) -> Result:
    return BAD_REQUEST, Problem(error=message).model_dump_json()


class Problem(BaseModel):
    """What is wrong, in one sentence."""

    error: str
