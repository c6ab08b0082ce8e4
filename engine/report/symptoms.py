"""The symptoms for people: a list, and one of them with everything it knows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wayout.engine.facts.common import GATE_NAMES
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Style, pad
from wayout.engine.report.rules import citation, list_of
from wayout.engine.report.words import WORDS, Lang, Words
from wayout.engine.rules import Knowledge
from wayout.engine.symptoms.model import BEYOND_NAMES, Symptom

__all__ = ["symptom_data", "symptom_text", "symptoms_text"]

NAMES: dict[str, tuple[str, str]] = {
    str(name): both for name, both in (*GATE_NAMES.items(), *BEYOND_NAMES.items())
}


def symptoms_text(symptoms: Iterable[Symptom], lang: Lang, style: Style) -> str:
    """One symptom a line: id, title, the gates it speaks of."""
    words, page = WORDS[lang], Page(style)
    for symptom in symptoms:
        blamed = words.parentheses.format(gates(symptom.implicates, lang, words))
        tail = blamed if symptom.implicates else ""
        page.text(symptom.title.in_language(lang) + tail, f"{pad(symptom.id, 7)}  ")
    return str(page)


def symptom_text(symptom: Symptom, knowledge: Knowledge, lang: Lang, style: Style) -> str:
    """One symptom: how it is recognised, what it means, whom it blames, what it proves."""
    words, page = WORDS[lang], Page(style)
    page.text(f"{symptom.id}  {symptom.title.in_language(lang)}", "", "heading")
    page.text(words.certainty[symptom.certainty], "", "quiet")
    list_of(page, words.recognised, (*symptom.patterns, *symptom.phrases))
    page.heading(words.meaning)
    for label, value in (
        ("", symptom.means.in_language(lang)),
        (words.implicates, gates(symptom.implicates, lang, words)),
        (words.implicates_private, gates(symptom.implicates_private, lang, words)),
        (words.excludes, gates(symptom.excludes, lang, words)),
        (words.bypasses, gates(symptom.bypasses, lang, words)),
        (words.next, symptom.next.in_language(lang)),
    ):
        if value:
            page.text(value, f"  {label}{words.colon}" if label else "  ")
    list_of(page, words.sources, (citation(key, knowledge, lang, words) for key in symptom.sources))
    list_of(page, words.examples, symptom.examples.match)
    list_of(page, words.examples_near, symptom.examples.near)
    return str(page)


def gates(names: Iterable[str], lang: Lang, words: Words) -> str:
    """What people call them, in the order given."""
    return words.comma.join(NAMES[name][lang == "zh"] for name in names)


def symptom_data(symptom: Symptom) -> dict[str, Any]:
    """A symptom for JSON and YAML."""
    return symptom.model_dump(mode="json", exclude_defaults=True)
