"""Short ways to write rules in tests."""

from __future__ import annotations

from typing import Any

from wayout.engine.rules import GATE_PREFIXES, Rule
from wayout.engine.rules.reading import read_rule


def rule(number: int, when: list[Any], *, gate: str = "policy", **body: Any) -> Rule:
    """A rule as if read from a file; without `infers` it concludes `passes`."""
    if "infers" not in body:
        body.setdefault("concludes", {"status": "passes"})
    raw = {
        "id": f"{GATE_PREFIXES[gate]}-{number:03}",
        "title": {"en": "Title", "zh": "标题"},
        "gate": gate,
        "when": when,
        "says": {"en": "Text.", "zh": "文字。"},
        "sources": ["GK"],
    }
    return read_rule(raw | body, f"rules/{gate}/rule-{number}.yaml")
