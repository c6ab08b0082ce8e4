"""HOW: the proof of a verdict, gate or finding as a tree, in text, Markdown, Mermaid or data."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from wayout.engine.advise.answer import Answer, GateResult, ProofNode, Text
from wayout.engine.errors import QuestionError
from wayout.engine.facts.common import GATES
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Role, Style, visible
from wayout.engine.report.proof import Branch, ProofGraph, place
from wayout.engine.report.text import question_line, source_line
from wayout.engine.report.words import WORDS, Lang, Words

__all__ = ["Topic", "branch_label", "explanation_text", "is_explained", "is_topic", "topics"]

RULE_ID = re.compile(r"[A-Z]{2,4}-\d{3}")
ASCII_LINES = ("|- ", "`- ", "|  ", "   ")
UNICODE_LINES = ("├─ ", "└─ ", "│  ", "   ")
FOLD = 8  # documents below one node that are shown without -v


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing to explain: what it is, what it says, and where its proof begins."""

    name: str  # rule id or gate name
    title: Text | None
    text: Text
    roots: tuple[str, ...]
    role: Role = ""


def is_topic(name: str) -> bool:
    """Whether `name` looks like a rule id or a gate rather than like a pod."""
    return name in GATES or bool(RULE_ID.fullmatch(name))


def is_explained(answer: Answer, name: str) -> bool:
    """Whether `answer` has a proof for `name`: a gate, or a rule that fired."""
    wanted = name.strip().casefold()
    return any(wanted in aliases(answer, topic) for topic in every_place(answer))


def topics(answer: Answer, name: str | None = None, is_complete: bool = False) -> list[Topic]:
    """What `name` stands for in `answer`: a rule id, a gate, or for None all that decided.

    `is_complete` adds to what decided everything that was checked and is fine. Raises
    QuestionError when the answer contains no such rule or gate.
    """
    if name is None:
        return [*decisive(answer), *(ruled_out(answer) if is_complete else ())]
    wanted = name.strip().casefold()
    found = [topic for topic in everything(answer) if wanted in aliases(answer, topic)]
    if found:
        return found
    raise QuestionError(unknown_name(answer, name))


def decisive(answer: Answer) -> list[Topic]:
    """The gates that made the verdict, and for a blocked one only what blocks."""
    statuses = {"blocked": "blocks", "unknown": "unknown", "reachable": "passes"}
    wanted = statuses[answer.verdict]
    return [gate_topic(gate) for gate in answer.gates if gate.status == wanted]


def everything(answer: Answer) -> Iterator[Topic]:
    """Every topic, the most telling first; a text that stands in two places comes once."""
    seen = set()
    for topic in every_place(answer):
        key = (topic.name, topic.text, topic.roots)
        if key not in seen:
            seen.add(key)
            yield topic


def every_place(answer: Answer) -> Iterator[Topic]:
    for finding in answer.findings:
        role: Role = "bad" if finding.certainty == "confirmed" else "unsure"
        yield Topic(finding.code, finding.title, finding.text, (finding.proof,), role)
    yield from map(gate_topic, answer.gates)
    yield from ruled_out(answer)
    misses = (miss for finding in answer.findings for miss in finding.near_misses)
    for said in (
        *misses,
        *answer.assumptions,
        *answer.symptoms,
        *answer.information,
        *answer.contradictions,
    ):
        yield Topic(said.code, None, said.text, (said.proof,))
    for node in answer.proof.nodes:
        if node.type == "rule" and node.text:
            yield Topic(node.code, node.title, node.text, (node.id,))


def ruled_out(answer: Answer) -> Iterator[Topic]:
    for item in answer.ruled_out:
        yield Topic(item.code, None, item.text, (item.proof,), "good")


def gate_topic(gate: GateResult) -> Topic:
    roles: dict[str, Role] = {"passes": "good", "blocks": "bad", "unknown": "unsure"}
    return Topic(gate.gate, gate.title, gate.reason, gate.proof, roles.get(gate.status, "quiet"))


def aliases(answer: Answer, topic: Topic) -> set[str]:
    is_gate = any(topic.name == gate.gate for gate in answer.gates)
    titles = (topic.title.en, topic.title.zh) if is_gate and topic.title else ()
    return {name.casefold() for name in (topic.name, *titles)}


def unknown_name(answer: Answer, name: str) -> str:
    known = list(dict.fromkeys(topic.name for topic in everything(answer)))
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(known)}"
    return f"this answer has no rule or gate {visible(name)!r}; {hint}"


