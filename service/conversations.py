"""Conversations that the service keeps for its clients; off unless a place for them is given.

A change is made up by a worker from what the store has, and stored only if the store still has the
same version: of two at a time one is told to read again, and none is lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any, Literal, TypeVar

from fastapi import FastAPI, Header, Path, Request
from fastapi.responses import Response

from wayout.service.documented import body_of, problems
from wayout.service.guard import Refused
from wayout.service.intake import COME_BACK, Intake
from wayout.service.jobs import AssessIn, Said
from wayout.service.logs import log
from wayout.service.settings import Settings, SettingsError
from wayout.service.store import CONNECTIONS, Kept, StaleError, Store, StoreError, new_id
from wayout.service.talks import Conversation

__all__ = ["Conversations", "add_conversations"]

T = TypeVar("T")
Act = Literal["add", "reply", "read"]
Id = Annotated[str, Path(alias="id", min_length=1, max_length=64)]
IfMatch = Annotated[
    str | None, Header(description="the ETag that the conversation must still have")
]
SWEEP_SECONDS = 60.0
VERSION_HEADER = {"ETag": {"description": "the version", "schema": {"type": "string"}}}


class Conversations:
    """The store, kept off the event loop, and what is asked of it.

    Raises SettingsError when the store cannot be used.
    """

    def __init__(self, settings: Settings, intake: Intake) -> None:
        self.settings, self.intake = settings, intake
        self.store = Store(settings.conversations)
        try:
            self.store.prepare()
        except StoreError as error:
            raise SettingsError(
                f"{self.store.place}: conversations cannot be kept there ({error})."
            ) from None
        self.threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="store")
        self._sweeping: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._sweeping = asyncio.create_task(self._sweep())

    async def stop(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        await asyncio.to_thread(self.threads.shutdown)
        self.store.close()

    async def _sweep(self) -> None:
        """Deletes what has expired, every now and then, whether anybody comes or not."""
        while True:
            try:
                await self._off_loop(self.store.sweep, time.time())
            except StoreError as error:
                log.warning({"message": "no sweep", "store": str(error)})
            await asyncio.sleep(max(1.0, min(SWEEP_SECONDS, self.settings.keep_seconds)))

    async def _off_loop(self, call: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self.threads, call, *arguments)

    async def ask(self, call: Callable[..., T], *arguments: Any) -> T:
        """What the store says; a store that cannot be reached is a reason to come back."""
        try:
            return await self._off_loop(call, *arguments)
        except StaleError:
            problem = "The conversation has changed meanwhile; read it, and try again."
            raise Refused(409, problem) from None
        except StoreError as error:
            log.error({"message": "no answer", "store": str(error)})
            problem = "Conversations cannot be reached; come back later."
            raise Refused(503, problem, COME_BACK) from None

    async def find(self, talk: str, if_match: str | None = None) -> Kept:
        """The conversation, of the version that the client has seen."""
        kept = await self.ask(self.store.read, talk, time.time())
        if kept is None:
            raise Refused(404, "There is no such conversation, or no longer.")
        if if_match is not None and not fits(kept.version, if_match):
            raise Refused(412, f"The conversation is of version {kept.version} now.")
        return kept

    async def create(self, body: bytes) -> Response:
        kept = Kept(new_id(), 0, 0.0, [])
        response, step, expires_at = await self.made(kept, "add", body, status=201)
        if step is not None:
            await self.ask(self.store.create, kept.id, expires_at, step)
            response.headers["Location"] = f"/v1/conversations/{kept.id}"
        return response

    async def change(self, act: Act, talk: str, if_match: str | None, body: bytes) -> Response:
        kept = await self.find(talk, if_match)
        if len(kept.steps) >= self.settings.most_steps:
            raise Refused(413, f"The conversation has {self.settings.most_steps} steps already.")
        response, step, expires_at = await self.made(kept, act, body)
        if step is not None:
            await self.ask(self.store.append, kept.id, kept.version, expires_at, step)
        return response

    async def undo(self, talk: str, if_match: str | None) -> Response:
        kept = await self.find(talk, if_match)
        if len(kept.steps) < 2:
            raise Refused(409, "Nothing is left to take back.")
        last = kept.steps[-1]["number"]
        left = kept._replace(steps=kept.steps[:-1])
        response, _, expires_at = await self.made(left, "read", b"{}")
        if response.status_code == 200:
            await self.ask(self.store.undo, kept.id, kept.version, expires_at, last)
        return response

    async def read(self, talk: str) -> Response:
        kept = await self.find(talk)
        return (await self.made(kept, "read", b"{}", is_change=False))[0]

    async def delete(self, talk: str) -> Response:
        if not await self.ask(self.store.delete, talk, time.time()):
            raise Refused(404, "There is no such conversation, or no longer.")
        return Response(status_code=204)

    async def made(
        self, kept: Kept, act: Act, body: bytes, status: int = 200, is_change: bool = True
    ) -> tuple[Response, dict[str, Any] | None, float]:
        """The response as a worker makes it up, the step it would keep, and until when."""
        now = time.time()
        version = kept.version + 1 if is_change else kept.version
        expires_at = now + self.settings.keep_seconds if is_change else kept.expires_at
        talk = {
            "id": kept.id, "version": version, "at": now, "expires_at": expires_at,
            "steps": needed(kept.steps), "most_documents": self.settings.most_documents,
        }  # fmt: skip
        head, text = await self.intake.work(act, body, {"talk": talk})
        step = head.get("kept")
        if step is not None and kept.size + len(step["case"]) > self.settings.most_bytes:
            most = self.settings.most_bytes
            raise Refused(413, f"The conversation would be larger than {most} bytes.")
        status = status if head["status"] == 200 else head["status"]
        headers = {"ETag": etag(version)} if head["status"] == 200 else None
        return Response(text, status, headers, "application/json"), step, expires_at


def needed(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The steps without the cases that a later one holds too."""
    first = max((place for place, step in enumerate(steps) if step["is_whole"]), default=0)
    return [{**step, "case": ""} for step in steps[:first]] + steps[first:]


