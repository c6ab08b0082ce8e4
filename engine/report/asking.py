"""One question of a consultation as a person reads it: what, which replies, and why."""

from __future__ import annotations

from wayout.engine.advise.answer import Need, NextQuestion
from wayout.engine.report.plain import visible
from wayout.engine.report.words import Lang

__all__ = ["form_of", "question_text", "why_text"]

FORMS = {
    "address": ("an IP address", "一个 IP 地址"),
    "addresses": ("IP addresses, divided by commas", "IP 地址（多个用逗号分隔）"),
    "cidr": ("a CIDR block such as 10.0.0.0/16", "网段，例如 10.0.0.0/16"),
    "id": ("an id", "资源 ID"),
    "ids": ("ids, divided by commas", "资源 ID（多个用逗号分隔）"),
    "port": ("a port number", "端口号"),
    "text": ("your words", "文字"),
}


def form_of(question: NextQuestion, lang: Lang) -> str:
    """What a typed reply looks like; "" when none is taken."""
    return FORMS[question.value_form][lang == "zh"] if question.value_form else ""


def question_text(question: NextQuestion, lang: Lang, number: int) -> str:
    """The question with its replies, one a line; ends with a line break."""
    is_zh = lang == "zh"
    lines = [f"{number}. {visible(question.text.pick(lang))}"]
    for index, reply in enumerate(question.replies, start=1):
        lines.append(f"   [{index}] {visible(reply.text.pick(lang))}")
    if form := form_of(question, lang):
        lines.append(f"   {'输入' if is_zh else 'or type'} {form}" if question.replies else
                     f"   {'输入' if is_zh else 'type'} {form}")  # fmt: skip
    if question.how is not None and not question.replies and not question.value_form:
        lines += command_lines(question.how)  # a document is all that can be given
    if question.how is not None:
        lines.append("   @PATH   " + ("给出文档" if is_zh else "give the document that tells"))
        lines.append("   ?       " + ("不知道" if is_zh else "don't know"))
    return "\n".join(lines) + "\n"


def why_text(question: NextQuestion, lang: Lang) -> str:
    """Why it is asked, what each reply would lead to, and how to find out."""
    is_zh = lang == "zh"
    lines = [question.why.pick(lang)]
    lines += [
        f"   {visible(reply.text.pick(lang))}{'：' if is_zh else ': '}"
        f"{visible(reply.effect.pick(lang))}"
        for reply in question.replies
    ]
    if question.how is not None:
        lines += how_lines(question.how, lang)
    return "\n".join(lines) + "\n"


def how_lines(need: Need, lang: Lang) -> list[str]:
    is_zh = lang == "zh"
    lines: list[str] = []
    if need.codes:
        waiting = ", ".join(need.codes)
        lines.append(f"   {'等待该信息的规则：' if is_zh else 'rules that wait for it: '}{waiting}")
    lines += command_lines(need)
    if need.console is not None:
        lines.append(f"   {visible(need.console.pick(lang))}")
    return lines


def command_lines(need: Need) -> list[str]:
    """The commands that print the document."""
    commands = f"{need.kubectl.strip()}\n{need.aliyun.strip()}".strip()
    return [f"   $ {visible(line)}" for line in commands.splitlines()]
