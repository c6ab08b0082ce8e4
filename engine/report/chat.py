"""The answer in short messages for chats: verdict, what blocks, the changes, the next question.

The same facts as the full answer in the same words; only what a reader does not need at once is
left out (ruled out, coverage, proofs). Messages keep the limits of the platform and are divided
between blocks, never inside a command unless a single one is longer than a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from wayout.engine.advise.answer import Answer, Finding, Fix, NextQuestion
from wayout.engine.report import Platform
from wayout.engine.report.markdown import escape_markdown, fenced
from wayout.engine.report.plain import visible
from wayout.engine.report.text import question_line
from wayout.engine.report.words import WORDS, Lang, Words

__all__ = ["chat_messages"]

MOST_NEEDS = 3


class Dialect(NamedTuple):
    """How a platform writes things, and how long a message may be, in bytes of UTF-8.

    DingTalk takes 20,000 bytes of Markdown from a robot, Slack 3,000 characters in a section.
    """

    limit: int
    escape: Callable[[str], str]
    bold: Callable[[str], str]
    code: Callable[[str], str]


def escape_slack(text: str) -> str:
    """As Slack asks: the three characters of its control sequences; never a second line."""
    shown = visible(text.strip())
    return shown.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def slack_code(code: str) -> str:
    lines = [escape_slack(line) if line.strip() else "" for line in code.strip("\n").split("\n")]
    # Three backticks would end the block.
    body = "\n".join(lines).replace("```", "` ` `")
    return f"```\n{body}\n```"


DIALECTS: dict[Platform, Dialect] = {
    "dingtalk": Dialect(18_000, escape_markdown, lambda text: f"**{text}**", fenced),
    "slack": Dialect(2_900, escape_slack, lambda text: f"*{text}*", slack_code),
}


def chat_messages(answer: Answer, platform: Platform, lang: Lang = "en") -> tuple[str, ...]:
    """The messages to send, in order; the same answer gives the same bytes."""
    dialect, words = DIALECTS[platform], WORDS[lang]
    return tuple(joined(cut(blocks(answer, dialect, words, lang), dialect), dialect.limit))


def blocks(answer: Answer, dialect: Dialect, words: Words, lang: Lang) -> Iterable[str]:
    verdict = dialect.bold(words.verdict[answer.verdict])
    yield f"{verdict} {dialect.escape(question_line(answer.question))}"
    yield dialect.escape(answer.summary.pick(lang))
    for finding in answer.findings:
        yield finding_block(finding, dialect, words, lang)
    chosen = answer.plan.fixes if answer.plan is not None else ()
    firsts = [fix for fix in answer.fixes if fix.id in chosen or (not chosen and fix.rank == 1)]
    for fix in firsts:
        yield from fix_blocks(fix, dialect, words, lang)
    if answer.plan is not None and len(answer.plan.fixes) > 1:
        yield dialect.escape(answer.plan.text.pick(lang))
    if answer.next_question is not None:
        yield question_block(answer.next_question, dialect, lang)
    elif answer.not_assessed:
        lines = [f"- {dialect.escape(n.text.pick(lang))}" for n in answer.not_assessed[:MOST_NEEDS]]
        yield "\n".join([dialect.bold(words.not_assessed), *lines])


def finding_block(finding: Finding, dialect: Dialect, words: Words, lang: Lang) -> str:
    tags = [words.primary] if finding.is_primary else []
    tags += [words.possible] if finding.certainty == "possible" else []
    tail = f" ({words.comma.join(tags)})" if tags else ""
    title = dialect.bold(f"{finding.code} {dialect.escape(finding.title.pick(lang))}")
    return f"{title}{tail}\n{dialect.escape(finding.text.pick(lang))}"


def fix_blocks(fix: Fix, dialect: Dialect, words: Words, lang: Lang) -> Iterable[str]:
    yield "\n".join(
        [
            f"{dialect.bold(words.fixes)}{words.colon}{dialect.escape(fix.title.pick(lang))}",
            dialect.escape(fix.verified.text.pick(lang)),
        ]
    )
    for command in (fix.change.yaml, fix.change.kubectl, fix.change.aliyun):
        if command.strip():
            yield dialect.code(command)
    if fix.change.console is not None:
        yield dialect.escape(fix.change.console.pick(lang))
    yield f"{words.side_effects}{words.colon}{dialect.escape(fix.side_effects.pick(lang))}"


def question_block(question: NextQuestion, dialect: Dialect, lang: Lang) -> str:
    lines = [dialect.bold(dialect.escape(question.text.pick(lang)))]
    lines += [
        f"[{number}] {dialect.escape(reply.text.pick(lang))}"
        for number, reply in enumerate(question.replies, start=1)
    ]
    return "\n".join(lines)


# ── Lengths ──────────────────────────────────────────────────────────────────────────────────


def size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def cut(parts: Iterable[str], dialect: Dialect) -> Iterable[str]:
    """The blocks, none longer than a message: a longer one is divided, at its lines if it can."""
    for part in parts:
        if size(part) <= dialect.limit:
            yield part
        else:
            yield from divided(part, dialect)


def divided(part: str, dialect: Dialect) -> Iterable[str]:
    is_code = part.startswith("```")
    lines = part.split("\n")[1:-1] if is_code else part.split("\n")
    room = dialect.limit - 16  # for the fences
    taken: list[str] = []
    for line in (piece for whole in lines for piece in pieces(whole, room)):
        if taken and size("\n".join([*taken, line])) > room:
            yield wrapped(taken, is_code)
            taken = []
        taken.append(line)
    yield wrapped(taken, is_code)


def wrapped(lines: list[str], is_code: bool) -> str:
    return "\n".join(["```", *lines, "```"] if is_code else lines)


def pieces(line: str, room: int) -> Iterable[str]:
    """A line in pieces that fit; most lines are one."""
    while size(line) > room:
        end = len(line.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore"))
        yield line[:end]
        line = line[end:]
    yield line


def joined(parts: Iterable[str], limit: int) -> Iterable[str]:
    """As many blocks to a message as fit, an empty line between them."""
    taken = ""
    for part in parts:
        longer = f"{taken}\n\n{part}" if taken else part
        if size(longer) > limit:
            yield taken
            longer = part
        taken = longer
    if taken:
        yield taken
