"""What was measured and inferred, and where each fact comes from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wayout.engine.report.explain import fields_text
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Style
from wayout.engine.report.words import WORDS, Lang

if TYPE_CHECKING:
    from wayout.engine.advise.fact_lines import FactLine

__all__ = ["facts_text"]


def facts_text(facts: Iterable[FactLine], lang: Lang, style: Style) -> str:
    """One fact a line; below it the documents that show it or the rules that infer it."""
    page, words = Page(style), WORDS[lang]
    for fact in facts:
        page.text(f"{fact.kind}({fields_text(fact.fields)})", hang="    ")
        for origin in fact.origins:
            page.text(origin, "  <- ", "quiet", "quiet")
        if fact.rules:
            page.text(f"{words.rule} {words.comma.join(fact.rules)}", "  <- ", "quiet", "quiet")
    return str(page)
