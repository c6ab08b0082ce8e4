"""The verbs as tools of a language model: functions, their definitions, and one way to call them.

A tool gives what the engine found and nothing else, short enough to be relayed: verdict, what
blocks and why, the changes with how they were verified, and the next question. Pure: a conversation
is the list of documents that its backend keeps. The MCP server registers the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, with_config
from pydantic_core import ArgsKwargs

from wayout.engine.advise.asking import assess as assess_case
from wayout.engine.advise.diagnosis import diagnose
from wayout.engine.advise.told import reply_document
from wayout.engine.advise.whatif import what_if as compare_changes
from wayout.engine.advise.workshop import shipped_knowledge
from wayout.engine.case import Case, Question, Upload
from wayout.engine.case.question import NAMELESS_DESTINATION, NAMELESS_POD
from wayout.engine.errors import InputError
from wayout.engine.facts.common import GATES
from wayout.engine.protocol.results import Assessment, Replied, RuleLine, Rules, assessment
from wayout.engine.protocol.schemas import DIALECT
from wayout.engine.report import render_comparison, render_explanation

__all__ = ["Form", "Tool", "call_tool", "tool_definitions", "tool_instructions", "tools"]

Form = Literal["openai", "openai-responses", "anthropic", "json-schema"]
INSTRUCTIONS = (
    "wayout decides whether a pod on Alibaba Cloud Container Compute Service (ACS) can reach a "
    "destination, from documents: Kubernetes objects, Alibaba Cloud OpenAPI answers, error texts. "
    "Call assess with everything that is known; leave out pod or destination while nobody named "
    "it. While the verdict is unknown, put next_question to the user, call reply with what they "
    "say, and keep the document it returns: add it to the documents of every later call. "
    "Relay texts as they are; never invent a cause, a command or a value that no result contains. "
    "Changes are for people to make: nothing here changes anything."
)
Documents = Annotated[
    list[dict[str, Any] | str],
    Field(
        description="Kubernetes objects, Alibaba Cloud OpenAPI answers and documents of earlier "
        "replies: parsed, or as the text (YAML or JSON) that a command printed"
    ),
]
Pod = Annotated[
    str, Field(description="the pod, as namespace/name; empty while nobody has named it")
]
Destination = Annotated[
    str,
    Field(
        description="host[:port], address[:port], URL, svc/<namespace>/<name>[:port], "
        "pod/<namespace>/<name>[:port] or the id of a cloud resource; empty while nobody named it"
    ),
]
Errors = Annotated[list[str], Field(description="error texts somebody saw, as they were printed")]
Language = Annotated[Literal["en", "zh"], Field(description="language of the texts")]
QuestionId = Annotated[str, Field(description="question_id of next_question")]
Value = Annotated[
    str | dict[str, Any] | list[dict[str, Any]],
    Field(
        description='id of one of its replies, a value in its value_form, "unknown" when the user '
        "does not know, or a document that tells"
    ),
]
Topic = Annotated[str, Field(description="id of a rule or name of a gate; empty for the verdict")]
Changes = Annotated[
    list[str], Field(description="ids of fixes of the assessment, or LIST/KEY.FIELD=VALUE")
]
Gate = Annotated[str, Field(description="only the rules of this gate; empty for all")]


# ── The tools ────────────────────────────────────────────────────────────────────────────────


def assess(
    pod: Pod = "",
    destination: Destination = "",
    documents: Documents = [],  # noqa: B006 - read only; the schema shows it
    errors: Errors = [],  # noqa: B006
    lang: Language = "en",
) -> Assessment:
    """Judge whether the pod reaches the destination; ask the user next_question while unknown."""
    return assessment(assess_case(case_of(documents, errors, pod, destination)), lang)


def reply(
    question_id: QuestionId,
    value: Value,
    pod: Pod = "",
    destination: Destination = "",
    documents: Documents = [],  # noqa: B006
    errors: Errors = [],  # noqa: B006
    lang: Language = "en",
) -> Replied:
    """Reply to next_question; keep the document that comes back for every later call."""
    case = case_of(documents, errors, pod, destination)
    document = reply_document(case, question_id, value)
    after = case_of([*documents, document], errors, pod, destination)
    return Replied(document=document, assessment=assessment(assess_case(after), lang))


def explain(
    topic: Topic = "",
    pod: Pod = "",
    destination: Destination = "",
    documents: Documents = [],  # noqa: B006
    errors: Errors = [],  # noqa: B006
    lang: Language = "en",
) -> str:
    """Prove a finding, a gate or the verdict, down to the documents."""
    answer = diagnose(case_of(documents, errors, pod, destination))
    return render_explanation(answer, topic or None, "text", lang)


def what_if(
    changes: Changes,
    pod: Pod = "",
    destination: Destination = "",
    documents: Documents = [],  # noqa: B006
    errors: Errors = [],  # noqa: B006
    lang: Language = "en",
) -> str:
    """Try changes on the case: both verdicts, and what else opens or closes."""
    compared = compare_changes(case_of(documents, errors, pod, destination), None, changes)
    return render_comparison(compared, "text", lang)


def list_rules(gate: Gate = "", lang: Language = "en") -> Rules:
    """List the rules of the knowledge base: what can be found at all."""
    if gate not in ("", *GATES):
        raise InputError(f"There is no gate {gate[:60]!r}; there are {', '.join(GATES)}.")
    return Rules(
        rules=[
            RuleLine(id=rule.id, gate=rule.gate, title=rule.title.in_language(lang))
            for rule in shipped_knowledge().rules
            if gate in ("", rule.gate)
        ]
    )


def case_of(
    documents: list[dict[str, Any] | str], errors: list[str], pod: str, destination: str
) -> Case:
    """The case of a call; what is named here wins over what earlier replies named."""
    sources: list[Any] = [
        # Never text as it is: the engine would take it for the path of a file.
        Upload(f"<document {number}>", document) if isinstance(document, str) else document
        for number, document in enumerate(documents, start=1)
    ]
    if errors:
        seen = [{"error": text} for text in errors]
        sources.append({"apiVersion": "wayout/v1", "kind": "Case", "observations": seen})
    case = Case.load(*sources)
    told = case.question
    asked = Question(
        pod=pod or (told.pod if told else NAMELESS_POD),
        destination=destination or (told.destination if told else NAMELESS_DESTINATION),
        protocol=told.protocol if told and not destination else "tcp",
        port=told.port if told and not destination else None,
    )
    return Case.load(case, question=asked)


# ── Definitions and calls ────────────────────────────────────────────────────────────────────


CLOSED = ConfigDict(extra="forbid", hide_input_in_errors=True)


@dataclass(frozen=True)
class Tool:
    """One tool: a function whose signature is its schema and whose docstring its description."""

    function: Callable[..., BaseModel | str]
    examples: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def description(self) -> str:
        return (self.function.__doc__ or "").strip()

    @cached_property
    def adapter(self) -> TypeAdapter[Any]:
        # Any: that pydantic takes functions for their arguments, type checkers do not know.
        function: Any = self.function
        return TypeAdapter(with_config(CLOSED)(function))

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON Schema of its arguments, draft 2020-12."""
        return {**self.adapter.json_schema(), "examples": [dict(e) for e in self.examples]}

    def check_names(self, arguments: Iterable[str]) -> None:
        """Raises InputError for an argument it does not take, and names what it takes."""
        taken = list(signature(self.function).parameters)
        for name in arguments:
            if name not in taken:
                listed = ", ".join(taken)
                raise InputError(f"{self.name}: there is no {name[:60]!r}; it takes {listed}.")

    def refusal(self, error: ValidationError) -> InputError:
        """What is wrong with the first argument that does not fit, in one sentence."""
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        return InputError(f"{self.name}: {place}: {first['msg'].rstrip('.')}.")


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "api-0", "namespace": "shop"},
    "status": {"phase": "Running", "podIP": "10.20.16.31"},
}
ASKED = {"pod": "shop/api-0", "destination": "203.0.113.10:443", "documents": [POD]}
TOOLS: tuple[Tool, ...] = (
    Tool(
        assess,
        (
            {"errors": ["curl: (28) Connection timed out"], "lang": "en"},
            {**ASKED, "errors": ["dial tcp 203.0.113.10:443: i/o timeout"], "lang": "zh"},
        ),
    ),
    Tool(
        reply,
        (
            {"question_id": "question/destination", "value": "203.0.113.10:443"},
            {"question_id": "services", "value": "no", **ASKED},
        ),
    ),
    Tool(explain, ({"topic": "pod", **ASKED},)),
    Tool(what_if, ({"changes": ["pods/shop/api-0.status.phase=Pending"], **ASKED},)),
    Tool(list_rules, ({"gate": "internet-exit", "lang": "zh"},)),
)
BY_NAME: Mapping[str, Tool] = {tool.name: tool for tool in TOOLS}


