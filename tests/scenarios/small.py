"""Small cases: a whole case as a few changes to an example, and the rules that must fire in it.

They stand in `coverage/cov-*.yaml`, many to a file, and have no golden texts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict

from tests.scenarios.runner import base_case
from wayout.engine import Case, Question

HERE = Path(__file__).parent / "coverage"


class Small(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    base: str | None = "healthy"
    without: list[str] = []
    changes: list[dict[str, Any]] = []
    documents: list[dict[str, Any]] = []
    case: dict[str, Any] = {}  # a case file without its first two lines
    to: str = ""
    question: dict[str, Any] | None = None
    fires: list[str]
    gates: dict[str, str] = {}

    def asked(self) -> tuple[Case, Question]:
        sources: list[Any] = [base_case(self.base, *self.without)] if self.base else []
        if self.case:
            sources.append({"apiVersion": "wayout/v1", "kind": "Case", **self.case})
        case = Case.load(*sources, *self.documents)
        if self.changes:
            case = case.patched(self.changes)
        pod = "shop/api-0"
        if self.question:
            return case, Question(**self.question)
        if self.to:
            return case, Question(pod=pod, destination=self.to)
        return case, case.question or Question(pod=pod, destination="203.0.113.10:443")


def small_cases() -> dict[str, Small]:
    """All of them by file and title."""
    found: dict[str, Small] = {}
    for path in sorted(HERE.glob("cov-*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8")):
            small = Small.model_validate(item)
            name = f"{path.stem.removeprefix('cov-')}: {small.title}"
            assert name not in found, name
            found[name] = small
    return found
