"""The stored form of a knowledge folder is used when it is right, and only then."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rules.folder import files, write
from wayout.engine.errors import RuleError
from wayout.engine.rules import Knowledge, load_knowledge
from wayout.engine.rules import knowledge as module


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "knowledge", files())


def stored(cache: Path) -> Path:
    (path,) = (cache / "wayout").glob("knowledge-*.json")
    return path


def test_few_rules_become_objects(root: Path, cache: Path) -> None:
    load_knowledge(root)
    known = load_knowledge(root)
    assert known.rules_per_gate["policy"] == 2
    assert known.rule("POL-001") is known.rule("POL-001")
    assert known.rule("POL-999") is None
    assert "POL-002" in known.book
    assert len(known.book) == 2


def load_without_yaml(root: Path, monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    def unexpected(*_: object) -> None:
        raise AssertionError("the YAML files were read")

    with monkeypatch.context() as patch:
        patch.setattr(module, "read_yaml", unexpected)
        knowledge = load_knowledge(root)
        assert knowledge.rules  # each is validated when it is looked at
        return knowledge


def test_the_second_load_reads_no_yaml(
    root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_knowledge(root)
    second = load_without_yaml(root, monkeypatch)
    assert second == first
    assert [rule.list_needs for rule in second.rules] == [rule.list_needs for rule in first.rules]
    assert second.examples(second.rules[0]) == first.examples(first.rules[0])


def test_any_change_is_noticed(root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_knowledge(root)
    for path in sorted(root.rglob("*.yaml")):
        path.write_text(path.read_text() + "# changed\n")
        with pytest.raises(AssertionError, match="YAML"):
            load_without_yaml(root, monkeypatch)
        after = load_knowledge(root)
        assert after.version != before.version
        before = after
    (root / "rules/policy/juice.yaml").rename(root / "rules/policy/juices.yaml")
    assert load_knowledge(root).version != before.version


def test_old_files_are_removed(root: Path, cache: Path) -> None:
    for number in range(6):
        (root / "not-modelled.yaml").write_text(f"- {{ en: 'N{number}.', zh: 'N{number}。' }}\n")
        load_knowledge(root)
    assert len(list((cache / "wayout").iterdir())) == 3


def with_checksum(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"blocks", b"passes")),
        lambda path: path.write_bytes(with_checksum(b"{}")),
        lambda path: path.write_bytes(with_checksum(b"\xff\x00")),
        lambda path: path.write_bytes(
            with_checksum(path.read_bytes().partition(b"\n")[2].replace(b'"blocks"', b'"bloks"'))
        ),
        lambda path: path.write_bytes(
            with_checksum(path.read_bytes().partition(b"\n")[2].replace(b'"apple"', b'"x\\"y"'))
        ),
        lambda path: path.chmod(0o666),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=[
        "empty",
        "cut off",
        "changed",
        "other form",
        "no text",
        "unknown status",
        "unknown kind",
        "writable by others",
        "a folder",
    ],
)
def test_a_spoiled_file_is_not_believed(
    root: Path,
    cache: Path,
    change: Callable[[Path], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = load_knowledge(root)
    change(stored(cache))
    with pytest.raises(AssertionError, match="YAML"):
        load_without_yaml(root, monkeypatch)
    assert load_knowledge(root) == first
    assert load_knowledge(root).rules == first.rules


def test_a_folder_that_cannot_be_written_does_no_harm(
    root: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache / "wayout").write_text("a file where the folder should be")
    assert len(load_knowledge(root).rules) == 2
    assert (cache / "wayout").is_file()
    monkeypatch.setenv("XDG_CACHE_HOME", "relative/is/ignored")
    monkeypatch.setenv("HOME", os.devnull)
    assert len(load_knowledge(root).rules) == 2
    assert not Path("relative").exists()


def test_a_faulty_folder_is_never_stored(root: Path, cache: Path) -> None:
    (root / "rules/policy/juice.yaml").write_text("id: x\n")
    for _ in range(2):
        with pytest.raises(RuleError):
            load_knowledge(root)
    assert not (cache / "wayout").exists()
