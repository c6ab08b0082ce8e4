"""The JSON Schemas of the protocol, as published under a version.

What wayout gives (answer, question to the person, document of a reply, assessment of a tool) may
gain fields, so its schemas leave objects open: a reader passes over what it does not know. What
wayout takes (case file, question) is closed: an unknown key is a mistake there. The files below
`v1` are the promise; a test compares the models with them and names whatever would break a reader.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Literal, get_args

from pydantic import BaseModel

__all__ = ["VERSION", "SchemaName", "current_schema", "published_schema", "schema_names"]

VERSION = "v1"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
SchemaName = Literal["answer", "assessment", "case", "next-question", "question", "reply"]
# The parts of a case file that the document of a reply is made of.
OF_A_REPLY = ("apiVersion", "kind", "question", "asked", "unknown", "told", "documents")
Schema = dict[str, Any]


def schema_names() -> tuple[SchemaName, ...]:
    """Everything that is published."""
    return get_args(SchemaName)


def published_schema(name: SchemaName) -> Schema:
    """The published JSON Schema, draft 2020-12."""
    found: Schema = json.loads(published_text(name))
    return found


def published_text(name: SchemaName) -> str:
    place = files("wayout.engine.protocol") / VERSION / f"{name}.json"
    return place.read_text(encoding="utf-8")


def current_schema(name: SchemaName) -> Schema:
    """The schema that follows from the models as they are; tests compare it with the published."""
    head = {"$schema": DIALECT, "$id": f"urn:wayout:{VERSION}:{name}"}
    made: Schema = plain({**head, **SCHEMAS[name]()})
    return made


def plain(schema: Any, additional: bool = True) -> Any:
    """The schema without what differs between versions of pydantic and means nothing.

    `additional` is the value of `additionalProperties` that is left out: True says nothing.
    """
    if isinstance(schema, list):
        return [plain(part, additional) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: sorted(part, key=str)
        if key == "enum" and isinstance(part, list)
        else plain(part, additional)
        for key, part in schema.items()
        if not (key == "additionalProperties" and part is additional)
    }


def given(model: type[BaseModel]) -> Schema:
    """The schema of something wayout gives: every field is there, and others may join."""
    opened: Schema = plain(model.model_json_schema(mode="serialization"), additional=False)
    return opened


def answer() -> Schema:
    from wayout.engine.advise.answer import Answer

    return given(Answer)


def next_question() -> Schema:
    from wayout.engine.advise.answer import NextQuestion

    return given(NextQuestion)


def assessment() -> Schema:
    from wayout.engine.protocol.results import Assessment

    return given(Assessment)


def question() -> Schema:
    from wayout.engine.case import Question

    return Question.model_json_schema()


def case() -> Schema:
    from wayout.engine.case.casefile import case_file_schema

    return case_file_schema()


def reply() -> Schema:
    """A case file of a few parts; never with an empty one."""
    whole = case()
    parts: Schema = {name: without_null(whole["properties"][name]) for name in OF_A_REPLY}
    return {
        "title": "wayout reply",
        "description": "What a person replied, as a document to keep beside the others.",
        "type": "object",
        "properties": parts,
        "required": ["apiVersion", "kind"],
        "$defs": {"QuestionPart": plain(whole["$defs"]["QuestionPart"], additional=False)},
    }


def without_null(schema: Schema) -> Schema:
    """The schema of a value that is left out rather than null."""
    variants = [part for part in schema.get("anyOf", ()) if part.get("type") != "null"]
    if not variants:
        return schema
    kept = {key: part for key, part in schema.items() if key not in ("anyOf", "default")}
    return {**kept, **variants[0]} if len(variants) == 1 else {**kept, "anyOf": variants}


SCHEMAS: Mapping[SchemaName, Callable[[], Schema]] = {
    "answer": answer,
    "assessment": assessment,
    "case": case,
    "next-question": next_question,
    "question": question,
    "reply": reply,
}
