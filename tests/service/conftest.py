"""A running service, and short ways to talk to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS = 120
QUESTION = {"pod": "shop/api-0", "to": "203.0.113.10:443"}


class Reply(NamedTuple):
    """What came back."""

    status: int
    data: Any
    headers: dict[str, str]


class Service:
    """A service in a process of its own, on a free port of this machine."""

    def __init__(self, *arguments: str, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "wayout", "serve", "--port", str(self.port), *arguments]
        # A pipe that nobody reads fills up.
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            command, cwd=ROOT, stderr=self.errors, env={**os.environ, **environment}
        )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            assert self.process.poll() is None, "the service ended"
            try:
                if self.get("/readyz").status == 200:
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the service did not become ready")

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        sent = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        try:
            connection.request(method, path, sent, headers)
            response = connection.getresponse()
            text = response.read().decode()
        finally:
            connection.close()
        is_json = (response.getheader("content-type") or "").startswith("application/json")
        return Reply(response.status, json.loads(text) if is_json else text, dict(response.headers))

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str) -> Reply:
        return self.ask("POST", path, body, **headers)

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        found = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        lines = [line.split(None, 1) for line in found.stdout.splitlines()]
        return [int(pid) for pid, command in lines if "wayout.service.worker" in command]

    def log(self) -> str:
        """What it has said so far on standard error."""
        size = os.fstat(self.errors.fileno()).st_size
        return os.pread(self.errors.fileno(), size, 0).decode()

    def stop(self) -> int:
        """Ends it as an operator would; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.errors.close()


def files(example: str, *without: str) -> list[dict[str, str]]:
    """The files of an example as a request has them."""
    folder = ROOT / "examples" / example
    found = sorted(p for p in folder.iterdir() if p.suffix in (".json", ".yaml"))
    return [
        {"name": f"examples/{example}/{path.name}", "text": path.read_text(encoding="utf-8")}
        for path in found
        if path.name not in without
    ]


def body(example: str, *without: str) -> dict[str, Any]:
    """A request about an example."""
    return {"files": files(example, *without), "question": QUESTION}


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    running = Service("--workers", "2")
    yield running
    running.stop()
