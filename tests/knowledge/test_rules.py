"""Every rule lives up to its examples, and every knowledge file passes every check."""

from __future__ import annotations

from pathlib import Path

import pytest

from wayout import knowledge
from wayout.engine.inference import check_examples
from wayout.engine.rules import read_knowledge

KNOWLEDGE, ERRORS = read_knowledge(knowledge.ROOT)
FILES = sorted(
    path.relative_to(knowledge.ROOT).as_posix() for path in knowledge.ROOT.glob("rules/*/*.yaml")
)


@pytest.mark.parametrize("file", FILES)
def test_examples_hold(file: str) -> None:
    faults = [str(error) for error in ERRORS if str(error).startswith(file)]
    assert faults == []
    rules = [rule for rule in KNOWLEDGE.rules if rule.file == file]
    assert len(rules) == 1, f"{file} was left out because of a fault in its gate"
    assert list(check_examples(KNOWLEDGE, rules)) == []


def test_no_file_is_faulty() -> None:
    assert [str(error) for error in ERRORS] == []


def test_only_yaml_files_lie_in_the_folders() -> None:
    strays = [
        path
        for folder in ("rules", "fixes")
        for path in Path(knowledge.ROOT / folder).rglob("*")
        if path.is_file() and path.suffix != ".yaml"
    ]
    assert strays == []
