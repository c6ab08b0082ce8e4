"""The last part of an error: what was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]

FEW = 12


def did_you_mean(name: object, allowed: Iterable[str]) -> str:
    """`; did you mean 'x'?`, or the allowed names when they are few, or nothing."""
    names = sorted(set(allowed))
    if close := get_close_matches(str(name), names, n=1, cutoff=0.6):
        return f"; did you mean {close[0]!r}?"
    return f"; allowed: {', '.join(names)}." if 0 < len(names) <= FEW else "."
