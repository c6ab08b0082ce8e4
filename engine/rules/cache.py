"""Files in the cache folder of the user: what was worked out once, under the digest of its source.

The name of a file is a digest of everything it depends on: it can be absent but never stale. It is
only believed when it belongs to the user, nobody else may write it and its checksum is right.
Whatever goes wrong here is no error: the work is done again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

import pydantic

__all__ = ["fetch", "keep", "key_of"]

KEPT = 3  # files of earlier knowledge that stay, for switching back and forth


def key_of(version: str, modules: Iterable[str]) -> str:
    """A digest of the knowledge and of the code around these module files that reads it."""
    total = hashlib.sha256(f"{version} {pydantic.VERSION}".encode())
    for module in modules:
        for path in sorted(Path(module).parent.glob("*.py")):
            total.update(path.read_bytes())
    return total.hexdigest()[:32]


def fetch(name: str, key: str) -> bytes | None:
    """What was kept; None when it cannot be had."""
    try:
        with place(name, key).open("rb") as file:
            if not is_private(os.fstat(file.fileno())):
                return None
            checksum, _, content = file.read().partition(b"\n")
    except (OSError, RuntimeError):
        return None
    return content if hashlib.sha256(content).hexdigest().encode() == checksum else None


def keep(name: str, key: str, content: bytes) -> None:
    """Keeps the content, if the cache folder can be written."""
    with contextlib.suppress(OSError, RuntimeError):
        path = place(name, key)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        checksum = hashlib.sha256(content).hexdigest().encode()
        handle, temporary = tempfile.mkstemp(dir=path.parent)  # readable by the user alone
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(checksum + b"\n" + content)
            Path(temporary).replace(path)
        except OSError:
            Path(temporary).unlink()
            raise
        forget_old(path.parent, name)


def forget_old(folder: Path, name: str) -> None:
    files = sorted(folder.glob(f"{name}-*.json"), key=lambda path: path.stat().st_mtime)
    for path in files[:-KEPT]:
        path.unlink(missing_ok=True)


def place(name: str, key: str) -> Path:
    """The file for a key; raises RuntimeError when the user has no home."""
    wanted = Path(os.environ.get("XDG_CACHE_HOME", ""))
    cache = wanted if wanted.is_absolute() else Path.home() / ".cache"
    return cache / "wayout" / f"{name}-{key}.json"


def is_private(status: os.stat_result) -> bool:
    """Whether only the user can have written a file; true where there are no such rights."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
