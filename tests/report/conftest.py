from collections.abc import Callable
from pathlib import Path

import pytest

from wayout.engine.advise.answer import Answer

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def sample() -> Callable[[str], Answer]:
    """A stored answer: blocked (two findings, three fixes), unknown, reachable."""

    def read(name: str) -> Answer:
        return Answer.model_validate_json((HERE / f"samples/{name}.json").read_bytes())

    return read
