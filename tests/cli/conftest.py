import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from wayout.cli import main

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "tests/report/samples"
# What the person who runs the tests has set must not matter.
LOCAL = (
    "WAYOUT_LANG",
    "WAYOUT_DEBUG",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "LC_ALL",
    "LC_MESSAGES",
)

Outcome = tuple[int, str, str]


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Outcome]:
    """The program in this process: exit code, standard output, standard error."""
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in LOCAL:
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str) -> Outcome:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets every question be answered with a stored answer."""

    def use(name: str) -> None:
        from wayout import engine

        answer = engine.Answer.model_validate_json((SAMPLES / f"{name}.json").read_bytes())
        monkeypatch.setattr(engine, "diagnose", lambda case, question: answer)

    return use


@pytest.fixture
def spawn() -> Callable[..., subprocess.CompletedProcess[bytes]]:
    """The program in a process of its own; keyword arguments are environment variables."""

    def call(*arguments: str, stdin: bytes = b"", **env: str) -> subprocess.CompletedProcess[bytes]:
        clean = {name: value for name, value in os.environ.items() if name not in LOCAL}
        return subprocess.run(
            [sys.executable, "-m", "wayout.cli", *arguments],
            input=stdin,
            capture_output=True,
            cwd=ROOT,
            env=clean | {"LANG": "C.UTF-8"} | env,
            check=False,
        )

    return call


@pytest.fixture
def modules() -> Callable[..., set[str]]:
    """The modules that a run of the program loads."""
    code = (
        "import sys, json\n"
        "from wayout.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )

    def call(*arguments: str, **env: str) -> set[str]:
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            cwd=ROOT,
            env=dict(os.environ) | env,
            check=True,
        )
        return set(json.loads(done.stderr.decode().splitlines()[-1]))

    return call
