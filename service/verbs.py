"""The verbs of the engine, without state: everything that is known comes with each request."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from pydantic import BaseModel

from wayout import engine
from wayout.service.documented import body_of, problems
from wayout.service.intake import Intake
from wayout.service.jobs import MODELS, ReplyOut, ReportOut

__all__ = ["add_verbs"]


def add_verbs(app: FastAPI, intake: Intake) -> None:
    def route(verb: str, out: Any, summary: str) -> None:
        model: type[BaseModel] = MODELS[verb]

        async def endpoint(request: Request) -> Response:
            async with intake.body(request) as body:
                head, text = await intake.work(verb, body)
            return Response(text, head["status"], media_type="application/json")

        app.add_api_route(
            f"/v1/{verb}",
            endpoint,
            name=verb,
            methods=["POST"],
            summary=summary,
            responses={**({200: {"model": out}} if out else {}), **problems()},
            openapi_extra=body_of(model),
        )

    route("assess", engine.Answer, "Judge a case, and ask the next question")
    route("reply", ReplyOut, "Reply to the question, and judge again")
    route("explain", None, "Prove a finding, a gate or the verdict")
    route("report", ReportOut, "Judge a case, and write the answer as text or as a page")
    route("what-if", engine.Comparison, "Judge a case with and without changes")
