"""Remedies that are refused (`never.yaml`): checked on templates, and on what was made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from wayout.engine.errors import RuleError
from wayout.engine.rules.model import Channel, FixTemplate, Never

__all__ = ["check_never", "forbidden"]

QUOTES = str.maketrans("", "", "'\"")
Pieces = Mapping[Channel, Sequence[str]]


def check_never(never: Iterable[Never], fixes: Mapping[str, FixTemplate]) -> Iterator[RuleError]:
    """One error per fix template that proposes what is refused."""
    for fix in fixes.values():
        change = fix.change
        texts: dict[Channel, str] = {
            "yaml": change.yaml,
            "kubectl": change.kubectl,
            "aliyun": change.aliyun,
            "console": change.console.en if change.console else "",
        }
        edits = [edit.model_dump(exclude_defaults=True) for edit in fix.patch]
        if found := forbidden(never, texts, edits):
            yield RuleError(f"{fix.file}: change: refused by {found.id}: {found.reason.en}")


def forbidden(
    never: Iterable[Never], texts: Mapping[Channel, str], edits: Iterable[Mapping[str, Any]]
) -> Never | None:
    """The first entry that refuses a change: its texts by channel, and its edits on the case."""
    pieces: dict[Channel, list[str]] = {name: pieces_of(name, text) for name, text in texts.items()}
    pieces["patch"] = [piece for edit in edits for piece in pieces_of_edit(edit)]
    everything = " ".join(piece for found in pieces.values() for piece in found)
    for entry in never:
        if matches(entry, pieces) and not any(sought(text) in everything for text in entry.unless):
            return entry
    return None


def matches(entry: Never, pieces: Pieces) -> bool:
    for channel in entry.channels:
        for piece in pieces.get(channel, ()):
            has_all = all(sought(text) in piece for text in entry.contains)
            if has_all and (not entry.one_of or any(sought(t) in piece for t in entry.one_of)):
                return True
    return False


def pieces_of(channel: Channel, text: str) -> list[str]:
    """Commands stand alone on their lines; a YAML document and a console text are one piece."""
    if channel in ("kubectl", "aliyun"):
        lines = text.replace("\\\n", " ").splitlines()
        return [normal(line) + " " for line in lines if line.strip()]
    return [normal(text)] if text else []


def normal(text: str) -> str:
    """Without capitals, quotes and superfluous white space."""
    return " ".join(text.translate(QUOTES).lower().split())


sought = lru_cache(maxsize=512)(normal)  # texts of the entries, looked for in every change


def pieces_of_edit(edit: Mapping[str, Any]) -> Iterator[str]:
    """`add security_group_rules policy: accept ...`, once for every mapping inside the edit."""
    verb = next((name for name in ("add", "set", "remove") if edit.get(name)), "")
    start = f"{verb} {edit.get(verb, '')}"
    found = [*mappings(edit.get("item", {})), *mappings(edit.get("fields", {}))]
    for inner in found or [{}]:
        said = (f"{key}: {value}" for key, value in inner.items() if is_scalar(value))
        yield normal(" ".join([start, *said]))


def mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        value = value.values()
    elif not isinstance(value, list):
        return
    for part in value:
        yield from mappings(part)


def is_scalar(value: Any) -> bool:
    return isinstance(value, (str, int, float, bool))
