"""MCP servers for tests: processes of their own, and a library that knows them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools_registry.mcp.connection import Connection
from tools_registry.mcp.definition import Told, definitions
from tools_registry.mcp.library import Library
from tools_registry.mcp.server import Server

HERE = Path(__file__).parent
SECONDS = (60.0, 30.0, 30.0)
"""To connect, to list and to call, on a machine that may be busy."""
QUICK = (60.0, 3.0, 3.0)
"""Where what is waited for never comes."""


def good(name: str = "good", **options: object) -> Server:
    command = (sys.executable, str(HERE / "mcp_server.py"))
    return Server(name=name, command=command, **options)  # type: ignore[arg-type]


def hostile(mode: str, *arguments: str, name: str = "bad") -> Server:
    return Server(
        name=name, command=(sys.executable, str(HERE / "mcp_hostile.py"), mode, *arguments)
    )


async def added(library: Library, server: Server) -> None:
    """What `agent tools add-mcp` does."""
    library.add(server, definitions(await told_by(server, library.room(server.name)))[0])


_TOLD: dict[tuple[str, ...], list[Told]] = {}


async def told_by(server: Server, room: Path) -> list[Told]:
    """What a server says of its tools; the good one always says the same."""
    if server.command not in _TOLD or "mcp_server.py" not in server.command[-1]:
        connection = Connection(server, room)
        await connection.open()
        try:
            _TOLD[server.command] = await connection.tools()
        finally:
            await connection.close()
    return _TOLD[server.command]


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def children(process: int | str = "self") -> set[int]:
    """Processes that one, by default this one, has started and not seen to their end."""
    return {
        int(child)
        for task in Path(f"/proc/{process}/task").iterdir()
        for child in (task / "children").read_text().split()
    }


@contextmanager
def http_server() -> Iterator[str]:
    """The good server over Streamable HTTP; gives its URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(HERE / "mcp_server.py"), "http", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(os.environ)
    )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError
