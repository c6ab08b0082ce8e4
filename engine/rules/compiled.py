"""The stored form of a checked knowledge folder, so that a start need not parse hundreds of files.

A first line of JSON for everything small, a line for the symptoms, then one line a rule: few rules
are ever looked at, most questions come without an error text, and lines nobody needs stay as they
are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from wayout.engine import facts, symptoms
from wayout.engine.products import Products
from wayout.engine.rules import cache
from wayout.engine.rules.book import RuleBook, StoredRule
from wayout.engine.rules.model import (
    Asking,
    FixTemplate,
    HowToCollect,
    Model,
    Never,
    Rule,
    Source,
    Text,
)
from wayout.engine.symptoms import SymptomBook

if TYPE_CHECKING:
    from wayout.engine.symptoms.model import Symptom

__all__ = ["Contents", "restore", "store"]

NAME = "knowledge"


class Contents(NamedTuple):
    """Everything a folder holds, apart from its examples."""

    book: RuleBook
    fixes: Mapping[str, FixTemplate]
    sources: Mapping[str, Source]
    collect: Mapping[str, HowToCollect]
    not_modelled: tuple[Text, ...]
    products: Products
    never: tuple[Never, ...]
    symptoms: SymptomBook
    questions: Mapping[str, Asking]


class Head(Model):
    """The first line; `rules` are the id, gate and file of those on the lines below."""

    rules: tuple[tuple[str, str, str], ...]
    fixes: dict[str, FixTemplate]
    sources: dict[str, Source]
    collect: dict[str, HowToCollect]
    not_modelled: tuple[Text, ...]
    products: Products
    never: tuple[Never, ...]
    questions: dict[str, Asking]


def restore(
    version: str,
    again: Callable[[StoredRule], Rule],
    symptoms_again: Callable[[], Iterable[Symptom]],
) -> Contents | None:
    """What was stored for this version of the knowledge; None when it cannot be had.

    `again` reads a rule from its file, should its stored form turn out to be spoiled, and
    `symptoms_again` the symptoms.
    """
    content = cache.fetch(NAME, key(version))
    if content is None:
        return None
    try:
        first, texts, *lines = content.split(b"\n")
        head = Head.model_validate_json(first)
        pairs = zip(head.rules, lines, strict=True)
        stored = [StoredRule(*names, line) for names, line in pairs]
    except ValueError:
        return None
    book = RuleBook(stored, again)
    return Contents(
        book,
        head.fixes,
        head.sources,
        head.collect,
        head.not_modelled,
        head.products,
        head.never,
        SymptomBook(stored=texts, again=symptoms_again),
        head.questions,
    )


def store(version: str, contents: Contents) -> None:
    """Stores what was read, if the cache folder can be written."""
    rules = contents.book.values()
    head = Head(
        rules=tuple((rule.id, rule.gate, rule.file) for rule in rules),
        fixes=dict(contents.fixes),
        sources=dict(contents.sources),
        collect=dict(contents.collect),
        not_modelled=contents.not_modelled,
        products=contents.products,
        never=contents.never,
        questions=dict(contents.questions),
    )
    lines = (
        model.model_dump_json(exclude_defaults=True, by_alias=True) for model in (head, *rules)
    )
    encoded = [line.encode() for line in lines]
    encoded.insert(1, contents.symptoms.stored_form())
    cache.keep(NAME, key(version), b"\n".join(encoded))


def key(version: str) -> str:
    return cache.key_of(version, (__file__, facts.__file__, symptoms.__file__))
