"""The case: everything known about one cluster and account, typed, with its origins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from os import PathLike
from typing import Any, NamedTuple, TypeVar, cast

from pydantic import BaseModel

from wayout.engine.case.contents import Contents
from wayout.engine.case.lists import LISTS, NAMESPACED, OWNED
from wayout.engine.case.model import Listing, Notice, Origin, Record
from wayout.engine.case.question import Question
from wayout.engine.case.reading import Source, Upload

__all__ = ["Case"]

M = TypeVar("M", bound=BaseModel)


class Replies(NamedTuple):
    """What people told, and what documents alone say: documents that follow may say otherwise."""

    before: Contents
    told: tuple[Any, ...]


class Case:
    """Immutable and safe to share between threads. Made by `Case.load`, changed by `patched`."""

    __slots__ = (
        "_contents",
        "_lines",
        "_listings",
        "_question",
        "_replies",
        "_sources",
        "asked",
        "notices",
        "unknown",
    )

    notices: tuple[Notice, ...]
    """What a reader of an answer should know about the documents."""
    unknown: frozenset[str]
    """Lists and facts somebody was asked for and could not tell."""
    asked: frozenset[str]
    """Ids of the questions that somebody has replied to."""

    def __init__(
        self,
        contents: Contents | None = None,
        question: Question | None = None,
        unknown: frozenset[str] = frozenset(),
        notices: tuple[Notice, ...] = (),
        sources: Mapping[str, Source] | None = None,
        asked: frozenset[str] = frozenset(),
        replies: Replies | None = None,
    ) -> None:
        """For the loader; without arguments the case that knows nothing."""
        self._contents = contents or Contents()
        self._question = question
        self._replies = replies
        self._sources = sources or {}
        # Only ever filled with equal values, so a race between threads does no harm.
        self._listings: dict[tuple[str, str], Listing[Any]] = {}
        self._lines: dict[Origin, Origin] = {}
        self.unknown = unknown
        self.asked = asked
        self.notices = notices

    @classmethod
    def load(
        cls,
        *sources: str | PathLike[str] | Upload | Mapping[str, Any] | Sequence[Any] | Case,
        question: Question | None = None,
    ) -> Case:
        """Read documents into a case.

        A source is the path of a file or folder, `-` for standard input, an `Upload` (a file
        whose content is at hand), an already parsed document (or a list of them) or another case,
        whose records are taken over. `question`
        replaces the one a case file may ask. Raises InputError, one sentence that names the
        document and the place in it, for anything that cannot be read or is not understood.
        """
        from wayout.engine.case.loading import load  # it makes cases, so it cannot come first

        return load(sources, question)

    @property
    def has_replies(self) -> bool:
        """Whether somebody told something, and perhaps not the id of what it is about."""
        return self._replies is not None

    def listing(self, model: type[M], of: str = "") -> Listing[M]:
        """What is known of the list of this model.

        `of` is the owner for parts of cloud resources (`listing(SecurityGroupRule, of="sg-1")`;
        `"sg-1/egress"` for one direction, which may be complete alone) and a namespace for
        namespaced Kubernetes objects. Without it every record is there, and the state is
        `collected` only when the whole of it was. Raises KeyError for a model that is no list.
        """
        name = LISTS[model]
        if name not in OWNED and name not in NAMESPACED:
            of = ""
        found = self._listings.get((name, of))
        if found is None:
            found = self._listings[name, of] = self._contents.listing(name, of)
        return cast(Listing[M], found)

    def get(self, model: type[M], key: str, of: str = "") -> Record[M] | None:
        """The record with this key (an id, or `namespace/name`); None when no document has it.

        `of` narrows the search to one owner, for parts of cloud resources.
        """
        return self._contents.find(LISTS[model], key, of)

    def complete_lists(self) -> Iterator[tuple[str, str, tuple[Origin, ...]]]:
        """Every complete list as (name, of, origins), sorted.

        `of` is "" for a list that is complete for every owner or namespace. Complete rules of a
        security group appear as `sg-1/egress`, `sg-1/ingress` and, with both, as `sg-1`.
        """
        return self._contents.complete()

    @property
    def question(self) -> Question | None:
        """The question a case file asked, if any."""
        return self._question

    def locate(self, origin: Origin) -> Origin:
        """The origin with its line, when the text of the document is still at hand.

        A pointer to what the text does not have, such as a field that lacks, is cut down to what
        the text has.
        """
        source = self._sources.get(origin.document)
        if source is None or origin.line is not None:
            return origin
        found = self._lines.get(origin)
        if found is None:
            line, pointer = source.place_of(origin.pointer)
            found = Origin(origin.document, pointer, line, origin.collected_at)
            self._lines[origin] = found
        return found

    def patched(self, ops: Iterable[Mapping[str, Any]]) -> Case:
        """The case after changes, for trying out a fix; this one stays as it is.

        An op is one of `{add: <list>, item: {...}}` (with `of: <owner>` for parts of a resource;
        an item that exists is replaced), `{set: <list>, key: ..., fields: {...}}` (merged into
        the record as a JSON merge patch; lists are replaced), `{remove: <list>, key: ...}` and
        `{complete: <list>}` (nothing is missing from the list as it is known now).
        Items and fields have the shape of the API. Raises InputError for an op that cannot be
        applied.
        """
        from wayout.engine.case.patching import patch

        return patch(self, list(ops))

    def overlaid(self, other: Case) -> Case:
        """The case in which what `other` says stands in the place of what was said before.

        A record replaces the one with its key, a complete list the whole list of its owner or
        namespace; everything else stays.
        """
        from wayout.engine.case.overlay import overlaid

        return overlaid(self, other)

    def told(self, ops: Iterable[Mapping[str, Any]]) -> Case:
        """The case after somebody told the changes, in the form of `patched`.

        What documents say stays: a record that is known is only added to. Raises InputError.
        """
        from wayout.engine.case.loading import told

        return told(self, list(ops))

    def saved(self) -> str:
        """The case as a text to keep, for `restored`: what was read, never the documents.

        Raises InputError for told changes of fields (`set`), which are known by their words only.
        """
        from wayout.engine.case.saved import saved

        return saved(self)

    @staticmethod
    def restored(text: str) -> Case:
        """The case that `saved` made the text of; answers about it cite no lines.

        Raises InputError for a text of another version or of something else.
        """
        from wayout.engine.case.saved import restored

        return restored(text)

    def __repr__(self) -> str:
        counts = {
            name: sum(map(len, buckets.values()))
            for name, buckets in sorted(self._contents.records.items())
        }
        return f"Case({', '.join(f'{name}={count}' for name, count in counts.items() if count)})"

    def __getstate__(self) -> dict[str, Any]:
        # The texts of documents only serve to find lines; they never leave the process.
        return {
            "contents": self._contents,
            "question": self._question,
            "unknown": self.unknown,
            "notices": self.notices,
            "asked": self.asked,
            "replies": self._replies,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]
