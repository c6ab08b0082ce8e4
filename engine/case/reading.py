"""Bytes to parsed documents: files, folders and standard input, JSON and YAML, within limits.

Whatever the bytes are, the outcome is a list of documents or one InputError that says where.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from wayout.engine.case import yaml_events
from wayout.engine.case.json_text import decode, line_at, printable
from wayout.engine.errors import InputError

__all__ = ["Document", "Source", "Upload", "read_path", "read_stdin", "read_upload"]

MIB = 1024 * 1024
JSON_LIMIT = 64 * MIB
YAML_LIMIT = 16 * MIB
# Texts beyond these are not kept for finding lines; their origins have pointers only.
KEPT_JSON = 16 * MIB
KEPT_YAML = 4 * MIB
FILE_LIMIT = 10_000
DOCUMENT_LIMIT = 100_000
SUFFIXES = frozenset({".json", ".yaml", ".yml"})
YAML_SUFFIXES = frozenset({".yaml", ".yml"})
json_separator = re.compile(r"[ \t\r\n]*(?:---[ \t]*(?=[\r\n{\[]|\Z)[ \t\r\n]*)*")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of one document, kept only to find the lines an answer cites."""

    text: str
    is_json: bool
    start: int  # JSON: offset of the document; YAML: its number in the stream

    def place_of(self, pointer: str) -> tuple[int | None, str]:
        """The line of the value a pointer names and the pointer; both of its nearest ancestor
        when the text does not have it: case files say some things in other words than the API.
        """
        tokens = pointer.split("/")[1:]
        path = tuple(p.replace("~1", "/").replace("~0", "~") for p in tokens)
        find = line_at if self.is_json else yaml_events.line_at
        line, depth = find(self.text, self.start, path)
        return line, "".join(f"/{token}" for token in tokens[:depth])

    def line_of(self, pointer: str) -> int | None:
        """The line of the value a pointer names, or of its nearest known ancestor."""
        return self.place_of(pointer)[0]


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed document; `stem` is the file's name without suffix, lower case."""

    name: str
    value: Any
    stem: str = ""
    source: Source | None = None


class Upload(NamedTuple):
    """A file whose content is at hand: its name, for citations, and its text or bytes."""

    name: str
    content: str | bytes


def read_upload(upload: Upload) -> list[Document]:
    """The documents of a file that was handed over; no file is opened, whatever its name."""
    name = printable(upload.name, 500) or "<upload>"
    path = Path(name)
    content = upload.content
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return parse(name, data, path.stem.lower(), path.suffix.lower())


def read_path(path: str | os.PathLike[str]) -> list[Document]:
    """The documents of a file, or of every *.json, *.yaml and *.yml below a folder."""
    shown = os.fsdecode(path)
    if "\0" in shown:
        raise InputError("A path must not contain a NUL character.")
    if not shown:
        raise InputError("an empty text is not the name of a file or folder.")
    if stat.S_ISDIR(status_of(shown).st_mode):
        documents: list[Document] = []
        for file in files_below(shown):
            documents += read_file(file)
        return documents
    return read_file(shown)


def read_stdin() -> list[Document]:
    """The documents of standard input."""
    name = "<stdin>"
    if sys.stdin is None or sys.stdin.closed:
        raise InputError(f"{name}: there is no standard input.")
    if sys.stdin.isatty():
        raise InputError(f"{name}: standard input is a terminal; pipe a document into it.")
    try:
        data = sys.stdin.buffer.read(JSON_LIMIT + 1)
    except (OSError, ValueError, AttributeError):
        raise InputError(f"{name}: standard input cannot be read.") from None
    return parse(name, data, stem="", suffix="")


def read_file(name: str) -> list[Document]:
    status, path = status_of(name), Path(name)
    name = printable(name, 500)
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{name}: not a regular file; use - to read from standard input.")
    suffix = path.suffix.lower()
    check_size(name, status.st_size, suffix)
    try:
        with path.open("rb") as file:
            data = file.read(JSON_LIMIT + 1)
    except OSError as error:
        raise InputError(f"{name}: {reason(error)}.") from None
    return parse(name, data, path.stem.lower(), suffix)


def status_of(name: str) -> os.stat_result:
    try:
        return os.stat(name)  # noqa: PTH116 - Path would change how the user wrote the name
    except OSError as error:
        raise InputError(f"{printable(name, 500)}: {reason(error)}.") from None


