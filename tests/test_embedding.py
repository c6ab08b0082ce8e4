"""What docs/embedding.md shows is what its programs print."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from wayout.service.jobs import perform

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "embedding.md"
TEXT = PAGE.read_text(encoding="utf-8")
PROGRAM = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.DOTALL)
PROGRAMS = PROGRAM.findall(TEXT)
REQUESTS = re.findall(r"localhost:8480/v1/([a-z-]+) -d '(.*)'", TEXT)


def printed(program: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert not done.stderr
    return done.stdout


def test_every_program_is_shown_with_what_it_prints() -> None:
    assert len(PROGRAMS) == TEXT.count("```python") >= 3
    if os.environ.get("WAYOUT_UPDATE_GOLDEN") == "1":
        made = PROGRAM.sub(lambda m: f"```python\n{m[1]}```\n\n```text\n{printed(m[1])}```", TEXT)
        PAGE.write_text(made, encoding="utf-8")


@pytest.mark.parametrize(("program", "shown"), PROGRAMS)
def test_it_prints_what_is_shown(program: str, shown: str) -> None:
    assert printed(program) == shown


@pytest.mark.parametrize(("verb", "body"), REQUESTS)
def test_requests_are_taken(verb: str, body: str) -> None:
    head, text = perform({"verb": verb, "most_documents": 50}, body.encode())
    assert head["status"] == 200, text
    answer = json.loads(text).get("answer") or json.loads(text)
    assert answer["next_question"]


def test_there_are_requests() -> None:
    assert {verb for verb, _ in REQUESTS} == {"assess", "reply"}


def test_the_readme_leads_here() -> None:
    assert "(docs/embedding.md)" in (ROOT / "README.md").read_text(encoding="utf-8")
