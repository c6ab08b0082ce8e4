"""What the service refuses, and what it logs, as a process of its own."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from starlette.requests import Request
from starlette.types import Message

from tests.service.conftest import Service, body
from wayout.service.guard import Refused
from wayout.service.intake import Intake
from wayout.service.measures import Measures
from wayout.service.pool import Pool
from wayout.service.settings import Settings

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def narrow() -> Iterator[Service]:
    running = Service(
        "--workers", "1", "--waiting", "2", "--seconds", "5", "--max-mib", "1"
    )  # fmt: skip
    yield running
    running.stop()


def test_a_body_without_a_length_is_read_no_further_than_allowed(narrow: Service) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", narrow.port, timeout=60)) as connection:
        parts = (b"x" * 65536 for _ in range(2 * MIB // 65536))
        connection.request("POST", "/v1/assess", parts, encode_chunked=True)
        response = connection.getresponse()
        assert response.status == 413
        assert json.loads(response.read())["error"] == f"The body is larger than {MIB} bytes."


def test_bodies_in_hand_are_bounded_together() -> None:
    settings = Settings(most_bytes=10, most_held=10)
    pool = Pool(1, 1, 1, 1)
    intake = Intake(settings, pool, Measures(pool))

    def request(sent: bytes) -> Request:
        async def receive() -> Message:
            return {"type": "http.request", "body": sent, "more_body": False}

        return Request({"type": "http", "headers": []}, receive)

    async def use() -> None:
        async with intake.body(request(b"123456")) as body:
            assert (body, intake.held) == (b"123456", 6)
            with pytest.raises(Refused) as caught:
                async with intake.body(request(b"123456")):
                    pass
            assert (caught.value.status_code, intake.held) == (503, 6)
            assert caught.value.headers == {"Retry-After": "1"}
        async with intake.body(request(b"123456")):
            assert intake.held == 6
        assert intake.held == 0

    asyncio.run(use())


def test_a_body_that_does_not_come_is_not_waited_for(narrow: Service) -> None:
    with socket.create_connection(("127.0.0.1", narrow.port), timeout=60) as stream:
        stream.sendall(b"POST /v1/assess HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
        assert stream.recv(65536).startswith(b"HTTP/1.1 408 ")
    assert narrow.post("/v1/assess", {}).status == 200


def test_a_request_that_takes_too_long_is_ended_and_its_worker_replaced(narrow: Service) -> None:
    [worker] = narrow.workers()
    os.kill(worker, signal.SIGSTOP)
    reply = narrow.post("/v1/assess", {})
    assert (reply.status, reply.data["error"]) == (504, "The request took longer than 5 seconds.")
    narrow.wait_until_ready()
    assert narrow.post("/v1/assess", {}).status == 200
    assert narrow.workers() != [worker]


def test_who_would_wait_behind_too_many_is_told_to_come_back(narrow: Service) -> None:
    with ThreadPoolExecutor(12) as threads:
        replies = list(threads.map(lambda _: narrow.post("/v1/assess", body("no-snat")), range(12)))
    refused = [reply for reply in replies if reply.status == 503]
    assert refused
    assert all(int(reply.headers["retry-after"]) >= 1 for reply in refused)
    assert {reply.status for reply in replies} == {200, 503}
    assert all(reply.data["verdict"] == "blocked" for reply in replies if reply.status == 200)


def test_what_is_not_there_is_told_in_the_same_form(narrow: Service) -> None:
    missing = narrow.get("/v1/nothing")
    assert (missing.status, missing.data) == (404, {"error": "Not Found."})
    wrong = narrow.get("/v1/assess")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST")
    assert narrow.get("/v1/rules?gat=route").status == 422


def test_the_log_has_a_line_of_json_for_everything_and_nothing_of_a_case(narrow: Service) -> None:
    narrow.post("/v1/assess", body("no-snat"), Authorization="Bearer some-secret-token")
    narrow.post("/v1/assess", {"question": {"pod": "Shop/Api-0", "to": "203.0.113.10"}})
    narrow.get("/shop/api-0?to=203.0.113.10")
    end = time.monotonic() + 30
    while '"path": "other"' not in narrow.log() and time.monotonic() < end:
        time.sleep(0.05)
    log = narrow.log()
    lines = [json.loads(line) for line in log.splitlines()]
    served = [line for line in lines if line.get("path") == "/v1/assess"]
    assert {"time", "level", "request", "method", "path", "status", "milliseconds"} <= set(
        served[0]
    )
    assert {200, 422} <= {line["status"] for line in served}
    for word in ("shop", "api-0", "203.0.113", "no-snat", "some-secret-token"):
        assert word not in log.lower()
