"""A page of plain text under construction: indented paragraphs, copyable blocks, colours."""

from __future__ import annotations

from wayout.engine.report.plain import Role, Style, display_width, visible, wrap

__all__ = ["Page"]

NARROWEST = 24  # columns a paragraph keeps however deep it is indented


class Page:
    """Collects lines; everything written passes `visible`, no line ends with a space."""

    def __init__(self, style: Style) -> None:
        self.style = style
        self.lines: list[str] = []

    def __str__(self) -> str:
        return "".join(line + "\n" for line in self.lines)

    def gap(self) -> None:
        """An empty line, never two in a row and none at the top."""
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def heading(self, text: str) -> None:
        self.gap()
        self.lines.append(self.style.paint(text, "heading"))

    def text(
        self, text: str, lead: str = "", role: Role = "", lead_role: Role = "", hang: str = ""
    ) -> None:
        """A paragraph: `lead` stands before its first line, `hang` before the others.

        Without `hang` they are indented to stand below the text of the first one.
        """
        lead, text = visible(lead), visible(text.strip())
        hang = hang or " " * display_width(lead)
        room = self.style.width - max(display_width(lead), display_width(hang))
        if room < NARROWEST:
            for line in wrap(lead.rstrip(), self.style.width):
                self.append(self.style.paint(line, lead_role))
            lead = hang = " " * max(0, self.style.width - NARROWEST)
            room = self.style.width - len(lead)
        for number, line in enumerate(wrap(text, room)):
            start = lead if number == 0 else hang
            self.append(self.style.paint(start, lead_role) + self.style.paint(line, role))

    def block(self, text: str) -> None:
        """Text to copy: at the left margin and never wrapped, so that it can be pasted as it is."""
        for line in text.strip("\n").split("\n"):
            self.append(self.style.paint(visible(line).rstrip(), "code"))

    def append(self, line: str) -> None:
        self.lines.append(line.rstrip())
