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
    error: options.Errors = None,
    protocol: options.Protocol = None,
    port: options.Port = None,
    source_port: options.SourcePort = None,
    namespace: options.Namespace = None,
    redact: options.Redact = False,
    output: options.Output = "text",
    lang: options.Language = None,
    verbose: options.Verbose = False,
) -> None:
    """Say whether POD reaches DEST, what stops it, and how to mend it.

    Exit codes: 0 reachable, 1 blocked, 2 bad usage or input, 3 unknown.

    Example: wayout diagnose shop/api-0 --to 203.0.113.10:443 -f documents/
    """
    from wayout import engine

    hidden = options.hide(file, pod, namespace, to) if redact else None
    case, question = options.load(
        file, pod, namespace, to, protocol, port, source_port, hidden, error
    )
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


Gate = Annotated[
    str | None,
    typer.Option("--gate", metavar="GATE", help="The gate to explain, for example policy."),
]
WhyNot = Annotated[
    str | None,
    typer.Option(
        "--why-not",
        metavar="CODE",
        help="Tell instead why this rule did not fire; with the name of a gate, why it did not "
        "end otherwise.",
    ),
]


def explain(
    pod: options.Pod = None,
    topic: Topic = None,
    to: options.Destination = None,
    file: options.Files = None,
    error: options.Errors = None,
    gate: Gate = None,
    why_not: WhyNot = None,
    protocol: options.Protocol = None,
    port: options.Port = None,
    source_port: options.SourcePort = None,
    namespace: options.Namespace = None,
    redact: options.Redact = False,
    output: options.Output = "text",
    lang: options.Language = None,
    verbose: options.Verbose = False,
) -> None:
    """Prove a verdict, gate or finding, or tell why a rule did not fire.

    Prints the rules, the facts they rest on, and the places in the documents that show them.

    Exit codes: 0 the proof was printed, 2 bad usage or input.

    Example: wayout explain shop/api-0 NAT-002 --to 203.0.113.10:443 -f documents/
    """
    from wayout import engine

    # The case holds the question. Rule ids may be typed in lower case, as pod names are written.
    if pod and not topic and (engine.is_topic(pod) or is_rule(pod)):
        pod, topic = None, pod
    if sum(name is not None for name in (topic, gate, why_not)) > 1:
        raise typer.BadParameter("name one of CODE, --gate and --why-not")
    if gate and not engine.is_topic(gate):
        raise engine.QuestionError(f"there is no gate {gate!r}; `wayout rules list` shows all.")
    hidden = options.hide(file, pod, namespace, to) if redact else None
    case, question = options.load(
        file, pod, namespace, to, protocol, port, source_port, hidden, error
    )
    look, spoken = console.style(verbose), console.language(lang)
    if why_not is not None:
        found = engine.why_not(case, why_not, question)
        console.emit(engine.render_why_not(found, output, spoken, look))
        return
    answer = engine.diagnose(case, question)
    wanted = gate or topic
    if wanted and not engine.is_explained(answer, wanted) and is_rule(wanted):
        found = engine.why_not(case, wanted, question)
        console.emit(engine.render_why_not(found, output, spoken, look, is_brief=True))
        return
    console.emit(engine.render_explanation(answer, wanted, output, spoken, look))


def is_rule(name: str) -> bool:
    """Whether the knowledge base has a rule of this id."""
    from wayout import engine

    return engine.shipped_knowledge().rule(name.strip().upper()) is not None


def facts(
    pod: options.Pod = None,
    to: options.Destination = None,
    file: options.Files = None,
    error: options.Errors = None,
    protocol: options.Protocol = None,
    port: options.Port = None,
    source_port: options.SourcePort = None,
    namespace: options.Namespace = None,
    redact: options.Redact = False,
    output: options.DataOutput = "text",
    lang: options.Language = None,
) -> None:
    """Print every fact of a question and its origin.

    Example: wayout facts shop/api-0 --to 203.0.113.10:443 -f documents/
    """
    from wayout import engine

    hidden = options.hide(file, pod, namespace, to) if redact else None
    case, question = options.load(
        file, pod, namespace, to, protocol, port, source_port, hidden, error
    )
    lines = engine.list_facts(case, question)
    console.emit(engine.render_facts(lines, output, console.language(lang), console.style()))
