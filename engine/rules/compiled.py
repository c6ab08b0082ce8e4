"""The stored form of a checked knowledge folder, so that a start need not parse hundreds of files.

A first line of JSON for everything but the rules, then one line a rule: few rules are ever looked
at, and the lines of the others stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from wayout.engine import facts
from wayout.engine.products import Products
from wayout.engine.rules import cache
from wayout.engine.rules.book import RuleBook, StoredRule
from wayout.engine.rules.model import (
    FixTemplate,
    HowToCollect,
    Model,
    Never,
    Rule,
    Source,
    Text,
)

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


class Head(Model):
    """The first line; `rules` are the id, gate and file of those on the lines below."""

    rules: tuple[tuple[str, str, str], ...]
    fixes: dict[str, FixTemplate]
    sources: dict[str, Source]
    collect: dict[str, HowToCollect]
    not_modelled: tuple[Text, ...]
    products: Products
    never: tuple[Never, ...]


def restore(version: str, again: Callable[[StoredRule], Rule]) -> Contents | None:
    """What was stored for this version of the knowledge; None when it cannot be had.

    `again` reads a rule from its file, should its stored form turn out to be spoiled.
    """
    content = cache.fetch(NAME, key(version))
    if content is None:
        return None
    first, *lines = content.split(b"\n")
    try:
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
    )
    lines = (
        model.model_dump_json(exclude_defaults=True, by_alias=True) for model in (head, *rules)
    )
    cache.keep(NAME, key(version), "\n".join(lines).encode())


def key(version: str) -> str:
    return cache.key_of(version, (__file__, facts.__file__))
