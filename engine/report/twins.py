"""Two pods side by side, as text and Markdown: where they part ways, and what is different."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wayout.engine.advise.twins import Difference, PodComparison
from wayout.engine.report.markdown import escape_markdown
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Style
from wayout.engine.report.text import VERDICT_ROLES, question_line
from wayout.engine.report.words import WORDS, Lang, Words

__all__ = ["pod_comparison_markdown", "pod_comparison_text"]


@dataclass(frozen=True, slots=True)
class Labels:
    """The words that only this page needs."""

    gates: str
    differences: str
    none: str
    absent: str


LABELS = {
    "en": Labels(
        gates="Where they part ways",
        differences="Differences on the failing proof",
        none="No fact of the failing proof is otherwise for the other pod.",
        absent="none",
    ),
    "zh": Labels(
        gates="结果不同的环节",
        differences="失败证明中的差异",
        none="失败证明所依据的事实对另一个 Pod 同样成立。",
        absent="无",
    ),
}
Section = tuple[str, list[tuple[str, list[str]]]]  # heading; lines with what stands below them


def pod_comparison_text(found: PodComparison, lang: Lang, style: Style) -> str:
    """Both verdicts on top, then the gates, then the differences."""
    words, page = WORDS[lang], Page(style)
    for side in (found.works, found.fails):
        lead = f"{words.verdict[side.verdict]}  "
        page.text(question_line(side.question), lead, "heading", VERDICT_ROLES[side.verdict])
    page.text(found.text.pick(lang))
    for heading, lines in sections(found, lang, words):
        page.heading(heading)
        for line, below in lines:
            page.text(line, "  ")
            for item in below:
                page.text(item, "      ", "quiet")
    return str(page)


def pod_comparison_markdown(found: PodComparison, lang: Lang) -> str:
    """The same for tickets and chats."""
    words = WORDS[lang]
    sides = (
        f"- **{words.verdict[side.verdict]}** {escape_markdown(question_line(side.question))}"
        for side in (found.works, found.fails)
    )
    parts = ["\n".join(sides), escape_markdown(found.text.pick(lang))]
    for heading, lines in sections(found, lang, words):
        parts.append(f"## {heading}")
        bullets = []
        for line, below in lines:
            bullets.append(f"- {escape_markdown(line)}")
            bullets += [f"  - {escape_markdown(item)}" for item in below]
        parts.append("\n".join(bullets))
    return "\n\n".join(parts) + "\n"


def sections(found: PodComparison, lang: Lang, words: Words) -> Iterator[Section]:
    labels = LABELS[lang]
    works, fails = found.works.question.pod, found.fails.question.pod
    if not found.gates:
        return
    yield (
        labels.gates,
        [
            (
                gate.title.pick(lang),
                [
                    f"{works}{words.colon}{words.status[gate.works]}{words.semicolon}"
                    f"{gate.reason_works.pick(lang)}",
                    f"{fails}{words.colon}{words.status[gate.fails]}{words.semicolon}"
                    f"{gate.reason_fails.pick(lang)}",
                ],
            )
            for gate in found.gates
        ],
    )
    lines = [
        (title_of(difference, words), below(difference, works, fails, labels, words))
        for difference in found.differences
    ]
    yield labels.differences, lines or [(labels.none, [])]


def title_of(difference: Difference, words: Words) -> str:
    return f"{words.fact} {difference.fact}{words.parentheses.format(difference.code)}"


def below(
    difference: Difference, works: str, fails: str, labels: Labels, words: Words
) -> list[str]:
    """What each side says, then where it stands."""
    lines = [
        said(works, [(pair.field, pair.works) for pair in difference.fields], labels, words),
        said(fails, [(pair.field, pair.fails) for pair in difference.fields], labels, words),
    ]
    for pod, places in ((works, difference.works_at), (fails, difference.fails_at)):
        lines += [f"{words.evidence} {pod}{words.colon}{place}" for place in places]
    return lines


def said(
    pod: str, fields: list[tuple[str, str | int | bool | None]], labels: Labels, words: Words
) -> str:
    shown = [f"{name}={value_text(value)}" for name, value in fields if value is not None]
    return f"{pod}{words.colon}{', '.join(shown) or labels.absent}"


def value_text(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if value != "" else '""'
