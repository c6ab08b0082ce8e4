"""Which lists are complete: pages of answers put together, missing told from truncated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wayout.engine.case.model import Origin, State

__all__ = ["Part", "state_of"]


@dataclass(frozen=True, slots=True)
class Part:
    """One document, or one page, that is a list or a piece of it.

    starts_at   the NextToken it was asked with; "" for the first page, None when nobody noted it
    next_token  non-empty: more follows
    total       what the answer says the whole list counts
    is_partial  asked with a filter, or cut off in a way that tells nothing of the rest
    is_assumed  loose objects, taken as all there are because no document says otherwise
    """

    list: str
    of: str
    origin: Origin
    keys: tuple[str, ...] = ()
    total: int | None = None
    page: int | None = None
    starts_at: str | None = None
    next_token: str = ""
    is_partial: bool = False
    is_assumed: bool = False

    @property
    def is_whole(self) -> bool:
        """Complete by itself. A last page that says nothing of being one cannot be told apart."""
        return (
            not self.is_partial
            and not self.next_token
            and not self.starts_at
            and self.page in (None, 1)
            and (self.total is None or self.total <= len(self.keys))
        )


def state_of(parts: Sequence[Part]) -> State:
    """The state of one list from all documents that are about it."""
    if not parts:
        return "missing"
    pages = [part for part in parts if not part.is_partial]
    if any(page.is_whole for page in pages) or is_union_whole(pages) or is_chain_whole(pages):
        return "collected"
    return "truncated"


def is_union_whole(pages: Sequence[Part]) -> bool:
    """The pages together hold as many different items as the list is said to have."""
    totals = [page.total for page in pages if page.total is not None]
    return bool(totals) and len({key for page in pages for key in page.keys}) >= max(totals)


def is_chain_whole(pages: Sequence[Part]) -> bool:
    """Every NextToken leads to a page that was asked with it, from the first page to the last."""
    if any(page.total is not None or (page.page or 1) > 1 for page in pages):
        return False  # numbered pages are counted, not chained
    asked_with = {page.starts_at for page in pages if page.starts_at is not None}
    leads_to = {page.next_token for page in pages if page.next_token}
    has_last = any(not page.next_token for page in pages)
    has_first = "" in asked_with or any(page.starts_at is None for page in pages)
    return has_first and has_last and leads_to <= asked_with
