"""The proof graph: conclusion <- rule firing <- facts <- rule firing or document.

Nodes are numbered in the order they are first needed, so that the same case gives the same ids.
Shared premises are one node; the graph is acyclic because a rule never reads what it derives.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from wayout.engine.advise.absence import absence_text, asked_of, by_kind
from wayout.engine.advise.answer import Proof, ProofEdge, ProofNode, SourceRef, Text
from wayout.engine.advise.citations import cite
from wayout.engine.advise.filled import said, text
from wayout.engine.case import Case, Origin
from wayout.engine.facts import KINDS, Fact
from wayout.engine.inference import Firing, Inferred
from wayout.engine.rules import Knowledge, Pattern, Rule

__all__ = ["ProofBuilder"]


class ProofBuilder:
    """Collects the nodes that the parts of one answer ask for."""

    def __init__(
        self,
        case: Case,
        origins: Mapping[Fact, tuple[Origin, ...]],
        inferred: Inferred,
        knowledge: Knowledge,
    ) -> None:
        self._knowledge = knowledge
        self._case = case
        self._origins = origins
        self._inferred = inferred
        self._nodes: dict[str, ProofNode] = {}
        self._edges: dict[tuple[str, str], None] = {}  # parent and child
        self._ids: dict[object, str] = {}
        self._counts: dict[str, int] = {}
        self._said: dict[int, Text] = {}
        self._sources: dict[str, tuple[SourceRef, ...]] = {}

    def said(self, firing: Firing) -> Text:
        """What a firing says; many parts of an answer ask for the same sentence."""
        known = self._said.get(id(firing))
        if known is None:
            known = self._said[id(firing)] = said(firing)
        return known

    def cited(self, rule: Rule) -> tuple[SourceRef, ...]:
        """The sources of a rule."""
        known = self._sources.get(rule.id)
        if known is None:
            known = self._sources[rule.id] = cite(rule, self._knowledge)
        return known

    def build(self) -> Proof:
        """The graph of everything asked for so far."""
        edges = (ProofEdge(parent=parent, child=child) for parent, child in self._edges)
        return Proof(nodes=tuple(self._nodes.values()), edges=tuple(edges))

    def firing(self, firing: Firing) -> str:
        """The id of the node of a rule firing, added with all its premises."""
        known = self._ids.get(id(firing))
        if known:
            return known
        node = self._new("r", id(firing))
        rule = firing.rule
        self._nodes[node] = ProofNode(
            id=node,
            type="rule",
            code=rule.id,
            gate=rule.gate,
            title=text(rule.title),
            text=self.said(firing),
            sources=self.cited(rule),
        )
        for pattern, fact in zip(rule.when, firing.bindings, strict=True):
            premise = self._absence(pattern, firing) if fact is None else self.fact(fact)
            self._edges[node, premise] = None
        return node

    def fact(self, fact: Fact) -> str:
        """The id of the node of a fact, added with what proves it."""
        known = self._ids.get(fact)
        if known:
            return known
        node = self._new("f", fact)
        self._nodes[node] = ProofNode(id=node, type="fact", fact=fact.kind, fields=fact.fields)
        for support in self._inferred.supports.get(fact, ()):
            self._edges[node, self.firing(support)] = None
        for origin in self._origins.get(fact, ()):
            self._edges[node, self._document(origin)] = None
        return node

    def _absence(self, pattern: Pattern, firing: Firing) -> str:
        """A negation that held; below it stands the complete list that proves it."""
        asked = asked_of(pattern, firing)
        key = ("none", pattern.kind, asked)
        known = self._ids.get(key)
        if known:
            return known
        node = self._new("n", key)
        lists = [fact for fact in firing.lists if fact.fields["list"] == list_of(pattern)]
        facts = self._by_kind.get(pattern.kind, [])
        said = absence_text(pattern, asked, facts, lists, self._knowledge)
        self._nodes[node] = ProofNode(id=node, type="absence", fact=pattern.kind, text=said)
        for collected in lists:
            self._edges[node, self.fact(collected)] = None
        return node

    @cached_property
    def _by_kind(self) -> Mapping[str, list[Fact]]:
        return by_kind(self._inferred.facts)

    def _document(self, origin: Origin) -> str:
        known = self._ids.get(origin)
        if known:
            return known
        node = self._new("d", origin)
        place = self._case.locate(origin)
        self._nodes[node] = ProofNode(
            id=node,
            type="document",
            document=place.document,
            pointer=place.pointer,
            line=place.line,
            collected_at=place.collected_at,
        )
        return node

    def _new(self, prefix: str, key: object) -> str:
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        self._ids[key] = f"{prefix}{self._counts[prefix]}"
        return self._ids[key]


def list_of(pattern: Pattern) -> str:
    """The list that must be complete for a negation, "" when it needs none."""
    reference = KINDS[pattern.kind].from_list
    return reference.name if reference else ""
