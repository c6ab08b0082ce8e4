"""The published schemas: a change that breaks a reader is a decision, not an accident."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.protocol.compatibility import Direction, breaks
from tests.scenarios.runner import base_case
from wayout.cli.main import main
from wayout.engine import (
    Case,
    Question,
    SchemaName,
    assess,
    call_tool,
    diagnose,
    handed_over,
    published_schema,
    reply_document,
    schema_names,
)
from wayout.engine.protocol.schemas import VERSION, current_schema

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "engine" / "protocol" / VERSION
TAKEN = ("case", "question")  # all others are given
EMPTY = Case.load({"apiVersion": "wayout/v1", "kind": "Case"})
ASKED = Question(pod="shop/api-0", destination="203.0.113.10:443")


def checked(name: SchemaName, document: Any) -> None:
    Draft202012Validator(published_schema(name)).validate(document)


@pytest.mark.parametrize("name", schema_names())
def test_models_keep_what_is_published(name: SchemaName) -> None:
    """Add to the protocol as you like; what readers of this version rely on has to stay."""
    now = current_schema(name)
    place = PUBLISHED / f"{name}.json"
    direction: Direction = "taken" if name in TAKEN else "given"
    published = json.loads(place.read_text(encoding="utf-8")) if place.exists() else now
    broken = breaks(published, now, direction, name)
    assert not broken, (
        f"this would break readers of {VERSION}; keep it or publish a new version:\n"
        + "\n".join(broken)
    )
    text = json.dumps(now, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("WAYOUT_UPDATE_GOLDEN") == "1":
        place.parent.mkdir(exist_ok=True)
        place.write_text(text, encoding="utf-8")
    assert text == place.read_text(encoding="utf-8"), (
        f"a compatible change of {name}: WAYOUT_UPDATE_GOLDEN=1 renews {place.relative_to(ROOT)}"
    )


@pytest.mark.parametrize("name", schema_names())
def test_each_is_a_valid_schema(name: SchemaName) -> None:
    schema = published_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    assert schema["$id"] == f"urn:wayout:{VERSION}:{name}"


def test_there_is_a_file_for_each_and_no_other() -> None:
    assert {path.stem for path in PUBLISHED.glob("*.json")} == set(schema_names())


@pytest.mark.parametrize("name", schema_names())
def test_the_program_prints_it(name: SchemaName, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", name]) == 0
    assert json.loads(capsys.readouterr().out) == published_schema(name)


@pytest.mark.parametrize("example", ["healthy", "no-snat", "default-deny-forgot-dns"])
def test_answers_are_as_published(example: str) -> None:
    case = base_case(example)
    checked("answer", json.loads(diagnose(case).model_dump_json()))
    assert case.question is not None
    checked("question", json.loads(case.question.model_dump_json(exclude_none=True)))


def test_answers_that_ask_are_as_published() -> None:
    for question in (None, ASKED):
        answer = assess(EMPTY, question)
        assert answer.next_question is not None
        checked("answer", json.loads(answer.model_dump_json()))
        checked("next-question", json.loads(answer.next_question.model_dump_json()))


def test_replies_are_as_published_and_are_case_files() -> None:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "api-0", "namespace": "shop"}}
    replies = [
        reply_document(EMPTY, "question/destination", "203.0.113.10:443"),
        reply_document(EMPTY, "question/pod", "shop/api-0"),
        reply_document(EMPTY, "services", "no", ASKED),
        reply_document(EMPTY, "services", "unknown", ASKED),
        reply_document(EMPTY, "pods/shop", pod, ASKED),
        handed_over("pods/shop"),
    ]
    for document in replies:
        checked("reply", document)
        checked("case", document)


def test_assessments_are_as_published() -> None:
    checked("assessment", call_tool("assess", {"errors": ["connection timed out"]}))


def test_shipped_case_files_are_as_published() -> None:
    count = 0
    for path in sorted((ROOT / "examples").rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            if isinstance(document, dict) and document.get("apiVersion") == "wayout/v1":
                checked("case", document)
                count += 1
    assert count >= 2
