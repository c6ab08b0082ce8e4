"""What must hold of symptoms beyond the form of their file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from wayout.engine.symptoms.book import SymptomBook
from wayout.engine.symptoms.model import Symptom
from wayout.engine.symptoms.patterns import problem_with
from wayout.engine.symptoms.text import prepare

__all__ = ["problems_of_book", "problems_of_examples", "problems_of_symptom"]

LEAST_PHRASE, LEAST_PART = 3, 2  # characters; anything shorter would be found everywhere
HAN = re.compile("[\u4e00-\u9fff]")
ENDINGS = {"en": (".", "?"), "zh": ("。", "？")}


def problems_of_symptom(symptom: Symptom) -> Iterator[tuple[str, str]]:
    """Field and fault, for one entry by itself."""
    if not re.fullmatch(r"SYM-\d{2,3}", symptom.id):
        yield "", "the name of an entry must be SYM- and two or three digits."
    if not symptom.patterns and not symptom.phrases:
        yield "patterns", "an entry needs a pattern or a phrase."
    for place, pattern in patterns_of(symptom):
        if problem := problem_with(pattern):
            yield place, problem
    for index, phrase in enumerate(symptom.phrases):
        bare = "".join(phrase.split())
        if len(bare) < LEAST_PHRASE or any(len(part) < LEAST_PART for part in bare.split("…")):
            yield (
                f"phrases[{index}]",
                f"{phrase!r} is too short: it takes {LEAST_PHRASE} characters,"
                f" and {LEAST_PART} between gaps.",
            )
    for index, seen in enumerate(symptom.observes):
        if (seen.tcp is None) == (seen.dns is None):
            yield f"observes[{index}]", "must have exactly one of tcp, dns."
    yield from problems_of_gates(symptom)
    yield from problems_of_texts(symptom)


def patterns_of(symptom: Symptom) -> Iterator[tuple[str, str]]:
    """Every regular expression of an entry, with its place."""
    for index, pattern in enumerate(symptom.patterns):
        yield f"patterns[{index}]", pattern
    if symptom.excludes_only_in:
        yield "excludes_only_in", symptom.excludes_only_in
    for index, seen in enumerate(symptom.observes):
        if seen.only_in:
            yield f"observes[{index}].only_in", seen.only_in


def problems_of_gates(symptom: Symptom) -> Iterator[tuple[str, str]]:
    lists = {
        "implicates": symptom.implicates,
        "implicates_private": symptom.implicates_private,
        "excludes": symptom.excludes,
        "bypasses": symptom.bypasses,
    }
    for field, gates in lists.items():
        if twice := [gate for gate, count in Counter(gates).items() if count > 1]:
            yield field, f"{twice[0]} stands there twice."
    blamed = {*symptom.implicates, *symptom.implicates_private}
    for field, cleared in (("excludes", symptom.excludes), ("bypasses", symptom.bypasses)):
        if both := [gate for gate in cleared if gate in blamed]:
            yield field, f"{both[0]} is implicated; a text cannot both blame and clear a gate."
    needing = ("excludes", "is_refusal", "observes", "decides", "bypasses")
    if not symptom.patterns:
        for field in needing:
            if getattr(symptom, field):
                yield field, "a phrase proves nothing; this needs a pattern."
    if symptom.excludes_only_in and not symptom.excludes:
        yield "excludes_only_in", "there is nothing it could prove; `excludes` is empty."


def problems_of_texts(symptom: Symptom) -> Iterator[tuple[str, str]]:
    for field in ("title", "means", "next"):
        text = getattr(symptom, field)
        for language, sentence in (("en", text.en), ("zh", text.zh)):
            if field != "title" and not sentence.rstrip().endswith(ENDINGS[language]):
                yield f"{field}.{language}", f"must end with {ENDINGS[language][0]!r}."
            if set("{}") & set(sentence):
                yield f"{field}.{language}", "takes no placeholder."
        if HAN.search(text.en) or not HAN.search(text.zh):
            yield field, "en must be English and zh Chinese."


def problems_of_book(book: SymptomBook) -> Iterator[tuple[str, str]]:
    """Place and fault between the entries of one file."""
    for symptom in book.values():
        for name in symptom.overrides:
            other = book.get(name)
            if other is None or other is symptom:
                yield f"{symptom.id}.overrides", f"{name} is no other entry."
            elif symptom.id in other.overrides:
                yield f"{symptom.id}.overrides", f"{name} overrides this entry in turn."


def problems_of_examples(book: SymptomBook) -> Iterator[tuple[str, str]]:
    """Place and fault of each example that an entry does not live up to."""
    for symptom in book.values():
        for kind, texts in (("match", symptom.examples.match), ("near", symptom.examples.near)):
            for index, text in enumerate(texts):
                found = [match.symptom.id for match in book.matches(prepare(text))]
                if (symptom.id in found) != (kind == "match"):
                    seen = ", ".join(found) or "nothing"
                    place = f"{symptom.id}.examples.{kind}[{index}]"
                    yield place, f"{text!r} shows {seen}."
