"""Worker processes behind an event loop: one request each at a time, replaced when they die."""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import sys
import time
from asyncio.subprocess import PIPE, Process
from typing import Any

from wayout.service.logs import defect, log
from wayout.service.worker import LENGTHS

__all__ = ["BusyError", "LostError", "Pool", "SlowError"]

ATTEMPTS = 2  # a request whose worker died is tried once more: it asks for nothing but an answer
START_SECONDS = 60.0
PACE = 0.1  # the part of the newest in the moving mean
MOST_AFTER = 60


class BusyError(Exception):
    """Too many requests wait already, or this one has waited too long.

    `after` is how many seconds hence it is worth to come back.
    """

    def __init__(self, after: int) -> None:
        super().__init__(after)
        self.after = after


class SlowError(Exception):
    """The request took longer than allowed, and its worker was stopped."""


class LostError(Exception):
    """The worker died over the request, and so did the one that tried it again."""


class Worker:
    """One process and the pipes to it."""

    def __init__(self, process: Process) -> None:
        self.process = process

    @classmethod
    async def start(cls) -> Worker:
        """A process that is ready to serve; raises LostError when it does not get that far."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "wayout.service.worker", stdin=PIPE, stdout=PIPE
        )
        worker = cls(process)
        try:
            await asyncio.wait_for(worker.receive(), START_SECONDS)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            await worker.kill()
            raise LostError("a worker process did not start") from None
        except BaseException:  # the service stops meanwhile
            await worker.kill()
            raise
        return worker

    async def call(self, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        assert self.process.stdin is not None
        encoded = json.dumps(head).encode()
        self.process.stdin.write(LENGTHS.pack(len(encoded), len(body)) + encoded)
        self.process.stdin.write(body)
        await self.process.stdin.drain()
        return await self.receive()

    async def receive(self) -> tuple[dict[str, Any], bytes]:
        assert self.process.stdout is not None
        head, body = LENGTHS.unpack(await self.process.stdout.readexactly(LENGTHS.size))
        parsed: dict[str, Any] = json.loads(await self.process.stdout.readexactly(head))
        return parsed, await self.process.stdout.readexactly(body)

    async def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        await self.process.wait()

    async def stop(self) -> None:
        """Lets the process end by itself, and makes it when it does not."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        try:
            await asyncio.wait_for(self.process.wait(), 5)
        except TimeoutError:
            await self.kill()


class Pool:
    """A fixed number of workers. `deaths` counts those that had to be replaced.

    At most `waiting` requests wait for a worker, none longer than `patience` seconds, and who would
    have to is told so at once; one that has a worker is given `seconds`.
    """

    def __init__(self, size: int, waiting: int, patience: float, seconds: float) -> None:
        self.size, self.most_waiting = size, waiting
        self.patience, self.seconds = patience, seconds
        self.deaths = 0
        self.waiting = 0
        self.usual_seconds = 0.0  # a moving mean of what requests took of a worker
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._all: set[Worker] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._is_stopping = False

    @property
    def alive(self) -> int:
        """Workers that serve or could."""
        return sum(worker.process.returncode is None for worker in self._all)

    @property
    def pids(self) -> list[int]:
        """The process ids of the workers."""
        return sorted(worker.process.pid for worker in self._all)

    async def start(self) -> None:
        """Starts every worker; raises LostError when one does not come up."""
        await asyncio.gather(*(self._add() for _ in range(self.size)))

    async def stop(self) -> None:
        self._is_stopping = True
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        await asyncio.gather(*(worker.stop() for worker in self._all))
        self._all.clear()

    async def call(self, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """The result of one request. Raises BusyError, SlowError or LostError."""
        if self.waiting >= self.most_waiting or self.expected_wait > self.patience:
            raise BusyError(self._after)
        for _ in range(ATTEMPTS):
            worker = await self._take()
            started = time.monotonic()
            try:
                result = await asyncio.wait_for(worker.call(head, body), self.seconds)
            except TimeoutError:
                await self._replace(worker)
                raise SlowError from None
            except (asyncio.IncompleteReadError, ConnectionError):
                await self._replace(worker)
                continue
            except BaseException:  # the client went away: what the worker is at is of no use
                await self._replace(worker)
                raise
            self.usual_seconds += PACE * (time.monotonic() - started - self.usual_seconds)
            self._idle.put_nowait(worker)
            return result
        raise LostError

    @property
    def expected_wait(self) -> float:
        """Seconds that one more request would wait, if those before it take as long as usual."""
        return self.waiting * self.usual_seconds / self.size

    @property
    def _after(self) -> int:
        """When those who wait now will mostly be served."""
        return max(1, min(MOST_AFTER, math.ceil(self.expected_wait)))

    async def _take(self) -> Worker:
        self.waiting += 1
        try:
            async with asyncio.timeout(self.patience):
                while True:
                    worker = await self._idle.get()
                    if worker.process.returncode is None:
                        return worker
                    await self._replace(worker)  # it died while nobody needed it
        except TimeoutError:
            raise BusyError(self._after) from None
        finally:
            self.waiting -= 1

    async def _replace(self, worker: Worker) -> None:
        self.deaths += 1
        self._all.discard(worker)
        await worker.kill()
        log.warning({"message": "worker replaced", "code": worker.process.returncode})
        if not self._is_stopping:
            task = asyncio.create_task(self._add_again())
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def _add(self) -> None:
        worker = await Worker.start()
        self._all.add(worker)
        self._idle.put_nowait(worker)

    async def _add_again(self) -> None:
        """Tries until a worker is up: the machine may be short of something for a while."""
        while True:
            try:
                return await self._add()
            except (LostError, OSError) as error:
                log.error({"message": "no new worker", "defect": defect(error)})
                await asyncio.sleep(1)
