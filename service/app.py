"""The HTTP service: routes, limits, who may ask, what is measured and logged."""

from __future__ import annotations

import hmac
import json
import logging
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import PurePosixPath
from typing import Any, Literal

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as exposition
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from wayout import engine
from wayout.service.jobs import (
    MODELS,
    AssessIn,
    ExplainIn,
    Problem,
    ReplyIn,
    ReplyOut,
    ReportIn,
    ReportOut,
    WhatIfIn,
)
from wayout.service.pool import BusyError, LostError, Pool, SlowError
from wayout.service.settings import Settings

__all__ = ["create_app"]

log = logging.getLogger("wayout.service")
REFS = "#/components/schemas/{model}"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
OPEN = ("/healthz", "/readyz")  # a load balancer asks without a token
PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "No token, or a wrong one."},
    413: {"model": Problem, "description": "The body is too large."},
    422: {"model": Problem, "description": "What is wrong with the request, in one sentence."},
    503: {"model": Problem, "description": "Too many requests wait; come back later."},
    504: {"model": Problem, "description": "The request took too long."},
}


class Measures:
    """What `/metrics` shows; nothing of what a case says."""

    def __init__(self, pool: Pool) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "wayout_requests", "Requests by verb and status", ["verb", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.verdicts = Counter(
            "wayout_verdicts", "Answers by verdict", ["verdict"], registry=self.registry
        )
        self.seconds = Histogram(
            "wayout_request_seconds", "Time of a request, waiting included", ["verb"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        workers = Gauge("wayout_workers", "Workers that serve", registry=self.registry)
        workers.set_function(lambda: pool.alive)
        waiting = Gauge("wayout_waiting", "Requests that wait", registry=self.registry)
        waiting.set_function(lambda: pool.waiting)
        deaths = Gauge("wayout_worker_deaths", "Workers replaced", registry=self.registry)
        deaths.set_function(lambda: pool.deaths)


def create_app(settings: Settings) -> FastAPI:
    """The application; its workers run from start-up to shutdown.

    Raises SettingsError for settings with which it must not start.
    """
    settings = settings.checked()
    pool = Pool(settings.workers, settings.waiting, settings.seconds)
    measures = Measures(pool)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await pool.start()
        try:
            yield
        finally:
            await pool.stop()

    app = FastAPI(
        title="wayout",
        version=engine.__version__,
        summary="Can this pod reach that destination and, if not, what stops it?",
        lifespan=lifespan,
        docs_url=None,  # its page would load scripts from elsewhere
        redoc_url=None,
    )
    app.state.pool = pool
    app.middleware("http")(guard(settings, measures))
    add_verbs(app, settings, pool, measures)
    add_operations(app, pool, measures)
    add_page(app)
    return app


# ── Requests ─────────────────────────────────────────────────────────────────────────────────

Next = Callable[[Request], Awaitable[Response]]


def guard(settings: Settings, measures: Measures) -> Callable[[Request, Next], Awaitable[Response]]:
    """Token, size, a log line and the headers of every response."""

    async def handle(request: Request, call_next: Next) -> Response:
        started = time.perf_counter()
        request_id = uuid.uuid4().hex
        response = refusal(request, settings) or await call_next(request)
        response.headers["X-Request-Id"] = request_id
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        taken = time.perf_counter() - started
        path = getattr(request.scope.get("route"), "path", "other")
        log.info(
            json.dumps(
                {
                    "request": request_id,
                    "method": request.method,
                    "path": path,
                    "status": response.status_code,
                    "milliseconds": round(taken * 1000, 1),
                }
            )
        )
        return response

    return handle


def refusal(request: Request, settings: Settings) -> Response | None:
    """The response to a request that is not let in; None for one that is."""
    if settings.token and request.url.path.startswith(("/v1/", "/metrics", "/openapi.json")):
        given = request.headers.get("authorization", "")
        wanted = f"Bearer {settings.token}"
        if not hmac.compare_digest(given.encode(), wanted.encode()):
            headers = {"WWW-Authenticate": "Bearer"}
            return problem(401, "A bearer token is needed.", headers)
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > settings.most_bytes:
        return too_large(settings)
    return None


def problem(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse(Problem(error=message).model_dump(), status, headers)


def too_large(settings: Settings) -> Response:
    return problem(413, f"The body is larger than {settings.most_bytes} bytes.")


async def body_of(request: Request, settings: Settings) -> bytes | None:
    """The body, read no further than the limit; None beyond it."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > settings.most_bytes:
            return None
        parts.append(part)
    return b"".join(parts)


# ── The verbs of the engine ──────────────────────────────────────────────────────────────────


def add_verbs(app: FastAPI, settings: Settings, pool: Pool, measures: Measures) -> None:
    async def serve(verb: str, request: Request) -> Response:
        started = time.perf_counter()
        response = await answered(verb, request)
        measures.seconds.labels(verb).observe(time.perf_counter() - started)
        measures.requests.labels(verb, str(response.status_code)).inc()
        return response

    async def answered(verb: str, request: Request) -> Response:
        body = await body_of(request, settings)
        if body is None:
            return too_large(settings)
        head = {"verb": verb, "most_documents": settings.most_documents}
        try:
            result, text = await pool.call(head, body)
        except BusyError:
            return problem(503, "Too many requests wait; come back later.", {"Retry-After": "1"})
        except SlowError:
            return problem(504, f"The request took longer than {settings.seconds:g} seconds.")
        except LostError:
            return problem(500, "The worker of the request died, twice.")
        if result["status"] == 200 and verb in ("assess", "reply", "report"):
            count_verdict(measures, text)
        return Response(text, result["status"], media_type="application/json")

    def route(verb: str, model: type[BaseModel], out: Any, summary: str) -> None:
        async def endpoint(request: Request) -> Response:
            return await serve(verb, request)

        endpoint.__name__ = verb.replace("-", "_")
        app.add_api_route(
            f"/v1/{verb}",
            endpoint,
            methods=["POST"],
            summary=summary,
            responses={200: {"model": out}, **PROBLEMS} if out else PROBLEMS,
            openapi_extra={"requestBody": body_schema(model)},
        )

    route("assess", AssessIn, engine.Answer, "Judge a case, and ask the next question")
    route("reply", ReplyIn, ReplyOut, "Reply to the question, and judge again")
    route("explain", ExplainIn, None, "Prove a finding, a gate or the verdict")
    route("report", ReportIn, ReportOut, "Judge a case, and write the answer as text or as a page")
    route("what-if", WhatIfIn, engine.Comparison, "Judge a case with and without changes")
    document_models(app)


def body_schema(model: type[BaseModel]) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": REFS.format(model=model.__name__)}}}
    return {"required": True, "content": content}


def document_models(app: FastAPI) -> None:
    """Puts the models of request bodies, which workers read, into the OpenAPI document."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        pairs: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
            (model, "validation") for model in MODELS.values()
        ]
        _, schemas = models_json_schema(pairs, ref_template=REFS)
        known = document.setdefault("components", {}).setdefault("schemas", {})
        for name, schema in schemas["$defs"].items():
            known.setdefault(name, schema)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


VERDICTS = ("reachable", "blocked", "unknown")


def count_verdict(measures: Measures, text: bytes) -> None:
    """Counts the verdict without parsing an answer of a hundred kilobytes."""
    for verdict in VERDICTS:
        if b'"verdict":"%s"' % verdict.encode() in text:
            measures.verdicts.labels(verdict).inc()
            return


# ── Operations ───────────────────────────────────────────────────────────────────────────────


# ── The page ─────────────────────────────────────────────────────────────────────────────────

PAGE = files("wayout.service") / "page"
KINDS = {".html": "text/html", ".css": "text/css", ".js": "text/javascript"}
# Nothing from elsewhere, nothing inline: what a case says cannot become a script.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def add_page(app: FastAPI) -> None:
    def part(path: str, name: str, content: bytes) -> None:
        kind = KINDS[PurePosixPath(name).suffix]

        async def give() -> Response:
            headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"}
            return Response(content, media_type=f"{kind}; charset=utf-8", headers=headers)

        app.add_api_route(path, give, methods=["GET"], include_in_schema=False)

    part("/", "index.html", (PAGE / "index.html").read_bytes())
    for name in ("page.css", "page.js"):
        part(f"/{name}", name, (PAGE / name).read_bytes())
    # Answers look and behave here as they do in a file of their own.
    for name, content in engine.page_assets().items():
        part(f"/{name}", name, content.encode())


class Health(BaseModel):
    """Whether the service is well."""

    status: str
    knowledge: str = ""


class RuleOut(BaseModel):
    """One rule of the knowledge base."""

    id: str
    gate: str
    title: dict[str, str]
    certainty: str
    sources: list[str]


def add_operations(app: FastAPI, pool: Pool, measures: Measures) -> None:
    @app.get("/healthz", summary="Whether the process is alive")
    async def healthz() -> Health:
        return Health(status="ok")

    @app.get(
        "/readyz",
        summary="Whether requests can be served",
        response_model=Health,
        responses={503: {"model": Health}},
    )
    async def readyz() -> Response:
        is_ready = pool.alive > 0
        health = Health(
            status="ok" if is_ready else "no worker", knowledge=engine.knowledge_version()
        )
        return JSONResponse(health.model_dump(), 200 if is_ready else 503)

    @app.get("/metrics", summary="Prometheus metrics", response_class=Response)
    async def metrics() -> Response:
        return Response(exposition(measures.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/v1/rules", summary="The rules of the knowledge base", responses={401: PROBLEMS[401]})
    async def rules(gate: str | None = None) -> list[RuleOut]:
        return [
            RuleOut(
                id=rule.id,
                gate=rule.gate,
                title=rule.title.model_dump(),
                certainty=rule.certainty,
                sources=list(rule.sources),
            )
            for rule in engine.shipped_knowledge().rules
            if gate in (None, rule.gate)
        ]
