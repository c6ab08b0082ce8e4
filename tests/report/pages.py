"""Reads a page the way a strict browser would, for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "wbr"}


@dataclass
class Element:
    """One element: its attributes, the text below it, and where it stands."""

    tag: str
    attributes: dict[str, str]
    parents: tuple[Element, ...] = ()
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)

    @property
    def classes(self) -> set[str]:
        return set(self.attributes.get("class", "").split())


class Reader(HTMLParser):
    """Every element of a page; an element that is not closed in its turn is an error."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.stack: list[Element] = []
        self.feed(page)
        self.close()
        assert not self.stack, [element.tag for element in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"{tag} has an attribute twice"
        element = Element(tag, {k: v or "" for k, v in attrs}, tuple(self.stack))
        self.elements.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, tag
        assert self.stack.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for element in self.stack:
            element.parts.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")


class Page:
    """A page with its elements by tag and by id."""

    def __init__(self, source: str) -> None:
        assert source.startswith("<!doctype html>\n<html lang=")
        self.source = source
        self.elements = Reader(source).elements
        ids = [e.attributes["id"] for e in self.elements if "id" in e.attributes]
        assert len(ids) == len(set(ids)), "an id stands twice"
        self.by_id = {e.attributes["id"]: e for e in self.elements if "id" in e.attributes}

    def all(self, tag: str, within: str = "") -> list[Element]:
        """The elements of one tag; with `within`, those below the element of this id."""
        above = self.by_id[within] if within else None
        return [e for e in self.elements if e.tag == tag and (above is None or above in e.parents)]

    @property
    def text(self) -> str:
        return self.elements[0].text

    @property
    def skeleton(self) -> list[tuple[str, str, str]]:
        """What the page is made of, without any text."""
        return [
            (e.tag, e.attributes.get("class", ""), e.attributes.get("id", ""))
            for e in self.elements
        ]
