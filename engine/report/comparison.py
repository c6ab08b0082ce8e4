"""What a change makes of an answer, as text and Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from wayout.engine.advise.answer import LedgerLine, Statement
from wayout.engine.advise.comparison import Comparison, PathChange, Side, Weakness
from wayout.engine.advise.words import GATE_TITLES
from wayout.engine.report.markdown import escape_markdown
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Role, Style
from wayout.engine.report.text import STATUS_ROLES, VERDICT_ROLES, question_line
from wayout.engine.report.words import WORDS, Lang, Words

__all__ = ["comparison_markdown", "comparison_text"]

FOLD = 10  # lines of a list that are shown without -v


@dataclass(frozen=True, slots=True)
class Labels:
    """The words that only this page needs."""

    changes: str
    gone: str
    new: str
    remains: str
    collateral: str
    opens: str
    closes: str
    settles: str
    unsettles: str
    robustness: str
    not_robust: str
    without: str
    before: str
    after: str
    nothing: str


LABELS = {
    "en": Labels(
        changes="Changes",
        gone="gone",
        new="new",
        remains="remains",
        collateral="Other paths",
        opens="opens",
        closes="closes",
        settles="is known to work now",
        unsettles="is no longer known to work",
        robustness="Robustness",
        not_robust="The path is not proven to work, so there is nothing that its loss would end.",
        without="without {}",
        before="before",
        after="after",
        nothing="Nothing on the path changes.",
    ),
    "zh": Labels(
        changes="变更",
        gone="已解决",
        new="新出现",
        remains="仍存在",
        collateral="其他路径",
        opens="被放通",
        closes="被阻断",
        settles="现可确认可达",
        unsettles="不再能确认可达",
        robustness="健壮性",
        not_robust="该路径尚未证实可达，无从谈起去除哪项配置会使其中断。",
        without="去除 {}",
        before="变更前",
        after="变更后",
        nothing="路径上没有任何变化。",
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a section: what it is about, what it says, and what stands below it."""

    lead: str
    text: str
    role: Role = ""
    below: tuple[str, ...] = ()


Section = tuple[str, list[Line]]


def comparison_text(found: Comparison, lang: Lang, style: Style) -> str:
    """Both verdicts on top, then what differs; in `style.is_verbose` nothing is folded."""
    words, page = WORDS[lang], Page(style)
    role: Role = VERDICT_ROLES[found.after.verdict]
    page.text(question_line(found.question), f"{verdicts(found, words)}  ", "heading", role)
    page.text(found.text.pick(lang))
    for heading, lines in sections(found, lang, words, style):
        page.heading(heading)
        shown = lines if style.is_verbose or len(lines) <= FOLD else lines[: FOLD - 1]
        for line in shown:
            page.text(line.text, f"  {line.lead}", "", line.role)
            for below in line.below:
                page.text(below, "      ", "quiet")
        if len(shown) < len(lines):
            page.text(words.more.format(len(lines) - len(shown)), "    ", "quiet")
    return str(page)


def comparison_markdown(found: Comparison, lang: Lang, style: Style) -> str:
    """The same for tickets and chats."""
    words = WORDS[lang]
    head = f"# {verdicts(found, words)}{words.colon}"
    parts = [
        head + escape_markdown(question_line(found.question)),
        escape_markdown(found.text.pick(lang)),
    ]
    for heading, lines in sections(found, lang, words, style):
        parts.append(f"## {heading}")
        bullets = []
        for line in lines:
            bullets.append(f"- {escape_markdown(line.lead + line.text)}")
            bullets += [f"  - {escape_markdown(below)}" for below in line.below]
        parts.append("\n".join(bullets))
    return "\n\n".join(parts) + "\n"


def verdicts(found: Comparison, words: Words) -> str:
    before, after = found.before.verdict, found.after.verdict
    if before == after:
        return words.verdict[after]
    return f"{words.verdict[before]} -> {words.verdict[after]}"