def etag(version: int) -> str:
    return f'"{version}"'


def fits(version: int, if_match: str) -> bool:
    """Whether the version is one that a client takes; `*` stands for any."""
    return not {etag(version), "*"}.isdisjoint(part.strip() for part in if_match.split(","))


def add_conversations(app: FastAPI, intake: Intake, talks: Conversations) -> None:
    answered: dict[str, Any] = {"model": Conversation, "headers": VERSION_HEADER}
    place = "/v1/conversations"
    changed = {200: answered, **problems(401, 404, 408, 409, 410, 412, 413, 422, 500, 503, 504)}

    @app.post(
        place,
        name="conversation-begin",
        status_code=201,
        summary="Begin a conversation",
        responses={201: answered, **problems()},
        openapi_extra=body_of(AssessIn),
    )
    async def begin(request: Request) -> Response:
        async with intake.body(request) as body:
            return await talks.create(body)

    @app.get(
        f"{place}/{{id}}",
        name="conversation-read",
        summary="The conversation as it is",
        responses={200: answered, **problems(401, 404, 410, 422, 500, 503, 504)},
    )
    async def read(talk: Id) -> Response:
        return await talks.read(talk)

    @app.post(
        f"{place}/{{id}}/documents",
        name="conversation-add",
        summary="Add documents, errors or the question",
        responses=changed,
        openapi_extra=body_of(AssessIn),
    )
    async def add(request: Request, talk: Id, if_match: IfMatch = None) -> Response:
        async with intake.body(request) as body:
            return await talks.change("add", talk, if_match, body)

    @app.post(
        f"{place}/{{id}}/replies",
        name="conversation-reply",
        summary="Reply to the question that is asked now",
        responses=changed,
        openapi_extra=body_of(Said),
    )
    async def reply(request: Request, talk: Id, if_match: IfMatch = None) -> Response:
        async with intake.body(request) as body:
            return await talks.change("reply", talk, if_match, body)

    @app.post(
        f"{place}/{{id}}/undo",
        name="conversation-undo",
        summary="Take the last step back",
        responses=changed,
    )
    async def undo(talk: Id, if_match: IfMatch = None) -> Response:
        return await talks.undo(talk, if_match)

    @app.delete(
        f"{place}/{{id}}",
        name="conversation-delete",
        status_code=204,
        summary="Delete the conversation",
        responses=problems(401, 404, 422, 503),
    )
    async def delete(talk: Id) -> Response:
        return await talks.delete(talk)
