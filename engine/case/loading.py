"""From sources to a case: reads, recognises, gathers, settles."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from wayout.engine.case.case import Case, Replies
from wayout.engine.case.contents import Contents
from wayout.engine.case.gathering import Frame, Gatherer
from wayout.engine.case.json_text import printable
from wayout.engine.case.model import REPLY, Origin, Told
from wayout.engine.case.plain import plain
from wayout.engine.case.question import Question, completed
from wayout.engine.case.reading import (
    Document,
    Source,
    Upload,
    read_path,
    read_stdin,
    read_upload,
)
from wayout.engine.case.recognise import recognise
from wayout.engine.case.refusal import RefusedError
from wayout.engine.errors import InputError

__all__ = ["documents_of", "load", "load_documents", "told"]


def load(sources: Sequence[Any], question: Question | None) -> Case:
    """The body of `Case.load`."""
    gatherer = Gatherer()
    texts: dict[str, Source] = {}
    paths: set[str] = set()
    for number, source in enumerate(sources, start=1):
        if isinstance(source, Case):
            absorb(gatherer, texts, source)
            continue
        for document in documents_of(source, number, paths):
            take(gatherer, document)
            if document.source is not None:
                texts[document.name] = document.source
    return finished(gatherer, texts, question)


def load_documents(documents: Sequence[Document]) -> Case:
    """The case of documents that were read already. Raises InputError as `Case.load` does."""
    gatherer = Gatherer()
    texts: dict[str, Source] = {}
    for document in documents:
        take(gatherer, document)
        if document.source is not None:
            texts[document.name] = document.source
    return finished(gatherer, texts, None)


def finished(gatherer: Gatherer, texts: dict[str, Source], question: Question | None) -> Case:
    plain_contents = contents = settled(gatherer, texts)
    if gatherer.told:
        contents = after_replies(gatherer, texts)
    for name in gatherer.secret_documents:
        texts.pop(name, None)
    told = gatherer.question
    both = completed(question, told) if question is not None and told is not None else None
    return Case(
        contents,
        both or question or told,
        frozenset(gatherer.unknown),
        tuple(gatherer.notices.values()),
        texts,
        frozenset(gatherer.asked),
        Replies(plain_contents, tuple(gatherer.told)) if gatherer.told else None,
    )


def told(case: Case, ops: Sequence[Mapping[str, Any]]) -> Case:
    """The body of `Case.told`."""
    from wayout.engine.case.telling import tell

    origin = Origin(f"{REPLY}>")
    said = [Told(plain(op, "a reply"), origin.at(number)) for number, op in enumerate(ops)]
    try:
        contents, notices = tell(case._contents, said)
    except RefusedError as error:
        raise InputError(f"{place(error.origin, None)}: {error.problem}.") from None
    found = (*case.notices, *notices)
    return Case(contents, case.question, case.unknown, found, case._sources, case.asked)


def documents_of(source: Any, number: int, paths: set[str]) -> list[Document]:
    if isinstance(source, (str, os.PathLike)):
        name = os.fsdecode(source)
        if name in paths:  # named twice
            return []
        paths.add(name)
        return read_stdin() if name == "-" else read_path(source)
    if isinstance(source, Upload):
        return read_upload(source)
    name = f"<document {number}>"
    if isinstance(source, (Mapping, list, tuple)):
        return [Document(name, plain(source, name))]
    raise InputError(
        f"{name}: a {type(source).__name__} is neither a path nor a parsed document nor a case."
    )


def take(gatherer: Gatherer, document: Document) -> None:
    try:
        recognise(gatherer, document.value, Frame(Origin(document.name), document.stem))
    except RefusedError as error:
        raise InputError(f"{place(error.origin, document.source)}: {error.problem}.") from None
    except RecursionError:
        raise InputError(f"{document.name}: nested too deeply.") from None


def settled(gatherer: Gatherer, texts: Mapping[str, Source]) -> Contents:
    """What only all documents together tell; what is read then may be refused too."""
    try:
        return gatherer.finish()
    except RefusedError as error:
        where = place(error.origin, texts.get(error.origin.document))
        raise InputError(f"{where}: {error.problem}.") from None


def after_replies(gatherer: Gatherer, texts: Mapping[str, Source]) -> Contents:
    """The contents with what people told in case files."""
    from wayout.engine.case.telling import tell  # few cases need it

    try:
        contents, notices = tell(gatherer.contents, gatherer.told)
    except RefusedError as error:
        source = texts.get(error.origin.document)
        raise InputError(f"{place(error.origin, source)}: {error.problem}.") from None
    except RecursionError:
        raise InputError("A reply is nested too deeply.") from None
    for notice in notices:
        gatherer.notices.setdefault(notice.en, notice)
    return contents


def place(origin: Origin, source: Source | None) -> str:
    """`file, line 12 (/spec/ports/0)`."""
    line = source.line_of(origin.pointer) if source is not None else None
    where = origin.document if line is None else f"{origin.document}, line {line}"
    return f"{where} ({printable(origin.pointer)})" if origin.pointer else where


def absorb(gatherer: Gatherer, texts: dict[str, Source], case: Case) -> None:
    """Take over what another case knows."""
    # Replies are applied anew, to everything that is known now.
    contents = case._replies.before if case._replies is not None else case._contents
    for name, buckets in contents.records.items():
        for of, bucket in buckets.items():
            for record in bucket.values():
                for origin in record.origins:
                    gatherer.add(name, record.value, origin, of)
    for part in contents.parts:
        if part.is_assumed:  # unless a list of them is among the documents that follow
            gatherer.loose.setdefault(part.list, {}).update(dict.fromkeys(part.keys, part.origin))
        else:
            gatherer.part(part)
    gatherer.told += case._replies.told if case._replies is not None else ()
    gatherer.unknown |= case.unknown
    gatherer.asked |= case.asked
    if case.question is not None:
        before = gatherer.question or case.question
        gatherer.question = completed(before, case.question) or before
    for notice in case.notices:
        gatherer.notices.setdefault(notice.en, notice)
    texts.update(case._sources)
