"""WHY-NOT as people and programs read it."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.report.hostile import hostile, poisoned
from wayout.engine import Case, QuestionError, WhyNot, why_not
from wayout.engine.report import Lang, Style, render_why_not
from wayout.engine.report.plain import display_width, has_hidden

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def silent() -> WhyNot:
    return why_not(Case.load(ROOT / "examples/no-snat"), "NAT-001")


def test_text_marks_what_holds_what_fails_and_what_was_not_reached(silent: WhyNot) -> None:
    lines = render_why_not(silent, style=Style(width=120)).splitlines()
    marks = [
        line[2:5] for line in lines if line[:2] == "  " and line[3:4] == " " and line[2] in "+x-"
    ]
    assert marks == ["+ 1", "x 2", "- 3", "- 4", "- 5"]
    text = "\n".join(lines)
    assert "NAT-001  The pod has no way to the Internet  [did not fire]" in text
    assert "nearest: exit_missing(flow=main, pod=shop/api-0, cause=snat)" in text
    assert "cause: wanted route, got snat" in text
    assert "<- rule NAT-252" in text
    assert "Rules that could have inferred it\n  NAT-251" in text
    assert "How the gate ends instead\n  Internet exit  blocks" in text


def test_text_in_chinese(silent: WhyNot) -> None:
    text = render_why_not(silent, lang="zh")
    assert "[未触发]" in text
    assert "cause：需要 route，实际为 snat" in text
    assert "该环节的实际结果\n  公网出口  阻断" in text


def test_brief_suggests_the_rest(silent: WhyNot) -> None:
    text = render_why_not(silent, is_brief=True)
    assert "--why-not NAT-001 shows every condition" in text
    assert "wanted route" not in text
    assert "NAT-001 did not fire. Condition 2 of 5 fails." in text


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_gate_names_one_rule_a_paragraph(lang: Lang) -> None:
    found = why_not(Case.load(ROOT / "examples/healthy"), "internet-exit")
    text = render_why_not(found, lang=lang)
    markdown = render_why_not(found, "md", lang)
    assert found.rules
    for trace in found.rules:
        assert f"  {trace.code}  {trace.title.pick(lang)}" in text
        assert f"\n## {trace.code} " in markdown


def test_missing_lists_come_with_the_command() -> None:
    found = why_not(Case.load(ROOT / "examples/partial-data"), "NAT-002")
    for format in ("text", "md"):
        text = render_why_not(found, format)
        assert "\naliyun vpc DescribeRouteEntryList " in text


def test_data_is_the_model(silent: WhyNot) -> None:
    data = json.loads(render_why_not(silent, "json"))
    assert WhyNot.model_validate(data) == silent
    assert yaml.safe_load(render_why_not(silent, "yaml")) == data


@pytest.mark.parametrize("format", ["mermaid", "html"])
def test_other_formats_are_refused_in_one_sentence(silent: WhyNot, format: str) -> None:
    with pytest.raises(QuestionError, match="text, json, yaml or md only"):
        render_why_not(silent, format)  # type: ignore[arg-type]


@settings(max_examples=40)
@given(text=hostile, lang=st.sampled_from(["en", "zh"]), width=st.integers(60, 120))
def test_whatever_a_case_says_stays_data(silent: WhyNot, text: str, lang: Lang, width: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    bad = WhyNot.model_validate_json(json.dumps(poisoned(silent.model_dump(mode="json"), text)))
    for format in ("text", "json", "yaml", "md"):
        out = render_why_not(bad, format, lang, Style(width=width))
        assert not has_hidden(out.replace("\n", "")), format
    lines = render_why_not(bad, "text", lang, Style(width=width)).splitlines()
    assert all(display_width(line) <= width for line in lines)
    tokens = MarkdownIt("commonmark").parse(render_why_not(bad, "md", lang))
    kinds = {child.type for token in tokens for child in token.children or []}
    assert kinds <= {"text", "softbreak"}
