"""An error text, made ready to be searched: of bounded length, on one line, with plain quotes."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["LONGEST", "Prepared", "prepare"]

LONGEST = 8_000  # characters that are searched; of a longer text the first and the last half
PLAIN = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "（": "(", "）": ")", "：": ":"})


class Prepared(NamedTuple):
    """A text in two forms: for the output of programs, and for what people write.

    line   every run of blanks is one space
    bare   the same in lower case without any blank
    """

    line: str
    bare: str


def prepare(text: str) -> Prepared:
    """The forms of a text that are searched."""
    if len(text) > LONGEST:
        half = LONGEST // 2
        text = f"{text[:half]} … {text[-half:]}"
    words = text.translate(PLAIN).split()
    return Prepared(" ".join(words), "".join(words).lower())
