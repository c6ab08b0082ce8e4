"""The symptoms that are known, and the search for them in a text."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wayout.engine.symptoms.model import Match, Symptom
    from wayout.engine.symptoms.text import Prepared

__all__ = ["NO_SYMPTOMS", "SymptomBook"]

# What is no literal text of a pattern, and the words of what is left.
MARKUP = re.compile(r"\[\^?\]?(?:[^\]\\\[]|\\.)*\]|\\[a-z]|\{\d+(?:,\d+)?\}")
WORD = re.compile(r"[a-z0-9_]+(?:-[a-z0-9_]+)*")
BETWEEN = b"\x1e"  # stored symptoms; JSON never holds it as it is


class SymptomBook(Mapping[str, "Symptom"]):
    """All symptoms by id, in the order of their file.

    Stored ones are only read when a text is searched, as most questions come without one. Should
    they turn out to be spoiled, they are read `again`.
    """

    def __init__(
        self,
        symptoms: Iterable[Symptom] = (),
        *,
        stored: bytes = b"",
        again: Callable[[], Iterable[Symptom]] | None = None,
    ) -> None:
        self._given, self._stored, self._again = tuple(symptoms), stored, again

    @cached_property
    def _entries(self) -> dict[str, Symptom]:
        return {symptom.id: symptom for symptom in self._read()}

    def _read(self) -> Iterable[Symptom]:
        if not self._stored:
            return self._given
        from wayout.engine.symptoms.model import Symptom

        try:
            return [Symptom.model_validate_json(part) for part in self._stored.split(BETWEEN)]
        except ValueError:
            if self._again is None:
                raise
            return self._again()

    def __getitem__(self, symptom_id: str) -> Symptom:
        return self._entries[symptom_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @cached_property
    def words(self) -> frozenset[str]:
        """The words, in lower case, by which texts are recognised."""
        return frozenset(
            word
            for symptom in self.values()
            for part in (*symptom.patterns, *symptom.phrases)
            for found in WORD.findall(MARKUP.sub(" ", part.lower()))
            for word in (found, *found.split("-"))
        )

    def matches(self, text: Prepared) -> tuple[Match, ...]:
        """What a text shows; entries that a more specific one overrides are left out.

        What a program printed outweighs what a person wrote around it: a phrase never overrides
        a pattern.
        """
        searched = (symptom.found_in(text) for symptom in self.values())
        found = {match.symptom.id: match for match in searched if match is not None}
        silent = {
            name
            for match in found.values()
            for name in match.symptom.overrides
            if name in found and (match.by == "text" or found[name].by == "phrase")
        }
        return tuple(match for name, match in found.items() if name not in silent)

    def stored_form(self) -> bytes:
        """All symptoms as bytes without a line break."""
        return BETWEEN.join(
            json.dumps(symptom.model_dump(mode="json", exclude_defaults=True)).encode()
            for symptom in self.values()
        )


NO_SYMPTOMS = SymptomBook()
