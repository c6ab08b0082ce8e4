"""Faults of questions.yaml end in one sentence that names the place."""

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
    "effort": 1,
    "replies": [REPLY],
}


def load(root: Path, key: str = "entries", **changes: Any) -> Any:
    content = {**files(), "questions.yaml": {key: {**ASKING, **changes}}}
    return load_knowledge(write(root, content)).questions


def test_questions_are_part_of_the_knowledge_and_of_its_stored_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    read = load(tmp_path / "root")
    assert read["entries"].replies[0].id == "no"
    assert load_knowledge(tmp_path / "root").questions == read


@pytest.mark.parametrize(
    ("key", "changes", "expected"),
    [
        ("entries@rout", {}, "entries@rout: unknown gate 'rout'; did you mean 'route'?"),
        ("entries", {"efort": 1}, "entries.efort: unknown field; did you mean 'effort'?"),
        ("entries", {"effort": 4}, "questions.yaml: entries.effort: "),
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
