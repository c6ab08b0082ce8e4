"""The commands for sharing and for audits: redact, replay."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from wayout.cli import console, options

__all__ = ["redact", "replay"]

CONFIRMED, DIFFERENT = 0, 1
LARGEST = 64 * 1024 * 1024  # bytes of a stored answer


def redact(
    pod: options.Pod = None,
    to: options.Destination = None,
    file: options.Files = None,
    protocol: options.Protocol = None,
    port: options.Port = None,
    namespace: options.Namespace = None,
) -> None:
    """Write the documents of -f without names and addresses, as YAML.

    Addresses keep their prefixes, names and ids become stable pseudonyms, and what no rule reads
    (images, environment, tags) is left out; the answer keeps its verdict and codes. A question that
    is named becomes part of it. Label keys, regions and free words of error texts stay: read the
    result before you share it.

    Example: wayout redact -f documents/ > case.yaml
    """
    from wayout import engine

    if not file:
        raise typer.BadParameter("name the documents with -f")
    hidden = options.hide(file, pod, namespace, to)
    name = options.full_name(pod, namespace)
    asked = {
        "pod": hidden.text(name) if name else None,
        "to": hidden.text(to) if to else None,
        "protocol": protocol if to else None,
        "port": port if to else None,
    }
    question = {name: value for name, value in asked.items() if value is not None}
    documents = list(hidden.documents)
    if question:
        documents = [without_question(document) for document in documents]
        documents.append({"apiVersion": "wayout/v1", "kind": "Case", "question": question})
    console.emit(engine.render_documents(documents))


def without_question(document: Any) -> Any:
    """A case file that asks nothing, so that another question can stand beside it."""
    if isinstance(document, dict) and document.get("kind") == "Case":
        return {key: value for key, value in document.items() if key != "question"}
    return document


Stored = Annotated[
    str,
    typer.Argument(
        metavar="ANSWER",
        help="An answer of diagnose -o json: a file, or - for standard input.",
        show_default=False,
    ),
]


def replay(
    answer: Stored,
    file: options.Files = None,
    output: options.TextOutput = "text",
    lang: options.Language = None,
) -> None:
    """Derive a stored answer again from its documents.

    Compares versions, facts, verdict, gates, findings, fixes and what lacks.

    Exit codes: 0 the conclusions are the stored ones, 1 they differ, 2 bad usage or input.

    Example: wayout replay answer.json -f documents/
    """
    from wayout import engine

    content = content_of(answer)
    try:
        stored = engine.answer_from(content)
    except engine.InputError as error:
        raise engine.InputError(f"{'<stdin>' if answer == '-' else answer}: {error}") from None
    found = engine.replay(stored, engine.Case.load(*file or ()))
    text = engine.render_replayed(found, output, console.language(lang), console.style())
    console.emit(text)
    raise typer.Exit(CONFIRMED if found.is_confirmed else DIFFERENT)


def content_of(path: str) -> bytes:
    from wayout.engine import InputError

    try:
        if path == "-":
            return sys.stdin.buffer.read(LARGEST)
        with Path(path).open("rb") as stored:
            return stored.read(LARGEST)
    except OSError as error:
        raise InputError(f"{path}: {(error.strerror or 'cannot be read').lower()}.") from None
