"""The plan of an answer in lines: which changes in which order, and how things stand in between."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from wayout.engine.advise.answer import Answer
from wayout.engine.report.words import Lang, Words

__all__ = ["plan_lines", "refusals"]


def plan_lines(
    answer: Answer, lang: Lang, words: Words, name: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """(changes, what follows): first the whole, then one a step.

    None for a single change that frees the path. `name` is what the page calls a fix.
    """
    plan = answer.plan
    if plan is None or (len(plan.fixes) == 1 and not any(step.remains for step in plan.steps)):
        return
    label = words.plan if len(plan.fixes) > 1 else words.plan_of_one
    names = words.comma.join(name(fix) for fix in plan.fixes)
    yield f"{label}{words.colon}{names}{words.stop}", plan.text.pick(lang)
    for step in plan.steps if len(plan.steps) > 1 else ():
        fixes = words.comma.join(name(fix) for fix in step.fixes)
        yield f"{fixes}{words.colon}", step.text.pick(lang)


def refusals(answer: Answer, lang: Lang, words: Words) -> list[str]:
    """The remedies that are not offered, and why."""
    return [
        f"{item.title.pick(lang)}{words.parentheses.format(item.fix)}"
        f"{words.colon}{item.reason.pick(lang)}"
        for item in answer.refused
    ]
