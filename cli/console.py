"""The terminal: what it can show, how text leaves, how errors are told."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from wayout.engine import Lang, Style

__all__ = [
    "BAD_INPUT",
    "BROKEN_PIPE",
    "INTERNAL",
    "INTERRUPTED",
    "emit",
    "help_without_command",
    "is_chinese",
    "language",
    "prepare_streams",
    "style",
    "tell",
    "tell_internal",
]

BAD_INPUT = 2
INTERNAL = 70  # EX_SOFTWARE; Python's own 1 would mean "blocked"
INTERRUPTED = 130
BROKEN_PIPE = 141  # what a shell reports for a process that SIGPIPE ended

WIDEST = 120  # longer lines are hard to read
NARROWEST = 40
PIPED = 100


def prepare_streams() -> None:
    """UTF-8 whatever the locale says; a file name that is not UTF-8 is shown with escapes."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def style(is_verbose: bool = False) -> Style:
    """What standard output can show: NO_COLOR wins over FORCE_COLOR, which wins over a pipe."""
    from wayout.engine import Style

    is_terminal = is_capable_terminal()
    columns = shutil.get_terminal_size((PIPED, 24)).columns
    return Style(
        width=min(max(columns, NARROWEST), WIDEST),
        is_colored=wants_color(is_terminal),
        is_unicode=is_terminal,
        is_verbose=is_verbose,
    )


def is_capable_terminal() -> bool:
    return bool(sys.stdout and sys.stdout.isatty() and os.environ.get("TERM") != "dumb")


def wants_color(is_terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return is_terminal or os.environ.get("FORCE_COLOR", "0") not in ("", "0")


def language(chosen: str | None) -> Lang:
    """--lang, else WAYOUT_LANG, else the language of messages in the locale, else English."""
    if chosen:
        return "zh" if chosen == "zh" else "en"
    return "zh" if is_chinese(os.environ) else "en"


def is_chinese(environment: os._Environ[str] | dict[str, str]) -> bool:
    """Whether the first variable that is set, in the order POSIX gives, asks for Chinese."""
    names = ("WAYOUT_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    first = next((environment[name] for name in names if environment.get(name)), "")
    return first.lower().startswith("zh")


def emit(text: str) -> None:
    """Writes to standard output. A reader that went away ends the program quietly."""
    try:
        print(text, end="", flush=True)
    except BrokenPipeError:
        # The interpreter flushes once more at exit; there must be something to flush to.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(BROKEN_PIPE) from None
    except OSError as error:
        leave(f"cannot write the output: {error.strerror}", INTERNAL)


def help_without_command(context: typer.Context) -> None:
    """The help of a group that was called alone."""
    if context.invoked_subcommand is None:
        emit(context.get_help() + "\n")


def tell(sentence: str) -> None:
    """One line on standard error; what cannot be seen is written as an escape."""
    line = " ".join(sentence.split())
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)
    print(f"wayout: {shown}", file=sys.stderr)


def leave(sentence: str, code: int) -> NoReturn:
    tell(sentence)
    raise typer.Exit(code) from None


def tell_internal(error: BaseException) -> None:
    """An error that is ours: one line, and the traceback for those who ask for it."""
    if os.environ.get("WAYOUT_DEBUG"):
        traceback.print_exception(error)
    what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    hint = "" if os.environ.get("WAYOUT_DEBUG") else " with the output of WAYOUT_DEBUG=1"
    tell(f"this is a bug in wayout, please report it{hint} ({what})")
