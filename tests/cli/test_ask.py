"""The command `ask`: a conversation on standard input and output."""

from __future__ import annotations

import io
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

Outcome = tuple[int, str, str]


@pytest.fixture
def talk(run: Callable[..., Outcome], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Outcome]:
    def call(lines: str, *arguments: str) -> Outcome:
        monkeypatch.setattr("sys.stdin", io.StringIO(lines))
        return run("ask", *arguments)

    return call


SHOP = ("shop/api-0", "--to", "203.0.113.10:443")


def without_snat(tmp_path: Path) -> tuple[str, ...]:
    """The healthy example without the entries of its NAT gateway."""
    files = sorted(Path("examples/healthy").glob("*.*"))
    chosen = [str(f) for f in files if f.suffix in (".json", ".yaml") and "snat" not in f.name]
    return tuple(part for file in chosen for part in ("-f", file))


def test_a_conversation_ends_in_a_verdict(talk: Callable[..., Outcome], tmp_path: Path) -> None:
    code, out, err = talk("1\n", *SHOP, *without_snat(tmp_path))
    assert (code, err) == (1, "")
    assert out.startswith("1. Does NAT gateway ngw-bp1exit have an SNAT entry for vSwitch")
    assert "[1] Neither\n" in out
    assert "NAT-002" in out


def test_it_asks_in_chinese_too(talk: Callable[..., Outcome], tmp_path: Path) -> None:
    code, out, _ = talk("1\n", *SHOP, *without_snat(tmp_path), "--lang", "zh")
    assert code == 1
    assert out.startswith("1. NAT 网关 ngw-bp1exit 是否有覆盖交换机")
    assert "不知道" in out


def test_it_says_why_how_and_what_was_said(talk: Callable[..., Outcome], tmp_path: Path) -> None:
    _, out, _ = talk("why\nhow route\n?\nhistory\nquit\n", *SHOP, *without_snat(tmp_path))
    assert "A NAT gateway without an SNAT entry for the pod gives no Internet access." in out
    assert "Neither: Then Internet exit blocks: No SNAT entry covers the pod (NAT-002)." in out
    assert "rule RTE-" in out
    assert "$ aliyun vpc DescribeSnatTableEntries" in out


def test_undo_asks_again(talk: Callable[..., Outcome]) -> None:
    _, out, _ = talk("@examples/healthy/pods.yaml\nundo\nquit\n", *SHOP)
    assert out.count("1. Can you give pod shop/api-0") == 2


def test_what_was_told_is_saved_and_read_again(
    talk: Callable[..., Outcome], run: Callable[..., Outcome], tmp_path: Path
) -> None:
    saved = tmp_path / "told.yaml"
    talk("203.0.113.10:443\nshop/api-0\n1\nquit\n", "--save", str(saved))
    code, out, err = run("diagnose", "-f", str(saved))
    assert (code, err) == (1, "")
    assert "POD-015" in out


def test_a_document_can_be_given(talk: Callable[..., Outcome], tmp_path: Path) -> None:
    document = "@examples/no-snat/snat-entries.json"
    code, out, _ = talk(f"{document}\n", *SHOP, *without_snat(tmp_path))
    assert code == 1
    assert "NAT-002" in out


def test_what_does_not_fit_is_told_and_asked_again(talk: Callable[..., Outcome]) -> None:
    code, _, err = talk("ten\n@missing.json\nquit\n", *SHOP)
    assert code == 3
    lines = err.splitlines()
    assert lines[0] == "wayout: reply with 1, @PATH of a document, or ? for don't know."
    assert lines[1].startswith("wayout: missing.json: ")


def test_what_does_not_fit_is_told_in_chinese_too(talk: Callable[..., Outcome]) -> None:
    _, _, err = talk("胡说\nquit\n", *SHOP, "--lang", "zh")
    assert err == "wayout: 请输入选项编号 1、@文档路径，或 ? 表示不知道。\n"


def test_undo_takes_back_pod_and_destination(talk: Callable[..., Outcome]) -> None:
    _, out, _ = talk("203.0.113.10:443\nshop/api-0\nundo\nundo\nquit\n")
    assert out.count("Which pod is it (namespace/name)?") == 2
    assert out.count("1. What is the pod trying to reach") == 2
    assert out.endswith("nobody has said what is to be reached.\n")


def test_the_end_of_the_input_ends_the_line_of_the_prompt(talk: Callable[..., Outcome]) -> None:
    _, out, _ = talk("", *SHOP)
    assert "> \nUNKNOWN  shop/api-0" in out


def test_where_nothing_can_be_saved_is_told_before_the_first_question(
    talk: Callable[..., Outcome], tmp_path: Path
) -> None:
    for place in (tmp_path, tmp_path / "none" / "told.yaml"):
        code, out, err = talk("quit\n", *SHOP, "--save", str(place))
        assert (code, out) == (2, "")
        assert err.startswith(f"wayout: {place}: cannot be written (")


# ── The conversations that are shown ─────────────────────────────────────────────────────────

SHOWN = re.findall(
    r"```console\n\$ wayout ask (.+?)\n(.+?)…\n```",
    Path("examples/no-snat/CONVERSATION.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


def test_it_is_shown_in_both_languages() -> None:
    assert ["--lang zh" in arguments for arguments, _ in SHOWN] == [False, True]


@pytest.mark.parametrize(("arguments", "shown"), SHOWN, ids=["en", "zh"])
def test_what_is_shown_is_what_happens(
    talk: Callable[..., Outcome], arguments: str, shown: str
) -> None:
    lines = re.findall(r"(?m)^> (.+)\n", shown)
    code, out, err = talk("".join(f"{line}\n" for line in lines), *shlex.split(arguments))
    assert (code, err) == (1, "")
    assert out.startswith(re.sub(r"(?m)^> .+\n", "> ", shown))
