"""Fixes: fill the templates of a finding from its proof, then try them on a copy of the case.

A fix is verified by running the whole pipeline again on the patched case: its finding must be
gone and nothing may block that did not block before. What the rules then conclude is kept, so that
the plan of the answer need not ask again.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from wayout.engine.advise.answer import (
    Change,
    Finding,
    Fix,
    Refusal,
    Text,
    VerdictName,
    Verification,
)
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.filled import change_of, fits, rollback_of, said, sentence, text
from wayout.engine.advise.words import GATE_TITLES
from wayout.engine.case import Case
from wayout.engine.errors import InputError
from wayout.engine.facts.common import GATES, Conclusion, GateName
from wayout.engine.inference import Firing
from wayout.engine.rules import Channel, FixTemplate, Knowledge, Never, forbidden

__all__ = [
    "LAYERS",
    "FixWriter",
    "Proposal",
    "Rerun",
    "Trouble",
    "fresh_troubles",
    "key_of",
    "proof_after",
    "troubles_of",
    "troubles_of_finding",
    "veiled_gates",
]

Rerun = Callable[[Case], Conclusions]
_PATH: Mapping[str, int] = {gate: place for place, gate in enumerate(GATES)}
LAYERS = 3  # of a gate that passes; more would hide what matters


class Trouble(NamedTuple):
    """What stops or disturbs one flow, to compare a changed case with the case as it was."""

    gate: str
    code: str
    flow: str

    @property
    def place(self) -> tuple[str, str]:
        return self.gate, self.flow


@dataclass(frozen=True, slots=True)
class Proposal:
    """A finding and the firings that proved it, one per flow or subject."""

    finding: Finding
    firings: tuple[Firing, ...]


class FixWriter:
    """Writes and verifies the fixes of one answer."""

    def __init__(
        self,
        case: Case,
        knowledge: Knowledge,
        before: Conclusions,
        rerun: Rerun,
        known: Mapping[str, str],
    ) -> None:
        self._case = case
        self._known = known
        self._knowledge = knowledge
        self._conclusions = before
        self._before = troubles_of(before)
        self._rerun = rerun
        self._written: dict[str, Fix] = {}
        self._ids: dict[tuple[str, Change], str] = {}
        self.refused: dict[tuple[str, str], Refusal] = {}  # by template and the rule that refuses
        self.patches: dict[str, list[dict[str, Any]]] = {}  # by id: what the fix does to the case
        self.tried: dict[frozenset[str], Conclusions] = {}  # by ids tried together: what follows

    def write(
        self, proposals: Iterable[Proposal]
    ) -> tuple[tuple[Fix, ...], Mapping[str, list[str]]]:
        """The fixes, and for each finding (code + subject) the ids of its fixes in rank order."""
        of_finding: dict[str, list[str]] = {}
        for proposal in proposals:
            ids: dict[str, None] = {}
            first = proposal.firings[0]
            named = [(name, self._knowledge.fixes[name]) for name in first.rule.fixes]
            fitting = [(name, fix) for name, fix in named if fits(fix, first)]
            for rank, (name, template) in enumerate(fitting, start=1):
                ids |= dict.fromkeys(self._write(proposal, name, rank, template))
            of_finding[key_of(proposal.finding)] = list(ids)
        return tuple(self._written.values()), of_finding

    def _write(self, proposal: Proposal, name: str, rank: int, template: FixTemplate) -> list[str]:
        """The ids of one fix of a finding: several when each flow takes a change of its own."""
        finding = proposal.finding
        parts: dict[Change, Firing] = {}
        for firing in proposal.firings:
            change = change_of(template, firing, self._known)
            if change in parts:
                continue
            if refusing := self._refusing(template, firing, change):
                self._refuse(template, firing, refusing, finding.code)
            else:
                parts[change] = firing
        if not parts:
            return []
        known = [self._ids[name, change] for change in parts if (name, change) in self._ids]
        if len(known) == len(parts):
            for fix_id in known:
                self._also_solves(fix_id, finding.code)
            return known
        (change, firing), *others = parts.items()
        verified, after = self._verify(template, [firing], finding)
        if others and verified.result != "unmodelled" and verified.result != "yes":
            verified, after = self._verify(template, [*parts.values()], finding)
            chosen = parts
        else:  # the first change helps every flow, or nobody can tell
            chosen = {change: firing} if verified.result == "yes" else parts
        ids = [self._id_of(name, change) for change in chosen]
        if after is not None:
            self.tried.setdefault(frozenset(ids), after)
        for fix_id, (change, firing) in zip(ids, chosen.items(), strict=True):
            if fix_id in self._written:
                self._also_solves(fix_id, finding.code)
                continue
            self.patches[fix_id] = firing.patch_of(template)
            fellows = [other for other in ids if other != fix_id]
            is_joint = fellows and verified.result != "unmodelled"
            judged = _jointly(verified, fellows) if is_joint else verified
            if is_joint and after is not None:
                own = proof_after(finding.gate, flows_of(firing), after)
                judged = judged.model_copy(update={"after": own})
            self._written[fix_id] = self._fix(
                fix_id, rank, template, firing, change, finding, judged
            )
        return ids

    def _refusing(self, template: FixTemplate, firing: Firing, change: Change) -> Never | None:
        """What forbids the change, now that the values of the case stand in it."""
        texts: dict[Channel, str] = {
            "yaml": change.yaml,
            "kubectl": change.kubectl,
            "aliyun": change.aliyun,
            "console": change.console.en if change.console else "",
        }
        return forbidden(self._knowledge.never, texts, firing.patch_of(template))

    def _refuse(self, template: FixTemplate, firing: Firing, never: Never, code: str) -> None:
        known = self.refused.get((template.id, never.id))
        codes = (*known.codes, code) if known else (code,)
        self.refused[template.id, never.id] = Refusal(
            fix=template.id,
            title=sentence(template.title, firing),
            codes=tuple(dict.fromkeys(codes)),
            rule=never.id,
            reason=text(never.reason),
        )

    def _id_of(self, name: str, change: Change) -> str:
        taken = set(self._ids.values())
        return self._ids.setdefault((name, change), _unique(name, taken))

    def _also_solves(self, fix_id: str, code: str) -> None:
        fix = self._written[fix_id]
        if code not in fix.solves:
            self._written[fix_id] = fix.model_copy(update={"solves": (*fix.solves, code)})

    def _fix(
        self,
        name: str,
        rank: int,
        template: FixTemplate,
        firing: Firing,
        change: Change,
        finding: Finding,
        verified: Verification,
    ) -> Fix:
        return Fix(
            id=name,
            rank=rank,
            title=sentence(template.title, firing),
            why=sentence(template.why, firing),
            solves=(finding.code,),
            change=change,
            patch=tuple(self.patches[name]),
            rollback=rollback_of(template, firing, self._known),
            side_effects=sentence(template.side_effects, firing),
            risk=template.risk,
            cost=sentence(template.cost, firing) if template.cost else None,
            verified=verified,
        )

    def _verify(
        self, template: FixTemplate, firings: Sequence[Firing], finding: Finding
    ) -> tuple[Verification, Conclusions | None]:
        """What the rules say of the changed case, in a word and in full; None: nothing was run."""
        if not template.patch:
            return _UNMODELLED, None
        try:
            ops = [op for firing in firings for op in firing.patch_of(template)]
            after = self._rerun(self._case.patched(ops))
        except InputError as error:
            return _inapplicable(error), None
        veiled = veiled_gates(self._conclusions, troubles_of_finding(finding))
        judged = _judge(self._before, troubles_of(after), after, finding, veiled)
        return judged.model_copy(
            update={"after": proof_after(finding.gate, finding.flows, after)}
        ), after


_UNMODELLED = Verification(
    result="unmodelled",
    text=Text(
        en="Documents cannot tell what this change does; diagnose again after it.",
        zh="该变更的效果无法仅凭文档推算，请在变更后重新诊断。",
    ),
)


def _inapplicable(error: InputError) -> Verification:
    return Verification(
        result="no",
        text=Text(
            en=f"The change could not be applied to the case: {error}",
            zh=f"该变更无法应用于案例：{error}",
        ),
    )


def key_of(finding: Finding) -> str:
    """What tells one finding of an answer from another."""
    return f"{finding.code} {finding.subject}"


def troubles_of(conclusions: Conclusions) -> frozenset[Trouble]:
    """What blocks or degrades."""
    return frozenset(
        Trouble(entry.conclusion.gate, entry.conclusion.rule, entry.conclusion.flow)
        for entry in conclusions.of_status("blocks", "degrades")
    )


def troubles_of_finding(finding: Finding) -> frozenset[Trouble]:
    """The troubles that a finding tells of, one per flow."""
    return frozenset(Trouble(finding.gate, finding.code, flow) for flow in finding.flows)


def fresh_troubles(
    before: frozenset[Trouble],
    now: frozenset[Trouble],
    solved: frozenset[Trouble],
    veiled: Container[str] = (),
) -> frozenset[Trouble]:
    """What a change that removes `solved` has brought.

    A gate that stopped a flow before and still does is no news, whatever it says now. Nor is what
    a `veiled` gate says, which could not be judged as long as the flow ended before it.
    """
    troubled = {trouble.place for trouble in before - solved}
    return frozenset(t for t in now - before if t.place not in troubled and t.gate not in veiled)


def veiled_gates(before: Conclusions, solved: Iterable[Trouble]) -> frozenset[str]:
    """The gates behind what is solved that nobody could judge while it was not."""
    first = min((_PATH[trouble.gate] for trouble in solved), default=len(_PATH))
    behind = GATES[first + 1 :]
    return frozenset(
        gate for gate, ended in before.gates.items() if ended.status == "unknown" and gate in behind
    )


def flows_of(firing: Firing) -> tuple[str, ...]:
    """The flow that a firing concludes on."""
    concluded = firing.produced
    return (concluded.flow,) if isinstance(concluded, Conclusion) else ()


def proof_after(gate: GateName, flows: Sequence[str], after: Conclusions) -> Text | None:
    """What decides at a gate, for these flows, after a change; None when nothing speaks up."""
    ended = after.gates.get(gate)
    status = ended.status if ended else "unknown"
    wanted = ("blocks", "degrades", "unknown") if status == "unknown" else (status,)
    deciding = [c for c in after.of_gate(gate) if c.conclusion.status in wanted]
    mine = [c for c in deciding if c.conclusion.flow in flows] or deciding
    by_rule = {c.conclusion.rule: said(c.firing) for c in reversed(mine)}
    layers = [by_rule[code] for code in sorted(by_rule)[:LAYERS]]
    if not layers:
        return None
    title = GATE_TITLES[gate]
    return Text(
        en=f"{title.en}: " + " ".join(layer.en for layer in layers),
        zh=f"{title.zh}：" + "".join(layer.zh for layer in layers),
    )


def _judge(
    before: frozenset[Trouble],
    now: frozenset[Trouble],
    after: Conclusions,
    finding: Finding,
    veiled: Container[str],
) -> Verification:
    verdict: VerdictName = after.verdict.verdict if after.verdict else "unknown"
    mine = troubles_of_finding(finding)
    if mine & now:
        return Verification(
            result="no",
            verdict_after=verdict,
            text=Text(
                en="Run again with this change, the finding is still there.",
                zh="应用该变更后重新诊断，该问题仍然存在。",
            ),
        )
    fresh = fresh_troubles(before, now, mine, veiled)
    if codes := ", ".join(sorted({trouble.code for trouble in fresh})):
        return Verification(
            result="no",
            verdict_after=verdict,
            text=Text(
                en=f"Run again with this change, the finding is gone, but new: {codes}.",
                zh=f"应用该变更后重新诊断，该问题消失，但出现新的问题：{codes}。",
            ),
        )
    left = {
        known.code
        for trouble in now
        for known in ([trouble] if trouble in before else before)
        if known.place == trouble.place and trouble.gate not in veiled
    } | {trouble.code for trouble in now if trouble.gate in veiled}
    gate = after.gates.get(finding.gate)
    if gate is not None and gate.status == "unknown":
        return Verification(
            result="needs", verdict_after=verdict, text=_undecided(finding.gate, after)
        )
    return Verification(result="yes", verdict_after=verdict, text=_confirmed(verdict, left))


def _jointly(verified: Verification, fellows: Sequence[str]) -> Verification:
    """The verification of one of several changes that only help together."""
    said, others = verified.text, ", ".join(fellows)
    joint = Text(en=f"Together with {others}: {said.en}", zh=f"与 {others} 一并应用：{said.zh}")
    return verified.model_copy(update={"text": joint})


def _confirmed(verdict: VerdictName, remaining: Iterable[str]) -> Text:
    left = ", ".join(sorted(remaining))
    if verdict == "blocked":
        return Text(
            en=f"Run again with this change, the finding is gone; still to solve: {left}.",
            zh=f"应用该变更后重新诊断，该问题消失；仍需解决：{left}。",
        )
    if verdict == "unknown":
        return Text(
            en="Run again with this change, the finding is gone; other gates still lack facts.",
            zh="应用该变更后重新诊断，该问题消失；其他环节仍缺少信息。",
        )
    return Text(
        en="Run again with this change, the destination is reachable.",
        zh="应用该变更后重新诊断，目标可以访问。",
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
        zh="应用该变更后重新诊断，该问题消失，但该环节仍无法判定"
        + (f"，还缺少：{lacks}。" if lacks else "。"),
    )


def _unique(name: str, taken: Container[str]) -> str:
    number = 1
    while (candidate := name if number == 1 else f"{name}#{number}") in taken:
        number += 1
    return candidate
