"""Servers at a URL: asked at that address alone, and not without end."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.mcp_servers import SECONDS, http_server
from tests.tools_registry.mcp.test_connection import connected, text
from tools_registry.mcp.connection import Connection
from tools_registry.mcp.definition import definitions
from tools_registry.mcp.errors import McpError
from tools_registry.mcp.server import Server

Reply = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(reply: Reply) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """A server that answers anything with the same; gives its address and the headers it got."""
    asked: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append(dict(self.headers))
            reply(self)

        do_GET = do_POST  # noqa: N815 -- the library's names

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/mcp", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def redirect(to: str) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(307)
        request.send_header("Location", to)
        request.send_header("Content-Length", "0")
        request.end_headers()

    return reply


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "application/json")
    request.end_headers()
    try:
        while True:
            request.wfile.write(b" " * 100_000)
    except OSError:
        pass


def bomb(request: BaseHTTPRequestHandler) -> None:
    request.send_response(500)
    request.send_header("Content-Length", "0")
    request.end_headers()


async def test_a_server_over_http(tmp_path: Path) -> None:
    with http_server() as url:
        async with connected(Server(name="web", url=url), tmp_path) as connection:
            tools, problems = definitions(await connection.tools())
            assert problems == []
            assert "add" in [tool.name for tool in tools]
            assert text(await connection.call("add", {"a": 2})) == "3"


async def test_a_server_that_goes_away_is_told(tmp_path: Path) -> None:
    with http_server() as url:
        connection = Connection(Server(name="web", url=url), tmp_path, SECONDS)
        await connection.open()
    with pytest.raises(McpError, match="MCP server web: "):
        await connection.call("add", {"a": 2})
    await connection.close()


async def test_a_redirect_leads_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "secret-token")
    with answering(bomb) as (elsewhere, reached), answering(redirect(elsewhere)) as (url, asked):
        with pytest.raises(McpError, match=r"Redirect to .* not followed"):
            async with connected(Server(name="web", url=url, bearer_from="TOKEN"), tmp_path):
                pass
        assert asked[0]["Authorization"] == "Bearer secret-token"
        assert reached == []


async def test_an_answer_without_end_is_cut_off(tmp_path: Path) -> None:
    with (
        answering(endless) as (url, _),
        pytest.raises(McpError, match="more than 16 MB"),
    ):
        async with connected(Server(name="web", url=url), tmp_path):
            pass


async def test_nothing_of_the_person_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with answering(bomb) as (url, asked):
        with pytest.raises(McpError):
            async with connected(Server(name="web", url=url), tmp_path):
                pass
        assert asked
        assert all("Authorization" not in headers for headers in asked)


async def test_nobody_answers(tmp_path: Path) -> None:
    with pytest.raises(McpError, match="nothing answers there"):
        async with connected(Server(name="web", url="http://127.0.0.1:1/mcp"), tmp_path):
            pass
