"""Text on a terminal: hidden characters made visible, display width, wrapping, colour.

Whatever a case says is data. A value must neither move the cursor, nor reverse the reading
direction, nor start a line of its own; so every renderer lets its texts pass `visible` first.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

__all__ = ["Role", "Style", "display_width", "has_hidden", "pad", "visible", "wrap"]

# Letters and marks that Unicode lets every font leave blank (Default_Ignorable_Code_Point) but
# `str.isprintable` takes for printable.
BLANKS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0"
                    "\U000e0100-\U000e01ef]")  # fmt: skip
IDEOGRAPHIC_SPACE = "\u3000"
SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}

# No line may begin with the former or end with the latter.
CLOSING = frozenset(",.;:!?)]}%，。；：！？、）】》」』”’…")
OPENING = frozenset("([{（【《「『“‘")

Role = Literal["good", "bad", "unsure", "heading", "quiet", "code", ""]
SGR = {"good": "32", "bad": "1;31", "unsure": "33", "heading": "1", "quiet": "2", "code": "36"}


@dataclass(frozen=True, slots=True)
class Style:
    """How text is laid out: columns, colour, marks beyond ASCII, and whether anything is folded.

    `is_part` leaves the frame of an HTML page away: what stands in its body, for a page that has
    the style and script of `page_assets` itself.
    """

    width: int = 100
    is_colored: bool = False
    is_unicode: bool = False
    is_verbose: bool = False
    is_part: bool = False

    def paint(self, text: str, role: Role) -> str:
        """`text` in the colour of `role`; unchanged where colours are off."""
        return f"\x1b[{SGR[role]}m{text}\x1b[0m" if self.is_colored and role and text else text


def is_hidden(char: str) -> bool:
    return not (char.isprintable() or char == IDEOGRAPHIC_SPACE) or bool(BLANKS.match(char))


def has_hidden(text: str) -> bool:
    """Whether `text` holds a character one cannot see, line breaks included."""
    if text.isprintable():
        return bool(BLANKS.search(text))
    return any(map(is_hidden, text))


def visible(text: str) -> str:
    """`text` with control, format, bidi and blank characters written as escapes such as `\\x1b`."""
    if not has_hidden(text):
        return text
    return "".join(escape(char) if is_hidden(char) else char for char in text)


def escape(char: str) -> str:
    code = ord(char)
    if code <= 0xFF:
        return SHORT.get(char, f"\\x{code:02x}")
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


@lru_cache(maxsize=4096)
def char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def display_width(text: str) -> int:
    """Columns that `text` takes: 2 for wide East Asian characters, 0 for combining marks."""
    return len(text) if text.isascii() else sum(map(char_width, text))


def pad(text: str, width: int) -> str:
    """`text` filled with spaces to `width` columns."""
    return text + " " * (width - display_width(text))


def wrap(text: str, width: int) -> list[str]:
    """The lines of `text`, none wider than `width` (at least 2) columns.

    Breaks after spaces and between wide characters, never before closing or after opening
    punctuation; what has no such place and is too long is cut.
    """
    if display_width(text) <= width:
        return [text]
    lines: list[str] = []
    line, used = "", 0
    for unit in units(text):
        if used + display_width(unit.rstrip()) > width:
            lines.append(line.rstrip())
            line, used = "", 0
            *full, unit = cut(unit, width)
            lines += full
        line, used = line + unit, used + display_width(unit)
    return [line for line in [*lines, line.rstrip()] if line]


def units(text: str) -> Iterator[str]:
    """The pieces of `text` between which a line may end; spaces close a piece."""
    start = 0
    for at in range(1, len(text)):
        before, after = text[at - 1], text[at]
        if after != " " and (before == " " or is_break(before, after)):
            yield text[start:at]
            start = at
    yield text[start:]


def is_break(before: str, after: str) -> bool:
    if before in OPENING or after in CLOSING or char_width(after) == 0:
        return False
    return char_width(before) == 2 or char_width(after) == 2


def cut(unit: str, width: int) -> list[str]:
    """`unit` in pieces that fit, behind a slash or comma where there is one in the latter half."""
    pieces, rest = [], unit
    while display_width(rest.rstrip()) > width:
        end = fitting(rest, width)
        joint = max(rest.rfind(mark, end // 2, end) for mark in "/,=")
        end = joint + 1 if joint > 0 else end
        pieces.append(rest[:end])
        rest = rest[end:]
    return [*pieces, rest]


def fitting(text: str, width: int) -> int:
    """How many characters of `text` fit into `width` columns; at least one."""
    used = 0
    for number, char in enumerate(text):
        used += char_width(char)
        if used > width:
            return max(number, 1)
    return len(text)
