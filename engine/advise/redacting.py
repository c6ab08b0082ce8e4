"""Cases without names, as the shipped knowledge needs them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from wayout.engine.advise.diagnosis import shipped
from wayout.engine.case import redaction
from wayout.engine.case.redaction import Redacted

__all__ = ["redact"]


def redact(*sources: Any, more: Iterable[str] = ()) -> Redacted:
    """The documents of these sources (as `Case.load` takes them) without names and addresses.

    The words of known error texts stay, even where something bears one as its name: without them
    nobody would recognise the text. `more` are texts that will be rewritten too, so that names
    which only they hold are known. Raises InputError for what cannot be read.
    """
    return redaction.redact(*sources, more=more, terms=shipped().knowledge.symptoms.words)
