"""The file of symptoms: every fault ends in one sentence that names file and field."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from tests.rules.folder import files, write
from wayout.engine.advise.workshop import check_rules
from wayout.engine.errors import RuleError
from wayout.engine.rules import load_knowledge, read_knowledge

NAME = "symptoms.yaml"
TEXT = {"en": "Text.", "zh": "文字。"}
ENTRY: dict[str, Any] = {
    "title": {"en": "Refused", "zh": "被拒绝"},
    "patterns": ["connection refused"],
    "phrases": ["拒绝连接"],
    "implicates": ["destination-service"],
    "excludes": ["dns", "policy"],
    "observes": [{"tcp": "refused"}],
    "means": TEXT,
    "next": TEXT,
    "sources": ["GK"],
    "examples": {"match": ["connect: Connection refused"], "near": ["timed out"]},
}


def folder(root: Path, **entries: Any) -> Path:
    return write(root, {**files(), NAME: entries})


def entry(**fields: Any) -> dict[str, Any]:
    """The entry with fields changed, or removed with `...`."""
    changed = {**copy.deepcopy(ENTRY), **fields}
    return {key: value for key, value in changed.items() if value is not ...}


def test_a_good_file_is_part_of_the_knowledge(tmp_path: Path) -> None:
    root = folder(tmp_path, **{"SYM-01": entry()})
    knowledge = load_knowledge(root)
    assert list(knowledge.symptoms) == ["SYM-01"]
    assert knowledge.symptoms["SYM-01"].excludes == ("dns", "policy")
    again = load_knowledge(root)  # from the cache
    assert again == knowledge
    folder(tmp_path, **{"SYM-01": entry(phrases=["拒绝了连接"])})
    changed = load_knowledge(root)
    assert changed.version != knowledge.version
    assert changed.symptoms["SYM-01"].phrases == ("拒绝了连接",)


def test_a_folder_needs_no_symptoms(tmp_path: Path) -> None:
    assert not load_knowledge(write(tmp_path, files())).symptoms


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no mapping": ({"SYM-01": "x"}, "SYM-01: must be a mapping"),
    "id": ({"SYM-1": entry()}, "SYM-1: the name of an entry must be SYM- and two or three digits."),
    "unknown field": (
        {"SYM-01": entry(pattern=["x"])},
        "SYM-01.pattern: unknown field; did you mean 'patterns'?",
    ),
    "field of the loader": ({"SYM-01": entry(id="SYM-02")}, "SYM-01: unknown field 'id'."),
    "missing": ({"SYM-01": entry(means=...)}, "SYM-01.means: is missing."),
    "gate": (
        {"SYM-01": entry(implicates=["securty-group"])},
        "SYM-01.implicates[0]: unknown gate; did you mean 'security-group'?",
    ),
    "beyond in excludes": (
        {"SYM-01": entry(excludes=["application"])},
        "SYM-01.excludes[0]: unknown gate",
    ),
    "twice": (
        {"SYM-01": entry(excludes=["dns", "dns"])},
        "SYM-01.excludes: dns stands there twice.",
    ),
    "both": (
        {"SYM-01": entry(excludes=["destination-service"])},
        "SYM-01.excludes: destination-service is implicated; a text cannot both",
    ),
    "both, bypassed": (
        {"SYM-01": entry(bypasses=["destination-service"])},
        "SYM-01.bypasses: destination-service is implicated",
    ),
    "neither": (
        {"SYM-01": entry(patterns=[], phrases=[], excludes=[], observes=[])},
        "SYM-01.patterns: an entry needs a pattern or a phrase.",
    ),
    "runaway": (
        {"SYM-01": entry(patterns=["refused", "(?:a{1,9}){1,9}bcd"])},
        "SYM-01.patterns[1]: '(?:a{1,9}){1,9}bcd' repeats a group",
    ),
    "runaway condition": (
        {"SYM-01": entry(observes=[{"tcp": "refused", "only_in": "a.*b"}])},
        "SYM-01.observes[0].only_in: 'a.*b' uses '*'",
    ),
    "runaway proof": (
        {"SYM-01": entry(excludes_only_in="a.*b")},
        "SYM-01.excludes_only_in: 'a.*b' uses '*'",
    ),
    "condition without proof": (
        {"SYM-01": entry(excludes=[], excludes_only_in="abc")},
        "SYM-01.excludes_only_in: there is nothing it could prove",
    ),
    "short phrase": ({"SYM-01": entry(phrases=["不通"])}, "SYM-01.phrases[0]: '不通' is too short"),
    "phrase that proves": (
        {"SYM-01": entry(patterns=[])},
        "SYM-01.excludes: a phrase proves nothing; this needs a pattern.",
    ),
    "two observations": (
        {"SYM-01": entry(observes=[{"tcp": "refused", "dns": "nxdomain"}])},
        "SYM-01.observes[0]: must have exactly one of tcp, dns.",
    ),
    "observation": (
        {"SYM-01": entry(observes=[{"tcp": "refusd"}])},
        "SYM-01.observes[0].tcp: 'refusd'; did you mean 'refused'?",
    ),
    "full stop": (
        {"SYM-01": entry(means={"en": "Text", "zh": "文字。"})},
        "SYM-01.means.en: must end with '.'.",
    ),
    "placeholder": (
        {"SYM-01": entry(means={"en": "Text {x}.", "zh": "文字 {x}。"})},
        "SYM-01.means.en: takes no placeholder.",
    ),
    "language": (
        {"SYM-01": entry(next={"en": "文字.", "zh": "文字。"})},
        "SYM-01.next: en must be English and zh Chinese.",
    ),
    "source": (
        {"SYM-01": entry(sources=["GKK"])},
        "SYM-01.sources: unknown source 'GKK'; did you mean 'GK'?",
    ),
    "no example": (
        {"SYM-01": entry(examples={"match": ["connection refused"], "near": []})},
        "SYM-01.examples.near: ",
    ),
    "override of nothing": (
        {"SYM-01": entry(overrides=["SYM-09"])},
        "SYM-01.overrides: SYM-09 is no other entry.",
    ),
    "override of itself": (
        {"SYM-01": entry(overrides=["SYM-01"])},
        "SYM-01.overrides: SYM-01 is no other entry.",
    ),
    "overrides in a circle": (
        {"SYM-01": entry(overrides=["SYM-02"]), "SYM-02": entry(overrides=["SYM-01"])},
        "SYM-01.overrides: SYM-02 overrides this entry in turn.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_fault_is_one_sentence_with_its_place(name: str, tmp_path: Path) -> None:
    entries, sentence = REFUSED[name]
    root = folder(tmp_path, **entries)
    with pytest.raises(RuleError) as caught:
        load_knowledge(root)
    assert str(caught.value).startswith(f"{NAME}: {sentence}"), str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_faulty_file_leaves_the_rules_usable(tmp_path: Path) -> None:
    root = folder(tmp_path, **{"SYM-01": entry(means=...)})
    knowledge, errors = read_knowledge(root)
    assert len(errors) == 1
    assert knowledge.rules
    assert not knowledge.symptoms


def test_examples_are_checked(tmp_path: Path) -> None:
    wrong = {"match": ["timed out"], "near": ["connection refused", "拒绝连接了"]}
    root = folder(tmp_path, **{"SYM-01": entry(examples=wrong)})
    checked = check_rules(root / NAME)
    assert checked.faults == ()
    assert [text.split(": ", 2)[1:] for text in checked.problems] == [
        ["SYM-01.examples.match[0]", "'timed out' shows nothing."],
        ["SYM-01.examples.near[0]", "'connection refused' shows SYM-01."],
        ["SYM-01.examples.near[1]", "'拒绝连接了' shows SYM-01."],
    ]
    assert check_rules(root / "rules").problems == ()


def test_texts_may_name_a_field_of_each_language(tmp_path: Path) -> None:
    """`{fact.means_en}` in English stands beside `{fact.means_zh}` in Chinese, and nowhere else."""
    from wayout.engine.rules.checks import parity
    from wayout.engine.rules.model import Text

    def faults(en: str, zh: str) -> list[str]:
        return [problem for _, problem in parity("says", Text(en=en, zh=zh))]

    assert faults("{symptom.means_en} {$x}", "{$x}{symptom.means_zh}") == []
    assert faults("{symptom.means_zh}", "{symptom.means_en}")
    assert faults("{symptom.means_en}", "{symptom.means_en}")
    assert faults("{symptom.means_en}", "{symptom.next_zh}")
    assert faults("{$x_en}", "{$x_zh}")
