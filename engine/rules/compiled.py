"""Keeps a checked knowledge folder in one file, so that a start need not parse hundreds.

The file lies in the cache folder of the user and its name is a digest of everything it depends on:
the knowledge files, the vocabulary and this package. It can therefore be absent but never stale.
It is only believed when it belongs to the user and nobody else may write it, and is validated like
what it was made from. Whatever goes wrong here is no error: the YAML files are read instead.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path

import pydantic

from wayout.engine import facts
from wayout.engine.facts import KINDS
from wayout.engine.rules.model import (
    FixTemplate,
    HowToCollect,
    Model,
    Rule,
    Source,
    Text,
)

__all__ = ["Compiled", "restore", "store"]

KEPT = 3  # files of earlier knowledge that stay, for switching back and forth


class Compiled(Model):
    """Everything a folder holds, apart from its examples."""

    rules: tuple[Rule, ...]
    fixes: dict[str, FixTemplate]
    sources: dict[str, Source]
    collect: dict[str, HowToCollect]
    not_modelled: tuple[Text, ...]


def restore(version: str) -> Compiled | None:
    """What was stored for this version of the knowledge; None when it cannot be had."""
    try:
        path = place(version)
        with path.open("rb") as file:
            if not is_private(os.fstat(file.fileno())):
                return None
            checksum, _, content = file.read().partition(b"\n")
        if hashlib.sha256(content).hexdigest().encode() != checksum:
            return None
        compiled = Compiled.model_validate_json(content)
    except (OSError, RuntimeError, ValueError):
        return None
    return compiled if speaks_of_known_facts(compiled) else None


def store(version: str, compiled: Compiled) -> None:
    """Stores what was read, if the cache folder can be written."""
    with contextlib.suppress(OSError, RuntimeError):
        path = place(version)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        content = compiled.model_dump_json(exclude_defaults=True).encode()
        checksum = hashlib.sha256(content).hexdigest().encode()
        handle, name = tempfile.mkstemp(dir=path.parent)  # readable by the user alone
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(checksum + b"\n" + content)
            Path(name).replace(path)
        except OSError:
            Path(name).unlink()
            raise
        forget_old(path.parent)


def forget_old(folder: Path) -> None:
    files = sorted(folder.glob("knowledge-*.json"), key=lambda path: path.stat().st_mtime)
    for path in files[:-KEPT]:
        path.unlink(missing_ok=True)


def place(version: str) -> Path:
    """The file for a version; raises RuntimeError when the user has no home."""
    wanted = Path(os.environ.get("XDG_CACHE_HOME", ""))
    cache = wanted if wanted.is_absolute() else Path.home() / ".cache"
    return cache / "wayout" / f"knowledge-{key(version)}.json"


def key(version: str) -> str:
    """A digest of the knowledge and of the code that checks it."""
    total = hashlib.sha256(f"{version} {pydantic.VERSION}".encode())
    for package in (Path(__file__), Path(facts.__file__)):
        for path in sorted(package.parent.glob("*.py")):
            total.update(path.read_bytes())
    return total.hexdigest()[:32]


def is_private(status: os.stat_result) -> bool:
    """Whether only the user can have written a file; true where there are no such rights."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def speaks_of_known_facts(compiled: Compiled) -> bool:
    """Whether all conditions name kinds and fields of the vocabulary."""
    return all(
        pattern.kind in KINDS
        and all(test.field in KINDS[pattern.kind].model_fields for test in pattern.tests)
        for rule in compiled.rules
        for pattern in rule.when
    )
