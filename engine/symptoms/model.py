"""What a symptom is: an error text, the gates it speaks of, and what it proves."""

# Annotations are not postponed: see `engine.bilingual`.

import re
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, get_args

from pydantic import Field

from wayout.engine.bilingual import Model, NonEmpty, Text
from wayout.engine.facts.common import GateName
from wayout.engine.facts.symptom import Decision
from wayout.engine.symptoms.text import Prepared

__all__ = [
    "BEYOND",
    "BEYOND_NAMES",
    "SUSPECTS",
    "Examples",
    "Match",
    "Observes",
    "Suspect",
    "Symptom",
]

Beyond = Literal["application", "capacity", "packet-size"]
Suspect = GateName | Beyond
# Not on the path, so no gate judges them: TLS, accounts and the like; limits of the server; the
# size of packets.
BEYOND: tuple[Beyond, ...] = get_args(Beyond)
BEYOND_NAMES: dict[Beyond, tuple[str, str]] = {
    "application": ("the application (TLS/account/protocol)", "应用自身（TLS/账号/协议）"),
    "capacity": ("a limit of capacity", "容量或连接数上限"),
    "packet-size": ("packet size (MTU)", "MTU 或链路质量"),
}
SUSPECTS: tuple[str, ...] = (*get_args(GateName), *BEYOND)
GAP = "…"  # in a phrase: up to MOST_BETWEEN other characters
MOST_BETWEEN = 20
Gates = tuple[GateName, ...]
Suspects = tuple[Suspect, ...]


class Observes(Model):
    """What somebody who reports the text has seen, as they might have written it themselves."""

    tcp: Literal["connected", "refused", "timeout"] | None = None
    dns: Literal["nxdomain", "servfail", "refused", "timeout"] | None = None
    only_in: str = ""  # only when the text also matches this pattern


class Examples(Model):
    """Texts that show what the entry is for: its tests."""

    match: Annotated[tuple[NonEmpty, ...], Field(min_length=1)]
    near: Annotated[tuple[NonEmpty, ...], Field(min_length=1)]  # alike, and not this symptom


class Match(NamedTuple):
    """One symptom found in a text; `words` are those that were recognised, `start` where."""

    symptom: "Symptom"
    by: Literal["text", "phrase"]
    words: str
    start: int = 0  # of `words` in the line; 0 for a phrase


class Symptom(Model):
    """One entry of `knowledge/symptoms.yaml`.

    patterns            regular expressions on the output of programs, without case
    phrases             what people write; spaces and case do not count, `…` is a short gap
    overrides           less specific entries that say nothing when this one is found
    implicates          gates, and what lies beyond them, likeliest first
    implicates_private  the same for a destination that is not on the Internet, where it differs
    excludes            gates that the text proves to have been passed
    excludes_only_in    a pattern without which the text proves nothing
    bypasses            gates that have no say, as somebody else than the pod asked
    is_refusal          the cluster itself may have answered, for a Service without endpoints
    decides             a verdict of the server that the text hands on
    """

    id: str
    title: Text
    patterns: tuple[str, ...] = ()
    phrases: tuple[NonEmpty, ...] = ()
    overrides: tuple[str, ...] = ()
    implicates: Suspects = ()
    implicates_private: Suspects = ()
    excludes: Gates = ()
    excludes_only_in: str = ""
    bypasses: Gates = ()
    is_refusal: bool = False
    observes: tuple[Observes, ...] = ()
    decides: Decision = ""
    means: Text
    next: Text
    certainty: Literal["confirmed", "possible"] = "confirmed"
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    examples: Examples

    @property
    def is_about_lookup(self) -> bool:
        """Whether the text speaks of a name lookup, not of a connection."""
        return self.implicates[:1] == ("dns",) or any(o.dns for o in self.observes)

    def suspects(self, is_internet: bool) -> Suspects:
        """Gates, and what lies beyond them, likeliest first."""
        return (
            self.implicates
            if is_internet or not self.implicates_private
            else (self.implicates_private)
        )

    def found_in(self, text: Prepared) -> Match | None:
        """The match in a text: by a pattern rather than by a phrase."""
        if self._pattern is not None and (found := self._pattern.search(text.line)):
            return Match(self, "text", found[0], found.start())
        if self._phrase is not None and (found := self._phrase.search(text.bare)):
            return Match(self, "phrase", found[0])
        return None

    def proves(self, text: Prepared) -> Gates:
        """The gates that the text proves to have been passed."""
        only_in = self.excludes_only_in
        return self.excludes if not only_in or has(text, only_in) else ()

    def observed_in(self, text: Prepared) -> tuple[Observes, ...]:
        """What was seen by whoever reports the text."""
        return tuple(o for o in self.observes if not o.only_in or has(text, o.only_in))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return either(self.patterns) if self.patterns else None

    @cached_property
    def _phrase(self) -> re.Pattern[str] | None:
        return either([phrase_pattern(phrase) for phrase in self.phrases]) if self.phrases else None


def has(text: Prepared, pattern: str) -> bool:
    return re.search(pattern, text.line, re.IGNORECASE) is not None


def either(patterns: tuple[str, ...] | list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def phrase_pattern(phrase: str) -> str:
    """A phrase as a pattern for a text without blanks."""
    parts = "".join(phrase.split()).split(GAP)
    return f".{{0,{MOST_BETWEEN}}}".join(map(re.escape, parts))
