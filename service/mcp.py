"""The MCP server: the verbs of wayout as tools for a language model.

A tool gives what the engine found and nothing else, short enough to be relayed: verdict, what
blocks and why, the changes with how they were verified, and the next question. It runs in the
process of its client (stdio) or over HTTP; a conversation is the list of documents its client
keeps, so no state is held here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel, Field

from wayout import engine
from wayout.service.jobs import observed

__all__ = ["create_server"]

INSTRUCTIONS = (
    "wayout decides whether a pod on Alibaba Cloud Container Compute Service (ACS) can reach a "
    "destination, from documents: Kubernetes objects, Alibaba Cloud OpenAPI answers, error texts. "
    "Call assess with everything that is known. While the verdict is unknown, put next_question "
    "to the user, call reply with what they say, and keep the document it returns: add it to the "
    "documents of every later call. Relay texts as they are; never invent a cause, a command or a "
    "value that no result contains. Changes are for people to make: nothing here changes anything."
)
Documents = Annotated[
    list[dict[str, Any]],
    Field(description="parsed Kubernetes objects, OpenAPI answers and documents of replies"),
]
Pod = Annotated[str, Field(description="the pod, as namespace/name")]
Destination = Annotated[
    str,
    Field(description="host[:port], address[:port], URL, svc/<ns>/<name>[:port] or resource id"),
]
Errors = Annotated[list[str], Field(description="error texts somebody saw, as they were printed")]
Language = Annotated[Literal["en", "zh"], Field(description="language of the texts")]


class FoundOut(BaseModel):
    """One finding."""

    code: str
    gate: str
    is_primary: bool
    is_certain: bool
    text: str
    fixes: list[str]


class FixOut(BaseModel):
    """One change; `commands` are for people to check and run."""

    id: str
    title: str
    why: str
    commands: str
    side_effects: str
    risk: str
    verified: str


class ReplyChoice(BaseModel):
    id: str
    text: str


class AskOut(BaseModel):
    """The question to put to the user."""

    question_id: str
    text: str
    why: str
    replies: list[ReplyChoice]
    value_form: str = Field(description="form of a typed reply, empty when only choices are taken")
    how_to_find_out: str


class Assessment(BaseModel):
    """What is known now."""

    verdict: Literal["reachable", "blocked", "unknown"]
    summary: str
    findings: list[FoundOut]
    fixes: list[FixOut]
    plan: str
    next_question: AskOut | None
    missing: list[str]
    assumptions: list[str]
    source_addresses: list[str]


class Replied(BaseModel):
    """The document of the reply, to be kept, and what is known with it."""

    document: dict[str, Any]
    assessment: Assessment


class RuleLine(BaseModel):
    id: str
    gate: str
    title: str


def create_server() -> MCPServer:
    """The server with its tools; `run("stdio")` or `run("streamable-http")` serves."""
    server = MCPServer("wayout", instructions=INSTRUCTIONS)

    @server.tool()
    def assess(
        pod: Pod,
        destination: Destination,
        documents: Documents = [],  # noqa: B006 - read only; the schema shows it
        errors: Errors = [],  # noqa: B006
        lang: Language = "en",
    ) -> Assessment:
        """Judge whether the pod reaches the destination; ask next_question while unknown."""
        with in_one_sentence():
            case = case_of(documents, errors, pod, destination)
            return assessment(engine.assess(case), lang)

    @server.tool()
    def reply(
        pod: Pod,
        destination: Destination,
        question_id: Annotated[str, Field(description="question_id of next_question")],
        value: Annotated[
            str, Field(description='id of a reply, a typed value, or "unknown" for don\'t know')
        ],
        documents: Documents = [],  # noqa: B006
        errors: Errors = [],  # noqa: B006
        lang: Language = "en",
    ) -> Replied:
        """Reply to next_question; keep the document that comes back for every later call."""
        with in_one_sentence():
            case = case_of(documents, errors, pod, destination)
            document = engine.reply_document(case, question_id, value)
            after = engine.assess(engine.reply(case, question_id, value))
        return Replied(document=document, assessment=assessment(after, lang))

    @server.tool()
    def explain(
        pod: Pod,
        destination: Destination,
        topic: Annotated[str, Field(description="rule id, gate, or empty for the verdict")] = "",
        documents: Documents = [],  # noqa: B006
        errors: Errors = [],  # noqa: B006
        lang: Language = "en",
    ) -> str:
        """Prove a finding, a gate or the verdict, down to the documents."""
        with in_one_sentence():
            answer = engine.diagnose(case_of(documents, errors, pod, destination))
            return engine.render_explanation(answer, topic or None, "text", lang)

    @server.tool()
    def what_if(
        pod: Pod,
        destination: Destination,
        changes: Annotated[
            list[str], Field(description="ids of fixes of the answer, or LIST/KEY.FIELD=VALUE")
        ],
        documents: Documents = [],  # noqa: B006
        errors: Errors = [],  # noqa: B006
        lang: Language = "en",
    ) -> str:
        """Try changes on the case: both verdicts, and what else opens or closes."""
        with in_one_sentence():
            compared = engine.what_if(case_of(documents, errors, pod, destination), None, changes)
            return engine.render_comparison(compared, "text", lang)

    @server.tool()
    def list_rules(
        gate: Annotated[str, Field(description="only the rules of this gate")] = "",
        lang: Language = "en",
    ) -> list[RuleLine]:
        """List the rules of the knowledge base."""
        return [
            RuleLine(id=rule.id, gate=rule.gate, title=rule.title.in_language(lang))
            for rule in engine.shipped_knowledge().rules
            if gate in ("", rule.gate)
        ]

    return server


@contextmanager
def in_one_sentence() -> Iterator[None]:
    """Bad input is told to the model in the sentence that people would read."""
    try:
        yield
    except engine.WayoutError as error:
        raise ToolError(str(error)) from None


def case_of(
    documents: list[dict[str, Any]], errors: list[str], pod: str, destination: str
) -> engine.Case:
    question = engine.Question(pod=pod, destination=destination)
    return engine.Case.load(*documents, *observed(errors), question=question)


def assessment(answer: engine.Answer, lang: str) -> Assessment:
    """The answer in short; every text is one of the answer's own."""
    return Assessment(
        verdict=answer.verdict,
        summary=answer.summary.pick(lang),
        findings=[
            FoundOut(
                code=finding.code,
                gate=finding.gate,
                is_primary=finding.is_primary,
                is_certain=finding.certainty == "confirmed",
                text=finding.text.pick(lang),
                fixes=list(finding.fixes),
            )
            for finding in answer.findings
        ],
        fixes=[
            FixOut(
                id=fix.id,
                title=fix.title.pick(lang),
                why=fix.why.pick(lang),
                commands=commands_of(fix.change),
                side_effects=fix.side_effects.pick(lang),
                risk=fix.risk,
                verified=fix.verified.text.pick(lang),
            )
            for fix in answer.fixes
        ],
        plan=answer.plan.text.pick(lang) if answer.plan is not None else "",
        next_question=to_ask(answer.next_question, lang) if answer.next_question else None,
        missing=[need.text.pick(lang) for need in answer.not_assessed],
        assumptions=[statement.text.pick(lang) for statement in answer.assumptions],
        source_addresses=[f"{line.hop}: {line.address}" for line in answer.ledger],
    )


def commands_of(change: engine.Change) -> str:
    return "\n".join(part for part in (change.yaml, change.kubectl, change.aliyun) if part)


def to_ask(question: engine.NextQuestion, lang: str) -> AskOut:
    how = question.how
    found = (how.kubectl, how.aliyun, how.console.pick(lang) if how.console else "") if how else ()
    return AskOut(
        question_id=question.id,
        text=question.text.pick(lang),
        why=question.why.pick(lang),
        replies=[ReplyChoice(id=r.id, text=r.text.pick(lang)) for r in question.replies],
        value_form=question.value_form,
        how_to_find_out="\n".join(part.strip() for part in found if part),
    )
