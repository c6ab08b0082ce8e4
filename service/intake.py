"""From a request to a worker and back: bodies within limits, and what becomes of failures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request

from wayout.service.guard import Refused
from wayout.service.logs import log
from wayout.service.measures import Measures
from wayout.service.pool import BusyError, LostError, Pool, SlowError
from wayout.service.settings import Settings

__all__ = ["COME_BACK", "Intake"]

COME_BACK = {"Retry-After": "1"}


class Intake:
    """What all routes that need a worker share."""

    def __init__(self, settings: Settings, pool: Pool, measures: Measures) -> None:
        self.settings, self.pool, self.measures = settings, pool, measures
        self.held = 0

    @asynccontextmanager
    async def body(self, request: Request) -> AsyncIterator[bytes]:
        """The body, read no further than the limit; it counts as held until the block ends."""
        announced = request.headers.get("content-length", "")
        if announced.isdigit():
            self.check(int(announced))
        parts: list[bytes] = []
        size = 0
        try:
            async with asyncio.timeout(self.settings.seconds):
                async for part in request.stream():
                    size += len(part)
                    self.held += len(part)
                    self.check(size)
                    parts.append(part)
        except TimeoutError:
            raise Refused(408, "The body did not arrive in time.") from None
        else:
            yield b"".join(parts)
        finally:
            self.held -= size

    def check(self, size: int) -> None:
        if size > self.settings.most_bytes:
            raise Refused(413, f"The body is larger than {self.settings.most_bytes} bytes.")
        if self.held > self.settings.most_held:
            raise Refused(503, "Too much is being worked on; come back later.", COME_BACK)

    async def work(
        self, verb: str, body: bytes, more: Mapping[str, Any] | None = None
    ) -> tuple[dict[str, Any], bytes]:
        """Head and text that a worker makes of it."""
        head = {"verb": verb, "most_documents": self.settings.most_documents, **(more or {})}
        try:
            head, text = await self.pool.call(head, body)
        except BusyError as error:
            problem = "Too many requests wait; come back later."
            raise Refused(503, problem, {"Retry-After": str(error.after)}) from None
        except SlowError:
            problem = f"The request took longer than {self.settings.seconds:g} seconds."
            raise Refused(504, problem) from None
        except LostError:
            raise Refused(500, "The worker of the request died, twice.") from None
        if "defect" in head:
            log.error({"verb": verb, "defect": head["defect"]})
            raise Refused(500, "Internal error.")
        if head.get("verdict"):
            self.measures.verdicts.labels(head["verdict"]).inc()
        return head, text
