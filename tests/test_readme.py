"""What README.md shows is what the program prints."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```console\n\$ ([^\n]+)\n(.*?)```", README, re.DOTALL)
DIGEST = re.compile(r"[0-9a-f]{16}")
CUT = "…"  # a line of its own: the rest of the output is left out


def test_there_are_blocks_to_check() -> None:
    assert len(BLOCKS) >= 2


@pytest.mark.parametrize(("command", "shown"), BLOCKS, ids=[command for command, _ in BLOCKS])
def test_output_is_what_the_program_prints(command: str, shown: str) -> None:
    words = shlex.split(command)
    assert words[0] == "wayout"
    done = subprocess.run(
        [sys.executable, "-m", "wayout", *words[1:]],
        cwd=ROOT,
        env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    printed = DIGEST.sub("<digest>", done.stdout).splitlines()
    wanted = DIGEST.sub("<digest>", shown).splitlines()
    if CUT in wanted:
        wanted = wanted[: wanted.index(CUT)]
        printed = printed[: len(wanted)]
    assert printed == wanted, done.stderr


def test_embedding_example_runs(tmp_path: Path) -> None:
    [program] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "ticket-4711").mkdir()
    for document in (ROOT / "examples" / "no-snat").iterdir():
        if document.suffix in {".json", ".yaml"}:
            (tmp_path / "ticket-4711" / document.name).write_bytes(document.read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("blocked ")
    assert not done.stderr


def test_case_file_example_is_valid() -> None:
    [text] = re.findall(r"```yaml\n(apiVersion: wayout/v1.*?)```", README, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-m", "wayout", "diagnose", "-f", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "SG-002" in done.stdout
