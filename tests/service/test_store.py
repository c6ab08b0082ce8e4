"""The store by itself: versions, expiry, and two who change the same conversation at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from wayout.service.store import StaleError, Store, new_id

NOW, LATER = 1_000.0, 2_000.0


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(str(tmp_path / "store.db"))
    made.prepare()
    yield made
    made.close()


def step(number: int) -> dict[str, Any]:
    text = f"step {number}: \u8bd5\\u0000"
    return {"number": number, "at": NOW, "step": {"n": number}, "is_whole": True, "case": text}


def numbers(store: Store, talk: str, now: float = NOW) -> tuple[int, list[int]]:
    kept = store.read(talk, now)
    assert kept is not None
    return kept.version, [found["number"] for found in kept.steps]


def test_what_is_kept_is_what_was_said(store: Store) -> None:
    talk = new_id()
    store.create(talk, LATER, step(1))
    kept = store.read(talk, NOW)
    assert kept is not None
    assert (kept.version, kept.expires_at, kept.steps) == (1, LATER, [step(1)])


def test_a_change_made_from_another_version_changes_nothing(store: Store) -> None:
    talk = new_id()
    store.create(talk, LATER, step(1))
    store.append(talk, 1, LATER, step(2))
    with pytest.raises(StaleError):
        store.append(talk, 1, LATER, step(2))
    with pytest.raises(StaleError):
        store.undo(talk, 1, LATER, 2)
    assert numbers(store, talk) == (2, [1, 2])
    store.undo(talk, 2, LATER, 2)
    assert numbers(store, talk) == (3, [1])
    with pytest.raises(StaleError):
        store.append("nobody", 1, LATER, step(2))


def test_of_changes_from_one_version_at_the_same_time_one_counts(store: Store) -> None:
    talk, count = new_id(), 6
    store.create(talk, LATER, step(1))
    together = threading.Barrier(count)

    def change(version: int) -> bool:
        together.wait()
        try:
            store.append(talk, version, LATER, step(version + 1))
        except StaleError:
            return False
        return True

    with ThreadPoolExecutor(count) as threads:
        for version in range(1, 6):
            assert sum(threads.map(change, [version] * count)) == 1
    assert numbers(store, talk) == (6, [1, 2, 3, 4, 5, 6])


def test_what_has_expired_is_not_there_and_is_swept(store: Store) -> None:
    old, young = new_id(), new_id()
    store.create(old, NOW, step(1))
    store.create(young, LATER, step(1))
    assert store.read(old, NOW) is None
    assert not store.delete(old, NOW)
    assert store.sweep(NOW) == 1
    assert store.sweep(NOW) == 0
    assert store.read(old, NOW - 1) is None
    assert numbers(store, young) == (1, [1])
    store.append(young, 1, LATER + NOW, step(2))  # which is how long it lives now
    assert numbers(store, young, LATER) == (2, [1, 2])
    assert store.delete(young, NOW)
    assert store.read(young, NOW) is None
