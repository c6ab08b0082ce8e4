"""Values from documents never change the structure around them, wherever they are put."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from wayout import knowledge
from wayout.engine.rules import Values, plain, read_knowledge, shell, structure, yaml_text
from wayout.engine.rules.checks import fix_placeholders
from wayout.engine.rules.text import visible

FIXES = read_knowledge(knowledge.ROOT)[0].fixes
anything = st.text(st.characters(codec="utf-8"), max_size=40)
HOSTILE = [
    "x; rm -rf /",
    "$(reboot)",
    "`reboot`",
    "a' b",
    'a" b',
    "a\\",
    "-v",
    "",
    "a: b",
    "# no",
    "- x",
    "{a: b}",
    "[a]",
    "*alias",
    "&anchor",
    "!tag",
    "|",
    "yes",
    "null",
    "010",
    "1e3",
    "12:30",
    "2026-11-22",
    "0x1F",
    "<<",
    "=",
    "😀",
    "安全组",
    "{$other}",
    "{apple.text|json}",
]
values = st.sampled_from(HOSTILE) | anything


def seen(value: str) -> str:
    """How a value reads after control characters were made visible."""
    return visible(value)


def test_a_sentence_shows_values_as_they_are() -> None:
    given_values: Values = {"$pod": "shop/api-0", "apple.number": 3, "apple.is_set": True}
    text = "Pod {$pod} has {apple.number} ({apple.is_set})."
    assert plain(text, given_values) == "Pod shop/api-0 has 3 (true)."


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\nb", "a\\x0ab"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2028b", "a\\u2028b"),
        ("a\u00a0b", "a\\xa0b"),
        ("\u200b", "\\u200b"),
        ("\U000e0001", "\\U000e0001"),
        ("交换机 a b", "交换机 a b"),
    ],
)
def test_characters_that_rearrange_text_are_written_out(value: str, shown: str) -> None:
    assert visible(value) == shown


def test_values_are_not_read_for_placeholders() -> None:
    assert plain("{$a}{$b}", {"$a": "{$b}", "$b": "x"}) == "{$b}x"


@given(values, values)
def test_a_command_keeps_its_words(one: str, two: str) -> None:
    filled = shell("aliyun vpc Do --A {$a} --B={$b} 'c {$a}' \"d {$b}\"", {"$a": one, "$b": two})
    assert "\n" not in filled
    inner = json.dumps(seen(one), ensure_ascii=False)[1:-1]
    expected = ["vpc", "Do", "--A", seen(one), "--B=" + seen(two), "c " + inner, "d " + seen(two)]
    assert words_of(filled.removeprefix("aliyun ")) == expected


def words_of(arguments: str) -> list[str]:
    """The words a real shell makes of a line."""
    script = f"printf '%s\\0' {arguments}"
    printed = subprocess.run(["sh", "-c", script], capture_output=True, check=True, timeout=10)
    return printed.stdout.decode().split("\0")[:-1]


@given(values)
def test_json_in_single_quotes_stays_json(value: str) -> None:
    command = """kubectl patch x -p '{"metadata": {"name": "{$a}", "labels": {$b|json}}}'"""
    filled = shell(command, {"$a": value, "$b": json.dumps({"app": value})})
    patch = json.loads(shlex.split(filled)[-1])
    assert patch == {"metadata": {"name": seen(value), "labels": {"app": value}}}


@given(values, st.integers(), st.booleans())
def test_yaml_reads_values_back(value: str, number: int, flag: bool) -> None:
    template = (
        "kind: NetworkPolicy\n"
        "name: {$text}\n"
        'note: "to {$text} only"\n'
        "joined: allow-{$text}\n"
        "number: {$number}\n"
        "flag: {$flag} # comment\n"
        "list: [{$text}, x, {$text}]\n"
        "items:\n"
        "  - {$text}\n"
        "  - ports: [{ port: {$number}, name: {$text} }]\n"
        "labels: {$labels|json}\n"
        "other: {literal: x}\n"
    )
    labels = {value: value}
    given_values: Values = {
        "$text": value,
        "$number": number,
        "$flag": flag,
        "$labels": json.dumps(labels),
    }
    read = yaml.safe_load(yaml_text(template, given_values))
    shown = seen(value)
    assert read == {
        "kind": "NetworkPolicy",
        "name": shown,
        "note": f"to {shown} only",
        "joined": f"allow-{shown}",
        "number": number,
        "flag": flag,
        "list": [shown, "x", shown],
        "items": [shown, {"ports": [{"port": number, "name": shown}]}],
        "labels": labels,
        "other": {"literal": "x"},
    }


@pytest.mark.parametrize("value", ["shop", "ngw-1", "192.0.2.0/24", "a.b/c_d", "10.0.0.1"])
def test_yaml_leaves_plain_words_plain(value: str) -> None:
    assert yaml_text("cidr: {$a}", {"$a": value}) == f"cidr: {value}"


@given(values, st.integers(), st.booleans())
def test_a_structure_keeps_types(value: str, number: int, flag: bool) -> None:
    template = {"a": "{$t}", "b": ["x-{$t}", "{$n}", "{$f}"], "c": "{$j|json}", "d": 5, "e": "p"}
    given_values: Values = {"$t": value, "$n": number, "$f": flag, "$j": '{"k": [1, null]}'}
    assert structure(template, given_values) == {
        "a": value,
        "b": [f"x-{value}", number, flag],
        "c": {"k": [1, None]},
        "d": 5,
        "e": "p",
    }


@pytest.mark.parametrize("text", ["{", "not json", "[" * 100_000])
def test_text_that_is_no_json_becomes_a_json_string(text: str) -> None:
    assert structure("{$j|json}", {"$j": text}) == text
    assert json.loads(shlex.split(shell("x {$j|json}", {"$j": text}))[1]) == text


@pytest.mark.parametrize("value", HOSTILE)
def test_every_shipped_fix_can_be_filled_with_anything(value: str) -> None:
    assert FIXES
    for fix in FIXES.values():
        names = {placeholder.name for placeholder in fix_placeholders(fix)}
        is_json = {p.name for p in fix_placeholders(fix) if p.is_json}
        filled = {n: json.dumps([value]) if n in is_json else value for n in names}
        plain_names = dict.fromkeys(names, "plain") | dict.fromkeys(is_json, '["plain"]')
        change = fix.change
        commands = [change.kubectl, change.aliyun]
        commands += [fix.rollback] if isinstance(fix.rollback, str) else []
        for command in filter(None, commands):
            usual = shlex.split(shell(command, plain_names), comments=True)
            assert len(shlex.split(shell(command, filled), comments=True)) == len(usual), fix.id
        if change.yaml:
            usual_shape = shape(list(yaml.safe_load_all(yaml_text(change.yaml, plain_names))))
            hostile = list(yaml.safe_load_all(yaml_text(change.yaml, filled)))
            assert shape(hostile) == usual_shape, fix.id


def shape(data: object) -> object:
    """The structure of a document without its texts."""
    if isinstance(data, dict):
        return [shape(value) for value in data.values()]
    return [shape(item) for item in data] if isinstance(data, list) else type(data).__name__
