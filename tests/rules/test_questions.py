"""Faults of questions end in one sentence that names the place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.rules.folder import files, write
from wayout.engine.errors import RuleError
from wayout.engine.rules import load_knowledge

REPLY = {"id": "no", "text": {"en": "No", "zh": "否"}, "patch": [{"complete": "entries"}]}
ASKING: dict[str, Any] = {
    "ask": {"en": "Is there one for {pod}?", "zh": "{pod} 有吗？"},
    "why": {"en": "It decides.", "zh": "它决定结果。"},
    "effort": 1,
    "replies": [REPLY],
}


def load(root: Path, key: str = "entries", **changes: Any) -> Any:
    content = {**files(), "questions/some.yaml": {key: {**ASKING, **changes}}}
    return load_knowledge(write(root, content)).questions


def test_questions_are_part_of_the_knowledge_and_of_its_stored_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    read = load(tmp_path / "root")
    assert read["entries"].replies[0].id == "no"
    assert load_knowledge(tmp_path / "root").questions == read


def test_a_changed_question_is_another_knowledge(tmp_path: Path) -> None:
    load(tmp_path)
    before = load_knowledge(tmp_path)
    again = load_knowledge(
        write(tmp_path, {"questions/some.yaml": {"entries": {**ASKING, "effort": 3}}})
    )
    assert before.version != again.version
    assert again.questions["entries"].effort == 3


def test_no_two_files_ask_the_same(tmp_path: Path) -> None:
    load(tmp_path)
    with pytest.raises(RuleError, match=r"questions/z\.yaml: entries: another file asks this"):
        load_knowledge(write(tmp_path, {"questions/z.yaml": {"entries": ASKING}}))


@pytest.mark.parametrize(
    ("key", "changes", "expected"),
    [
        ("entries@rout", {}, "entries@rout: unknown gate 'rout'; did you mean 'route'?"),
        ("entries", {"efort": 1}, "entries.efort: unknown field; did you mean 'effort'?"),
        ("entries", {"effort": 4}, "questions/some.yaml: entries.effort: "),
        (
            "entries",
            {"ask": {"en": "For {pod}?", "zh": "？"}},
            "entries.ask: en and zh must have the same placeholders.",
        ),
        (
            "entries",
            {"ask": {"en": "For {pdo}?", "zh": "{pdo}？"}},
            "entries.ask: unknown placeholder 'pdo'; did you mean 'pod'?",
        ),
        (
            "entries",
            {"replies": [{**REPLY, "patch": [{"add": "x", "item": {"a": ["{vpcc}"]}}]}]},
            "entries.replies[0]: unknown placeholder 'vpcc'; did you mean 'vpc'?",
        ),
        ("entries", {"replies": [REPLY, REPLY]}, "entries.replies: two replies have the same id."),
        (
            "entries",
            {"value": {"form": "adress", "example": "x", "patch": [{"complete": "x"}]}},
            "entries.value.form: 'adress'; did you mean 'address'?",
        ),
    ],
)
def test_a_fault_is_named(tmp_path: Path, key: str, changes: Any, expected: str) -> None:
    with pytest.raises(RuleError) as caught:
        load(tmp_path, key, **changes)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