def tools() -> tuple[Tool, ...]:
    """The tools themselves, for whoever registers functions."""
    return TOOLS


def tool_instructions() -> str:
    """How a model is to use the tools: for its system prompt."""
    return INSTRUCTIONS


def tool_definitions(form: Form = "openai") -> list[dict[str, Any]]:
    """The tools in the form an API of language models takes.

    "openai": function tools of chat completions, which many vendors take; "openai-responses": the
    flat ones of the Responses API; "anthropic": tools with `input_schema`; "json-schema": one JSON
    Schema per tool, its title the name.
    """
    return [FORMS[form](tool) for tool in TOOLS]


def openai(tool: Tool) -> dict[str, Any]:
    return {"type": "function", "function": described(tool, "parameters")}


def openai_responses(tool: Tool) -> dict[str, Any]:
    return {"type": "function", **described(tool, "parameters")}


def anthropic(tool: Tool) -> dict[str, Any]:
    return described(tool, "input_schema")


def json_schema(tool: Tool) -> dict[str, Any]:
    head = {"$schema": DIALECT, "title": tool.name, "description": tool.description}
    return {**head, **tool.parameters}


def described(tool: Tool, parameters: str) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, parameters: tool.parameters}


FORMS: Mapping[Form, Callable[[Tool], dict[str, Any]]] = {
    "openai": openai,
    "openai-responses": openai_responses,
    "anthropic": anthropic,
    "json-schema": json_schema,
}


def call_tool(name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The result of one tool call, ready for JSON; a plain text stands under `text`.

    Pure. Raises WayoutError with one sentence that the model can be told: for a tool that there is
    not, arguments it does not take, and documents that cannot be read.
    """
    tool = BY_NAME.get(name)
    if tool is None:
        known = ", ".join(BY_NAME)
        raise InputError(f"There is no tool {name[:60]!r}; there are {known}.")
    tool.check_names(arguments)
    try:
        result = tool.adapter.validate_python(ArgsKwargs((), dict(arguments)))
    except ValidationError as error:
        raise tool.refusal(error) from None
    if isinstance(result, str):
        return {"text": result}
    dumped: dict[str, Any] = result.model_dump(mode="json")
    return dumped