def explanation_text(answer: Answer, name: str | None, lang: Lang, style: Style) -> str:
    """The proof tree of each topic; a part that several rest on is printed once and numbered."""
    words, page = WORDS[lang], Page(style)
    found = topics(answer, name, style.is_verbose)
    page.text(
        question_line(answer.question), words.verdict[answer.verdict] + "  ", "heading", "heading"
    )
    page.text(answer.summary.pick(lang))
    writer = TreeWriter(page, lang, words, style)
    graph = ProofGraph.of(answer)
    trees = iter_trees(graph, found)
    for topic, branches in trees:
        page.gap()
        title = f"  {topic.title.pick(lang)}" if topic.title else ""
        page.text(f"{topic.name}{title}", "", topic.role or "heading")
        page.text(topic.text.pick(lang))
        if not branches:
            page.text(words.no_proof, "", "quiet")
        for branch in branches:
            writer.branch(branch, "", "", topic.text)
    return str(page)


def iter_trees(graph: ProofGraph, found: list[Topic]) -> Iterator[tuple[Topic, list[Branch]]]:
    """Each topic with its trees; numbers run through all of them."""
    branches = {branch.node.id: branch for branch in graph.trees(r for t in found for r in t.roots)}
    for topic in found:
        yield topic, [branches[root] for root in topic.roots if root in branches]


class TreeWriter:
    """Writes branches with lines that lead the eye, in ASCII unless the terminal can do better."""

    def __init__(self, page: Page, lang: Lang, words: Words, style: Style) -> None:
        self.page, self.lang, self.words, self.style = page, lang, words, style
        self.lines = UNICODE_LINES if style.is_unicode else ASCII_LINES

    def branch(self, branch: Branch, lead: str, below: str, said: Text | None = None) -> None:
        """`lead` stands before the label, `below` before everything under it.

        `said` is the text that stands above already and need not be repeated.
        """
        label, detail = branch_label(branch, self.lang, self.words, said)
        has_children = bool(branch.children)
        hang = below + (self.lines[2] if has_children else self.lines[3])
        self.page.text(label, lead, "", "quiet", hang)
        for line in detail:
            self.page.text(line, hang, "quiet", "quiet", hang)
        children = self.fold(branch.children)
        for number, child in enumerate(children, 1):
            is_last = number == len(children) and len(children) == len(branch.children)
            start, rest = self.lines[1::2] if is_last else self.lines[0::2]
            self.branch(child, below + start, below + rest)
        hidden = len(branch.children) - len(children)
        if hidden:
            self.page.text(self.words.more.format(hidden), below + self.lines[1], "quiet")

    def fold(self, children: tuple[Branch, ...]) -> tuple[Branch, ...]:
        documents = all(child.node.type == "document" for child in children)
        if self.style.is_verbose or not documents or len(children) <= FOLD:
            return children
        return children[: FOLD - 1]


def branch_label(
    branch: Branch, lang: Lang, words: Words, said_above: Text | None = None
) -> tuple[str, list[str]]:
    """The line of one node and the lines of detail below it (the sources of a rule)."""
    node = branch.node
    if branch.is_repeat:
        return f"{words.see} [{branch.number}]{words.colon}{short_label(node)}", []
    mark = f"[{branch.number}] " if branch.number is not None else ""
    said = node.text.pick(lang) if node.text and node.text != said_above else ""
    if node.type == "rule":
        sources = [
            f"{words.source}{words.colon}{source_line(source, lang, words)}"
            for source in node.sources
        ]
        parts = [node.title.pick(lang) if node.title else "", said]
        label = words.colon.join([f"{words.rule} {node.code}", *filter(None, parts)])
        return f"{mark}{label}", sources
    if node.type == "fact":
        given = words.parentheses.format(words.given) if node.fact == "flow" else ""
        return f"{mark}{words.fact} {short_label(node)}{given}", []
    if node.type == "absence":
        return f"{mark}{said}", []
    age = f"{words.collected_at} {node.collected_at}" if node.collected_at else ""
    return f"{place(node)}{words.parentheses.format(age) if age else ''}", []


def short_label(node: ProofNode) -> str:
    """A node in a few words that are the same in both languages."""
    if node.type == "fact":
        told = {name: value for name, value in node.fields.items() if value != ""}
        return f"{node.fact}({fields_text(told)})"
    return node.code or place(node) or node.id


def fields_text(fields: Mapping[str, str | int | bool]) -> str:
    """`name=value, name=value`."""
    return ", ".join(f"{name}={field_text(value)}" for name, value in fields.items())


def field_text(value: str | int | bool) -> str:
    """A value as a rule would write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    is_plain = value and not set(value) & set(' ,()="')
    return value if is_plain else '"' + value.replace('"', '\\"') + '"'
