"""Walking the proof of an answer: what stands below a conclusion, as a tree or as a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wayout.engine.advise.answer import Answer, Proof, ProofEdge, ProofNode

__all__ = ["Branch", "ProofGraph", "place"]


@dataclass(frozen=True, slots=True)
class Branch:
    """One node as the reader meets it.

    `number` marks a part that several others rest on: where it stands first it has children, at
    every later place it is a repeat that only refers there.
    """

    node: ProofNode
    children: tuple[Branch, ...] = ()
    number: int | None = None
    is_repeat: bool = False


class ProofGraph:
    """The nodes and edges of one answer, ready for walking; unknown ids are passed over."""

    def __init__(self, proof: Proof) -> None:
        self.nodes = {node.id: node for node in proof.nodes}
        self.below: dict[str, list[str]] = {}
        for edge in proof.edges:
            if edge.parent in self.nodes and edge.child in self.nodes:
                self.below.setdefault(edge.parent, []).append(edge.child)

    @classmethod
    def of(cls, answer: Answer) -> ProofGraph:
        return cls(answer.proof)

    def walk(self, roots: Iterable[str]) -> Iterator[ProofNode]:
        """Every node at or below `roots`, each once, depth first in the order of the edges."""
        seen: set[str] = set()
        waiting = [root for root in roots if root in self.nodes][::-1]
        while waiting:
            current = waiting.pop()
            if current in seen:
                continue
            seen.add(current)
            yield self.nodes[current]
            waiting += reversed(self.below.get(current, []))

    def by_depth(self, root: str) -> Iterator[ProofNode]:
        """Every node at or below `root`, each once, the fewest steps away first."""
        level = [root] if root in self.nodes else []
        seen = set(level)
        while level:
            yield from (self.nodes[current] for current in level)
            below = [child for current in level for child in self.below.get(current, [])]
            level = [child for child in dict.fromkeys(below) if child not in seen]
            seen.update(level)

    def evidence(self, root: str) -> list[ProofNode]:
        """What a conclusion rests on, each place once: documents, then absences.

        Nearest first, but every document is named before one is named twice, and what only tells
        the question comes after what decides. An absence counts when a complete list proves it.
        """
        asked = {
            leaf.id
            for node in self.by_depth(root)
            if node.fact == "flow"
            for leaf in self.by_depth(node.id)
        }
        places: dict[str, ProofNode] = {}
        for leaf in self.by_depth(root):
            if leaf.type == "document":
                places.setdefault(place(leaf), leaf)
        leaves = sorted(places.values(), key=lambda leaf: leaf.id in asked)
        absences = [
            node for node in self.by_depth(root) if node.type == "absence" and node.id in self.below
        ]
        return [*each_document_first(leaves), *absences]

    def part(self, roots: Iterable[str]) -> Proof:
        """The proof below `roots`, with nothing else in it."""
        nodes = tuple(self.walk(roots))
        edges = (
            ProofEdge(parent=node.id, child=child)
            for node in nodes
            for child in self.below.get(node.id, [])
        )
        return Proof(nodes=nodes, edges=tuple(edges))

    def trees(self, roots: Iterable[str]) -> list[Branch]:
        """One tree a root; what they share is spelled out once and referred to afterwards."""
        known = list(dict.fromkeys(root for root in roots if root in self.nodes))
        shared = self.shared(known)
        done: set[str] = set()
        return [self.branch(root, shared, done) for root in known]

    def branch(self, current: str, shared: dict[str, int], done: set[str]) -> Branch:
        node, number = self.nodes[current], shared.get(current)
        if number is not None and current in done:
            return Branch(node, number=number, is_repeat=True)
        done.add(current)
        children = (self.branch(child, shared, done) for child in self.below.get(current, []))
        return Branch(node, tuple(children), number)

    def shared(self, roots: list[str]) -> dict[str, int]:
        """Numbers, in reading order, for the nodes with something below that are met twice."""
        meetings = dict.fromkeys(roots, 1)
        order = [node.id for node in self.walk(roots)]
        for current in order:
            for child in self.below.get(current, []):
                meetings[child] = meetings.get(child, 0) + 1
        several = [current for current in order if meetings[current] > 1 and current in self.below]
        return {current: number for number, current in enumerate(several, 1)}


def each_document_first(leaves: list[ProofNode]) -> list[ProofNode]:
    """The first place in every document, then the second in every document, and so on."""
    met: dict[str, int] = {}
    rounds: list[int] = []
    for leaf in leaves:
        met[leaf.document] = met.get(leaf.document, 0) + 1
        rounds.append(met[leaf.document])
    return [leaf for _, leaf in sorted(zip(rounds, leaves, strict=True), key=lambda pair: pair[0])]


def place(node: ProofNode) -> str:
    """Where a document node points: `file:line pointer`."""
    line = "" if node.line is None else f":{node.line}"
    return f"{node.document}{line} {node.pointer}".rstrip()
