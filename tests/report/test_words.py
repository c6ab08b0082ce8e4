"""Both languages have every label, with the same places to fill."""

import re
from dataclasses import asdict, fields
from pathlib import Path
from typing import get_args

import pytest

from wayout.engine import report
from wayout.engine.advise.answer import Status, VerdictName
from wayout.engine.advise.why_not import Result
from wayout.engine.report.more_words import MORE_WORDS, MoreWords
from wayout.engine.report.words import WORDS, Words

REPORT = Path(report.__file__).parent
EN, ZH = asdict(WORDS["en"]), asdict(WORDS["zh"])


@pytest.mark.parametrize("name", [field.name for field in fields(Words)])
def test_both_languages_say_it(name: str) -> None:
    en, zh = EN[name], ZH[name]
    if isinstance(en, dict):
        assert list(en) == list(zh)
        assert all(bool(en[key]) == bool(zh[key]) for key in en)
    else:
        assert en
        assert zh
        assert re.findall("{.*?}", en) == re.findall("{.*?}", zh)


def test_every_verdict_and_status_has_words() -> None:
    assert set(EN["verdict"]) == set(get_args(VerdictName))
    assert set(EN["status"]) == set(get_args(Status))


@pytest.mark.parametrize("name", ["colon", "semicolon", "comma", "parentheses"])
def test_chinese_punctuation_is_full_width(name: str) -> None:
    assert not ZH[name].replace("{}", "").isascii()
    assert " " not in ZH[name]


MORE_EN, MORE_ZH = asdict(MORE_WORDS["en"]), asdict(MORE_WORDS["zh"])


@pytest.mark.parametrize("name", [field.name for field in fields(MoreWords)])
def test_both_languages_say_more(name: str) -> None:
    en, zh = MORE_EN[name], MORE_ZH[name]
    pairs = zip(en.values(), zh.values(), strict=True) if isinstance(en, dict) else [(en, zh)]
    assert not isinstance(en, dict) or list(en) == list(zh)
    for said_en, said_zh in pairs:
        assert said_en
        assert said_zh
        assert set(re.findall("{.*?}", said_en)) == set(re.findall("{.*?}", said_zh))
        assert not said_zh.isascii()
        assert not re.search(r"[,;:?!()]", re.sub("{.*?}", "", said_zh)), "full-width punctuation"


@pytest.mark.parametrize("name", [field.name for field in fields(MoreWords)])
def test_every_further_word_is_used(name: str) -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in REPORT.rglob("*.py"))
    assert f"more.{name}" in sources


def test_why_not_has_words_for_every_value() -> None:
    assert set(MORE_EN["result"]) == set(get_args(Result))
    assert set(MORE_EN["met"]) == {"met", "failed", "open"}
    assert set(MORE_EN["gate_question"]) == set(get_args(Status))
