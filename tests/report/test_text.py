"""The text of whole answers, as stored; WAYOUT_UPDATE_GOLDEN=1 stores it anew."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from wayout.engine.advise.answer import Answer, QuestionEcho, Text
from wayout.engine.report import Format, Lang, Style, render, render_explanation
from wayout.engine.report.plain import display_width
from wayout.engine.report.proof import ProofGraph
from wayout.engine.report.text import question_line, source_line
from wayout.engine.report.words import WORDS

GOLDEN = Path(__file__).parent / "golden"
Sample = Callable[[str], Answer]


def check_golden(name: str, text: str) -> None:
    place = GOLDEN / name
    if os.environ.get("WAYOUT_UPDATE_GOLDEN"):
        place.write_text(text, encoding="utf-8")
    assert text == place.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["blocked", "unknown", "reachable"])
def test_answer(sample: Sample, name: str, lang: Lang) -> None:
    check_golden(f"{name}.{lang}.txt", render(sample(name), "text", lang, Style(width=80)))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_verbose_answer_folds_nothing(sample: Sample, lang: Lang) -> None:
    style = Style(width=80, is_unicode=True, is_verbose=True)
    check_golden(f"verbose.{lang}.txt", render(sample("blocked"), "text", lang, style))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_explanation(sample: Sample, lang: Lang) -> None:
    text = render_explanation(sample("blocked"), None, "text", lang, Style(width=80))
    check_golden(f"explained.{lang}.txt", text)


@pytest.mark.parametrize("format", ["md", "mermaid"])
def test_other_formats(sample: Sample, format: Format) -> None:
    suffix = "md" if format == "md" else "mmd"
    check_golden(f"blocked.zh.{suffix}", render(sample("blocked"), format, "zh"))
    check_golden(f"explained.en.{suffix}", render_explanation(sample("blocked"), None, format))


@pytest.mark.parametrize("width", [40, 57, 80, 120])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["blocked", "unknown", "reachable"])
def test_lines_keep_the_width_and_end_with_no_space(
    sample: Sample, name: str, lang: Lang, width: int
) -> None:
    answer = sample(name)
    commands = {line for fix in answer.fixes for line in copied(fix.change.aliyun, fix.rollback.en)}
    commands |= {line for need in answer.not_assessed for line in copied(need.aliyun, need.kubectl)}
    text = render(answer, "text", lang, Style(width=width))
    text += render_explanation(answer, None, "text", lang, Style(width=width))
    for line in text.splitlines():
        assert line == line.rstrip()
        assert display_width(line) <= width or line in commands


def copied(*blocks: str) -> list[str]:
    return [line for block in blocks for line in block.splitlines()]


def test_commands_stand_ready_to_be_copied(sample: Sample) -> None:
    answer = sample("blocked")
    text = render(answer, "text", "en", Style(width=40))
    assert f"\n{answer.fixes[0].change.aliyun}\n" in text


@pytest.mark.parametrize("format", ["text", "md", "mermaid", "json", "yaml", "html"])
@pytest.mark.parametrize("name", ["blocked", "unknown", "reachable"])
def test_both_languages_name_the_same_codes(sample: Sample, name: str, format: Format) -> None:
    answer, style = sample(name), Style(is_verbose=True)
    codes = [
        re.findall(r"[A-Z]{2,3}-\d{3}", render(answer, format, lang, style))
        for lang in ("en", "zh")
    ]
    assert codes[0] == codes[1]


def test_colour_changes_nothing_else(sample: Sample) -> None:
    plain = render(sample("blocked"), "text", "en", Style(width=80))
    colored = render(sample("blocked"), "text", "en", Style(width=80, is_colored=True))
    assert "\x1b[1;31mBLOCKED" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain


def test_primary_finding_comes_first(sample: Sample) -> None:
    answer = sample("blocked")
    turned = answer.model_copy(update={"findings": answer.findings[::-1]})
    text = render(turned)
    assert text.index("1. SG-004") < text.index("2. NAT-002")


@pytest.mark.parametrize(
    ("destination", "port", "expected"),
    [
        ("203.0.113.10:443", 443, "203.0.113.10:443/tcp"),
        ("203.0.113.10", 443, "203.0.113.10:443/tcp"),
        ("203.0.113.10", None, "203.0.113.10/tcp"),
        ("2001:db8::1", 443, "[2001:db8::1]:443/tcp"),
        ("[2001:db8::1]:443", 443, "[2001:db8::1]:443/tcp"),
        ("https://api.example.com/v1", 443, "https://api.example.com/v1 (443/tcp)"),
        ("svc/shop/db:5432", 5432, "svc/shop/db:5432/tcp"),
        ("203.0.113.10:443", 444, "203.0.113.10:443 (444/tcp)"),
        ("api.example.com:443", 444, "api.example.com:443 (444/tcp)"),
        ("[2001:db8::1]:443", 444, "[2001:db8::1]:443 (444/tcp)"),
    ],
)
def test_question_line(destination: str, port: int | None, expected: str) -> None:
    echo = QuestionEcho(
        pod="shop/api-0", destination=destination, protocol="tcp", port=port, flows=()
    )
    assert question_line(echo) == f"shop/api-0 -> {expected}"


def two_addresses(answer: Answer) -> Answer:
    """The answer, for a name with two addresses of which only the second is in trouble."""
    first = answer.question.flows[0].model_copy(update={"flow": "main", "ip": "203.0.113.10"})
    second = first.model_copy(update={"flow": "main-2", "ip": "203.0.113.11"})
    question = answer.question.model_copy(update={"flows": (first, second)})
    findings = (answer.findings[0].model_copy(update={"flows": ("main-2",)}),)
    lines = answer.ledger[:1]
    ledger = (
        *(line.model_copy(update={"flow": flow}) for flow in ("main", "main-2") for line in lines),
        *(line.model_copy(update={"flow": "main-2", "address": "198.51.100.9"}) for line in lines),
    )
    return answer.model_copy(update={"question": question, "findings": findings, "ledger": ledger})


@pytest.mark.parametrize("format", ["text", "md"])
def test_destinations_are_named_by_address_never_by_an_inner_name(
    sample: Sample, format: Format
) -> None:
    text = render(two_addresses(sample("blocked")), format, "en")

    assert "main-2" not in text
    assert text.count(sample("blocked").ledger[0].address) >= 1
    assert "(only 203.0.113.11)" in text  # the source address that only one of them sees


def test_what_holds_for_some_addresses_says_for_which(sample: Sample) -> None:
    text = render(two_addresses(sample("blocked")), "text", "en")
    assert "only 203.0.113.11]" in text.replace("\n     ", " ")
    assert render(sample("blocked"), "text", "en").count("in the pod") == 1


def test_the_addresses_that_a_text_does_not_name_are_added(sample: Sample) -> None:
    answer = two_addresses(sample("blocked"))
    said = Text(en="Nothing accepts tcp/443 to 203.0.113.10.", zh="没有规则放行。")
    found = answer.findings[0].model_copy(update={"flows": ("main", "main-2"), "text": said})
    text = render(answer.model_copy(update={"findings": (found,)}), "text", "en")
    assert "to 203.0.113.10.\n     the same for: 203.0.113.11\n" in text
    assert "the same for" not in render(answer, "text", "en")  # it holds for one only
    assert "同样涉及" not in render(answer, "text", "zh")


def test_a_year_is_not_said_twice(sample: Sample) -> None:
    source = (
        sample("blocked")
        .findings[0]
        .sources[0]
        .model_copy(update={"edition": "2021", "confidence": "DOC21"})
    )
    assert source_line(source, "en", WORDS["en"]).endswith("(documentation of 2021)")
    assert source_line(source, "zh", WORDS["zh"]).endswith("（2021 年文档）")


@pytest.mark.parametrize("format", ["text", "md"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_ruled_out_names_its_documents(sample: Sample, lang: Lang, format: Format) -> None:
    answer = sample("blocked")
    full = render(answer, format, lang, Style(is_verbose=True))
    part = full[full.index(WORDS[lang].ruled_out) :]
    for item in answer.ruled_out:
        assert item.code in part
        for node in ProofGraph.of(answer).evidence(item.proof):
            assert f":{node.line} " in part
    assert "pods.yaml" in part
