"""What a tool gives to a language model: the answer in short, with the answer's own texts."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from wayout.engine.advise.answer import Answer, Change, NextQuestion
from wayout.engine.case.question import NAMELESS_DESTINATION, NAMELESS_POD

__all__ = ["Assessment", "Replied", "RuleLine", "Rules", "assessment"]


class FoundOut(BaseModel):
    """One finding."""

    code: str
    gate: str
    is_primary: bool
    is_certain: bool
    text: str
    fixes: list[str] = Field(description="ids of fixes that solve it")


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
    """One reply that can be chosen: its id is the value to reply with."""

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
    """What is known now; `pod` and `destination` are empty until somebody names them."""

    pod: str
    destination: str
    verdict: Literal["reachable", "blocked", "unknown"]
    summary: str
    findings: list[FoundOut]
    fixes: list[FixOut]
    plan: str
    next_question: AskOut | None
    missing: list[str]
    assumptions: list[str]
    notices: list[str] = Field(description="what was odd about the documents, for the user")
    source_addresses: list[str]


class Replied(BaseModel):
    """The document of the reply, to be kept, and what is known with it."""

    document: dict[str, Any]
    assessment: Assessment


class RuleLine(BaseModel):
    """One rule of the knowledge base."""

    id: str
    gate: str
    title: str


class Rules(BaseModel):
    """Rules of the knowledge base."""

    rules: list[RuleLine]


def assessment(answer: Answer, lang: str) -> Assessment:
    """The answer in short, in one language."""
    pod = "" if answer.question.pod == NAMELESS_POD else answer.question.pod
    goal = answer.question.destination
    destination = "" if goal == NAMELESS_DESTINATION else goal
    return Assessment(
        pod=pod,
        destination=destination,
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
        # Before anybody named pod and destination there is nothing to collect documents about.
        missing=[need.text.pick(lang) for need in answer.not_assessed if pod and destination],
        assumptions=[statement.text.pick(lang) for statement in answer.assumptions],
        notices=[notice.pick(lang) for notice in answer.notices],
        source_addresses=[f"{line.hop}: {line.address}" for line in answer.ledger],
    )


def commands_of(change: Change) -> str:
    return "\n".join(part for part in (change.yaml, change.kubectl, change.aliyun) if part)


def to_ask(question: NextQuestion, lang: str) -> AskOut:
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
