"""The proof of a finding, a gate or the verdict as one page."""

from __future__ import annotations

from wayout.engine.advise.answer import Answer
from wayout.engine.report.explain import topics
from wayout.engine.report.html.answer import header, page_title
from wayout.engine.report.html.document import document
from wayout.engine.report.html.markup import el
from wayout.engine.report.html.proofs import Proofs
from wayout.engine.report.plain import Style
from wayout.engine.report.words import WORDS, Lang

__all__ = ["explanation_html"]


def explanation_html(answer: Answer, name: str | None, lang: Lang, style: Style) -> str:
    """The trees of each topic, unfolded; raises QuestionError for a name the answer has not."""
    found = topics(answer, name, style.is_verbose)
    proofs, words = Proofs(answer, lang, is_open=True), WORDS[lang]
    trees = proofs.branches(topic.roots for topic in found)
    sections = [
        el(
            "section",
            el(
                "h2",
                el("span", topic.name, class_="id"),
                f" {topic.title.pick(lang)}" if topic.title else None,
            ),
            el("p", topic.text.pick(lang)),
            proofs.tree(branches) if branches else el("p", words.no_proof, class_="quiet"),
            id=f"topic-{number}",
        )
        for number, (topic, branches) in enumerate(zip(found, trees, strict=True), 1)
    ]
    return document(page_title(answer, lang), lang, header(answer, lang), el("main", sections))
