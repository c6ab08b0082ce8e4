"""What a replay found, as text and Markdown."""

from __future__ import annotations

from wayout.engine.advise.replay import Replayed
from wayout.engine.report.markdown import escape_markdown
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Style
from wayout.engine.report.words import WORDS, Lang

__all__ = ["replayed_markdown", "replayed_text"]

LABELS = {
    "en": ("CONFIRMED", "DIFFERENT", "Differences", "stored", "now", "-"),
    "zh": ("一致", "不一致", "差异", "保存的", "现在", "-"),
}


def replayed_text(found: Replayed, lang: Lang, style: Style) -> str:
    """One word on top, then everything that is otherwise."""
    same, different, heading, *_ = LABELS[lang]
    page = Page(style)
    word, role = (same, "good") if found.is_confirmed else (different, "bad")
    page.text(found.text.pick(lang), f"{word}  ", "", role)  # type: ignore[arg-type]
    lines = lines_of(found, lang)
    if lines:
        page.heading(heading)
    for line in lines:
        page.text(line, "  - ")
    return str(page)


def replayed_markdown(found: Replayed, lang: Lang) -> str:
    """The same for tickets."""
    same, different, heading, *_ = LABELS[lang]
    parts = [
        f"# {same if found.is_confirmed else different}",
        escape_markdown(found.text.pick(lang)),
    ]
    lines = [f"- {escape_markdown(line)}" for line in lines_of(found, lang)]
    if lines:
        parts += [f"## {heading}", "\n".join(lines)]
    return "\n\n".join(parts) + "\n"


def lines_of(found: Replayed, lang: Lang) -> list[str]:
    words = WORDS[lang]
    *_, stored, now, nothing = LABELS[lang]
    return [
        f"{item.what}{words.colon}{stored} {item.stored or nothing}{words.comma}"
        f"{now} {item.now or nothing}"
        for item in found.differences
    ]
