"""A well-meaning MCP server made with the SDK: `python mcp_server.py [stdio|http PORT]`."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from pathlib import Path
from typing import Any

from mcp.server.mcpserver import Context, Image, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

server = MCPServer("good")


class Point(BaseModel):
    x: float
    y: float = 0.0


@server.tool()
def add(a: int, b: int = 1) -> int:
    """Add two numbers."""
    return a + b


@server.tool()
def mirror(point: Point) -> Point:
    """Mirror a point at the origin."""
    return Point(x=-point.x, y=-point.y)


@server.tool()
def fail(why: str) -> str:
    """Fail for a reason."""
    raise ToolError(why)


@server.tool()
def picture() -> Image:
    """Draw a picture of one pixel."""
    return Image(data=PIXEL, format="png")


@server.tool()
def long_text(length: int) -> str:
    """Return a text of a length."""
    return "ä" * length


@server.tool()
def environment() -> dict[str, str]:
    """Return all environment variables of the server."""
    return dict(os.environ)


@server.tool()
def place() -> dict[str, Any]:
    """Tell where the server runs."""
    return {"pid": os.getpid(), "folder": str(Path.cwd())}


@server.tool()
async def sleep(seconds: float) -> str:
    """Wait for some seconds."""
    await asyncio.sleep(seconds)
    return "awake"


@server.tool(annotations=ToolAnnotations(destructive_hint=True))
def wipe(name: str) -> str:
    """Delete something for good."""
    return f"{name} is gone"


@server.tool()
async def ask_model(context: Context) -> str:
    """Ask the client's model, which a server has no business to."""
    told = await context.session.create_message(messages=[], max_tokens=5)
    return str(told)


@server.tool()
def spawn() -> int:
    """Start a process that would outlive the server."""
    child = os.fork()
    if child == 0:
        import time

        time.sleep(600)
        os._exit(0)
    return child


if __name__ == "__main__":
    if sys.argv[1:2] == ["http"]:
        server.run("streamable-http", host="127.0.0.1", port=int(sys.argv[2]))
    else:
        server.run("stdio")
