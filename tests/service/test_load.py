"""Many clients, a worker that dies, a service that is stopped: no answer is wrong, none is lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.load import Order, Tally, right, storm
from tests.service.conftest import Service, body

SECONDS = 4.0


@pytest.fixture(scope="module")
def known() -> list[Order]:
    requests = [json_of(name) for name in ("no-snat", "healthy", "default-deny-forgot-dns")]
    return [Order(request, right(request)) for request in requests]


def json_of(name: str) -> bytes:
    return json.dumps(body(name)).encode()


def is_whole(tally: Tally) -> bool:
    assert tally.wrong == []
    assert tally.lost == []
    return len(tally.seconds) > 0


def test_dozens_of_clients_get_their_own_answers_while_a_worker_is_killed(
    known: list[Order],
) -> None:
    service = Service("--workers", "2")
    try:
        first = service.workers()
        tally = asyncio.run(
            storm(service.port, known, 40, SECONDS, lambda: os.kill(first[0], signal.SIGKILL))
        )
        assert is_whole(tally)
        assert "wayout_worker_deaths 1.0" in service.get("/metrics").data
        assert first[0] not in service.workers()
    finally:
        service.stop()


def test_who_is_told_to_come_back_gets_an_answer_in_the_end(known: list[Order]) -> None:
    service = Service("--workers", "1", "--waiting", "2")
    try:
        tally = asyncio.run(storm(service.port, known, 8, SECONDS))
        assert is_whole(tally)
        assert tally.refused > 0
    finally:
        service.stop()


def test_a_service_that_is_stopped_ends_what_it_has_begun_and_begins_nothing_new(
    known: list[Order],
) -> None:
    service = Service("--workers", "1")
    [worker] = service.workers()
    os.kill(worker, signal.SIGSTOP)  # so that all requests are in the service, and none is done
    end = time.monotonic() + 60
    with ThreadPoolExecutor(8) as threads:
        order = known[0]
        sent = [threads.submit(service.ask, "POST", "/v1/assess", order.sent) for _ in range(8)]
        while "wayout_waiting 7.0" not in service.get("/metrics").data:
            assert time.monotonic() < end
        for process in (service.process.pid, worker):  # as if the whole group was meant
            os.kill(process, signal.SIGTERM)
        while is_open(service):
            assert time.monotonic() < end
        os.kill(worker, signal.SIGCONT)
        replies = [reply.result() for reply in sent]
    assert [reply.status for reply in replies] == [200] * 8
    assert all(reply.data == json.loads(order.wanted) for reply in replies)
    assert service.stop() in (0, -signal.SIGTERM)  # it ends by the signal it was sent
    assert not Path(f"/proc/{worker}").exists()


def is_open(service: Service) -> bool:
    """Whether it takes new requests."""
    try:
        return service.get("/healthz").status == 200
    except OSError:
        return False
