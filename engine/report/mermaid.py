"""The path and the proof as Mermaid flowcharts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from wayout.engine.advise.answer import Answer, ProofNode
from wayout.engine.report.explain import short_label, topics
from wayout.engine.report.plain import Style, visible
from wayout.engine.report.proof import ProofGraph
from wayout.engine.report.words import WORDS, Lang, Words

__all__ = ["answer_mermaid", "escape_mermaid", "explanation_mermaid"]

# Everything in ASCII that is not named here becomes an entity: quotes end a label, backticks
# start Markdown, `%%{` a directive, and `<`, `&`, `#`, `\` have a meaning of their own.
HARMLESS = re.compile(r"[^A-Za-z0-9 .,:/_()=+'\-\u0080-\U0010ffff]")
CLASSES = (
    "  classDef passes fill:#e6f4ea,stroke:#1e8e3e,color:#000",
    "  classDef blocks fill:#fce8e6,stroke:#d93025,color:#000,stroke-width:3px",
    "  classDef unknown fill:#fef7e0,stroke:#b06000,color:#000,stroke-dasharray:4 3",
    "  classDef rule fill:#e8f0fe,stroke:#1a73e8,color:#000",
    "  classDef skipped fill:#f1f3f4,stroke:#9aa0a6,color:#5f6368",
)
LONGEST = 200  # characters of one label


def escape_mermaid(text: str) -> str:
    """`text` for a quoted label."""
    plain = visible(text.strip())
    plain = plain if len(plain) <= LONGEST else plain[: LONGEST - 1] + "…"
    return HARMLESS.sub(lambda match: f"#{ord(match[0])};", plain)


def label(*lines: str) -> str:
    return '"' + "<br/>".join(escape_mermaid(line) for line in lines if line) + '"'


def answer_mermaid(answer: Answer, lang: Lang) -> str:
    """The path from the pod to the destination; findings hang below the gate that they concern."""
    words = WORDS[lang]
    lines = ["flowchart LR", f"  pod([{label(answer.question.pod_shown)}])"]
    previous = "pod"
    for number, gate in enumerate(answer.gates, 1):
        reason = gate.reason.pick(lang) if gate.status in ("blocks", "unknown") else ""
        text = label(gate.title.pick(lang), words.status[gate.status], reason)
        style = gate.status if gate.status != "not-applicable" else "skipped"
        lines += [f"  gate{number}[{text}]:::{style}", f"  {previous} --> gate{number}"]
        previous = f"gate{number}"
    target = label(answer.question.destination_shown, words.verdict[answer.verdict])
    lines += [f"  destination([{target}])", f"  {previous} --> destination"]
    lines += findings(answer, lang)
    return "\n".join([*lines, *CLASSES]) + "\n"


def findings(answer: Answer, lang: Lang) -> Iterator[str]:
    places = {gate.gate: number for number, gate in enumerate(answer.gates, 1)}
    for number, finding in enumerate(answer.findings, 1):
        style = "blocks" if finding.certainty == "confirmed" else "unknown"
        text = label(f"{finding.code} {finding.title.pick(lang)}")
        yield f"  finding{number}[/{text}/]:::{style}"
        if finding.gate in places:
            yield f"  gate{places[finding.gate]} -.- finding{number}"


def explanation_mermaid(answer: Answer, name: str | None, lang: Lang, style: Style) -> str:
    """The proof from the conclusion down to the documents."""
    words = WORDS[lang]
    graph = ProofGraph.of(answer)
    found = topics(answer, name, style.is_verbose)
    part = graph.part(root for topic in found for root in topic.roots)
    names = {node.id: f"n{number}" for number, node in enumerate(part.nodes, 1)}
    lines = ["flowchart TD"]
    for number, topic in enumerate(found, 1):
        lines.append(f"  topic{number}([{label(topic.name, topic.text.pick(lang))}])")
        lines += [f"  topic{number} --> {names[root]}" for root in topic.roots if root in names]
    lines += [f"  {names[node.id]}{shape(node, lang, words)}" for node in part.nodes]
    lines += [f"  {names[edge.parent]} --> {names[edge.child]}" for edge in part.edges]
    return "\n".join([*lines, *CLASSES]) + "\n"


def shape(node: ProofNode, lang: Lang, words: Words) -> str:
    said = node.text.pick(lang) if node.text else ""
    if node.type == "rule":
        return f"[{label(f'{words.rule} {node.code}', said)}]:::rule"
    if node.type == "fact":
        return f"([{label(short_label(node))}])"
    if node.type == "absence":
        return f"{{{{{label(said)}}}}}"
    return f"[/{label(short_label(node))}/]:::skipped"
