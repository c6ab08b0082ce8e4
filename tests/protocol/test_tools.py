"""The tools of a language model: their definitions are valid and what they promise is kept."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from jsonschema import Draft202012Validator

from tests.scenarios.runner import EXAMPLES
from wayout.cli.main import main
from wayout.engine import WayoutError, call_tool, tool_definitions, tools
from wayout.engine.protocol.tools import Form

ASKED = {"pod": "shop/api-0", "destination": "203.0.113.10:443"}
# Form -> where the name and the schema of the arguments stand.
PLACES: dict[str, Any] = {
    "openai": lambda d: (d["function"]["name"], d["function"]["parameters"]),
    "openai-responses": lambda d: (d["name"], d["parameters"]),
    "anthropic": lambda d: (d["name"], d["input_schema"]),
    "json-schema": lambda d: (d["title"], d),
}
CALLS = [(tool.name, example) for tool in tools() for example in tool.examples]


def texts(example: str, *without: str) -> list[str]:
    """The files of an example as somebody would paste them."""
    found = sorted((EXAMPLES / example).iterdir())
    return [
        path.read_text(encoding="utf-8")
        for path in found
        if path.suffix in (".json", ".yaml") and path.name not in without
    ]


@pytest.mark.parametrize("form", get_args(Form))
def test_definitions_are_valid_and_take_their_examples(form: Form) -> None:
    definitions = tool_definitions(form)
    assert len(definitions) == len(tools()) == 5
    for definition, tool in zip(definitions, tools(), strict=True):
        name, schema = PLACES[form](definition)
        assert name == tool.name
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object"
        for example in schema["examples"]:
            Draft202012Validator(schema).validate(example)
    assert json.loads(json.dumps(definitions)) == definitions


def test_openai_and_anthropic_definitions_have_no_other_keys() -> None:
    for definition in tool_definitions("openai"):
        assert set(definition) == {"type", "function"}
        assert set(definition["function"]) == {"name", "description", "parameters"}
    for definition in tool_definitions("anthropic"):
        assert set(definition) == {"name", "description", "input_schema"}


def test_every_argument_is_described_in_one_line() -> None:
    for tool in tools():
        assert tool.description
        assert "\n" not in tool.description
        for name, schema in tool.parameters["properties"].items():
            assert schema["description"], (tool.name, name)
            assert "\n" not in schema["description"]


@pytest.mark.parametrize(("name", "arguments"), CALLS)
def test_examples_can_be_called(name: str, arguments: dict[str, Any]) -> None:
    result = call_tool(name, arguments)
    assert json.loads(json.dumps(result)) == result
    assert call_tool(name, arguments) == result


def test_a_conversation_from_nothing_ends_in_a_proven_answer() -> None:
    """As an agent plays it: it keeps the documents that come back and names nothing itself."""
    errors = ["dial tcp 203.0.113.10:443: i/o timeout"]
    documents: list[Any] = []
    said = {"question/destination": "203.0.113.10:443", "question/pod": "shop/api-0"}
    for wanted in said:
        now = call_tool("assess", {"documents": documents, "errors": errors})
        assert now["next_question"]["question_id"] == wanted
        assert "unnamed" not in json.dumps(now)
        given = {"question_id": wanted, "value": said[wanted]}
        replied = call_tool("reply", {**given, "documents": documents, "errors": errors})
        documents.append(replied["document"])
    assert replied["assessment"]["pod"] == "shop/api-0"
    documents += texts("healthy", "snat-entries.json")
    now = call_tool("assess", {"documents": documents})
    # A pasted List without items does not say of what it is one; as a reply it does.
    assert any("empty List" in notice for notice in now["notices"])
    assert now["next_question"]["question_id"] == "network_policies/shop"
    none = {"apiVersion": "v1", "kind": "List", "items": []}
    given = {"question_id": "network_policies/shop", "value": none, "documents": documents}
    replied = call_tool("reply", given)
    documents.append(replied["document"])
    now = call_tool("assess", {"documents": documents})
    question = now["next_question"]["question_id"]
    given = {"question_id": question, "value": "no", "documents": documents, "lang": "zh"}
    replied = call_tool("reply", given)
    assert replied["assessment"]["verdict"] == "blocked"
    documents.append(replied["document"])
    again = call_tool("assess", {"documents": documents, "lang": "zh"})
    assert again == replied["assessment"]
    told = call_tool("explain", {"documents": documents, "topic": "NAT-002"})
    assert f"<reply to {question}>" in told["text"]
    tried = call_tool("what_if", {"documents": documents, "changes": ["add-snat-entry"]})
    assert "NAT-002" in tried["text"]


def test_a_document_is_a_reply_too() -> None:
    documents: list[Any] = texts("healthy", "snat-entries.json")
    entries = {
        "action": "DescribeSnatTableEntries",
        "request": {"NatGatewayId": "ngw-bp1exit"},
        "response": {"TotalCount": 0, "SnatTableEntries": {"SnatTableEntry": []}},
    }
    given = {"question_id": "snat_entries/ngw-bp1exit", "value": entries, "documents": documents}
    replied = call_tool("reply", {**ASKED, **given})
    assert replied["assessment"]["verdict"] == "blocked"
    assert replied["document"]["documents"] == [entries]


def test_text_is_never_read_as_the_path_of_a_file() -> None:
    with pytest.raises(WayoutError, match="<document 1>"):
        call_tool("assess", {**ASKED, "documents": [str(EXAMPLES / "no-snat")]})


@pytest.mark.parametrize(
    ("name", "arguments", "sentence"),
    [
        ("delete", {}, "There is no tool 'delete'; there are assess, reply, explain"),
        (
            "assess",
            {"namespace": "shop"},
            "assess: there is no 'namespace'; it takes pod, destination, ",
        ),
        ("assess", {"pod": 5}, "assess: pod: Input should be a valid string."),
        ("reply", {"value": "no"}, "reply: question_id: Missing required argument."),
        ("assess", {"pod": "Shop/"}, '"Shop/" does not name a pod'),
        ("reply", {**ASKED, "question_id": "x", "value": "no"}, "There is no open question"),
        ("explain", {**ASKED, "topic": "XYZ-001"}, "XYZ-001"),
        ("what_if", {**ASKED, "changes": ["no-such-fix"]}, "no-such-fix"),
        ("list_rules", {"gate": "nowhere"}, "no gate"),
    ],
)
def test_bad_calls_are_told_in_one_sentence(
    name: str, arguments: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(WayoutError) as raised:
        call_tool(name, arguments)
    assert sentence in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("form", get_args(Form))
def test_the_program_prints_the_definitions(form: Form, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "tools", "--form", form]) == 0
    assert json.loads(capsys.readouterr().out) == tool_definitions(form)


def test_only_tools_have_a_form(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema", "answer", "--form", "openai"]) == 2
    assert "only tools have a --form" in capsys.readouterr().err
