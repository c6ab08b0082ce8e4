"""Whatever a case says stays data: in every format, in both languages."""

import json
import re
from collections.abc import Callable

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.report.hostile import hostile, poison
from wayout.engine.advise.answer import Answer
from wayout.engine.report import Format, Lang, Style, render, render_explanation
from wayout.engine.report.data import to_json, to_yaml
from wayout.engine.report.markdown import escape_markdown, fenced
from wayout.engine.report.mermaid import escape_mermaid
from wayout.engine.report.plain import display_width, has_hidden, visible

Sample = Callable[[str], Answer]


@settings(max_examples=60)
@given(text=hostile, lang=st.sampled_from(["en", "zh"]))
def test_no_format_lets_anything_hidden_out(sample: Sample, text: str, lang: Lang) -> None:
    text = text.encode("utf-8", "ignore").decode()  # no answer can hold a lone surrogate
    answer = poison(sample("blocked"), text)
    for format in ("text", "json", "yaml", "md", "mermaid", "html"):
        for out in (
            render(answer, format, lang, Style(is_verbose=True)),
            render_explanation(answer, None, format, lang),
        ):
            assert not has_hidden(out.replace("\n", "")), format


@settings(max_examples=40)
@given(text=hostile, width=st.integers(40, 120))
def test_no_line_grows_or_begins_anew(sample: Sample, text: str, width: int) -> None:
    text = text.encode("utf-8", "ignore").decode()
    answer = poison(sample("unknown"), text)
    answer = answer.model_copy(update={"not_assessed": ()})  # commands are never wrapped
    lines = render(answer, "text", "en", Style(width=width)).splitlines()
    assert all(display_width(line) <= width for line in lines)
    assert all(line == line.rstrip() for line in lines)
    assert not any(line.startswith("REACHABLE") for line in lines)


def test_a_block_shows_escapes_but_keeps_its_lines(sample: Sample) -> None:
    answer = poison(sample("blocked"), "\x1b[31m")
    text = render(answer, "text", "en", Style(is_verbose=True))
    assert 'network.alibabacloud.com/pod-with-eip: "true"\n\\x1b[31m' in text


@given(hostile)
def test_json_and_yaml_give_back_what_was_said(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    data = {"name": text, "list": [text, "plain", "two\nlines", 1, True, None]}
    assert json.loads(to_json(data)) == data
    assert yaml.safe_load(to_yaml(data)) == data


@given(hostile)
def test_markdown_reads_as_plain_text(text: str) -> None:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    shown = visible(text.strip())
    tokens = parser.parse(f"- {escape_markdown(text)}\n")
    inline = [token for token in tokens if token.type == "inline"]
    assert [token.type for token in tokens if token.type.endswith("_open")] == [
        "bullet_list_open",
        "list_item_open",
        *(["paragraph_open"] if shown else []),
    ]
    assert "".join(token.content for one in inline for token in one.children or []) == shown
    assert {token.type for one in inline for token in one.children or []} <= {"text"}


@given(hostile)
def test_a_fence_is_not_left(text: str) -> None:
    [token] = MarkdownIt("commonmark").parse(fenced(text, "sh") + "\n")
    assert token.type == "fence"
    assert not has_hidden(token.content.replace("\n", ""))


@given(hostile)
def test_mermaid_labels_hold_no_syntax(text: str) -> None:
    label = escape_mermaid(text)
    assert not re.search(r'["`<>&{}\[\]|\\%\n;]', re.sub(r"#\d+;", "", label))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_mermaid_line_is_a_node_an_edge_or_a_style(sample: Sample, lang: Lang) -> None:
    answer = poison(sample("blocked"), '"]\n; click n1 %%{init}%%')
    grammar = re.compile(
        r"flowchart (LR|TD)|  classDef [\w ]+[\w#:,. -]+|  \w+ (-->|-\.-) \w+"
        r'|  \w+(\(\[|\[/|\[|\{\{)"[^"]*"(\]\)|/\]|\]|\}\})(:::\w+)?'
    )
    charts = render(answer, "mermaid", lang) + render_explanation(answer, None, "mermaid", lang)
    for line in charts.splitlines():
        assert grammar.fullmatch(line), line


def test_formats_are_all_covered() -> None:
    assert set(Format.__args__) == {"text", "json", "yaml", "md", "mermaid", "html"}
