"""The facts of a question, for people who want to see what the rules saw."""

from __future__ import annotations

from wayout.engine.advise.answer import Frozen
from wayout.engine.advise.diagnosis import question_of, shipped
from wayout.engine.case import Case, Question

__all__ = ["FactLine", "list_facts"]


class FactLine(Frozen):
    """One fact: measured (with `origins`, as document:line pointer) or inferred (with `rules`)."""

    kind: str
    fields: dict[str, str | int | bool]
    origins: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


def list_facts(case: Case, question: Question | None = None) -> tuple[FactLine, ...]:
    """Every fact of the question, measured ones first, then those that rules inferred."""
    observed, inferred = shipped().infer(case, question_of(case, question))
    measured = [
        FactLine(
            kind=fact.kind,
            fields=fact.fields,
            origins=tuple(str(case.locate(origin)) for origin in origins),
        )
        for fact, origins in observed.facts.items()
    ]
    derived = [
        FactLine(
            kind=fact.kind,
            fields=fact.fields,
            rules=tuple(dict.fromkeys(support.rule.id for support in supports)),
        )
        for fact, supports in inferred.supports.items()
    ]
    return (*measured, *derived)
