"""The regular expressions that symptoms may use: a part of the language that cannot run away.

A pattern is made of literal characters, `.`, classes, `\\d \\s \\w \\b`, groups `(?:...)`, `|`, and
the quantifiers `?`, `{n}` and `{m,n}`. There is nothing unbounded in it, and the number of ways in
which it can be tried at one place of a text is counted and limited: a search takes at most
`length of the text` times `MOST_WAYS` times twice `length of a match` steps, whatever the text.
A repetition such as `[^ ]{1,60}` before a blank counts once, as it can only end at the first one.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple

__all__ = ["MOST_REPEATS", "MOST_WAYS", "measure", "problem_with"]

MOST_REPEATS = 200  # of one part of a pattern
MOST_WAYS = 1000  # to try a pattern at one place
LEAST_LENGTH = 3  # of a match: less would be found everywhere
REPEAT = re.compile(r"\{(\d{1,4})(?:,(\d{1,4}))?\}")
SPECIAL = "dswDSWb"  # letters with a meaning behind a backslash
CLASS = re.compile(r"\[\^?\]?(?:[^\]\\\[]|\\.)*\]")

EXCLUDING = re.compile(r"\[\^([^\\\[\]-]+)\]")  # a class that is a plain list of what it excludes


class Measure(NamedTuple):
    """What counts of a pattern: the ways to try it at one place, and its shortest match."""

    ways: int
    least: int


class PatternError(ValueError):
    """Why a pattern is refused; the text is the end of a sentence."""


def problem_with(pattern: str) -> str:
    """Why a pattern cannot be used, as a sentence; "" for one that can."""
    try:
        found = measure(pattern)
        re.compile(pattern)
    except PatternError as error:
        return f"{pattern!r} {error}."
    except re.error as error:
        return f"{pattern!r} is no regular expression ({error.msg})."
    if found.ways > MOST_WAYS:
        return (
            f"{pattern!r} can be tried in {found.ways} ways at one place, more than {MOST_WAYS}; "
            "use fewer or shorter repetitions."
        )
    if found.least < LEAST_LENGTH:
        return f"{pattern!r} may match less than {LEAST_LENGTH} characters."
    return ""


def measure(pattern: str) -> Measure:
    """Counts the ways of a pattern; raises PatternError for what the language does not have."""
    scanner = Scanner(pattern)
    found = scanner.alternatives()
    if scanner.rest:
        raise PatternError("closes a group that it did not open")
    return found


class Scanner:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self.pattern, self.place = pattern, 0

    @property
    def rest(self) -> str:
        return self.pattern[self.place :]

    def alternatives(self) -> Measure:
        branches = [self.sequence()]
        while self.rest.startswith("|"):
            self.place += 1
            branches.append(self.sequence())
        return Measure(sum(b.ways for b in branches), min(b.least for b in branches))

    def sequence(self) -> Measure:
        parts = [Measure(1, 0)]
        while self.rest and self.rest[0] not in "|)":
            start = self.place
            atom = self.atom()
            parts.append(self.repeated(atom, self.pattern[start : self.place]))
        return Measure(math.prod(p.ways for p in parts), sum(p.least for p in parts))

    def atom(self) -> Measure:
        rest = self.rest
        if rest.startswith("(?:"):
            self.place += 3
            inside = self.alternatives()
            if not self.rest.startswith(")"):
                raise PatternError("opens a group that it does not close")
            self.place += 1
            return inside
        if rest[0] == "[":
            if (found := CLASS.match(rest)) is None:
                raise PatternError("opens a class that it does not close")
            self.place += found.end()
            return Measure(1, 1)
        if rest[0] == "\\":
            return self.escape(rest)
        if rest[0] in "()*+?{}^$":
            raise PatternError(
                f"uses {rest[0]!r} where only (?:...), ? and {{m,n}} are allowed; "
                "write a backslash before a literal one"
            )
        self.place += 1
        return Measure(1, 1)

    def escape(self, rest: str) -> Measure:
        if len(rest) < 2 or (rest[1].isalnum() and rest[1] not in SPECIAL):
            raise PatternError(f"uses {rest[:2]!r}, which is not allowed")
        self.place += 2
        return Measure(1, 0 if rest[1] == "b" else 1)

    def repeated(self, part: Measure, source: str) -> Measure:
        """The part, written as `source`, with the quantifier behind it."""
        rest = self.rest
        if rest.startswith("?"):
            self.place += 1
            low, high = 0, 1
        elif found := REPEAT.match(rest):
            self.place += found.end()
            low = int(found[1])
            high = int(found[2]) if found[2] is not None else low
        else:
            return part
        if self.rest[:1] in ("?", "+", "*", "{"):
            raise PatternError("repeats a repetition")
        if high > MOST_REPEATS or low > high:
            raise PatternError(f"repeats a part {low} to {high} times; {MOST_REPEATS} are allowed")
        if high > 1 and part.ways > 1:
            raise PatternError("repeats a group that can itself match in several ways")
        ways = 1 + part.ways if (low, high) == (0, 1) else high - low + 1
        if self.has_one_end(source):
            ways = 1
        return Measure(ways, low * part.least)

    def has_one_end(self, source: str) -> bool:
        """Whether a repeated `[^...]` stands before a literal character that it cannot contain."""
        found = EXCLUDING.fullmatch(source)
        behind = self.rest[:1]
        if found is None or not behind or behind in "()[]*+?{}^$.|\\":
            return False
        return behind in found[1] and self.rest[1:2] not in ("?", "{")
