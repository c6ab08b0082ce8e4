"""The MCP server: the tools of `wayout.engine` for a language model.

It runs in the process of its client (stdio) or over HTTP; a conversation is the list of documents
its client keeps, so no state is held here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, InputRequiredResult
from pydantic import ValidationError

from wayout import engine

__all__ = ["create_server"]


class Server(MCPServer):
    """Passes over no argument: what a model spells wrong would be missing without a word."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[Any, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        tool = next((tool for tool in engine.tools() if tool.name == name), None)
        try:
            if tool is not None:
                tool.check_names(arguments)
            return await super().call_tool(name, arguments, context)
        except engine.InputError as error:
            raise ToolError(str(error)) from None
        except ToolError as error:
            if tool is None or not isinstance(error.__cause__, ValidationError):
                raise
            raise ToolError(str(tool.refusal(error.__cause__))) from None


def create_server() -> MCPServer:
    """The server with its tools; `run("stdio")` or `run("streamable-http")` serves."""
    server = Server("wayout", instructions=engine.tool_instructions(), version=engine.__version__)
    for tool in engine.tools():
        server.add_tool(
            in_one_sentence(tool.function), name=tool.name, description=tool.description
        )
    return server


def in_one_sentence(function: Callable[..., Any]) -> Callable[..., Any]:
    """Bad input is told to the model in the sentence that people would read."""

    @wraps(function)
    def told(*args: Any, **arguments: Any) -> Any:
        try:
            return function(*args, **arguments)
        except engine.WayoutError as error:
            raise ToolError(str(error)) from None

    return told
