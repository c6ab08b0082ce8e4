"""The commands that keep running: the HTTP service and the MCP server."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from wayout.cli import console

__all__ = ["mcp", "serve"]

Host = Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Where to listen.")]
ServicePort = Annotated[
    int, typer.Option("--port", metavar="PORT", min=1, max=65535, help="Port to listen on.")
]


def serve(
    host: Host = "127.0.0.1",
    port: ServicePort = 8480,
    workers: Annotated[
        int,
        typer.Option(
            "--workers", metavar="NUMBER", min=0, max=256, help="Processes; 0 is one per core."
        ),
    ] = 0,
    token_file: Annotated[
        Path | None,
        typer.Option(
            "--token-file",
            metavar="PATH",
            help="File with the token clients must show; else WAYOUT_TOKEN. Needed unless only "
            "this machine can reach the address.",
        ),
    ] = None,
    conversations: Annotated[
        str,
        typer.Option(
            "--conversations",
            metavar="PATH|URL",
            envvar="WAYOUT_CONVERSATIONS",
            show_envvar=False,
            help="Keep conversations in this SQLite file or postgresql:// database; else "
            "WAYOUT_CONVERSATIONS. Without it none are kept.",
        ),
    ] = "",
    keep_hours: Annotated[
        float,
        typer.Option(
            "--keep-hours", metavar="HOURS", min=0.0, help="How long a conversation is kept unused."
        ),
    ] = 24.0,
    seconds: Annotated[
        float,
        typer.Option("--seconds", metavar="SECONDS", min=1.0, help="How long a request may take."),
    ] = 30.0,
    waiting: Annotated[
        int,
        typer.Option(
            "--waiting", metavar="NUMBER", min=1, help="Requests that may wait for a process."
        ),
    ] = 1000,
    most_mib: Annotated[
        int,
        typer.Option(
            "--max-mib", metavar="MIB", min=1, max=1024, help="The largest request, in MiB."
        ),
    ] = 32,
) -> None:
    """Serve the verbs over HTTP, with a page for people.

    Needs the extra wayout[service]; for conversations in PostgreSQL also wayout[postgres].

    Example: wayout serve --port 8480
    """
    settings, serving = imported("service")
    try:
        chosen = settings.Settings(
            host=host,
            port=port,
            workers=workers,
            token=token_of(token_file),
            most_bytes=most_mib * settings.MIB,
            seconds=seconds,
            waiting=waiting,
            conversations=conversations,
            keep_seconds=keep_hours * 3600,
        )
        serving.run(chosen)
    except settings.SettingsError as error:
        console.tell(str(error))
        raise typer.Exit(console.BAD_INPUT) from None


def mcp(
    transport: Annotated[
        Literal["stdio", "http"], typer.Option("--transport", help="How clients connect.")
    ] = "stdio",
    port: ServicePort = 8481,
) -> None:
    """Serve the verbs as tools for a language model (MCP).

    Over HTTP it listens on this machine only. Needs the extra wayout[mcp].

    Example: wayout mcp
    """
    (tools,) = imported("mcp")
    server = tools.create_server()
    if transport == "stdio":
        server.run("stdio")
    else:
        server.run("streamable-http", host="127.0.0.1", port=port)


def imported(extra: Literal["service", "mcp"]) -> tuple[Any, ...]:
    """The modules behind an extra; ends the program with one sentence when it is not there."""
    names = {"service": ("settings", "serving"), "mcp": ("mcp",)}[extra]
    try:
        return tuple(importlib.import_module(f"wayout.service.{name}") for name in names)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("wayout"):
            raise
        console.tell(f"{error.name} is not installed; install wayout[{extra}]")
        raise typer.Exit(console.BAD_INPUT) from None


def token_of(file: Path | None) -> str:
    if file is None:
        return os.environ.get("WAYOUT_TOKEN", "").strip()
    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        console.tell(f"{file}: the token cannot be read ({error}).")
        raise typer.Exit(console.BAD_INPUT) from None
