"""The OpenAPI document: what routes may answer, and the models of bodies that workers read."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from wayout.service.guard import OPEN
from wayout.service.jobs import Problem

__all__ = ["body_of", "document", "problems"]

REFS = "#/components/schemas/{model}"
PROBLEMS: dict[int, str] = {
    401: "No token, or a wrong one.",
    404: "There is no such conversation, or no longer.",
    408: "The body did not arrive in time.",
    409: "The conversation has changed meanwhile; read it, and try again.",
    410: "The conversation was had with another version of wayout.",
    412: "The conversation is not of the version that If-Match names.",
    413: "The body, or the conversation with it, is too large.",
    422: "What is wrong with the request, in one sentence.",
    500: "A failure of the service.",
    503: "Too many requests wait, or conversations cannot be reached; come back later.",
    504: "The request took too long.",
}
OF_WORK = (401, 408, 413, 422, 500, 503, 504)  # of every route that reads a body and needs a worker


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The failures a route may answer with; without statuses, those of a route that does work."""
    return {
        status: {"model": Problem, "description": PROBLEMS[status]}
        for status in sorted(statuses or OF_WORK)
    }


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """The part of an operation that tells its body."""
    content = {"application/json": {"schema": {"$ref": REFS.format(model=model.__name__)}}}
    return {"requestBody": {"required": True, "content": content}}


def document(app: FastAPI, models: list[type[BaseModel]], has_token: bool) -> None:
    """Adds to the document what FastAPI cannot know: bodies that workers read, and the token."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        whole = made()
        pairs: list[tuple[type[BaseModel], Literal["validation", "serialization"]]] = [
            (model, "validation") for model in models
        ]
        _, schemas = models_json_schema(pairs, ref_template=REFS)
        components = whole.setdefault("components", {})
        known = components.setdefault("schemas", {})
        for name, schema in schemas["$defs"].items():
            known.setdefault(name, schema)
        if has_token:
            components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
            for path, operations in whole["paths"].items():
                for operation in operations.values():
                    operation["security"] = [] if path in OPEN else [{"token": []}]
        return whole

    app.openapi = openapi  # type: ignore[method-assign]
