"""What was measured, and where each fact comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from wayout.engine.report.explain import field_text
from wayout.engine.report.page import Page
from wayout.engine.report.plain import Style

__all__ = ["FactLike", "OriginLike", "fact_data", "facts_text"]


class OriginLike(Protocol):
    """A place in a document; `wayout.engine.case.Origin` is one."""

    @property
    def document(self) -> str: ...
    @property
    def pointer(self) -> str: ...
    @property
    def line(self) -> int | None: ...


class FactLike(Protocol):
    """One fact with its origins, as `wayout.engine.facts_of` gives it."""

    @property
    def kind(self) -> str: ...
    @property
    def fields(self) -> Mapping[str, str | int | bool]: ...
    @property
    def origins(self) -> Iterable[OriginLike]: ...


def facts_text(facts: Iterable[FactLike], style: Style) -> str:
    """One fact a line, its origins below it."""
    page = Page(style)
    for fact in facts:
        fields = ", ".join(f"{name}={field_text(value)}" for name, value in fact.fields.items())
        page.text(f"{fact.kind}({fields})", "", "", "", "    ")
        for origin in fact.origins:
            page.text(origin_text(origin), "  <- ", "quiet", "quiet")
    return str(page)


def origin_text(origin: OriginLike) -> str:
    line = "" if origin.line is None else f":{origin.line}"
    return f"{origin.document}{line} {origin.pointer}".rstrip()


def fact_data(facts: Iterable[FactLike]) -> list[dict[str, object]]:
    """The facts for JSON and YAML."""
    return [
        {
            "kind": fact.kind,
            "fields": dict(fact.fields),
            "origins": [
                {"document": origin.document, "pointer": origin.pointer, "line": origin.line}
                for origin in fact.origins
            ],
        }
        for fact in facts
    ]