def sections(found: Comparison, lang: Lang, words: Words, style: Style) -> Iterator[Section]:
    labels = LABELS[lang]
    if found.changes:
        yield (
            labels.changes,
            [Line("- ", change.text.pick(lang)) for change in found.changes],
        )
        yield words.path, gate_lines(found, lang, words) or [Line("", labels.nothing)]
    if findings := finding_lines(found, lang, labels):
        yield words.findings, findings
    if ledger := source_lines(found, labels, words):
        yield words.ledger, ledger
    if found.collateral is not None:
        yield labels.collateral, collateral_lines(found, lang, labels, words)
    if found.robustness is not None:
        whole = Line("", found.robustness.text.pick(lang))
        weak = [weak_line(w, lang, labels, words) for w in found.robustness.breaks]
        yield labels.robustness, [whole, *weak]
    elif not found.changes:
        yield labels.robustness, [Line("", labels.not_robust)]


def gate_lines(found: Comparison, lang: Lang, words: Words) -> list[Line]:
    labels = LABELS[lang]
    lines = []
    for gate in found.gates:
        states = [words.status[gate.before], words.status[gate.after]]
        said = " -> ".join(dict.fromkeys(states))
        lines.append(
            Line(
                f"{gate.title.pick(lang)}{words.colon}",
                said,
                STATUS_ROLES[gate.after],
                (
                    f"{labels.before}{words.colon}{gate.reason_before.pick(lang)}",
                    f"{labels.after}{words.colon}{gate.reason_after.pick(lang)}",
                ),
            )
        )
    return lines


def finding_lines(found: Comparison, lang: Lang, labels: Labels) -> list[Line]:
    def lines(label: str, role: Role, items: Sequence[Statement]) -> list[Line]:
        return [Line(f"{label}  ", f"{item.code}  {item.text.pick(lang)}", role) for item in items]

    return [
        *lines(labels.gone, "good", found.solved),
        *lines(labels.new, "bad", found.new),
        *lines(labels.remains, "bad", found.remaining),
    ]


def source_lines(found: Comparison, labels: Labels, words: Words) -> list[Line]:
    """The source addresses, when they change."""
    before, after = addresses(found.before, words), addresses(found.after, words)
    if before == after:
        return []
    nothing = "-"
    return [
        Line(f"{labels.before}{words.colon}", before or nothing),
        Line(f"{labels.after}{words.colon}", after or nothing),
    ]


def addresses(side: Side, words: Words) -> str:
    def said(line: LedgerLine) -> str:
        return f"{words.hop.get(line.hop, line.hop)} {line.address}"

    return words.semicolon.join(dict.fromkeys(map(said, side.ledger)))


def collateral_lines(found: Comparison, lang: Lang, labels: Labels, words: Words) -> list[Line]:
    assert found.collateral is not None
    kinds: tuple[tuple[str, Role, tuple[PathChange, ...]], ...] = (
        (labels.opens, "unsure", found.collateral.opened),
        (labels.closes, "bad", found.collateral.closed),
        (labels.settles, "good", found.collateral.settled),
        (labels.unsettles, "unsure", found.collateral.unsettled),
    )
    lines = [Line("", found.collateral.text.pick(lang))]
    for label, role, changes in kinds:
        lines += [path_line(label, role, change, lang, words) for change in changes]
    return lines


def path_line(label: str, role: Role, change: PathChange, lang: Lang, words: Words) -> Line:
    states = f"{words.verdict[change.before]} -> {words.verdict[change.after]}"
    said = f"{change.pod} -> {change.destination}/{change.protocol}"
    below = (change.reason.pick(lang),) if change.reason and change.after == "blocked" else ()
    return Line(f"{label}  ", f"{said}{words.parentheses.format(states)}", role, below)


def weak_line(weakness: Weakness, lang: Lang, labels: Labels, words: Words) -> Line:
    title = next((t.pick(lang) for g, t in GATE_TITLES.items() if g == weakness.gate), "")
    lead = f"{labels.without.format(weakness.part)}{words.colon}"
    state = f"{words.verdict[weakness.verdict]}{words.parentheses.format(title) if title else ''}"
    place = f"{weakness.document}:{weakness.line}" if weakness.line else weakness.document
    below = [weakness.text.pick(lang)]
    if place and not place.startswith("<fix>"):
        below.append(f"{words.evidence}{words.colon}{place} {weakness.pointer}".rstrip())
    return Line(lead, state, "unsure", tuple(below))
