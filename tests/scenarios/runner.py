"""Scenarios: a whole case, a question, and the answer it must have.

A scenario is one YAML file beside this module. It starts from a shipped example (`base`), changes
it the way a fix changes a case (`changes`), may add documents, and states what must come out. The
golden texts in both languages stand in `golden/`; `WAYOUT_UPDATE_GOLDEN=1` writes them anew.
"""

from __future__ import annotations

import os
import re
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from wayout.engine import Answer, Case, Question, diagnose
from wayout.engine.report import render

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXAMPLES = ROOT / "examples"
# The versions and digests change with every edit of the knowledge base; the answer does not.
DIGEST = re.compile(r"[0-9a-f]{12,64}")


class Expected(BaseModel):
    """What an answer must say; `findings` is the complete set of codes."""

    model_config = ConfigDict(extra="forbid")

    verdict: str
    primary: str | None = None
    findings: list[str] = []
    gates: dict[str, str] = {}
    lacks: list[str] = []
    tells: list[str] = []  # codes that must be said besides the findings: near misses, information
    reachable_after: list[str] = []  # fixes that must be verified and lead to `reachable`


class Scenario(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: str
    base: str | None = "healthy"
    without: list[str] = []  # documents of the base nobody collected: file names
    changes: list[dict[str, Any]] = []
    documents: list[dict[str, Any]] = []
    question: dict[str, Any] | None = None
    expect: Expected
    is_look_alike: bool = False  # resembles a fault, but nothing may fire

    def case(self) -> Case:
        sources: list[Any] = [base_case(self.base, *self.without)] if self.base else []
        case = Case.load(*sources, *self.documents)
        return case.patched(self.changes) if self.changes else case

    def answer(self) -> Answer:
        question = Question(**self.question) if self.question else None
        return diagnose(self.case(), question)


@cache
def base_case(name: str, *without: str) -> Case:
    with chdir(ROOT):  # answers cite documents as they were named; no golden may name a machine
        folder = Path("examples", name)
        if not without:
            return Case.load(folder)
        files = sorted(p for p in folder.iterdir() if p.suffix in (".json", ".yaml"))
        assert {p.name for p in files} >= set(without), f"{name} lacks one of {without}"
        return Case.load(*(path for path in files if path.name not in without))


def load(path: Path) -> Scenario:
    return Scenario.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def check(answer: Answer, expected: Expected) -> None:
    got = {gate.gate: gate.status for gate in answer.gates}
    assert answer.verdict == expected.verdict, (answer.verdict, got)
    assert sorted({f.code for f in answer.findings}) == sorted(expected.findings)
    primary = [f.code for f in answer.findings if f.is_primary]
    assert primary == ([expected.primary] if expected.primary else [])
    assert {gate: got[gate] for gate in expected.gates} == expected.gates  # type: ignore[index]
    lacks = {need.name for need in answer.not_assessed}
    assert set(expected.lacks) <= lacks, lacks
    told = codes_told(answer)
    assert set(expected.tells) <= told, told
    by_id = {fix.id: fix for fix in answer.fixes}
    for name in expected.reachable_after:
        assert by_id[name].verified.result == "yes", by_id[name].verified
        assert by_id[name].verified.verdict_after == "reachable", by_id[name].verified


def codes_told(answer: Answer) -> set[str]:
    """The codes of everything an answer says besides its findings."""
    statements = (
        *answer.assumptions,
        *answer.symptoms,
        *answer.information,
        *answer.contradictions,
    )
    near = (miss for finding in answer.findings for miss in finding.near_misses)
    return {s.code for s in (*statements, *near)} | {item.code for item in answer.ruled_out}


def text_of(answer: Answer, lang: Literal["en", "zh"]) -> str:
    """The text a user reads, without the digests that every edit of the knowledge changes."""
    return DIGEST.sub("<digest>", render(answer, "text", lang))


def compare(golden: Path, text: str) -> None:
    if os.environ.get("WAYOUT_UPDATE_GOLDEN") == "1":
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
    assert golden.exists(), f"{golden.name} is missing; write it with WAYOUT_UPDATE_GOLDEN=1"
    assert text == golden.read_text(encoding="utf-8")