def reason(error: OSError) -> str:
    return {
        FileNotFoundError: "no such file or folder",
        PermissionError: "not readable (permission denied)",
    }.get(type(error), (error.strerror or "cannot be read").lower())


def files_below(folder: str) -> list[str]:
    """Readable documents below a folder, sorted; hidden ones are skipped, loops of links end."""
    found: list[str] = []
    visited: set[tuple[int, int]] = set()

    def fail(error: OSError) -> NoReturn:
        raise InputError(f"{printable(str(error.filename))}: {reason(error)}.") from None

    for parent, folders, files in os.walk(folder, onerror=fail, followlinks=True):
        status = status_of(parent)
        if (status.st_dev, status.st_ino) in visited:
            folders.clear()
            continue
        visited.add((status.st_dev, status.st_ino))
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        found += [
            os.path.join(parent, file)  # noqa: PTH118 - keeps the name as the user wrote it
            for file in sorted(files)
            if not file.startswith(".") and Path(file).suffix.lower() in SUFFIXES
        ]
        if len(found) > FILE_LIMIT:
            raise InputError(f"{folder}: more than {FILE_LIMIT} documents in one folder.")
    if not found:
        raise InputError(f"{printable(folder)}: the folder holds no *.json, *.yaml or *.yml file.")
    return sorted(found)


def check_size(name: str, size: int, suffix: str) -> None:
    limit = YAML_LIMIT if suffix in YAML_SUFFIXES else JSON_LIMIT
    if size > limit:
        raise InputError(
            f"{name}: {size // MIB} MiB is too large; the limit is {limit // MIB} MiB "
            f"({JSON_LIMIT // MIB} MiB of JSON, {YAML_LIMIT // MIB} MiB of YAML)."
        )


def parse(name: str, data: bytes, stem: str, suffix: str) -> list[Document]:
    """Documents of one stream; JSON or YAML is told by the content, not by the suffix."""
    check_size(name, len(data), suffix)
    text = decoded(name, data)
    if text.lstrip()[:1] in ("{", "["):
        try:
            documents = list(json_documents(name, text, stem))
        except json.JSONDecodeError as error:
            if suffix == ".json" or looks_like_json(text):
                raise InputError(
                    f"{name}, line {error.lineno}: not valid JSON ({error.msg.lower()})."
                ) from None
        else:
            return documents
    check_size(name, len(data), ".yaml")
    return list(yaml_documents(name, text, stem))


def looks_like_json(text: str) -> bool:
    """`{"` and `[{"` begin JSON; `{a: 1}` is YAML."""
    return re.match(r'[\s\[{]*(?:"|\Z)|\s*[\[{]\s*[\]}]', text) is not None


def decoded(name: str, data: bytes) -> str:
    if not data.strip(b" \t\r\n\xef\xbb\xbf"):
        raise InputError(f"{name}: the document is empty.")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise InputError(f"{name}: encoded as UTF-16; save it as UTF-8.")
    if (nul := data.find(b"\0")) >= 0:
        line = data.count(b"\n", 0, nul) + 1
        raise InputError(f"{name}, line {line}: contains a NUL byte; this is not a text document.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{name}, line {line}: not valid UTF-8.") from None


def json_documents(name: str, text: str, stem: str) -> Iterator[Document]:
    """One JSON value, or several written one after the other or divided by `---`."""
    kept = text if len(text) <= KEPT_JSON else None
    start = skip(text, 0)
    number = 1
    while start < len(text):
        value, end = decode(text, start, name)
        end = skip(text, end)
        shown = name if number == 1 and end >= len(text) else f"{name}#{number}"
        yield Document(shown, value, stem, kept and Source(kept, True, start))  # type: ignore[arg-type]
        start, number = end, number + 1
        check_count(name, number)


def skip(text: str, start: int) -> int:
    match = json_separator.match(text, start)
    return match.end() if match else start


def yaml_documents(name: str, text: str, stem: str) -> Iterator[Document]:
    kept = text if len(text) <= KEPT_YAML else None
    values = [
        (number, value)
        for number, value in enumerate(yaml_events.documents(text, name))
        if value is not None
    ]
    if not values:
        raise InputError(f"{name}: the document is empty.")
    for number, value in values:
        shown = name if len(values) == 1 else f"{name}#{number + 1}"
        yield Document(shown, value, stem, Source(kept, False, number) if kept else None)


def check_count(name: str, number: int) -> None:
    if number > DOCUMENT_LIMIT:
        raise InputError(f"{name}: more than {DOCUMENT_LIMIT} documents in one file.")
