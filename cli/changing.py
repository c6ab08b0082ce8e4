"""The commands that ask about changes and about another pod: what-if, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wayout.cli import console, options
from wayout.cli.diagnosing import CODES

if TYPE_CHECKING:
    from wayout.engine import Case, Redacted

__all__ = ["compare", "what_if"]

Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="LIST/KEY.FIELD=VALUE",
        help="Change one field of a record, named as in documents; LIST/KEY=null removes the "
        "record. May be repeated.",
    ),
]
Fixes = Annotated[
    list[str] | None,
    typer.Option(
        "--apply", metavar="FIX", help="Make a fix of the answer, by its id; may be repeated."
    ),
]
Others = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        metavar="PATH",
        help="Documents that stand in the place of what was said before; may be repeated.",
    ),
]
Robust = Annotated[bool, typer.Option("--robust", help="Say which single loss would end the path.")]
Alone = Annotated[
    bool, typer.Option("--no-collateral", help="Do not try the other paths of the case.")
]


def what_if(
    pod: options.Pod = None,
    to: options.Destination = None,
    file: options.Files = None,
    settings: Settings = None,
    fixes: Fixes = None,
    others: Others = None,
    robust: Robust = False,
    alone: Alone = False,
    protocol: options.Protocol = None,
    port: options.Port = None,
    source_port: options.SourcePort = None,
    namespace: options.Namespace = None,
    redact: options.Redact = False,
    output: options.TextOutput = "text",
    lang: options.Language = None,
    verbose: options.Verbose = False,
) -> None:
    """Say what a change would make of the answer, and what else.

    Nothing is changed but a copy of the case: first the documents of --with, then --set, then the
    fixes of --apply. Every other path that the case knows is tried before and after.

    Exit codes, after the changes: 0 reachable, 1 blocked, 2 bad usage or input, 3 unknown.

    Example: wayout what-if -f documents/ --apply add-snat-entry
    """
    from wayout import engine

    for setting in settings or ():
        if "=" not in setting:
            raise typer.BadParameter(f"--set {setting}: write LIST/KEY.FIELD=VALUE")
    if not (settings or fixes or others or robust):
        raise typer.BadParameter("name a change: --set, --apply or --with; or ask for --robust")
    hidden = options.hide(file, pod, namespace, to) if redact else None
    load = hidden.also if hidden else engine.Case.load
    changes: list[str | Case] = [load(path) for path in others or ()]
    changes += [hidden_setting(hidden, setting) for setting in settings or ()]
    changes += fixes or ()
    case, question = options.load(file, pod, namespace, to, protocol, port, source_port, hidden)
    found = engine.what_if(case, question, changes, collateral=not alone, robust=robust)
    look = console.style(verbose)
    console.emit(engine.render_comparison(found, output, console.language(lang), look))
    raise typer.Exit(CODES[found.after.verdict])


def hidden_setting(hidden: Redacted | None, setting: str) -> str:
    """`LIST/KEY.FIELD=VALUE` with pseudonyms in the place of the key and of the value."""
    if hidden is None:
        return setting
    place, _, value = setting.partition("=")
    name, _, rest = place.partition("/")
    key, dot, field = rest.partition(".")
    return f"{name}/{hidden.text(key)}{dot}{field}={hidden.text(value)}"


First = Annotated[
    str, typer.Argument(metavar="POD_A", help="A pod, as namespace/name.", show_default=False)
]
Second = Annotated[str, typer.Argument(metavar="POD_B", help="The other pod.", show_default=False)]


def compare(
    first: First,
    second: Second,
    to: options.Destination = None,
    file: options.Files = None,
    protocol: options.Protocol = None,
    port: options.Port = None,
    source_port: options.SourcePort = None,
    namespace: options.Namespace = None,
    redact: options.Redact = False,
    output: options.TextOutput = "text",
    lang: options.Language = None,
) -> None:
    """Say why one pod reaches DEST and the other does not.

    Only differences count that sit on the proof of the pod that fails.

    Exit codes: 0 the pods were compared, 2 bad usage or input.

    Example: wayout compare shop/api-0 shop/web-0 --to 203.0.113.10:443 -f documents/
    """
    from wayout import engine

    other = options.full_name(second, namespace) or second
    hidden = options.hide(file, first, namespace, to, other) if redact else None
    case, question = options.load(file, first, namespace, to, protocol, port, source_port, hidden)
    other = hidden.text(other) if hidden else other
    found = engine.compare(case, question.pod, other, question)
    look = console.style()
    console.emit(engine.render_pod_comparison(found, output, console.language(lang), look))
