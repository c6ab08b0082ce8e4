"""The MCP server: the tools of `wayout.engine` for a language model.

It runs in the process of its client (stdio) or over HTTP; a conversation is the list of documents
its client keeps, so no state is held here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from wayout import engine

__all__ = ["create_server"]


def create_server() -> MCPServer:
    """The server with its tools; `run("stdio")` or `run("streamable-http")` serves."""
    server = MCPServer("wayout", instructions=engine.tool_instructions())
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
