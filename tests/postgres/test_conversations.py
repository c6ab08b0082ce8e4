"""Conversations in PostgreSQL, with two services that share it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.case.test_secrets import MARK
from tests.postgres.conftest import Postgres
from tests.service.conftest import Service

# The same conversations as in SQLite, with the fixtures of this folder.
from tests.service.test_conversations import (  # noqa: F401
    BEGIN,
    SECRETS,
    begun,
    replied,
    test_a_client_may_name_the_version_it_has_seen,
    test_a_conversation_goes_on_until_it_is_decided,
    test_a_conversation_may_begin_with_an_error_text_and_ask_for_the_rest,
    test_a_document_may_be_the_reply,
    test_of_replies_at_the_same_time_none_is_lost,
    test_only_the_question_that_is_asked_is_replied_to,
    test_the_answer_is_that_of_the_verb,
)


@pytest.fixture(scope="module")
def pair(postgres: Postgres) -> Iterator[tuple[Service, Service]]:
    """Two services, started at the same time on a database without tables."""
    arguments = ("--workers", "1", "--conversations", postgres.url)
    with ThreadPoolExecutor(2) as threads:
        first, second = [threads.submit(Service, *arguments) for _ in range(2)]
        services = first.result(), second.result()
    yield services
    for service in services:
        service.stop()


@pytest.fixture(scope="module")
def talks(pair: tuple[Service, Service]) -> Service:
    return pair[0]


def test_services_share_the_database(pair: tuple[Service, Service]) -> None:
    one, other = pair
    path, first = begun(one, "snat-entries.json")
    assert other.get(path).data == first
    after = replied(other, path, first["answer"]["next_question"]["id"], "no").data
    assert after["answer"]["verdict"] == "blocked"
    assert one.get(path).data == after


def test_of_replies_to_two_services_none_is_lost(pair: tuple[Service, Service]) -> None:
    path, _ = begun(pair[0])

    def add(number: int) -> int:
        error = {"errors": [f"error {number}: i/o timeout"]}
        return pair[number % 2].post(f"{path}/documents", error).status

    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(add, range(32)))
    assert 200 in statuses
    assert set(statuses) <= {200, 409}
    data = pair[1].get(path).data
    assert data["version"] == len(data["history"]) == 1 + statuses.count(200)
    assert sum(step["errors"] for step in data["history"]) == statuses.count(200)


def test_of_the_same_reply_to_two_services_one_counts(pair: tuple[Service, Service]) -> None:
    for _ in range(5):
        path, first = begun(pair[0], "snat-entries.json")
        asked = first["answer"]["next_question"]["id"]
        with ThreadPoolExecutor(2) as threads:
            sent = [threads.submit(replied, service, path, asked, "no") for service in pair]
        assert sorted(reply.result().status for reply in sent) == [200, 409]
        assert len(pair[0].get(path).data["history"]) == 2


def test_nothing_secret_is_stored(talks: Service, postgres: Postgres) -> None:
    reply = talks.post(BEGIN, SECRETS)
    assert reply.status == 201
    postgres.ask("CHECKPOINT")
    stored = b"".join(file.read_bytes() for file in postgres.data.rglob("*") if file.is_file())
    assert reply.data["id"].encode() in stored
    assert MARK.encode() not in stored
    rows = postgres.ask('SELECT step, "case" FROM wayout_steps')
    assert "r.example" in json.dumps(rows)
    assert MARK not in json.dumps(rows)


def test_what_is_not_used_is_swept(postgres: Postgres) -> None:
    running = Service("--workers", "1", "--conversations", postgres.url, "--keep-hours", "0.0006")
    try:
        path, data = begun(running)
        of_it = f"SELECT count(*) FROM wayout_steps WHERE conversation = '{data['id']}'"
        assert postgres.ask(of_it) == [(1,)]
        end = time.monotonic() + 60
        while postgres.ask(of_it) != [(0,)] and time.monotonic() < end:
            time.sleep(0.2)
        assert postgres.ask(of_it) == [(0,)]
        assert running.get(path).status == 404
    finally:
        running.stop()


def test_a_database_that_is_away_is_a_reason_to_come_back(
    talks: Service, postgres: Postgres
) -> None:
    path, first = begun(talks)
    postgres.stop()
    away = talks.get(path)
    assert (away.status, away.headers["retry-after"]) == (503, "1")
    assert "postgresql://" not in json.dumps(away.data)
    assert talks.post("/v1/assess", {}).status == 200  # which needs no database
    postgres.start()
    assert talks.get(path).data == first
