"""What stands before every route: the token, the log line, the headers, and the end of failures."""

from __future__ import annotations

import hmac
import time
import uuid

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from wayout.service.jobs import Problem
from wayout.service.logs import defect, log
from wayout.service.measures import Measures
from wayout.service.settings import Settings

__all__ = ["OPEN", "Guard", "Refused", "only_known", "problem", "tell_refused", "tell_unfit"]

# A load balancer asks without a token, and the page is where a person types it in.
PAGE = ("/", "/page.css", "/page.js", "/answer.css", "/answer.js")
OPEN = frozenset({"/healthz", "/readyz", *PAGE})
CLIENT_GONE = 499  # in the log only; nobody is there to read a response
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


class Refused(HTTPException):
    """A request that ends here, with one sentence."""


def problem(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(Problem(error=message).model_dump(), status, headers)


async def tell_refused(_: Request, error: Exception) -> Response:
    """A refusal of ours, or of the router: no such path, no such method."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    return problem(error.status_code, f"{error.detail.rstrip('.')}.", headers)


async def tell_unfit(_: Request, error: Exception) -> Response:
    """A parameter of the address that does not fit."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    return problem(422, f"{'.'.join(map(str, first['loc']))}: {first['msg'].rstrip('.')}.")


async def only_known(request: Request) -> None:
    """A parameter of the address that a route does not have is a mistake, as in a body."""
    if request.url.path.startswith("/v1/"):
        known = {field.alias for field in request.scope["route"].dependant.query_params}
        for name in request.query_params:
            if name not in known:
                raise Refused(422, "The address has a parameter that is not known here")


class Guard:
    """Lets in who shows the token; logs and counts requests, without anything that a case says."""

    def __init__(self, app: ASGIApp, settings: Settings, measures: Measures) -> None:
        self.app, self.settings, self.measures = app, settings, measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        line: dict[str, object] = {"request": uuid.uuid4().hex, "method": scope["method"]}
        started, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = str(line["request"])
                headers.update(HEADERS)
            await send(message)

        try:
            await (self.refusal(scope) or self.app)(scope, receive, sending)
        except ClientDisconnect:
            status = CLIENT_GONE
        except Exception as error:
            line["defect"] = defect(error)
            if not status:
                await problem(500, "Internal error.")(scope, receive, sending)
        finally:
            seconds, route = time.perf_counter() - started, scope.get("route")
            line["path"] = getattr(route, "path", "other")
            line["status"] = status
            line["milliseconds"] = round(seconds * 1000, 1)
            log.info(line)
            if scope["path"].startswith("/v1/"):
                self.measures.request(getattr(route, "name", "other"), status, seconds)

    def refusal(self, scope: Scope) -> Response | None:
        """The response to a request that is not let in; None for one that is."""
        if not self.settings.token or scope["path"] in OPEN:
            return None
        scheme, _, given = Request(scope).headers.get("authorization", "").partition(" ")
        is_known = hmac.compare_digest(given.strip().encode(), self.settings.token.encode())
        if scheme.lower() == "bearer" and is_known:
            return None
        return problem(401, "A bearer token is needed.", {"WWW-Authenticate": "Bearer"})
