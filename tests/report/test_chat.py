"""Messages for chats: short enough, complete, and safe whatever a case says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.scenarios.runner import EXAMPLES, base_case
from wayout.engine import Answer, assess, chat_messages
from wayout.engine.report import Lang, Platform
from wayout.engine.report.chat import DIALECTS, cut, joined, size

PLATFORMS: tuple[Platform, ...] = ("dingtalk", "slack")
CASES = sorted(p.name for p in EXAMPLES.iterdir() if p.is_dir())


def answer_of(name: str) -> Answer:
    return assess(base_case(name))


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", CASES)
def test_messages_fit_and_say_what_matters(name: str, platform: Platform, lang: Lang) -> None:
    answer = answer_of(name)
    messages = chat_messages(answer, platform, lang)
    whole = "\n".join(messages)
    assert all(0 < size(message) <= DIALECTS[platform].limit for message in messages)
    for finding in answer.findings:
        assert finding.code in whole
    first = next((fix for fix in answer.fixes if fix.rank == 1), None)
    if first is not None and first.change.aliyun:
        assert first.change.aliyun.strip().splitlines()[0].split()[0] in whole
    if answer.next_question is not None:
        for number, _ in enumerate(answer.next_question.replies, start=1):
            assert f"[{number}]" in whole


def test_the_same_answer_gives_the_same_messages() -> None:
    assert chat_messages(answer_of("no-snat"), "slack") == chat_messages(
        answer_of("no-snat"), "slack"
    )


@pytest.mark.parametrize("platform", PLATFORMS)
def test_names_cannot_mention_or_link(platform: Platform) -> None:
    answer = answer_of("no-snat")
    hostile = "<!channel> [click](https://evil.example) ```\x1b[31m\u202e @all"
    text = answer.summary.model_copy(update={"en": hostile})
    whole = "\n".join(chat_messages(answer.model_copy(update={"summary": text}), platform))
    assert "\x1b" not in whole
    assert "\u202e" not in whole
    if platform == "slack":
        assert "<!channel>" not in whole
    else:
        assert "[click](https" not in whole
        assert " @all" not in whole


@settings(max_examples=100)
@given(
    parts=st.lists(
        st.text(st.sampled_from("ab\n漢😀`"), min_size=1, max_size=9_000), min_size=1, max_size=5
    ),
    platform=st.sampled_from(PLATFORMS),
)
def test_nothing_is_lost_between_messages(parts: list[str], platform: Platform) -> None:
    dialect = DIALECTS[platform]
    texts = [part.replace("`", "") or "x" for part in parts]
    messages = list(joined(cut(texts, dialect), dialect.limit))
    assert all(size(message) <= dialect.limit for message in messages)

    def content(text: str) -> str:
        return "".join(text.split())

    assert content("".join(messages)) == content("".join(texts))
