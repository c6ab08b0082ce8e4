"""The plan of a blocked answer: the smallest set of changes that together free the path.

What each change does by itself is known from its verification. From that follow the smallest sets
that remove every finding which some change removes (minimal hitting sets); they are tried together,
the least privileged first, until the rules confirm one. Where changes get in each other's way, the
path is walked finding by finding instead. What the plan promises is what the rules say of the case
with all its changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice, product
from typing import Any

from wayout.engine.advise.answer import Finding, Fix, Plan, PlanStep, Statement, Text, VerdictName
from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.filled import text
from wayout.engine.advise.fixes import (
    Rerun,
    fresh_troubles,
    troubles_of,
    troubles_of_finding,
    veiled_gates,
)
from wayout.engine.advise.needs import title_of
from wayout.engine.case import Case
from wayout.engine.errors import InputError
from wayout.engine.rules import Knowledge

__all__ = ["Remedy", "Tried", "make_plan", "plan_after"]

Remedy = frozenset[str]  # ids of fixes that were tried together
TOGETHER = 6  # sets that are tried before the path is walked finding by finding
CHOICES = 4096  # sets that are looked at; more findings than that have no ordinary answer
NAMED = 4  # facts that lack which a sentence names


@dataclass(frozen=True, slots=True)
class Tried:
    """The case, what stops it, and what is known of every change that can be tried on it."""

    case: Case
    before: Conclusions
    fixes: Mapping[str, Fix]
    patches: Mapping[str, list[dict[str, Any]]]  # by id: what the fix does to the case
    known: dict[Remedy, Conclusions]  # what follows from changes that were tried together
    rerun: Rerun
    knowledge: Knowledge

    def after(self, ids: Sequence[str]) -> Conclusions | None:
        """What follows from these changes, made in this order; None when they cannot be made."""
        remedy = frozenset(ids)
        found = self.known.get(remedy)
        if found is None:
            ops = [op for name in ids for op in self.patches.get(name, ())]
            try:
                found = self.known[remedy] = self.rerun(self.case.patched(ops))
            except InputError:
                return None
        return found


def make_plan(tried: Tried, findings: Sequence[Finding]) -> Plan | None:
    """The plan for an answer with confirmed findings; None when no change could be tried."""
    confirmed = [finding for finding in findings if finding.certainty == "confirmed"]
    steps = smallest(tried, confirmed) if confirmed else None
    if not steps and confirmed:
        steps = walked(tried, confirmed)
    return plan_after(tried, steps) if steps else None


# ── the smallest set ─────────────────────────────────────────────────────────────────────────


def smallest(tried: Tried, confirmed: Sequence[Finding]) -> list[Remedy] | None:
    """The best of the smallest sets; None when none holds what its changes promise alone."""
    removes = {
        remedy: gone for remedy in tuple(tried.known) if (gone := removed(tried, remedy, confirmed))
    }
    wanted = [
        [remedy for remedy in removes if place in removes[remedy]]
        for place in range(len(confirmed))
    ]
    wanted = [remedies for remedies in wanted if remedies]
    is_whole = len(wanted) == len(confirmed)
    best: tuple[int, list[Remedy]] | None = None
    for chosen in islice(covers(tried, removes, wanted), TOGETHER):
        steps = sorted(chosen, key=lambda remedy: (min(removes[remedy]), sorted(remedy)))
        solved = {place for remedy in chosen for place in removes[remedy]}
        worth = worth_of(tried, steps, [confirmed[place] for place in sorted(solved)])
        if worth and (best is None or worth > best[0]):
            best = worth, steps
        if worth == PROVEN or (worth and not is_whole):
            break
    return best[1] if best else None


def removed(tried: Tried, remedy: Remedy, confirmed: Sequence[Finding]) -> frozenset[int]:
    """The places of the findings that a remedy removes; none when it brings anything new."""
    before, now = troubles_of(tried.before), troubles_of(tried.known[remedy])
    gone = frozenset(
        place for place, finding in enumerate(confirmed) if not troubles_of_finding(finding) & now
    )
    solved = frozenset(t for place in gone for t in troubles_of_finding(confirmed[place]))
    veiled = veiled_gates(tried.before, solved)
    return gone if not fresh_troubles(before, now, solved, veiled) else frozenset()


def covers(
    tried: Tried, removes: Mapping[Remedy, frozenset[int]], wanted: Sequence[Sequence[Remedy]]
) -> Iterator[frozenset[Remedy]]:
    """The sets that hit every finding, the cheapest first; none holds a superfluous change."""
    choices = {frozenset(chosen) for chosen in islice(product(*wanted), CHOICES)}
    for chosen in sorted(choices, key=lambda chosen: cost_of(tried, chosen)):
        everything = frozenset[int]().union(*(removes[remedy] for remedy in chosen))
        rests = (
            frozenset[int]().union(*(removes[other] for other in chosen if other != remedy))
            for remedy in chosen
        )
        if chosen and all(rest != everything for rest in rests):
            yield chosen


def cost_of(tried: Tried, chosen: frozenset[Remedy]) -> tuple[int, int, int, list[list[str]]]:
    """Few changes first, then the least privileged: rank 1 of a finding opens least."""
    ids = [name for remedy in chosen for name in remedy]
    ranks = sum(max(tried.fixes[name].rank for name in remedy) for remedy in chosen)
    return len(chosen), ranks, len(ids), sorted(sorted(remedy) for remedy in chosen)


PROVEN, SOLVED, OPEN = 3, 2, 1  # it leads to `reachable`; its gates are decided; they are not


def worth_of(tried: Tried, steps: Sequence[Remedy], solved: Sequence[Finding]) -> int:
    """What the rules say of all changes together; 0 when they do not hold their promise."""
    after = tried.after(in_order(tried, steps))
    if after is None:
        return 0
    before, now = troubles_of(tried.before), troubles_of(after)
    mine = frozenset(t for finding in solved for t in troubles_of_finding(finding))
    if mine & now or fresh_troubles(before, now, mine, veiled_gates(tried.before, mine)):
        return 0
    if verdict_of(after) == "reachable":
        return PROVEN
    gates = {finding.gate for finding in solved}
    undecided = [gate for gate in gates if after.gates[gate].status == "unknown"]
    return OPEN if undecided else SOLVED


# ── finding by finding ───────────────────────────────────────────────────────────────────────


def walked(tried: Tried, confirmed: Sequence[Finding]) -> list[Remedy]:
    """In path order, the first remedy of each finding that helps with what was chosen before."""
    chosen: list[Remedy] = []
    present = troubles_of(tried.before)
    for finding in confirmed:
        mine = troubles_of_finding(finding)
        if not mine & present:
            continue
        for remedy in remedies(tried, finding):
            after = tried.after(in_order(tried, [*chosen, remedy]))
            now = troubles_of(after) if after else present
            veiled = veiled_gates(tried.before, mine)
            if after and not mine & now and not fresh_troubles(present, now, mine, veiled):
                chosen.append(remedy)
                present = now
                break
    return chosen


def remedies(tried: Tried, finding: Finding) -> Iterator[Remedy]:
    """What to try for a finding, by rank: each fix alone, then those of one rank together."""
    modelled = [name for name in finding.fixes if tried.patches.get(name)]
    for _, same_rank in groupby(modelled, lambda name: tried.fixes[name].rank):
        group = list(same_rank)
        yield from (frozenset({name}) for name in group)
        if len(group) > 1:
            yield frozenset(group)


# ── what it says ─────────────────────────────────────────────────────────────────────────────


def in_order(tried: Tried, steps: Sequence[Remedy]) -> list[str]:
    """The changes of the steps; those of one step as the answer lists them."""
    place = {name: number for number, name in enumerate(tried.fixes)}
    ids = (name for remedy in steps for name in sorted(remedy, key=place.__getitem__))
    return list(dict.fromkeys(ids))


def plan_after(tried: Tried, remedies: Sequence[Remedy]) -> Plan | None:
    """The plan of these steps; None when they cannot be made."""
    steps: list[PlanStep] = []
    standing, after = tried.before, tried.before
    for number, remedy in enumerate(remedies, start=1):
        now = tried.after(in_order(tried, remedies[:number]))
        if now is None:
            return None
        steps.append(step_of(in_order(tried, [remedy]), standing, now))
        standing = after = now
    ids = in_order(tried, remedies)
    lacks = lacks_of(after, tried.knowledge) if verdict_of(after) == "unknown" else ()
    said = outcome(tried, after, lacks)
    both = len(ids) > 1
    return Plan(
        fixes=tuple(ids),
        verdict_after=verdict_of(after),
        text=Text(
            en=f"Run again with {'these changes together' if both else 'this change'}, {said.en}.",
            zh=f"{'同时应用这些变更' if both else '应用该变更'}后重新诊断，{said.zh}。",
        ),
        steps=tuple(steps),
        lacks=lacks,
    )


def step_of(ids: Sequence[str], before: Conclusions, after: Conclusions) -> PlanStep:
    removes = [code for code in codes_of(before) if code not in codes_of(after)]
    upcoming = next_blocker(after)
    gone = ", ".join(removes)
    if upcoming is not None:
        end = Text(
            en=f"the next blocker is {upcoming.code}: {upcoming.text.en}",
            zh=f"下一个阻断点是 {upcoming.code}：{upcoming.text.zh}",
        )
    elif verdict_of(after) == "reachable":
        end = Text(en="the destination is reachable", zh="目标可以访问")
    else:
        end = Text(en="nothing is proven to block any more", zh="不再有已证实的阻断")
    return PlanStep(
        fixes=tuple(ids),
        removes=tuple(removes),
        remains=tuple(codes_of(after)),
        next=upcoming,
        text=Text(en=f"Removes {gone}; after it {end.en}.", zh=f"解决 {gone}；此后{end.zh}。"),
    )


def codes_of(conclusions: Conclusions) -> list[str]:
    """The rules that say something blocks or degrades, in path order."""
    entries = conclusions.of_status("blocks", "degrades")
    return list(dict.fromkeys(entry.conclusion.rule for entry in entries))


def next_blocker(conclusions: Conclusions) -> Statement | None:
    for entry in conclusions.of_status("blocks"):
        if entry.conclusion.certainty == "confirmed":
            return Statement(code=entry.conclusion.rule, text=text(entry.firing.rule.title))
    return None


def can_be_tried(tried: Tried, codes: Sequence[str]) -> bool:
    """Whether any fix of these findings can be tried on a case."""
    fixes = [fix for fix in tried.fixes.values() if set(fix.solves) & set(codes)]
    return any(fix.verified.result != "unmodelled" for fix in fixes)


def verdict_of(conclusions: Conclusions) -> VerdictName:
    return conclusions.verdict.verdict if conclusions.verdict else "unknown"


def lacks_of(after: Conclusions, knowledge: Knowledge) -> tuple[Text, ...]:
    """The facts that undecided gates wait for, in path order."""
    open_gates = {gate for gate, ended in after.gates.items() if ended.status == "unknown"}
    named = [
        (entry.conclusion.needs, entry.conclusion.of)
        for entry in after.of_status("unknown")
        if entry.conclusion.needs and entry.conclusion.gate in open_gates
    ]
    named += [(lack.list, lack.of) for lack in after.not_assessed if lack.gate in open_gates]
    return tuple(title_of(name, of, knowledge) for name, of in dict.fromkeys(named))


def outcome(tried: Tried, after: Conclusions, lacks: Sequence[Text]) -> Text:
    if verdict_of(after) == "reachable":
        return Text(en="the destination is reachable", zh="目标可以访问")
    if left := sorted({trouble.code for trouble in troubles_of(after)}):
        en, zh = ", ".join(left), "、".join(left)
        if not set(left) & {trouble.code for trouble in troubles_of(tried.before)}:
            return Text(
                en=f"what could not be judged before turns out to block: {en}; "
                "diagnose again after the change",
                zh=f"会显现此前无法判断的问题：{zh}；变更后请再次诊断",
            )
        if not can_be_tried(tried, left):
            en += ", whose remedies documents cannot tell the effect of"
            zh += "（其修复方案的效果无法仅凭文档推算）"
        return Text(en=f"this remains: {en}", zh=f"仍需解决：{zh}")
    more = len(lacks) - NAMED
    en = ", ".join(t.en for t in lacks[:NAMED]) + (f" and {more} more" if more > 0 else "")
    zh = "、".join(t.zh for t in lacks[:NAMED]) + (f"等 {len(lacks)} 项" if more > 0 else "")
    return Text(
        en="nothing is proven to block, but facts are missing for a verdict"
        + (f": {en}" if lacks else ""),
        zh="不再有已证实的阻断，但仍缺少得出结论所需的信息" + (f"：{zh}" if lacks else ""),
    )
