"""Observers: case + question -> flat facts with the places in the documents that prove them.

An observer is a module of this package with a function `observe(view)`; it exists because its file
exists. Observers are pure and total: they measure, and say so when something cannot be measured.
What the facts mean is said in `knowledge/rules`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache

from wayout.engine.case import (
    Case,
    NatGateway,
    Origin,
    Question,
    RouteTable,
    SecurityGroup,
)
from wayout.engine.case.lists import NAMESPACED
from wayout.engine.facts import KINDS, Fact
from wayout.engine.facts.common import GATES, Collected, Gate
from wayout.engine.observe.base import Observer, Sighting, View
from wayout.engine.observe.flow import flow_sightings, make_view, plan_of
from wayout.engine.products import Products
from wayout.engine.symptoms import NO_SYMPTOMS, SymptomBook

__all__ = ["Observed", "Sighting", "View", "make_view", "observe"]


# Who owns the lists that are parts of a resource; prefix and port lists are known by their id.
OWNER_MODELS: Mapping[str, type[NatGateway | RouteTable | SecurityGroup]] = {
    "forward_entries": NatGateway,
    "route_entries": RouteTable,
    "security_group_rules": SecurityGroup,
    "snat_entries": NatGateway,
}


@dataclass(frozen=True, slots=True)
class Observed:
    """What was measured: each fact once, in a stable order, with every origin that proves it."""

    facts: dict[Fact, tuple[Origin, ...]]
    view: View


def observe(
    case: Case,
    question: Question,
    products: Products | None = None,
    *,
    symptoms: SymptomBook = NO_SYMPTOMS,
) -> Observed:
    """Every fact that the case holds about the question.

    `products` are those it may call, `symptoms` tells what error texts show.
    """
    view = make_view(case, question, products, symptoms)
    facts: dict[Fact, tuple[Origin, ...]] = {}
    add(facts, sightings(view))
    add(facts, complete_lists(view, tuple(facts)))
    return Observed(facts, view)


def add(facts: dict[Fact, tuple[Origin, ...]], found: Iterable[Sighting]) -> None:
    """Equal facts are one fact with all the places that prove it."""
    for sighting in found:
        known = facts.get(sighting.fact, ())
        facts[sighting.fact] = tuple(dict.fromkeys((*known, *sighting.origins)))


def sightings(view: View) -> Iterator[Sighting]:
    yield from flow_sightings(view)
    for gate in GATES:
        yield Sighting(Gate(gate=gate))
    for observer in observers():
        yield from observer(view)


@cache
def observers() -> tuple[Observer, ...]:
    """The observers of this package, by module name."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(module.observe for module in modules if hasattr(module, "observe"))


@cache
def listed_names() -> frozenset[str]:
    """The lists that some kind of fact is read from; only these may a rule ask about."""
    return frozenset(kind.from_list.name for kind in KINDS.values() if kind.from_list is not None)


def complete_lists(view: View, facts: Iterable[Fact]) -> Iterator[Sighting]:
    """One fact per complete list, so that a rule may conclude from what is not in it.

    A list of an owner that no fact mentions can matter to no rule and is left out: an account may
    have hundreds of complete security groups.
    """
    words, namespaces = words_of(facts), namespaces_of(view)
    for name, of, origins in view.case.complete_lists():
        if name not in listed_names():
            continue
        if not of or of.partition("/")[0] in (namespaces if name in NAMESPACED else words):
            yield Sighting(Collected(list=name, of=of), origins)
        if not of:  # complete for every owner: say so for those that count
            owners = namespaces if name in NAMESPACED else owners_among(view, name, words)
            for owner in sorted(owners):
                yield Sighting(Collected(list=name, of=owner), origins)


def words_of(facts: Iterable[Fact]) -> Set[str]:
    """Every text in a field of a fact, and each part of a comma separated one."""
    values: set[object] = set()
    for fact in facts:
        values.update(fact.__dict__.values())
    words = {value for value in values if isinstance(value, str)}
    for text in [word for word in words if "," in word]:
        words.update(text.split(","))
    return words


def namespaces_of(view: View) -> Set[str]:
    """The namespaces a question is about: of the pod, of the destination and of CoreDNS."""
    keys = (view.pod, plan_of(view).destination.service_key, plan_of(view).destination.pod_key)
    return {"kube-system", *(key.partition("/")[0] for key in keys if "/" in key)}


def owners_among(view: View, name: str, words: Set[str]) -> Set[str]:
    model = OWNER_MODELS.get(name)
    if model is None:  # prefix and port lists have no document of their own
        return {word for word in words if word.startswith(("pl-", "prl-"))}
    return words & {record.value.key for record in view.case.listing(model).records}
