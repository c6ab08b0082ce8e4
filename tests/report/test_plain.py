"""Hidden characters, display width and wrapping."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wayout.engine.report.plain import Style, display_width, has_hidden, pad, visible, wrap


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("shop/api-0", "shop/api-0"),
        ("a\nb\tc\rd", r"a\nb\tc\rd"),
        ("\x1b[31mred\x1b[0m", r"\x1b[31mred\x1b[0m"),
        ("C1 \x9b31m", r"C1 \x9b31m"),
        ("bell\x07 del\x7f nul\x00", r"bell\x07 del\x7f nul\x00"),
        ("evil\u202etxt", r"evil\u202etxt"),
        ("isolate\u2066x\u2069", r"isolate\u2066x\u2069"),
        ("zero\u200bwidth\ufeff", r"zero\u200bwidth\ufeff"),
        ("no-break\u00a0space", r"no-break\xa0space"),
        ("line\u2028separator", r"line\u2028separator"),
        ("lone\ud800surrogate", r"lone\ud800surrogate"),
        ("tag\U000e0041", r"tag\U000e0041"),
        ("blank letter\u3164", r"blank letter\u3164"),
        ("selector\ufe0f", r"selector\ufe0f"),
        ("安全组　规则", "安全组　规则"),
        ("é 日本 🚀", "é 日本 🚀"),
    ],
)
def test_hidden_characters_are_written_as_escapes(raw: str, shown: str) -> None:
    assert visible(raw) == shown


@given(st.text())
def test_visible_text_hides_nothing_and_stays(text: str) -> None:
    shown = visible(text)
    assert not has_hidden(shown)
    assert visible(shown) == shown


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("安全组", 6),
        ("，。：", 6),
        ("ｗｉｄｅ", 8),
        ("e\u0301", 1),
        ("한글", 4),
        ("🚀", 2),
        ("→✓", 2),
    ],
)
def test_display_width(text: str, width: int) -> None:
    assert display_width(text) == width


def test_pad_counts_columns() -> None:
    assert pad("安全组", 8) + "|" == "安全组  |"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("short", 10, ["short"]),
        ("one two three", 8, ["one two", "three"]),
        ("exactly ten", 7, ["exactly", "ten"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("go abcdefghij", 4, ["go", "abcd", "efgh", "ij"]),
        ("安全组规则拒绝", 6, ["安全组", "规则拒", "绝"]),
        ("安全组，规则", 6, ["安全", "组，规", "则"]),  # no line begins with a comma
        ("规则（优先级）", 6, ["规则", "（优先", "级）"]),  # nor ends with an opening bracket
        ("交换机 vsw-1 没有", 9, ["交换机", "vsw-1 没", "有"]),
    ],
)
def test_wrap(text: str, width: int, lines: list[str]) -> None:
    assert wrap(text, width) == lines


words_of_all_kinds = (
    st.lists(
        st.sampled_from(
            ["sg-bp1", "203.0.113.10", "安全组", "，", "（", "）", "🚀", "e\u0301", "x" * 30, ""]
        )
    ).map(" ".join)
    | st.text()
)


@given(words_of_all_kinds.map(visible), st.integers(2, 60))
def test_no_line_is_wider_and_nothing_is_lost(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(display_width(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_colour_only_where_wanted() -> None:
    assert Style().paint("BLOCKED", "bad") == "BLOCKED"
    assert Style(is_colored=True).paint("BLOCKED", "bad") == "\x1b[1;31mBLOCKED\x1b[0m"
    assert Style(is_colored=True).paint("", "bad") == ""
