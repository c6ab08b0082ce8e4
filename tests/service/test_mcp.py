"""The MCP server as a client meets it: tools, schemas, results, errors."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import yaml
from mcp import Client, StdioServerParameters, stdio_client

from tests.service.conftest import ROOT
from wayout.engine import __version__, tool_definitions
from wayout.service.mcp import create_server

ASKED = {"pod": "shop/api-0", "destination": "203.0.113.10:443"}


def documents(example: str, *without: str) -> list[Any]:
    folder = ROOT / "examples" / example
    found = sorted(p for p in folder.iterdir() if p.suffix in (".json", ".yaml"))
    texts = {p.name: p.read_text(encoding="utf-8") for p in found if p.name not in without}
    return [yaml.safe_load(t) if n.endswith(".yaml") else json.loads(t) for n, t in texts.items()]


def talk(use: Callable[[Client], Awaitable[None]], target: Any = None) -> None:
    async def run() -> None:
        async with Client(target if target is not None else create_server()) as client:
            await use(client)

    asyncio.run(run())


def test_the_tools_say_what_they_take_and_give() -> None:
    async def use(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"assess", "reply", "explain", "what_if", "list_rules"}
        for tool in tools.values():
            assert tool.description
            assert "\n" not in tool.description
        assert set(tools["reply"].input_schema["required"]) == {"question_id", "value"}
        assert tools["assess"].output_schema is not None

    talk(use)


def test_the_tools_are_those_of_the_definitions() -> None:
    """Names, texts and arguments: a model is told the same whatever it is connected by."""

    async def use(client: Client) -> None:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        definitions = {tool["name"]: tool for tool in tool_definitions("anthropic")}
        assert set(tools) == set(definitions)
        for name, tool in tools.items():
            wanted = definitions[name]["input_schema"]
            assert tool.description == definitions[name]["description"]
            assert tool.input_schema["properties"] == wanted["properties"]
            assert tool.input_schema.get("required", []) == wanted.get("required", [])

    talk(use)


def test_a_blocked_pod_is_explained() -> None:
    async def use(client: Client) -> None:
        given = {**ASKED, "documents": documents("no-snat")}
        result = (await client.call_tool("assess", given)).structured_content
        assert result is not None
        assert result["verdict"] == "blocked"
        assert [finding["code"] for finding in result["findings"]] == ["NAT-002"]
        assert result["fixes"][0]["commands"].startswith("aliyun vpc CreateSnatEntry")
        assert "the finding is gone" in result["fixes"][0]["verified"]
        told = await client.call_tool("explain", {**given, "topic": "NAT-002", "lang": "zh"})
        assert "规则 NAT-002" in told.content[0].text
        tried = await client.call_tool("what_if", {**given, "changes": ["add-snat-entry"]})
        assert not tried.is_error
        assert "NAT-002" in tried.content[0].text

    talk(use)


def test_a_conversation_ends_in_a_verdict() -> None:
    async def use(client: Client) -> None:
        given = {**ASKED, "documents": documents("healthy", "snat-entries.json")}
        # A List without items does not say of what it is one, so the policies are asked for too.
        for question, value in (
            ("network_policies/shop", "none"),
            ("snat_entries/ngw-bp1exit", "no"),
        ):
            now = (await client.call_tool("assess", given)).structured_content
            assert now is not None
            assert now["next_question"]["question_id"] == question
            reply = {**given, "question_id": question, "value": value}
            replied = (await client.call_tool("reply", reply)).structured_content
            assert replied is not None
            given["documents"].append(replied["document"])
        assert replied["assessment"]["verdict"] == "blocked"
        again = (await client.call_tool("assess", given)).structured_content
        assert again == replied["assessment"]

    talk(use)


def test_bad_input_is_told_in_one_sentence() -> None:
    async def use(client: Client) -> None:
        result = await client.call_tool("assess", {**ASKED, "documents": [{"kind": 5}]})
        assert result.is_error
        assert "<document 1>" in result.content[0].text
        assert "Traceback" not in result.content[0].text

    talk(use)


def test_what_the_tool_does_not_take_is_told_in_one_sentence() -> None:
    async def use(client: Client) -> None:
        result = await client.call_tool("assess", {"pod": "shop/api-0", "to": "203.0.113.10"})
        assert result.is_error
        assert result.content[0].text == (
            "assess: there is no 'to'; it takes pod, destination, documents, errors, lang."
        )
        result = await client.call_tool("assess", {**ASKED, "lang": "xx"})
        assert result.is_error
        assert result.content[0].text == "assess: lang: Input should be 'en' or 'zh'."

    talk(use)


def test_the_server_tells_its_version() -> None:
    async def use(client: Client) -> None:
        assert client.server_info.version == __version__

    talk(use)


def test_it_serves_over_standard_input_and_output() -> None:
    async def use(client: Client) -> None:
        rules = await client.call_tool("list_rules", {"gate": "internet-exit"})
        assert rules.structured_content is not None
        found = {rule["id"] for rule in rules.structured_content["rules"]}
        assert "NAT-002" in found

    parameters = StdioServerParameters(
        command=sys.executable, args=["-m", "wayout", "mcp"], env=dict(os.environ)
    )
    talk(use, stdio_client(parameters))
