"""The program as a process: help, languages, terminals, pipes, what it loads."""

import errno
import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from wayout.cli import console
from wayout.cli.main import app

Outcome = tuple[int, str, str]
Run = Callable[..., Outcome]
Spawn = Callable[..., subprocess.CompletedProcess[bytes]]
ROOT = Path(__file__).parents[2]
EXAMPLE = ("diagnose", "-f", "examples/no-snat")


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_help(run: Run, path: tuple[str, ...], flag: str) -> None:
    code, out, err = run(*path, flag)
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: {' '.join(('wayout', *path))}")


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_everything_has_a_help_text(path: tuple[str, ...]) -> None:
    command = COMMANDS[path]
    assert command.help
    first = command.help.splitlines()[0]
    assert len(first) <= 70 or not path, "the list of commands would cut it"
    for parameter in command.params:
        assert parameter.help, parameter.name


def test_commands_are_the_promised_ones() -> None:
    assert {" ".join(path) for path in COMMANDS} == {
        "",
        "diagnose",
        "explain",
        "facts",
        "what-if",
        "ask",
        "compare",
        "redact",
        "serve",
        "mcp",
        "replay",
        "rules",
        "rules list",
        "rules show",
        "rules symptoms",
        "rules check",
        "rules lint",
        "rules schema",
        "rules index",
        "schema",
        "version",
    }


@pytest.mark.parametrize("path", [(), ("rules",)])
def test_a_group_alone_shows_its_help(run: Run, path: tuple[str, ...]) -> None:
    assert run(*path) == run(*path, "-h")


def test_versions(run: Run) -> None:
    code, out, _ = run("version")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == [
        "wayout",
        "knowledge",
        "Python",
        "durable_rules",
    ]
    assert run("--version") == (0, out, "")


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, False),
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "en_US.UTF-8"}, False),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "C", "LC_MESSAGES": "zh_TW"}, True),
        ({"LANG": "zh_CN", "LC_ALL": ""}, True),
        ({"LANG": "zh_CN", "WAYOUT_LANG": "en"}, False),
        ({"LC_ALL": "C", "WAYOUT_LANG": "ZH"}, True),
    ],
)
def test_language_of_the_environment(environment: dict[str, str], expected: bool) -> None:
    assert console.is_chinese(environment) is expected


def test_the_option_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYOUT_LANG", "zh")
    assert console.language(None) == "zh"
    assert console.language("en") == "en"


@pytest.mark.parametrize(
    ("environment", "is_terminal", "expected"),
    [
        ({}, True, True),
        ({}, False, False),
        ({"FORCE_COLOR": "1"}, False, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"NO_COLOR": "1"}, True, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
        ({"NO_COLOR": ""}, True, True),
    ],
)
def test_colour(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], is_terminal: bool, expected: bool
) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert console.wants_color(is_terminal) is expected


@pytest.mark.parametrize(("columns", "width"), [("10", 40), ("90", 90), ("400", 120)])
def test_width_has_limits(monkeypatch: pytest.MonkeyPatch, columns: str, width: int) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert console.style().width == width


def on_a_terminal(**env: str) -> str:
    """What the program writes to a terminal."""
    leader, follower = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "FORCE_COLOR", "COLUMNS")}
    process = subprocess.Popen(
        [sys.executable, "-m", "wayout.cli", *EXAMPLE],
        stdout=follower,
        cwd=ROOT,
        env=clean | {"TERM": "xterm", "LANG": "C.UTF-8"} | env,
    )
    os.close(follower)
    parts = []
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        parts.append(part)
    process.wait()
    os.close(leader)
    return b"".join(parts).decode()


def test_a_terminal_gets_colour_and_marks() -> None:
    text = on_a_terminal()
    assert "\x1b[" in text
    assert "✓" in text


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_terminal_may_refuse_colour(env: dict[str, str]) -> None:
    assert "\x1b" not in on_a_terminal(**env)


def test_a_pipe_gets_neither(spawn: Spawn) -> None:
    done = spawn(*EXAMPLE)
    assert b"\x1b" not in done.stdout
    assert "✓" not in done.stdout.decode()
    assert b"\x1b[" in spawn(*EXAMPLE, FORCE_COLOR="1").stdout


def test_output_is_utf8_whatever_the_locale(spawn: Spawn) -> None:
    done = spawn(*EXAMPLE, LC_ALL="C", WAYOUT_LANG="zh", PYTHONCOERCECLOCALE="0", PYTHONUTF8="0")
    assert "路径" in done.stdout.decode("utf-8")
    assert done.stderr == b""


def test_a_reader_that_leaves_ends_the_program_quietly() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "wayout.cli", "rules", "index"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), errors) == (console.BROKEN_PIPE, b"")


class FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", FullDisk())
    code, _, err = run("schema", "answer")
    assert code == console.INTERNAL
    assert err == "wayout: cannot write the output: No space left on device\n"


def test_standard_input(spawn: Spawn) -> None:
    case = b"apiVersion: wayout/v1\nkind: Case\nquestion: {pod: a/b, to: '203.0.113.10:443'}\n"
    done = spawn("diagnose", "-f", "-", stdin=case)
    assert done.returncode == 3
    assert b"a/b -> 203.0.113.10:443/tcp" in done.stdout


def test_the_same_case_gives_the_same_bytes(spawn: Spawn) -> None:
    outs = {spawn(*EXAMPLE, "-o", "json", PYTHONHASHSEED=seed).stdout for seed in ("0", "7")}
    assert len(outs) == 1


HEAVY = {"pydantic", "yaml", "rich", "asyncio", "durable_rules_engine", "importlib.metadata"}


@pytest.mark.parametrize("arguments", [("--help",), ("diagnose", "-h"), ("nonsense",)])
def test_help_and_mistakes_load_nothing_heavy(
    modules: Callable[..., set[str]], arguments: tuple[str, ...]
) -> None:
    loaded = modules(*arguments)
    assert not loaded & HEAVY
    assert not any(name.startswith("wayout.engine.") for name in loaded)


def test_completion_loads_nothing_heavy(spawn: Spawn, modules: Callable[..., set[str]]) -> None:
    words = {"_WAYOUT_COMPLETE": "complete_bash", "COMP_WORDS": "wayout di", "COMP_CWORD": "1"}
    assert spawn(**words).stdout.split() == [b"diagnose"]
    assert not modules(**words) & HEAVY


def test_a_diagnosis_loads_neither_rich_nor_asyncio(modules: Callable[..., set[str]]) -> None:
    assert not modules(*EXAMPLE) & {"rich", "asyncio", "durable", "markdown_it"}


ON_DEMAND = ("advise.why_not", "inference.attempts", "report.html", "report.why_not")
ON_DEMAND += ("report.more_words", "report.markdown", "report.mermaid")


@pytest.mark.parametrize("command", ["diagnose", "explain"])
def test_text_loads_nothing_that_only_other_answers_need(
    modules: Callable[..., set[str]], command: str
) -> None:
    loaded = modules(command, "-f", "examples/no-snat")
    assert "wayout.engine.report.text" in loaded
    assert not loaded & {f"wayout.engine.{name}" for name in ON_DEMAND}
    assert "html" not in loaded
