"""Both languages have every label, with the same places to fill."""

import re
from dataclasses import asdict, fields
from typing import get_args

import pytest

from wayout.engine.advise.answer import Status, VerdictName
from wayout.engine.report.words import WORDS, Words

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
