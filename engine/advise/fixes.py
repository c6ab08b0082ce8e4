"""Fixes: fill the templates of a finding from its proof, then try them on a copy of the case.

A fix is verified by running the whole pipeline again on the patched case: its finding must be
gone and nothing may block that did not block before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from wayout.engine.advise.answer import Change, Finding, Fix, Text, VerdictName, Verification
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.filled import change_of, rollback_of, sentence
from wayout.engine.case import Case
from wayout.engine.errors import InputError
from wayout.engine.inference import Firing
from wayout.engine.rules import FixTemplate, Knowledge

__all__ = ["FixWriter", "Proposal"]

Rerun = Callable[[Case], Conclusions]
# What a finding is told apart by when a changed case is compared with the case as it was.
Trouble = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A finding and the firings that proved it, one per flow or subject."""

    finding: Finding
    firings: tuple[Firing, ...]


class FixWriter:
    """Writes and verifies the fixes of one answer."""

    def __init__(self, case: Case, knowledge: Knowledge, before: Conclusions, rerun: Rerun) -> None:
        self._case = case
        self._knowledge = knowledge
        self._before = _troubles(before)
        self._rerun = rerun

    def write(
        self, proposals: Iterable[Proposal]
    ) -> tuple[tuple[Fix, ...], Mapping[str, list[str]]]:
        """The fixes, and for each finding (code + subject) the ids of its fixes in rank order."""
        written: dict[str, Fix] = {}
        shared: dict[tuple[object, ...], str] = {}
        of_finding: dict[str, list[str]] = {}
        for proposal in proposals:
            ids = of_finding.setdefault(key_of(proposal.finding), [])
            for rank, name in enumerate(proposal.firings[0].rule.fixes, start=1):
                template = self._knowledge.fixes[name]
                for firing in proposal.firings:
                    change = change_of(template, firing)
                    identity = (name, change)
                    if identity not in shared:
                        shared[identity] = _unique(name, written)
                        written[shared[identity]] = self._fix(
                            shared[identity], rank, template, firing, change, proposal.finding
                        )
                    elif proposal.finding.code not in written[shared[identity]].solves:
                        fix = written[shared[identity]]
                        solves = (*fix.solves, proposal.finding.code)
                        written[fix.id] = fix.model_copy(update={"solves": solves})
                    if shared[identity] not in ids:
                        ids.append(shared[identity])
        return tuple(written.values()), of_finding

    def _fix(
        self,
        name: str,
        rank: int,
        template: FixTemplate,
        firing: Firing,
        change: Change,
        finding: Finding,
    ) -> Fix:
        return Fix(
            id=name,
            rank=rank,
            title=sentence(template.title, firing),
            why=sentence(template.why, firing),
            solves=(finding.code,),
            change=change,
            rollback=rollback_of(template, firing),
            side_effects=sentence(template.side_effects, firing),
            risk=template.risk,
            cost=sentence(template.cost, firing) if template.cost else None,
            verified=self._verify(template, firing, finding),
        )

    def _verify(self, template: FixTemplate, firing: Firing, finding: Finding) -> Verification:
        if not template.patch:
            return Verification(
                result="unmodelled",
                text=Text(
                    en="Documents cannot tell what this change does; diagnose again after it.",
                    zh="该变更的效果无法仅凭文档推算，请在变更后重新诊断。",
                ),
            )
        try:
            after = self._rerun(self._case.patched(firing.patch_of(template)))
        except InputError as error:
            return Verification(
                result="no",
                text=Text(
                    en=f"The change could not be applied to the case: {error}",
                    zh=f"该变更无法应用于案例：{error}",
                ),
            )
        return _judge(self._before, _troubles(after), after, finding)


def key_of(finding: Finding) -> str:
    """What tells one finding of an answer from another."""
    return f"{finding.code} {finding.subject}"


def _troubles(conclusions: Conclusions) -> frozenset[Trouble]:
    """What blocks or degrades, by rule and flow."""
    return frozenset(
        (entry.conclusion.rule, entry.conclusion.flow)
        for entry in conclusions.of_status("blocks", "degrades")
    )


def _judge(
    before: frozenset[Trouble], now: frozenset[Trouble], after: Conclusions, finding: Finding
) -> Verification:
    verdict: VerdictName = after.verdict.verdict if after.verdict else "unknown"
    mine = {(finding.code, flow) for flow in finding.flows}
    if mine & now:
        return Verification(
            result="no",
            verdict_after=verdict,
            text=Text(
                en="Run again with this change, the finding is still there.",
                zh="应用该变更后重新推理，该问题仍然存在。",
            ),
        )
    if fresh := sorted({code for code, _ in now - before}):
        codes = ", ".join(fresh)
        return Verification(
            result="no",
            verdict_after=verdict,
            text=Text(
                en=f"Run again with this change, the finding is gone, but new: {codes}.",
                zh=f"应用该变更后重新推理，该问题消失，但出现新的问题：{codes}。",
            ),
        )
    gate = after.gates.get(finding.gate)
    if gate is not None and gate.status == "unknown":
        return Verification(
            result="needs", verdict_after=verdict, text=_undecided(finding.gate, after)
        )
    return Verification(result="yes", verdict_after=verdict, text=_confirmed(verdict, now))


def _confirmed(verdict: VerdictName, remaining: frozenset[Trouble]) -> Text:
    left = ", ".join(sorted({code for code, _ in remaining}))
    if verdict == "blocked":
        return Text(
            en=f"Run again with this change, the finding is gone; still to solve: {left}.",
            zh=f"应用该变更后重新推理，该问题消失；仍需解决：{left}。",
        )
    if verdict == "unknown":
        return Text(
            en="Run again with this change, the finding is gone; other gates still lack facts.",
            zh="应用该变更后重新推理，该问题消失；其他环节仍缺少事实。",
        )
    return Text(
        en="Run again with this change, the destination is reachable.",
        zh="应用该变更后重新推理，目标可达。",
    )


def _undecided(gate: str, after: Conclusions) -> Text:
    named = [
        entry.conclusion.needs
        for entry in after.of_gate(gate)
        if entry.conclusion.status == "unknown" and entry.conclusion.needs
    ]
    named += [missing.list for missing in after.not_assessed if missing.gate == gate]
    lacks = ", ".join(dict.fromkeys(named))
    return Text(
        en="Run again with this change, the finding is gone, but its gate is still undecided"
        + (f"; it lacks: {lacks}." if lacks else "."),
        zh="应用该变更后重新推理，该问题消失，但该环节仍无法判定"
        + (f"，还缺少：{lacks}。" if lacks else "。"),
    )


def _unique(name: str, taken: Mapping[str, Fix]) -> str:
    number = 1
    while (candidate := name if number == 1 else f"{name}#{number}") in taken:
        number += 1
    return candidate
