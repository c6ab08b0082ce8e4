"""Turns the source keys of a rule into full citations."""

from __future__ import annotations

from functools import lru_cache

from wayout.engine.advise.answer import SourceRef
from wayout.engine.advise.filled import text
from wayout.engine.rules import Knowledge, Rule, Source

__all__ = ["cite"]


def cite(rule: Rule, knowledge: Knowledge) -> tuple[SourceRef, ...]:
    """The sources of a rule in the order in which the rule names them."""
    return tuple(_reference(key, knowledge.sources[key]) for key in rule.sources)


@lru_cache(maxsize=512)  # answers share their references: fewer objects to collect
def _reference(key: str, source: Source) -> SourceRef:
    return SourceRef(
        key=key,
        title=text(source.title),
        url=source.url or source.where,
        edition=source.edition,
        confidence=source.confidence,
    )
