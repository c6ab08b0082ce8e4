"""The answer and its explanation as Markdown, for tickets and chats."""

from __future__ import annotations

import re
from collections.abc import Iterable

from wayout.engine.advise.answer import (
    Answer,
    Finding,
    Fix,
    Need,
    RuledOut,
    SourceRef,
    Statement,
    Text,
)
from wayout.engine.report.explain import branch_label, iter_trees, topics
from wayout.engine.report.more_words import MORE_WORDS
from wayout.engine.report.plain import Style, visible
from wayout.engine.report.plan import plan_lines, refusals
from wayout.engine.report.proof import Branch, ProofGraph
from wayout.engine.report.text import evidence_line, ledger_lines, question_line, source_line
from wayout.engine.report.words import WORDS, Lang, Words

__all__ = ["answer_markdown", "escape_markdown", "explanation_markdown"]

# What means something to Markdown or GitHub anywhere in a line …
SPECIAL = re.compile(r"([\\`*_\[\]<|&~$#@])")
# … where a line begins (list, rule, quote), and in what is made a link without being asked.
LINE_START = re.compile(r"^([-+=>]|\d+(?=[.)]))")
AUTOLINK = re.compile(r"(?i)\b(https?|ftp|www)(?=://|\.)")


def escape_markdown(text: str) -> str:
    """`text` so that every renderer of Markdown shows it as it is; never a second line."""
    escaped = SPECIAL.sub(r"\\\1", visible(text.strip()))
    escaped = AUTOLINK.sub(r"\1\\", escaped)
    return LINE_START.sub(escape_start, escaped)


def escape_start(match: re.Match[str]) -> str:
    mark = match[0]
    return f"{mark}\\" if mark.isdigit() else f"\\{mark}"


