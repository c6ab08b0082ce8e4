"""What if this were changed: both answers, what differs, and what else the change touches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wayout.engine.advise.answer import Answer, Finding, Statement, Text
from wayout.engine.advise.changes import Wanted, changed
from wayout.engine.advise.comparison import Comparison, GateChange, Robustness, Side
from wayout.engine.advise.diagnosis import question_of, shipped
from wayout.engine.case import Case, Question

__all__ = ["robustness", "what_if"]


def what_if(
    case: Case,
    question: Question | None = None,
    changes: Iterable[Wanted] = (),
    *,
    collateral: bool = True,
    robust: bool = False,
) -> Comparison:
    """Both answers to `question` and what differs when `changes` are made in their order.

    A change is the id of a fix of the answer (`"add-snat-entry"`), `"LIST/KEY.FIELD=VALUE"`, an
    edit as `Case.patched` takes it, or a case whose documents replace. `collateral` tries the other
    pods, destinations and ports of the case before and after; `robust` asks which single loss would
    end the path as it is after the changes. Pure; takes some hundred runs of the rules with either.
    Raises InputError for a change that cannot be made, QuestionError without a question.
    """
    from wayout.engine.advise.collateral import collateral_of
    from wayout.engine.advise.robust import robustness_of

    diagnoser, asked = shipped(), question_of(case, question)
    before = diagnoser.diagnose(case, asked)
    after_case, applied = changed(case, before, changes)
    after = diagnoser.diagnose(after_case, asked) if applied else before
    old, new = by_name(before.findings), by_name(after.findings)
    return Comparison(
        question=before.question,
        changes=applied,
        before=side_of(before),
        after=side_of(after),
        gates=tuple(gates_of(before, after)),
        solved=tuple(told(f) for name, f in old.items() if name not in new),
        new=tuple(told(f) for name, f in new.items() if name not in old),
        remaining=tuple(told(f) for name, f in new.items() if name in old),
        collateral=collateral_of(diagnoser, case, after_case, asked)
        if collateral and applied
        else None,
        robustness=robustness_of(diagnoser, after_case, asked) if robust else None,
        text=sentence(before, after) if applied else after.summary,
    )


def robustness(case: Case, question: Question | None = None) -> Robustness | None:
    """Which single loss would end a path that works; None when it is not proven to work."""
    from wayout.engine.advise.robust import robustness_of

    return robustness_of(shipped(), case, question_of(case, question))


def by_name(findings: Sequence[Finding]) -> dict[tuple[str, str], Finding]:
    ordered = sorted(findings, key=lambda finding: not finding.is_primary)
    return {(finding.code, finding.subject): finding for finding in ordered}


def told(finding: Finding) -> Statement:
    return Statement(code=finding.code, text=finding.text)


def side_of(answer: Answer) -> Side:
    return Side(
        verdict=answer.verdict,
        summary=answer.summary,
        findings=tuple(told(finding) for finding in by_name(answer.findings).values()),
        ledger=tuple(line.model_copy(update={"proof": ""}) for line in answer.ledger),
        not_assessed=answer.not_assessed,
        facts_digest=answer.provenance.facts_digest,
    )


def gates_of(before: Answer, after: Answer) -> Iterable[GateChange]:
    for old, new in zip(before.gates, after.gates, strict=True):
        if (old.status, old.reason) != (new.status, new.reason):
            yield GateChange(
                gate=old.gate,
                title=old.title,
                before=old.status,
                after=new.status,
                reason_before=old.reason,
                reason_after=new.reason,
            )


def sentence(before: Answer, after: Answer) -> Text:
    """One sentence for somebody who reads nothing else."""
    if before.verdict != after.verdict:
        return Text(
            en=f"It changes the verdict. {after.summary.en}", zh=f"结论改变。{after.summary.zh}"
        )
    if before.provenance.facts_digest == after.provenance.facts_digest:
        return Text(
            en="It changes nothing that matters to the question.",
            zh="该变更不影响所问的路径。",
        )
    return Text(
        en=f"The verdict stays the same. {after.summary.en}", zh=f"结论不变。{after.summary.zh}"
    )
