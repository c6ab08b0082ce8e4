"""What an observer gets and gives: pure functions from a case to facts with their origins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from wayout.engine.case import Case, Origin, Pod, Question, Record
from wayout.engine.facts import Fact
from wayout.engine.facts.common import Flow
from wayout.engine.products import Products
from wayout.engine.symptoms import SymptomBook

__all__ = ["Observer", "Sighting", "View"]


@dataclass(frozen=True, slots=True)
class Sighting:
    """One fact and the places in the documents that prove it."""

    fact: Fact
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """The case as one question sees it: the pod it is about and the flows to judge."""

    case: Case
    question: Question
    pod: str  # namespace/name
    pod_record: Record[Pod] | None  # None: no document describes the pod
    flows: tuple[Flow, ...]  # main flows first, then lookups
    # The cloud products that are known.
    products: Products = field(default_factory=Products, kw_only=True)
    symptoms: SymptomBook = field(default_factory=SymptomBook, kw_only=True)


Observer = Callable[[View], Iterable[Sighting]]
