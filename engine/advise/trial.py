"""Runs the rules again on a changed case, mindful of what was seen before the change.

Somebody saw a connection time out: that is no news of the case after a change. Where all that
stops the flow is shown by documents too, the attempt and its error text may be left aside.
"""

from __future__ import annotations

from collections.abc import Callable

from wayout.engine.advise.conclusions import Conclusions
from wayout.engine.advise.fixes import Rerun, troubles_of
from wayout.engine.case import Case
from wayout.engine.case.overlay import without_attempts

__all__ = ["trials"]


def trials(case: Case, before: Conclusions, conclude: Callable[[Case], Conclusions]) -> Rerun:
    """What follows from a changed copy of `case`, of which `before` follows."""
    is_told_by_documents: bool | None = None

    def rerun(changed: Case) -> Conclusions:
        nonlocal is_told_by_documents
        after = conclude(changed)
        unseen = without_attempts(changed)
        if unseen is changed or verdict_of(after) == "reachable":
            return after
        if is_told_by_documents is None:
            documented = troubles_of(conclude(without_attempts(case)))
            is_told_by_documents = troubles_of(before) <= documented
        if not is_told_by_documents:
            return after
        fresh = conclude(unseen)
        return fresh if verdict_of(fresh) == "reachable" else after

    return rerun


def verdict_of(conclusions: Conclusions) -> str:
    return conclusions.verdict.verdict if conclusions.verdict else "unknown"
