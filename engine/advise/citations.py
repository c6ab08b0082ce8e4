"""Turns the source keys of a rule into full citations."""

from __future__ import annotations

from wayout.engine.advise.answer import SourceRef
from wayout.engine.advise.filled import text
from wayout.engine.rules import Knowledge, Rule

__all__ = ["cite"]


def cite(rule: Rule, knowledge: Knowledge) -> tuple[SourceRef, ...]:
    """The sources of a rule in the order in which the rule names them."""
    return tuple(_source(key, knowledge) for key in rule.sources)


def _source(key: str, knowledge: Knowledge) -> SourceRef:
    source = knowledge.sources[key]
    return SourceRef(
        key=key,
        title=text(source.title),
        url=source.url or source.where,
        edition=source.edition,
        confidence=source.confidence,
    )
