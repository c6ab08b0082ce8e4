"""HTML that cannot forget to escape: elements are made by `el` alone, and every string is text.

Tags and attributes are written in code, never taken from a case; what is not listed here cannot be
written, so that neither scripts nor styles nor addresses of other places get in by mistake.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final

from wayout.engine.report.plain import visible

__all__ = ["Content", "Markup", "breakable", "code", "el", "is_web_address", "join"]

# fmt: off
TAGS: Final = frozenset({
    "a", "article", "body", "button", "code", "dd", "details", "div", "dl", "dt", "footer", "h1",
    "h2", "h3", "h4", "head", "header", "html", "li", "main", "meta", "nav", "ol", "p", "pre",
    "section", "small", "span", "strong", "summary", "table", "tbody", "td", "th", "title", "tr",
    "ul", "wbr",
})
# fmt: on
# fmt: off
ATTRIBUTES: Final = frozenset({
    "aria-hidden", "aria-label", "aria-labelledby", "aria-live", "charset", "class", "content",
    "data-copied", "data-failed", "hidden", "href", "http-equiv", "id", "lang", "name", "open",
    "rel", "scope", "tabindex", "type",
})
# fmt: on
EMPTY: Final = frozenset({"meta", "wbr"})
WEB = re.compile(r"https?://[\w./?&=%:#~+,;@!$*'-]+", re.ASCII)
JOINTS = re.compile(r"(?<=[./:@_-])(?=.)")
ANCHOR = re.compile(r"#[a-z][a-z0-9-]*")


class Markup:
    """Finished HTML. Only this module makes it; everything else is text."""

    __slots__ = ("source",)

    def __init__(self, source: str) -> None:
        self.source = source

    def __str__(self) -> str:
        return self.source


Content = Markup | str | None | Iterable["Content"]


def el(tag: str, *content: Content, **attributes: str | bool | None) -> Markup:
    """One element. Content is escaped text, finished elements, lists of both, or None.

    A trailing underscore of an attribute is dropped, others become hyphens: `class_`,
    `aria_label`. True writes an attribute without value; None and False leave it out. Raises
    ValueError for a tag or attribute that is not allowed, and for an address that leads neither to
    this page nor to the web.
    """
    if tag not in TAGS:
        raise ValueError(f"no element {tag!r} may be written")
    told = "".join(attribute(name, value) for name, value in attributes.items())
    if tag in EMPTY:
        return Markup(f"<{tag}{told}>")
    return Markup(f"<{tag}{told}>{inner(content)}</{tag}>")


def attribute(name: str, value: str | bool | None) -> str:
    name = name.rstrip("_").replace("_", "-")
    if name not in ATTRIBUTES:
        raise ValueError(f"no attribute {name!r} may be written")
    if value is None or value is False:
        return ""
    if value is True:
        return f" {name}"
    if name == "href" and not (ANCHOR.fullmatch(value) or is_web_address(value)):
        raise ValueError(f"{value!r} leads nowhere")
    return f' {name}="{escaped(value)}"'


def inner(content: Content) -> str:
    if content is None:
        return ""
    if isinstance(content, Markup):
        return content.source
    if isinstance(content, str):
        return escaped(content)
    return "".join(map(inner, content))


def escaped(text: str) -> str:
    """`text` as it is to be seen: hidden characters as escapes, line breaks too."""
    return html.escape(visible(text))


def code(text: str) -> Markup:
    """Text of several lines to copy; its line breaks are kept."""
    lines = (escaped(line.rstrip()) for line in text.strip("\n").split("\n"))
    return Markup(f'<pre tabindex="0"><code>{chr(10).join(lines)}</code></pre>')


def join(parts: Iterable[Content], between: Content) -> list[Content]:
    """The parts with the same between them."""
    found: list[Content] = []
    for part in parts:
        found += [between, part] if found else [part]
    return found


def breakable(name: str) -> list[Content]:
    """A name or address that may be broken behind its dots, slashes and the like."""
    return join(JOINTS.split(name), el("wbr"))


def is_web_address(text: str) -> bool:
    """Whether a text may stand behind a link."""
    return WEB.fullmatch(text) is not None
