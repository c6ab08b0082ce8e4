"""Orders the rules of a gate so that `none` is only asked when its kind is complete.

A rule gets a phase: at least the phase of every derived kind it reads, and a later one than that
of every derived kind it negates. Recursion through `none` has no such order and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wayout.engine.errors import RuleError
from wayout.engine.facts.common import NotAssessed
from wayout.engine.rules.model import Rule

__all__ = ["phases"]


def phases(rules: Sequence[Rule]) -> dict[str, int]:
    """Rule id to phase (0, 1, …) for the rules of one gate.

    Raises RuleError when a kind depends on its own absence; the cycle is named.
    """
    level = dict.fromkeys((kind for rule in rules for kind in heads(rule)), 0)
    phase = dict.fromkeys((rule.id for rule in rules), 0)
    for _ in range(len(level) + 1):
        is_stable = True
        for rule in rules:
            needed = max((level[k] + negated for k, negated in reads(rule, level)), default=0)
            if needed > phase[rule.id]:
                phase[rule.id] = needed
            for kind in heads(rule):
                if level[kind] < phase[rule.id]:
                    level[kind], is_stable = phase[rule.id], False
        if is_stable:
            return phase
    raise cycle_error(rules, level)


def heads(rule: Rule) -> tuple[str, ...]:
    """The kinds a rule can add: what it produces and, when it needs a list, that it lacks."""
    return (rule.produces, NotAssessed.kind) if rule.list_needs else (rule.produces,)


def reads(rule: Rule, kinds: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Which of `kinds` the rule reads, and whether under `none`."""
    wanted = set(kinds)
    return ((p.kind, p.is_negated) for p in rule.when if p.kind in wanted)


def cycle_error(rules: Sequence[Rule], kinds: Iterable[str]) -> RuleError:
    known = list(kinds)
    for rule in rules:
        for kind, is_negated in reads(rule, known):
            if not is_negated:
                continue
            for head in heads(rule):
                if (path := way(rules, head, kind, known)) is not None:
                    steps = " -> ".join([f"none {kind}", *path])
                    return RuleError(
                        f"{rule.file}: when: {head} depends on its own absence ({steps});"
                        " let an earlier gate or a kind of its own decide."
                    )
    raise AssertionError("no order of phases, yet no cycle through none")


def way(rules: Sequence[Rule], start: str, goal: str, kinds: list[str]) -> list[str] | None:
    """The kinds passed when deriving `goal` from `start`; None when that is impossible."""
    paths = {start: [start]}
    queue = [start]
    while queue:
        here = queue.pop(0)
        if here == goal:
            return paths[here]
        for rule in rules:
            if any(kind == here for kind, _ in reads(rule, kinds)):
                for head in heads(rule):
                    if head not in paths:
                        paths[head] = [*paths[here], head]
                        queue.append(head)
    return None
