"""The commands that answer a question: diagnose, explain, facts."""

from __future__ import annotations

from typing import Annotated

import typer

from wayout.cli import console, options

__all__ = ["diagnose", "explain", "facts"]

CODES = {"reachable": 0, "blocked": 1, "unknown": 3}


def diagnose(
    pod: options.Pod = None,
    to: options.Destination = None,
    file: options.Files = None,
    protocol: options.Protocol = None,
    port: options.Port = None,
    source_port: options.SourcePort = None,
    namespace: options.Namespace = None,
    output: options.Output = "text",
    lang: options.Language = None,
    verbose: options.Verbose = False,
) -> None:
    """Say whether POD reaches DEST, what stops it, and how to mend it.

    Exit codes: 0 reachable, 1 blocked, 2 bad usage or input, 3 unknown.

    Example: wayout diagnose shop/api-0 --to 203.0.113.10:443 -f documents/
    """
    from wayout import engine

    case, question = options.load(file, pod, namespace, to, protocol, port, source_port)
    answer = engine.diagnose(case, question)
    look = console.style(verbose)
    console.emit(engine.render(answer, output, console.language(lang), look))
    raise typer.Exit(CODES[answer.verdict])


Topic = Annotated[
    str | None,
    typer.Argument(
        metavar="[CODE]",
        help="What to explain: a rule id such as NAT-002 or a gate such as internet-exit; "
        "without it, whatever decided the verdict.",
        show_default=False,
    ),
]


def explain(
    pod: options.Pod = None,
    topic: Topic = None,
    to: options.Destination = None,
    file: options.Files = None,
    protocol: options.Protocol = None,
    port: options.Port = None,
    source_port: options.SourcePort = None,
    namespace: options.Namespace = None,
    output: options.Output = "text",
    lang: options.Language = None,
    verbose: options.Verbose = False,
) -> None:
    """Prove the verdict, a gate or a finding.

    Prints the rules, the facts they rest on, and the places in the documents that show them.

    Exit codes: 0 the proof was printed, 2 bad usage or input.

    Example: wayout explain shop/api-0 NAT-002 --to 203.0.113.10:443 -f documents/
    """
    from wayout import engine

    if pod and not topic and engine.is_topic(pod):  # the case holds the question
        pod, topic = None, pod
    case, question = options.load(file, pod, namespace, to, protocol, port, source_port)
    answer = engine.diagnose(case, question)
    look = console.style(verbose)
    console.emit(engine.render_explanation(answer, topic, output, console.language(lang), look))


def facts(
    pod: options.Pod = None,
    to: options.Destination = None,
    file: options.Files = None,
    protocol: options.Protocol = None,
    port: options.Port = None,
    source_port: options.SourcePort = None,
    namespace: options.Namespace = None,
    output: options.DataOutput = "text",
    lang: options.Language = None,
) -> None:
    """Print every fact of a question and its origin.

    Example: wayout facts shop/api-0 --to 203.0.113.10:443 -f documents/
    """
    from wayout import engine

    case, question = options.load(file, pod, namespace, to, protocol, port, source_port)
    lines = engine.list_facts(case, question)
    console.emit(engine.render_facts(lines, output, console.language(lang), console.style()))
