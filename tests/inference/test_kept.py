"""The compiled form of a knowledge folder is used when it is right, and only then."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.inference.kinds import Apple, test_vocabulary
from tests.rules.folder import files, write
from wayout.engine.facts.common import Collected, Flow
from wayout.engine.inference import Inference, kept
from wayout.engine.rules import Knowledge, load_knowledge


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def folder(tmp_path: Path, cache: Path) -> Path:
    return write(tmp_path / "knowledge", files())


def compiled_anew(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often making the program of a folder compiles its rules."""
    calls = []

    def count(rules: object) -> object:
        calls.append(rules)
        return original(rules)  # type: ignore[arg-type]

    original = kept.compile_rules
    with monkeypatch.context() as patch:
        patch.setattr(kept, "compile_rules", count)
        kept.program_of(knowledge)
    return len(calls)


def test_the_second_start_compiles_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with test_vocabulary():
        knowledge = load_knowledge(folder)
        first = kept.program_of(knowledge)
        assert compiled_anew(knowledge, monkeypatch) == 0
        assert kept.program_of(load_knowledge(folder)) == first
        facts = [
            Flow(flow="main", pod="shop/api-0"),
            Apple(owner="o", number=3),
            Collected(list="entries", of="o"),
        ]
        stored = Inference(load_knowledge(folder)).run(facts)
        assert stored.firings
        assert stored == Inference(knowledge.rules).run(facts)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda content: b"",
        lambda content: content[:-1],
        lambda content: content.replace(b'"policy"', b'"polics"'),
        lambda content: hashlib.sha256(b"[]").hexdigest().encode() + b"\n[]",
    ],
    ids=["empty", "cut off", "changed", "other form"],
)
def test_a_spoiled_file_is_not_believed(
    folder: Path, cache: Path, spoil: Callable[[bytes], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with test_vocabulary():
        knowledge = load_knowledge(folder)
        first = kept.program_of(knowledge)
        (path,) = (cache / "wayout").glob("program-*.json")
        path.write_bytes(spoil(path.read_bytes()))
        assert compiled_anew(knowledge, monkeypatch) == 1
        assert kept.program_of(knowledge) == first


def test_other_knowledge_is_compiled_apart(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with test_vocabulary():
        kept.program_of(load_knowledge(folder))
        (folder / "not-modelled.yaml").write_text("- { en: 'New.', zh: '新。' }\n")
        assert compiled_anew(load_knowledge(folder), monkeypatch) == 1
