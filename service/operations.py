"""What operators and load balancers ask, and the list of rules."""

from __future__ import annotations

from fastapi import FastAPI, Query
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from wayout import engine
from wayout.service.documented import problems
from wayout.service.guard import Refused
from wayout.service.measures import Measures
from wayout.service.pool import Pool

__all__ = ["add_operations"]


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
        responses={503: {"model": Health, "description": "No worker is up."}},
    )
    async def readyz() -> Response:
        is_ready = pool.alive > 0
        health = Health(
            status="ok" if is_ready else "no worker", knowledge=engine.knowledge_version()
        )
        return JSONResponse(health.model_dump(), 200 if is_ready else 503)

    @app.get(
        "/metrics",
        summary="Prometheus metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **problems(401)},
    )
    async def metrics() -> Response:
        return Response(generate_latest(measures.registry), media_type=CONTENT_TYPE_LATEST)

    shipped = engine.shipped_knowledge().rules
    gates = sorted({rule.gate for rule in shipped})

    @app.get("/v1/rules", summary="The rules of the knowledge base", responses=problems(401, 422))
    async def rules(
        gate: str | None = Query(None, json_schema_extra={"enum": gates}),
    ) -> list[RuleOut]:
        if gate not in (None, *gates):
            raise Refused(422, f"There is no such gate; the gates are {', '.join(gates)}")
        return [
            RuleOut(
                id=rule.id,
                gate=rule.gate,
                title=rule.title.model_dump(),
                certainty=rule.certainty,
                sources=list(rule.sources),
            )
            for rule in shipped
            if gate in (None, rule.gate)
        ]
