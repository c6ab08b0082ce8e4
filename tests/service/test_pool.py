"""Workers that hang or die: what becomes of their requests."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

import pytest

from wayout.service.pool import BusyError, Pool, SlowError

HEAD = {"verb": "assess", "most_documents": 10}
BODY = b'{"question": {"pod": "shop/api-0", "to": "203.0.113.10:443"}}'


def with_pool(
    use: Callable[[Pool], Awaitable[None]], size: int = 1, waiting: int = 10, patience: float = 60
) -> None:
    async def run() -> None:
        pool = Pool(size, waiting, patience, 30)
        await pool.start()
        try:
            await use(pool)
        finally:
            await pool.stop()
        assert pool.alive == 0

    asyncio.run(run())


def test_a_worker_that_dies_over_a_request_is_replaced_and_the_request_tried_again() -> None:
    async def use(pool: Pool) -> None:
        [first] = pool.pids
        os.kill(first, signal.SIGSTOP)  # so that it is at work when it dies
        waiting = asyncio.create_task(pool.call(HEAD, BODY))
        await asyncio.sleep(0.2)
        os.kill(first, signal.SIGKILL)
        head, _ = await waiting
        assert head["status"] == 200
        assert pool.deaths == 1
        assert pool.pids != [first]

    with_pool(use)


def test_a_worker_that_died_unseen_is_not_used() -> None:
    async def use(pool: Pool) -> None:
        os.kill(pool.pids[0], signal.SIGKILL)
        await asyncio.sleep(0.2)
        head, _ = await pool.call(HEAD, BODY)
        assert head["status"] == 200

    with_pool(use)


def test_a_worker_that_hangs_is_stopped_and_replaced() -> None:
    async def use(pool: Pool) -> None:
        [first] = pool.pids
        os.kill(first, signal.SIGSTOP)
        pool.seconds = 0.5
        with pytest.raises(SlowError):
            await pool.call(HEAD, BODY)
        pool.seconds = 60
        head, _ = await pool.call(HEAD, BODY)
        assert head["status"] == 200

    with_pool(use)


def test_who_would_wait_too_long_is_told_at_once() -> None:
    async def use(pool: Pool) -> None:
        calls = [asyncio.create_task(pool.call(HEAD, BODY)) for _ in range(4)]
        results = await asyncio.gather(*calls, return_exceptions=True)
        busy = [result for result in results if isinstance(result, BusyError)]
        assert len(busy) == 1  # one is served, two wait
        assert all(r[0]["status"] == 200 for r in results if not isinstance(r, BaseException))

    with_pool(use, waiting=2)


def test_nobody_waits_longer_than_patience_allows() -> None:
    async def use(pool: Pool) -> None:
        [first] = pool.pids
        os.kill(first, signal.SIGSTOP)  # the only worker is busy and stays so
        served = asyncio.create_task(pool.call(HEAD, BODY))
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await pool.call(HEAD, BODY)
        os.kill(first, signal.SIGCONT)
        head, _ = await served
        assert head["status"] == 200
        assert (pool.deaths, pool.waiting) == (0, 0)

    with_pool(use, patience=0.3)


def test_who_would_have_to_wait_too_long_is_told_at_once_and_when_to_come_back() -> None:
    async def use(pool: Pool) -> None:
        await pool.call(HEAD, BODY)
        assert 0 < pool.usual_seconds < 60
        [worker] = pool.pids
        os.kill(worker, signal.SIGSTOP)
        served = [asyncio.create_task(pool.call(HEAD, BODY)) for _ in range(3)]
        await asyncio.sleep(0)
        pool.usual_seconds = 31.0  # two wait, so a third would wait twice as long
        with pytest.raises(BusyError) as caught:
            await pool.call(HEAD, BODY)
        assert (caught.value.after, pool.expected_wait, pool.waiting) == (60, 62.0, 2)
        os.kill(worker, signal.SIGCONT)
        assert [head["status"] for head, _ in await asyncio.gather(*served)] == [200] * 3

    with_pool(use)


def test_signals_to_the_whole_group_leave_a_worker_at_its_request() -> None:
    async def use(pool: Pool) -> None:
        [worker] = pool.pids
        waiting = [asyncio.create_task(pool.call(HEAD, BODY)) for _ in range(4)]
        await asyncio.sleep(0)
        os.kill(worker, signal.SIGINT)
        os.kill(worker, signal.SIGTERM)
        assert [head["status"] for head, _ in await asyncio.gather(*waiting)] == [200] * 4
        assert (pool.deaths, pool.pids) == (0, [worker])

    with_pool(use)


def test_a_client_that_goes_away_leaves_no_worker_behind_with_its_answer() -> None:
    async def use(pool: Pool) -> None:
        gone = asyncio.create_task(pool.call(HEAD, BODY))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        other = b'{"question": {"pod": "shop/other", "to": "192.0.2.9:1"}}'
        _, text = await pool.call(HEAD, other)
        assert b"192.0.2.9" in text
        assert b"203.0.113.10" not in text

    with_pool(use)
