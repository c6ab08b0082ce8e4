from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.inference.kinds import test_vocabulary


@pytest.fixture(autouse=True)
def _vocabulary() -> Iterator[None]:
    with test_vocabulary():
        yield


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder
