"""Many clients at once against the HTTP service, every answer compared with the right one.

    python -m benchmarks.load [--clients 200] [--seconds 60] [--workers 2]

The right answers, and the baseline for the times, come from the pure function behind the service,
called by one thread of this process. Only this machine is talked to, and it stops by itself. It
fails when an answer was wrong or never came.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.service.conftest import ROOT, Service, body
from wayout.service.jobs import perform

__all__ = ["Order", "Tally", "orders", "storm"]

EXAMPLES = sorted(path.name for path in (ROOT / "examples").iterdir() if path.is_dir())
LOST_SECONDS = 120.0  # a request that waits longer has no response coming


class Order(NamedTuple):
    """A request, and the body of the response to it."""

    sent: bytes
    wanted: bytes


@dataclass
class Tally:
    """What came of it; `seconds` are those of the answers, waiting and refusals included.

    `in_time` counts the answers that came while all clients kept asking.
    """

    seconds: list[float] = field(default_factory=list)
    in_time: int = 0
    refused: int = 0
    wrong: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def right(request: bytes) -> bytes:
    """What the pure function makes of a request."""
    return perform({"verb": "assess", "most_documents": 2000}, request)[1].encode()


def orders() -> list[Order]:
    """One for every example, and one for every example with a file less."""
    requests = []
    for name in EXAMPLES:
        whole = body(name)
        requests.append(json.dumps(whole).encode())
        requests.append(json.dumps({**whole, "files": whole["files"][:-1]}).encode())
    return [Order(request, right(request)) for request in requests]


async def storm(
    port: int,
    known: Sequence[Order],
    clients: int,
    seconds: float,
    act: Callable[[], None] | None = None,
) -> Tally:
    """Keeps so many clients asking for so long; calls `act` when half of the time is over."""
    tally, end = Tally(), time.monotonic() + seconds

    async def client(number: int) -> None:
        turn = number
        connection = Connection(port)
        while time.monotonic() < end:
            order = known[turn % len(known)]
            turn += 1
            try:
                await ask(connection, order, tally, end)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                tally.lost.append(type(error).__name__)
                connection.close()
        connection.close()

    async def disturb() -> None:
        await asyncio.sleep(seconds / 2)
        if act is not None:
            act()

    await asyncio.gather(disturb(), *(client(number) for number in range(clients)))
    return tally


async def ask(connection: Connection, order: Order, tally: Tally, end: float) -> None:
    """One question until it is answered; who is told to come back does, while the time lasts."""
    started = time.perf_counter()
    while True:
        async with asyncio.timeout(LOST_SECONDS):
            status, headers, text = await connection.post("/v1/assess", order.sent)
        if status != 503:
            break
        tally.refused += 1
        if time.monotonic() > end:
            return
        connection.close()  # the service does not keep one that is idle for long
        await asyncio.sleep(float(headers["retry-after"]))
    if (status, text) == (200, order.wanted):
        tally.seconds.append(time.perf_counter() - started)
        tally.in_time += time.monotonic() <= end
    else:
        tally.wrong.append(f"{status}: {text[:200].decode(errors='replace')}")


class Connection:
    """A kept connection, as a client library would have one."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, sent: bytes) -> tuple[int, dict[str, str], bytes]:
        if self.streams is None:
            self.streams = await asyncio.open_connection("127.0.0.1", self.port, limit=2**20)
        reader, writer = self.streams
        head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(sent)}\r\n\r\n"
        writer.write(head.encode() + sent)
        lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        pairs = (line.partition(": ") for line in lines[1:] if line)
        headers = {name.lower(): value for name, _, value in pairs}
        text = await reader.readexactly(int(headers["content-length"]))
        return int(lines[0].split()[1]), headers, text

    def close(self) -> None:
        if self.streams is not None:
            self.streams[1].close()
            self.streams = None


def percentile(taken: Sequence[float], part: float) -> float:
    return sorted(taken)[min(len(taken) - 1, int(len(taken) * part))]


def baseline(known: Sequence[Order], rounds: int = 10) -> list[float]:
    """Seconds of the pure function for every order, several times over."""
    taken = []
    for order in known * rounds:
        started = time.perf_counter()
        right(order.sent)
        taken.append(time.perf_counter() - started)
    return taken


def report(name: str, taken: Sequence[float], per_second: float, base: Sequence[float]) -> None:
    p50, p99 = statistics.median(taken), percentile(taken, 0.99)
    usual = statistics.median(base)
    print(
        f"  {name:<28} p50 {p50 * 1000:9.1f} ms (x{p50 / usual:.1f})"
        f"   p99 {p99 * 1000:9.1f} ms (x{p99 / usual:.1f})"
        f"   {per_second:8.1f} answers/s (x{per_second * sum(base) / len(base):.2f})"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, prog="python -m benchmarks.load")
    parser.add_argument("--clients", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", type=int, default=2)
    chosen = parser.parse_args()
    known = orders()
    base = baseline(known)
    service = Service("--workers", str(chosen.workers))
    try:
        tally = asyncio.run(storm(service.port, known, chosen.clients, chosen.seconds))
    finally:
        service.stop()
    count = len(tally.seconds)
    print(
        f"{chosen.clients} clients, {chosen.workers} workers, {chosen.seconds:.0f} s: "
        f"{count} answers, all compared; times and rates against the pure function"
    )
    report("pure function, one thread", base, len(base) / sum(base), base)
    if count:
        report("service", tally.seconds, tally.in_time / chosen.seconds, base)
    print(f"  wrong {len(tally.wrong)}, lost {len(tally.lost)}, told to come back {tally.refused}")
    for problem, times in Counter(tally.wrong + tally.lost).most_common(5):
        print(f"  {times} times: {problem}")
    return int(bool(tally.wrong or tally.lost or not count))


if __name__ == "__main__":
    sys.exit(main())