def fenced(code: str, language: str = "") -> str:
    """`code` in a fence longer than any inside it, control characters made visible."""
    lines = [visible(line).rstrip() for line in code.strip("\n").split("\n")]
    longest = max((len(run) for run in re.findall("`+", "\n".join(lines))), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([fence + language, *lines, fence])


def answer_markdown(answer: Answer, lang: Lang, style: Style) -> str:
    """The whole answer; `style.is_verbose` adds what is ruled out, information and coverage."""
    words = WORDS[lang]
    head = f"# {words.verdict[answer.verdict]}{words.colon}"
    parts = [
        head + escape_markdown(question_line(answer.question)),
        escape_markdown(answer.summary.pick(lang)),
        *question(answer, lang),
        *path(answer, lang, words),
        *section(words.symptoms, statements(answer.symptoms, lang, words)),
        *findings(answer, lang, words),
        *fixes(answer, lang, words),
        *section(words.refused, refusals(answer, lang, words)),
        *needs(answer.not_assessed, lang, words),
        *section(words.ledger, ledger(answer, words)),
        *section(words.assumptions, statements(answer.assumptions, lang, words)),
        *section(words.contradictions, statements(answer.contradictions, lang, words)),
        *section(words.notices, [n.pick(lang) for n in answer.notices]),
        *(details(answer, lang, words) if style.is_verbose else []),
        provenance(answer, words),
    ]
    return "\n\n".join(parts) + "\n"


def question(answer: Answer, lang: Lang) -> list[str]:
    """What is most worth asking next, in a conversation."""
    asked = answer.next_question
    if asked is None:
        return []
    replies = [escape_markdown(option.text.pick(lang)) for option in asked.replies]
    heading = f"## {MORE_WORDS[lang].next_question}"
    return [
        part for part in (heading, escape_markdown(asked.text.pick(lang)), bullets(replies)) if part
    ]


def path(answer: Answer, lang: Lang, words: Words) -> list[str]:
    rows = [
        f"| {escape_markdown(gate.title.pick(lang))} | {words.status[gate.status]} "
        f"| {escape_markdown(gate.reason.pick(lang))} |"
        for gate in answer.gates
    ]
    head = f"| {words.gate} | {words.status_label} | {words.reason} |"
    return [f"## {words.path}", "\n".join([head, "| --- | --- | --- |", *rows])]


def findings(answer: Answer, lang: Lang, words: Words) -> list[str]:
    if not answer.findings:
        return []
    graph, parts = ProofGraph.of(answer), [f"## {words.findings}"]
    for number, finding in enumerate(answer.findings, 1):
        parts.append(f"### {number}. {finding.code} {escape_markdown(finding.title.pick(lang))}")
        parts.append(escape_markdown(finding.text.pick(lang)))
        parts.append(bullets(finding_lines(finding, graph, lang, words)))
    return [part for part in parts if part]


def finding_lines(finding: Finding, graph: ProofGraph, lang: Lang, words: Words) -> list[str]:
    tags = [
        tag
        for tag, is_set in (
            (words.primary, finding.is_primary),
            (words.possible, finding.certainty == "possible"),
            (words.degrades, finding.status == "degrades"),
        )
        if is_set
    ]
    lines = [words.comma.join(tags)] if tags else []
    near = statements(finding.near_misses, lang, words)
    lines += [f"{words.near_miss}{words.colon}{escape_markdown(line)}" for line in near]
    for node in graph.evidence(finding.proof):
        said = evidence_line(node, lang)
        lines.append(f"{words.evidence}{words.colon}{escape_markdown(said)}")
    lines += [f"{words.source}{words.colon}{cited(s, lang, words)}" for s in finding.sources]
    return lines


def cited(source: SourceRef, lang: Lang, words: Words) -> str:
    """A link when the source has a web address, otherwise the place in words."""
    line = escape_markdown(source_line(source, lang, words))
    if re.fullmatch(r"https?://[\w./?&=%:#~+,;@!$*'-]+", source.url, re.ASCII):
        return f"[{line}]({source.url})"
    return f"{line}{words.comma}{escape_markdown(source.url)}" if source.url else line


def fixes(answer: Answer, lang: Lang, words: Words) -> list[str]:
    parts = [f"## {words.fixes}"] if answer.fixes else []
    planned = plan_lines(answer, lang, words, "`{}`".format)
    whole, *steps = [f"{lead}{escape_markdown(said)}" for lead, said in planned] or [""]
    parts += [part for part in (whole, bullets(steps)) if part]
    for number, fix in enumerate(answer.fixes, 1):
        parts.append(f"### {number}. {escape_markdown(fix.title.pick(lang))}")
        parts.append(bullets(fix_lines(fix, lang, words)))
        parts += code_blocks(fix, words)
    return parts


def fix_lines(fix: Fix, lang: Lang, words: Words) -> list[str]:
    def labelled(label: str, text: Text | None) -> list[str]:
        return [f"{label}{words.colon}{escape_markdown(text.pick(lang))}"] if text else []

    is_sentence = fix.rollback.en != fix.rollback.zh
    return [
        f"{words.solves} {words.comma.join(fix.solves)}",
        f"{words.risk_label}{words.colon}{words.risk[fix.risk]}",
        *labelled(words.verified[fix.verified.result], fix.verified.text),
        *labelled(words.after, fix.verified.after),
        *labelled(words.why, fix.why),
        *labelled(words.side_effects, fix.side_effects),
        *labelled(words.cost, fix.cost),
        *labelled(words.console, fix.change.console),
        *(labelled(words.rollback, fix.rollback) if is_sentence else []),
    ]


def code_blocks(fix: Fix, words: Words) -> list[str]:
    """Every channel in a fence of its own; the rollback when it is a command."""
    undo = fix.rollback.en if fix.rollback.en == fix.rollback.zh else ""
    channels = (
        ("YAML", fix.change.yaml, "yaml"),
        ("kubectl", fix.change.kubectl, "sh"),
        ("aliyun", fix.change.aliyun, "sh"),
        (words.rollback, undo, "sh"),
    )
    parts = []
    for label, code, language in channels:
        if code.strip():
            parts += [label + words.colon.strip(), fenced(code, language)]
    return parts


def needs(missing: Iterable[Need], lang: Lang, words: Words) -> list[str]:
    missing = list(missing)
    parts = section(words.not_assessed, [need.text.pick(lang) for need in missing])
    commands = [c.strip("\n") for need in missing for c in (need.kubectl, need.aliyun) if c]
    if commands:
        code = fenced("\n".join(dict.fromkeys(commands)), "sh")
        parts += [words.collect + words.colon.strip(), code]
    return parts


def statements(items: Iterable[Statement | RuledOut], lang: Lang, words: Words) -> list[str]:
    return [f"{item.code}{words.colon}{item.text.pick(lang)}" for item in items]


def ledger(answer: Answer, words: Words) -> list[str]:
    return [f"{lead}{address}" for lead, address in ledger_lines(answer, words)]


def details(answer: Answer, lang: Lang, words: Words) -> list[str]:
    coverage = [f"{gate}{words.colon}{count}" for gate, count in answer.coverage.rules.items()]
    coverage += [
        f"{words.not_modelled}{words.colon}{text.pick(lang)}"
        for text in answer.coverage.not_modelled
    ]
    return [
        *ruled_out(answer, lang, words),
        *section(words.information, statements(answer.information, lang, words)),
        *section(words.coverage, coverage),
    ]


def ruled_out(answer: Answer, lang: Lang, words: Words) -> list[str]:
    """What was checked and is fine, each with the documents that show it."""
    graph, lines = ProofGraph.of(answer), []
    for item, said in zip(answer.ruled_out, statements(answer.ruled_out, lang, words), strict=True):
        lines.append(f"- {escape_markdown(said)}")
        for node in graph.evidence(item.proof):
            shown = f"{words.evidence}{words.colon}{evidence_line(node, lang)}"
            lines.append(f"  - {escape_markdown(shown)}")
    return [f"## {words.ruled_out}", "\n".join(lines)] if lines else []


def section(heading: str, lines: Iterable[str]) -> list[str]:
    """A heading and one bullet a line; nothing when there are no lines."""
    body = bullets(escape_markdown(line) for line in lines)
    return [f"## {heading}", body] if body else []


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def provenance(answer: Answer, words: Words) -> str:
    made = answer.provenance
    parts = (
        f"{words.engine} {made.engine_version}",
        f"{words.knowledge} {made.knowledge_version}",
        f"{words.facts} {made.facts_digest}",
    )
    return escape_markdown(words.semicolon.join(parts))


def explanation_markdown(answer: Answer, name: str | None, lang: Lang, style: Style) -> str:
    """The proof as nested lists."""
    words, graph = WORDS[lang], ProofGraph.of(answer)
    head = f"# {words.verdict[answer.verdict]}{words.colon}"
    parts = [
        head + escape_markdown(question_line(answer.question)),
        escape_markdown(answer.summary.pick(lang)),
    ]
    for topic, branches in iter_trees(graph, topics(answer, name, style.is_verbose)):
        title = f" {escape_markdown(topic.title.pick(lang))}" if topic.title else ""
        parts.append(f"## {topic.name}{title}")
        parts.append(escape_markdown(topic.text.pick(lang)))
        lines = [line for branch in branches for line in nested(branch, lang, words, 0)]
        parts.append("\n".join(lines) or words.no_proof)
    return "\n\n".join(parts) + "\n"


def nested(branch: Branch, lang: Lang, words: Words, depth: int) -> list[str]:
    label, detail = branch_label(branch, lang, words)
    lines = [f"{'  ' * depth}- {escape_markdown(label)}"]
    lines += [f"{'  ' * (depth + 1)}- {escape_markdown(line)}" for line in detail]
    for child in branch.children:
        lines += nested(child, lang, words, depth + 1)
    return lines
