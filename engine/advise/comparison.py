"""What a change makes of an answer, as `what_if` returns it. Models only."""

from typing import Literal

from wayout.engine.advise.answer import (
    Frozen,
    LedgerLine,
    Need,
    QuestionEcho,
    Statement,
    Status,
    Text,
    VerdictName,
)
from wayout.engine.facts.common import GateName

__all__ = [
    "Applied",
    "Collateral",
    "Comparison",
    "GateChange",
    "PathChange",
    "Robustness",
    "Side",
    "Weakness",
]


class Applied(Frozen):
    """One change that was made: what it was called, and what it is in words."""

    name: str
    text: Text


class Side(Frozen):
    """How things stand on one side of the changes."""

    verdict: VerdictName
    summary: Text
    findings: tuple[Statement, ...]  # code and text, the primary first
    ledger: tuple[LedgerLine, ...]
    not_assessed: tuple[Need, ...]
    facts_digest: str


class GateChange(Frozen):
    """A gate that ends otherwise, or for another reason."""

    gate: GateName
    title: Text
    before: Status
    after: Status
    reason_before: Text
    reason_after: Text


class PathChange(Frozen):
    """Another path of the same case whose verdict changes."""

    pod: str
    destination: str
    protocol: str
    before: VerdictName
    after: VerdictName
    gate: str = ""  # that blocked before, or blocks after
    reason: Text | None = None


class Collateral(Frozen):
    """What else opens or closes: every path that was tried, before and after, and how many."""

    tried: int
    pods: int
    destinations: int
    left_out: int  # paths of the case that were not tried, because they were too many
    opened: tuple[PathChange, ...] = ()  # blocked before, not blocked after
    closed: tuple[PathChange, ...] = ()  # blocked after, not blocked before
    settled: tuple[PathChange, ...] = ()  # unknown before, reachable after
    unsettled: tuple[PathChange, ...] = ()  # reachable before, unknown after
    text: Text


class Weakness(Frozen):
    """One thing whose loss alone ends the path."""

    part: str  # list/owner/key, and the entry inside it
    document: str = ""
    pointer: str = ""
    line: int | None = None
    verdict: VerdictName  # without it
    gate: str  # that then no longer passes
    text: Text  # what that gate then says


class Robustness(Frozen):
    """Which single loss would end a path that works; only what its proof rests on is tried."""

    tried: int
    left_out: int
    breaks: tuple[Weakness, ...] = ()
    text: Text


class Comparison(Frozen):
    """Two answers to one question: about the case as it is, and after changes."""

    schema_version: Literal["wayout/v1"] = "wayout/v1"
    question: QuestionEcho
    changes: tuple[Applied, ...]
    before: Side
    after: Side
    gates: tuple[GateChange, ...]
    solved: tuple[Statement, ...]  # findings that are gone
    new: tuple[Statement, ...]  # findings that were not there
    remaining: tuple[Statement, ...]
    collateral: Collateral | None = None  # None: not asked for, or nothing was changed
    robustness: Robustness | None = None  # None: not asked for, or the path does not work
    text: Text
