"""The plan of a blocked answer: few changes, in path order, that together free the path.

Findings are taken in path order. One that an earlier change already removed needs none of its own;
for every other the first of its fixes that removes it and brings nothing new is taken. What the
plan promises is what the rules say of the case with all its changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from wayout.engine.advise.answer import Finding, Fix, Plan, Text, VerdictName
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.fixes import Rerun, Trouble, troubles_of
from wayout.engine.case import Case
from wayout.engine.errors import InputError

__all__ = ["make_plan"]

Patches = Mapping[str, list[dict[str, Any]]]


def make_plan(
    case: Case,
    before: Conclusions,
    findings: Sequence[Finding],
    fixes: Mapping[str, Fix],
    patches: Patches,
    rerun: Rerun,
) -> Plan | None:
    """The plan for an answer with confirmed findings; None when no change could be tried.

    `patches` holds, by id, the fixes whose effect can be computed.
    """
    confirmed = [finding for finding in findings if finding.certainty == "confirmed"]
    if len(confirmed) == 1:
        return plan_of_one(confirmed[0], fixes)
    state, present = case, troubles_of(before)
    known, after = present, before
    chosen: list[str] = []
    for finding in confirmed:
        mine = {Trouble(finding.gate, finding.code, flow) for flow in finding.flows}
        if not mine & present:
            continue
        for remedy in remedies(finding, fixes):
            tried = attempt(state, [op for fix in remedy for op in patches.get(fix, ())], rerun)
            if tried is None:
                continue
            changed, concluded = tried
            now = troubles_of(concluded)
            if not mine & now and now <= known:
                state, present, after = changed, now, concluded
                chosen += remedy
                break
    return plan_of(chosen, after, present) if chosen else None


def plan_of_one(finding: Finding, fixes: Mapping[str, Fix]) -> Plan | None:
    """The plan for a single finding: its verification has already tried each fix."""
    for name in finding.fixes:
        verified = fixes[name].verified
        if verified.result in ("yes", "needs") and verified.verdict_after:
            return Plan(fixes=(name,), verdict_after=verified.verdict_after, text=verified.text)
    return None


def remedies(finding: Finding, fixes: Mapping[str, Fix]) -> Iterator[list[str]]:
    """What to try for a finding, by rank: each fix alone, then those of one rank together."""
    for _, same_rank in groupby(finding.fixes, lambda fix: fixes[fix].rank):
        group = list(same_rank)
        yield from ([fix] for fix in group)
        if len(group) > 1:
            yield group


def attempt(
    case: Case, patch: list[dict[str, Any]], rerun: Rerun
) -> tuple[Case, Conclusions] | None:
    """The changed case and what follows from it; None when the change cannot be made."""
    if not patch:
        return None
    try:
        changed = case.patched(patch)
    except InputError:
        return None
    return changed, rerun(changed)


def plan_of(chosen: list[str], after: Conclusions, present: frozenset[Trouble]) -> Plan:
    verdict: VerdictName = after.verdict.verdict if after.verdict else "unknown"
    left = ", ".join(sorted({trouble.code for trouble in present}))
    if verdict == "reachable":
        end = Text(en="the destination is reachable", zh="目标可以访问")
    elif left:
        end = Text(en=f"this remains: {left}", zh=f"仍需解决：{left}")
    else:
        end = Text(
            en="nothing is proven to block, but facts are missing for a verdict",
            zh="不再有已证实的阻断，但仍缺少得出结论所需的信息",
        )
    both = len(chosen) > 1
    return Plan(
        fixes=tuple(chosen),
        verdict_after=verdict,
        text=Text(
            en=f"Run again with {'these changes together' if both else 'this change'}, {end.en}.",
            zh=f"{'同时应用这些变更' if both else '应用该变更'}后重新诊断，{end.zh}。",
        ),
    )
