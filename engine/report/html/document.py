"""The frame of a page: head, policy, and what every page shares."""

from __future__ import annotations

import base64
import hashlib

from wayout.engine.report.html.look import SCRIPT, STYLE
from wayout.engine.report.html.markup import Content, Markup, el
from wayout.engine.report.words import Lang

__all__ = ["document"]

TAGS_OF: dict[Lang, str] = {"en": "en", "zh": "zh-CN"}


def digest(source: str) -> str:
    """How a policy names an inline style or script."""
    found = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(found).decode()}'"


# Only the style and script below may run; nothing is loaded, sent or framed.
POLICY = (
    f"default-src 'none'; style-src {digest(STYLE)}; script-src {digest(SCRIPT)}; "
    "base-uri 'none'; form-action 'none'"
)


def document(title: str, lang: Lang, *body: Content) -> str:
    """A whole page that needs nothing but itself."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", title),
        constant("style", STYLE),
    )
    page = el("html", head, el("body", *body, constant("script", SCRIPT)), lang=TAGS_OF[lang])
    return f"<!doctype html>\n{page}\n"


def constant(tag: str, source: str) -> Markup:
    """An inline style or script; `source` is a constant of this package."""
    return Markup(f"<{tag}>{source}</{tag}>")
