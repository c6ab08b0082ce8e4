"""A case as text, to be kept somewhere: what the reader took from the documents, nothing else.

The texts of documents are not part of it, so neither are the parts that no gate needs, nor the
secrets in them: whatever a reader drops on load cannot be found in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from wayout.engine.case.case import Case, Replies
from wayout.engine.case.contents import Contents, key_of
from wayout.engine.case.coverage import Part
from wayout.engine.case.lists import MODELS
from wayout.engine.case.model import Notice, Origin, Record, Told
from wayout.engine.case.patching import item_of
from wayout.engine.case.question import Question
from wayout.engine.case.telling import Brought, tell
from wayout.engine.errors import InputError, QuestionError

__all__ = ["restored", "saved"]

FORMAT = 1


class SavedRecord(BaseModel):
    """A record with its place; `value` has the shape of the API, and mostly tells the key."""

    list: str
    of: str
    key: str | None = None
    value: dict[str, Any]
    origins: tuple[Origin, ...]


class SavedReply(BaseModel):
    """A change that was told: records that were added, or a plain change without any."""

    question: str
    origin: Origin
    records: tuple[SavedRecord, ...] | None = None
    change: dict[str, str | int] | None = None


class SavedCase(BaseModel):
    """The whole; `format` is raised when an older program could no longer read it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    format: int
    question: dict[str, Any] | None
    unknown: tuple[str, ...]
    asked: tuple[str, ...]
    notices: tuple[Notice, ...]
    records: tuple[SavedRecord, ...]
    parts: tuple[Part, ...]
    replies: tuple[SavedReply, ...]


SAVED = TypeAdapter(SavedCase)


def saved(case: Case) -> str:
    """The body of `Case.saved`."""
    before = case._replies.before if case._replies is not None else case._contents
    told = case._replies.told if case._replies is not None else ()
    return SavedCase(
        format=FORMAT,
        question=case.question.model_dump(exclude_none=True) if case.question else None,
        unknown=tuple(sorted(case.unknown)),
        asked=tuple(sorted(case.asked)),
        notices=case.notices,
        records=tuple(records_of(before)),
        parts=tuple(before.parts),
        replies=tuple(map(reply_of, told)),
    ).model_dump_json(exclude_defaults=True)


def records_of(contents: Contents) -> Iterator[SavedRecord]:
    for name, buckets in contents.records.items():
        for of, bucket in buckets.items():
            for key, record in bucket.items():
                yield record_of(name, of, key, record)


def record_of(name: str, of: str, key: str, record: Record[Any]) -> SavedRecord:
    value = record.value.model_dump(mode="json", by_alias=True, exclude_unset=True)
    own_key = None if key == key_of(record.value) else key
    return SavedRecord(list=name, of=of, key=own_key, value=value, origins=record.origins)


def reply_of(one: Told) -> SavedReply:
    """A reply without the words it was told in; raises InputError for one that is only words."""
    change = one.change
    if isinstance(change, Brought):
        found = change.records
    elif isinstance(change, Mapping) and "add" in change:
        found = tuple(item_of(change, one.origin))
    elif isinstance(change, Mapping) and "set" not in change:
        return SavedReply(question=one.question, origin=one.origin, change=dict(change))
    else:
        raise InputError(f"{one.origin}: a told change of fields cannot be kept; tell it as add.")
    records = tuple(record_of(*place) for place in found)
    return SavedReply(question=one.question, origin=one.origin, records=records)


def restored(text: str) -> Case:
    """The body of `Case.restored`."""
    try:
        kept = SAVED.validate_json(text)
        if kept.format != FORMAT:
            raise InputError("The saved case is of another version of wayout.")
        question = Question(**kept.question) if kept.question is not None else None
        contents = Contents(parts=list(kept.parts))
        for one in kept.records:
            name, of, key, record = read_record(one)
            contents.bucket(name, of)[key] = record
        told = tuple(read_reply(reply) for reply in kept.replies)
    except (ValidationError, KeyError, QuestionError):
        raise InputError("The saved case cannot be read.") from None
    contents.settle()
    notices = {notice.en: notice for notice in kept.notices}
    after = contents
    if told:
        after, said = tell(contents, told)
        for notice in said:
            notices.setdefault(notice.en, notice)
    return Case(
        after,
        question,
        frozenset(kept.unknown),
        tuple(notices.values()),
        None,
        frozenset(kept.asked),
        Replies(contents, told) if told else None,
    )


def read_record(one: SavedRecord) -> tuple[str, str, str, Record[Any]]:
    # As JSON: the models are strict, and only there is a list good enough for a tuple.
    value = MODELS[one.list].model_validate_json(json.dumps(one.value))
    key = key_of(value) if one.key is None else one.key
    return one.list, one.of, key, Record(value, one.origins)


def read_reply(reply: SavedReply) -> Told:
    if reply.records is None:
        return Told(reply.change, reply.origin, reply.question)
    return Told(Brought(tuple(map(read_record, reply.records))), reply.origin, reply.question)
