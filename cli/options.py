"""The options that commands share, and how they make a case and a question."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from wayout.engine import Case, Question, Redacted

__all__ = [
    "DataOutput",
    "Destination",
    "Errors",
    "Files",
    "Language",
    "Namespace",
    "Output",
    "Pod",
    "Port",
    "Protocol",
    "Redact",
    "SourcePort",
    "TextOutput",
    "Verbose",
    "full_name",
    "hide",
    "load",
    "partial_question",
    "seen",
]

Pod = Annotated[
    str | None,
    typer.Argument(
        metavar="[POD]",
        help="The pod, as namespace/name; may be left out when a case file holds the question.",
        show_default=False,
    ),
]
Destination = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="DEST",
        help="host[:port], address[:port], URL, svc/<namespace>/<name>[:port], "
        "pod/<namespace>/<name>[:port] or the id of a cloud resource.",
    ),
]
Files = Annotated[
    list[str] | None,
    typer.Option(
        "-f",
        "--file",
        metavar="PATH",
        help="A file, a folder or - for standard input; may be repeated. Kubernetes objects, "
        "OpenAPI answers and case files are recognised by themselves.",
    ),
]
Errors = Annotated[
    list[str] | None,
    typer.Option(
        "--error",
        metavar="TEXT",
        help="An error text somebody saw, or how they put it; may be repeated.",
    ),
]
Protocol = Annotated[
    Literal["tcp", "udp", "icmp", "sctp"] | None,
    typer.Option(
        "--protocol",
        case_sensitive=False,
        help="Protocol of the flow; tcp when nothing says otherwise.",
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        "--port",
        metavar="PORT",
        min=1,
        max=65535,
        help="Destination port; wins over one in DEST.",
    ),
]
SourcePort = Annotated[
    int | None,
    typer.Option(
        "--source-port",
        metavar="PORT",
        min=1,
        max=65535,
        help="Source port, where rules look at it.",
    ),
]
Namespace = Annotated[
    str | None,
    typer.Option(
        "-n", "--namespace", metavar="NAME", help="Namespace of a POD that is named without one."
    ),
]
Output = Annotated[
    Literal["text", "json", "yaml", "md", "mermaid", "html"],
    typer.Option("-o", "--output", help="Format of the output."),
]
TextOutput = Annotated[
    Literal["text", "json", "yaml", "md"],
    typer.Option("-o", "--output", help="Format of the output."),
]
DataOutput = Annotated[
    Literal["text", "json", "yaml"],
    typer.Option("-o", "--output", help="Format of the output."),
]
Language = Annotated[
    Literal["en", "zh"] | None,
    typer.Option("--lang", help="Language; else WAYOUT_LANG, else the locale, else English."),
]
Redact = Annotated[
    bool,
    typer.Option(
        "--redact",
        help="Replace names, ids and addresses by pseudonyms that keep every relation.",
    ),
]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Show everything, fold nothing.")]


def load(
    files: list[str] | None,
    pod: str | None,
    namespace: str | None,
    destination: str | None,
    protocol: str | None,
    port: int | None,
    source_port: int | None,
    hidden: Redacted | None = None,
    errors: list[str] | None = None,
) -> tuple[Case, Question]:
    """The case of the files and the question; what is not named comes from the case's own.

    Without files the case is empty: the answer then says what to collect. With `hidden` (see
    `hide`) both are those without names.
    """
    from wayout.engine import Case, Question, QuestionError

    if hidden is not None:
        case = Case.load(hidden.case, *seen(map(hidden.text, errors or ())))
        pod, namespace, destination = (
            text and hidden.text(text) for text in (pod, namespace, destination)
        )
    else:
        case = Case.load(*files or (), *seen(errors or ()))
    question = named_parts(case, pod, namespace, destination, protocol, port, source_port)
    for name, hint in (("pod", "POD"), ("destination", "--to DEST")):
        if question[name] is None:
            raise QuestionError(f"no document holds a question, so {hint} is needed.")
    return case, Question(**question)


def partial_question(
    case: Case,
    pod: str | None,
    namespace: str | None,
    destination: str | None,
    protocol: str | None,
    port: int | None,
) -> Question | None:
    """As much of the question as is known, for a consultation; None while nothing is."""
    from wayout.engine import Question, unnamed_question

    parts = named_parts(case, pod, namespace, destination, protocol, port, None)
    said = {name: value for name, value in parts.items() if value is not None}
    if "pod" not in said and "destination" not in said:
        return None
    return Question(**{**unnamed_question().model_dump(), **said})


def named_parts(
    case: Case,
    pod: str | None,
    namespace: str | None,
    destination: str | None,
    protocol: str | None,
    port: int | None,
    source_port: int | None,
) -> dict[str, Any]:
    """The parts of the question on the command line, and what else the case's own says."""
    from wayout.engine import QuestionError

    asked = case.question.model_dump() if case.question else {"pod": None, "destination": None}
    named = {
        "pod": full_name(pod, namespace),
        "destination": destination,
        "protocol": protocol,
        "port": port,
        "source_port": source_port,
    }
    if destination:  # the port of the case belongs to the destination of the case
        asked.pop("port", None)
    if pod and namespace and "/" in pod and not pod.startswith(f"{namespace}/"):
        raise QuestionError(f"the pod {pod!r} is not in the namespace {namespace!r}.")
    return asked | {name: value for name, value in named.items() if value is not None}


def seen(errors: Iterable[str]) -> list[dict[str, Any]]:
    """Error texts as a case file."""
    observations = [{"error": text} for text in errors]
    if not observations:
        return []
    return [{"apiVersion": "wayout/v1", "kind": "Case", "observations": observations}]


def full_name(pod: str | None, namespace: str | None) -> str | None:
    """`namespace/name` when both are named apart."""
    return f"{namespace}/{pod}" if pod and namespace and "/" not in pod else pod


def hide(files: list[str] | None, *names: str | None) -> Redacted:
    """The documents without names; those of the question are known beside them."""
    from wayout.engine import redact

    known = (name for name in names if name)
    return redact(*files or (), more=[re.sub(r":\d+$", "", name) for name in known])
