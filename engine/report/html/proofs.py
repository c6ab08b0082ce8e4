"""Proof trees as nested lists: every node stands once, has an address, and repeats link to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wayout.engine.advise.answer import Answer, SourceRef
from wayout.engine.report.explain import fields_text
from wayout.engine.report.html.markup import Content, Markup, el, is_web_address
from wayout.engine.report.more_words import MORE_WORDS
from wayout.engine.report.proof import Branch, ProofGraph, place
from wayout.engine.report.text import source_line
from wayout.engine.report.words import WORDS, Lang

__all__ = ["Proofs", "source_link"]

OPEN = 2  # levels of a tree that are unfolded to begin with


class Proofs:
    """The proof of one answer, written tree by tree; `link` leads to where a node stands.

    Every root that a page links to must be written by `trees`, all in one call or one after the
    other, as each node is written only once.
    """

    def __init__(self, answer: Answer, lang: Lang, *, is_open: bool) -> None:
        self.graph = ProofGraph.of(answer)
        self.lang, self.is_open = lang, is_open
        self.words, self.more = WORDS[lang], MORE_WORDS[lang]
        # Ids of an answer are its own; those of a page are plain.
        self.anchors = {node.id: f"n{number}" for number, node in enumerate(answer.proof.nodes, 1)}
        self.placed: set[str] = set()

    def link(self, node: str, of: str, shown: str = "") -> Markup | None:
        """A link to a node; `of` tells those who only hear it whose proof it is."""
        if node not in self.anchors:
            return None
        label = f"{self.more.show_proof}{self.words.colon}{of}"
        anchor = f"#{self.anchors[node]}"
        return el("a", shown or self.more.show_proof, href=anchor, class_="jump", aria_label=label)

    def branches(self, groups: Iterable[Sequence[str]]) -> list[list[Branch]]:
        """The trees of several groups of roots; what they share stands in the first."""
        groups = [list(dict.fromkeys(group)) for group in groups]
        trees = self.graph.trees(root for group in groups for root in group)
        by_root = {tree.node.id: tree for tree in trees}
        found, done = [], set[str]()
        for group in groups:
            found.append([by_root[r] for r in group if r in by_root and r not in done])
            done.update(group)
        return found

    def tree(self, branches: Iterable[Branch]) -> Markup:
        return el("ul", (self.item(branch, 0) for branch in branches), class_="tree")

    def item(self, branch: Branch, depth: int) -> Markup:
        node = branch.node
        if branch.is_repeat:
            label = f"[{branch.number}] {node.code or node.fact or node.type}"
            link = el("a", label, href=f"#{self.anchors[node.id]}")
            return el("li", f"{self.words.see} ", link)
        anchor = None if node.id in self.placed else self.anchors[node.id]
        self.placed.add(node.id)
        head = el("span", self.head(branch), class_="fact" if node.type == "fact" else node.type)
        if not branch.children and not node.sources:
            return el("li", head, id=anchor)
        below = [
            el("ul", (self.source(source) for source in node.sources), class_="source")
            if node.sources
            else None,
            el("ul", (self.item(child, depth + 1) for child in branch.children))
            if branch.children
            else None,
        ]
        if node.type != "rule":
            return el("li", head, below, id=anchor)
        is_open = self.is_open or depth < OPEN
        return el("li", el("details", el("summary", head), below, open=is_open), id=anchor)

    def head(self, branch: Branch) -> list[Content]:
        node, words = branch.node, self.words
        mark = f"[{branch.number}] " if branch.number is not None else ""
        said = node.text.pick(self.lang) if node.text else ""
        match node.type:
            case "rule":
                title = node.title.pick(self.lang) if node.title else ""
                told = [title] if title == said.rstrip(".。") else [title, said]
                text = words.colon.join(filter(None, told))
                return [f"{mark}{words.rule} ", el("span", node.code, class_="id"), " ", text]
            case "fact":
                fields = {name: value for name, value in node.fields.items() if value != ""}
                given = words.parentheses.format(words.given) if node.fact == "flow" else ""
                return [mark, el("strong", node.fact), " ", el("code", fields_text(fields)), given]
            case "document":
                age = f"{words.collected_at} {node.collected_at}" if node.collected_at else ""
                return [el("code", place(node)), words.parentheses.format(age) if age else None]
        return [mark, said]

    def source(self, source: SourceRef) -> Markup:
        return el("li", f"{self.words.source}{self.words.colon}", source_link(source, self.lang))


def source_link(source: SourceRef, lang: Lang) -> Content:
    """A cited source, as a link when it has a web address."""
    line = source_line(source, lang, WORDS[lang])
    if is_web_address(source.url):
        return el("a", line, href=source.url, rel="noopener noreferrer")
    return f"{line}{WORDS[lang].comma}{source.url}" if source.url else line
