"""The case: everything known, typed, with the origin of each datum; and the question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, ConfigDict

__all__ = ["REPLY", "Addon", "Listing", "Observation", "Origin", "Record", "State", "Told"]

T = TypeVar("T")
REPLY = "<reply"  # begins the names of documents that are replies of a conversation


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a datum stands: document, JSON pointer (RFC 6901) inside it, line, age.

    `document` is a display name: the path as the user gave it, with `#2` for the second document
    of a multi-document file, `<stdin>`, or `<document 3>` for an already parsed one.
    """

    document: str
    pointer: str = ""
    line: int | None = None
    collected_at: str = ""

    def at(self, *path: str | int) -> Origin:
        """The origin of a part below this one; the line is found when an answer cites it."""
        tail = "".join("/" + str(p).replace("~", "~0").replace("/", "~1") for p in path)
        return Origin(self.document, self.pointer + tail, None, self.collected_at)

    @property
    def is_reply(self) -> bool:
        """Whether somebody told it in a conversation, of which a case file may be kept."""
        return self.document.startswith(REPLY) or "/told/" in self.pointer

    def is_after(self, other: Origin) -> bool:
        """Whether this was certainly collected after the other."""
        try:
            mine = datetime.fromisoformat(self.collected_at)
            return mine > datetime.fromisoformat(other.collected_at)
        except (TypeError, ValueError):  # no time, no date, or only one of them with a time zone
            return False

    def __str__(self) -> str:
        return f"{self.document}{'#' if self.pointer else ''}{self.pointer}"


@dataclass(frozen=True, slots=True)
class Record(Generic[T]):
    """One typed datum and where it came from (several places when documents were merged)."""

    value: T
    origins: tuple[Origin, ...]

    @property
    def origin(self) -> Origin:
        return self.origins[0]


State = Literal["collected", "truncated", "missing"]


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What the case knows of one list; never collected, truncated and empty are three things.

    `records` may be non-empty in every state: a list that is not complete can still prove that
    something exists, never that something does not.
    """

    name: str
    of: str
    state: State
    records: tuple[Record[T], ...] = ()
    origins: tuple[Origin, ...] = ()  # the documents that are, or should have been, the list

    @property
    def is_complete(self) -> bool:
        return self.state == "collected"

    @property
    def is_documented(self) -> bool:
        """Complete by a document. A reply is only about what was asked, such as one address."""
        is_told = self.origins and all(origin.is_reply for origin in self.origins)
        return self.is_complete and not is_told


class Addon(BaseModel):
    """A cluster component, as `DescribeClusterAddonInstance` or a case file names it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    version: str = ""
    state: Literal["installed", "absent"] = "installed"

    @property
    def key(self) -> str:
        return self.name


class Observation(BaseModel):
    """What somebody saw happen. Credential-looking text is removed on load.

    what: error_text (text) | resolved (name -> addresses) | dns_status (name, text = NOERROR,
    NXDOMAIN, SERVFAIL, REFUSED, timeout) | tcp (text = connected, refused, timeout) |
    resolv_conf (addresses = nameservers)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    what: Literal["error_text", "resolved", "dns_status", "tcp", "resolv_conf"]
    text: str = ""
    name: str = ""
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader of the answer should know about the documents (en, zh)."""

    en: str
    zh: str
    origin: Origin | None = None


class Told(NamedTuple):
    """One change that a reply makes: `question` is the id of what was replied to, or ""."""

    change: Any
    origin: Origin
    question: str = ""

    @property
    def place(self) -> str:
        return f'the reply to "{self.question}"' if self.question else str(self.origin)

    @property
    def place_zh(self) -> str:
        return f"对“{self.question}”的回复" if self.question else str(self.origin)
