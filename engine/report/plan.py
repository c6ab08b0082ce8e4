"""The plan of an answer: which changes in which order, and how things stand in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from wayout.engine.advise.answer import Answer, Plan, PlanStep
from wayout.engine.report.words import Lang, Words

__all__ = ["Outline", "outline", "plan_lines", "refusals"]


@dataclass(frozen=True, slots=True)
class Outline:
    """What a report tells of a plan. `steps` is empty where the whole says all."""

    label: str
    plan: Plan
    steps: tuple[PlanStep, ...]


def outline(answer: Answer, words: Words) -> Outline | None:
    """None for a single change that frees the path: the change itself says so."""
    plan = answer.plan
    if plan is None or (len(plan.fixes) == 1 and not any(step.remains for step in plan.steps)):
        return None
    label = words.plan if len(plan.fixes) > 1 else words.plan_of_one
    return Outline(label, plan, plan.steps if len(plan.steps) > 1 else ())


def plan_lines(
    answer: Answer, lang: Lang, words: Words, name: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """(changes, what follows): the whole, then one a step; `name` says how a fix is called."""
    told = outline(answer, words)
    if told is None:
        return
    names = words.comma.join(name(fix) for fix in told.plan.fixes)
    yield f"{told.label}{words.colon}{names}{words.stop}", told.plan.text.pick(lang)
    for step in told.steps:
        fixes = words.comma.join(name(fix) for fix in step.fixes)
        yield f"{fixes}{words.colon}", step.text.pick(lang)


def refusals(answer: Answer, lang: Lang, words: Words) -> list[str]:
    """The remedies that are not offered, and why."""
    return [
        f"{item.title.pick(lang)}{words.parentheses.format(item.fix)}"
        f"{words.colon}{item.reason.pick(lang)}"
        for item in answer.refused
    ]
