"""The program `wayout`: its commands, and the one place where errors become exit codes."""

from __future__ import annotations

import gc
import os
from collections.abc import Sequence
from typing import Annotated, cast

import typer

from wayout.cli import asking, changing, console, diagnosing, knowing, serving, sharing
from wayout.cli.rules import rules

__all__ = ["app", "main"]

# typer has no public name for the base of its usage errors.
UsageError = cast(type[Exception], typer.BadParameter.__bases__[0])

app = typer.Typer(
    name="wayout",
    rich_markup_mode=None,  # rich costs as much start-up as everything else
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def print_version(is_wanted: bool) -> None:
    if is_wanted:
        knowing.version()
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    is_version: Annotated[
        bool,
        typer.Option("--version", callback=print_version, is_eager=True, help="Print versions."),
    ] = False,
) -> None:
    """Can this pod reach that destination and, if not, what stops it and how is it mended?

    Exit codes: 0 reachable, 1 blocked, 2 bad usage or input, 3 unknown.
    """
    console.help_without_command(context)


app.command()(diagnosing.diagnose)
app.command()(diagnosing.explain)
app.command()(diagnosing.facts)
app.command()(changing.what_if)
app.command()(changing.compare)
app.command()(sharing.redact)
app.command()(sharing.replay)
app.command()(asking.ask)
app.command()(serving.serve)
app.command()(serving.mcp)
app.add_typer(rules, name="rules")
app.command()(knowing.schema)
app.command()(knowing.version)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the program and returns its exit code; bad input never ends in a traceback.

    Without `arguments` it is a process of its own: it takes those of the command line.
    """
    console.prepare_streams()
    if arguments is not None:
        return run(arguments)
    # Else pydantic asks every installed package for plugins, before it defines its first model.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.disable()  # a fifth of a short run would go into looking for garbage that there is not
    code = run(None)
    gc.freeze()  # as much again while the interpreter ends, in memory that goes back whole
    return code


def run(arguments: Sequence[str] | None) -> int:
    try:
        code = app(arguments, prog_name="wayout", standalone_mode=False)
    except (KeyboardInterrupt, typer.Abort):
        return console.INTERRUPTED
    except UsageError as error:
        console.tell(f"{usage_sentence(error)}; see {command_path(error)} -h")
        return console.BAD_INPUT
    except Exception as error:
        return code_of(error)
    return code if isinstance(code, int) else 0


def code_of(error: Exception) -> int:
    from wayout.engine import WayoutError

    if isinstance(error, WayoutError):
        console.tell(str(error))
        return console.BAD_INPUT
    console.tell_internal(error)
    return console.INTERNAL


def usage_sentence(error: Exception) -> str:
    message: str = error.format_message()  # type: ignore[attr-defined]
    return message.rstrip(".")


def command_path(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "wayout"
