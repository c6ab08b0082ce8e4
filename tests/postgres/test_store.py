"""The store on PostgreSQL, by the same tests as on SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.postgres.conftest import Postgres
from tests.service.test_store import (  # noqa: F401
    test_a_change_made_from_another_version_changes_nothing,
    test_of_changes_from_one_version_at_the_same_time_one_counts,
    test_what_has_expired_is_not_there_and_is_swept,
    test_what_is_kept_is_what_was_said,
)
from wayout.service.store import Store


@pytest.fixture
def store(postgres: Postgres) -> Iterator[Store]:
    database = f"store_{postgres.ask('SELECT count(*) FROM pg_database')[0][0]}"
    postgres.ask(f"CREATE DATABASE {database}")
    made = Store(postgres.url.replace("/postgres", f"/{database}"))
    made.prepare()
    yield made
    made.close()
