"""The person's proxy, and names that lead where no registry is."""

from __future__ import annotations

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sessions.errors import PackageError, RefusedError, UsageError
from sessions.packages.forwarder import Forwarder
from sessions.packages.proxy import proxy_for
from sessions.packages.registries import Registries


class Proxy:
    """Answers CONNECT, then says hello in place of the host that was asked for."""

    def __init__(self) -> None:
        self.heads: list[str] = []
        self.answer = "HTTP/1.1 200 Connection established"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.heads.append(head.decode())
        writer.write(f"{self.answer}\r\n\r\nhello".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
async def proxy(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    proxy = Proxy()
    async with await asyncio.start_server(proxy.serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:t0p%40secret@127.0.0.1:{port}")
        monkeypatch.setenv("NO_PROXY", "direct.example")
        yield proxy


async def asked(host: str, port: int, registries: Registries) -> bytes:
    """What comes over a connection to a host, as what runs inside would get it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        serving = asyncio.create_task(Forwarder(ours, registries, 1000, lambda _: None).serve())
        theirs.send(f'{{"host": "{host}", "port": {port}}}'.encode())
        answer = asyncio.create_task(asyncio.to_thread(_first_words, theirs))
        try:
            await asyncio.wait([serving, answer], return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                serving.result()
            return await answer
        finally:
            serving.cancel()
            ours.shutdown(socket.SHUT_RDWR)
            await asyncio.gather(serving, answer, return_exceptions=True)


def _first_words(control: socket.socket) -> bytes:
    _, descriptors, *_ = socket.recv_fds(control, 100, 1)
    with socket.socket(fileno=descriptors[0]) as connection:
        return connection.recv(100)


async def test_the_persons_proxy_is_used_and_its_credentials_stay_outside(proxy: Proxy) -> None:
    registries = Registries.of(["https://registry.example/simple"])
    assert await asked("registry.example", 443, registries) == b"hello"
    [head] = proxy.heads
    assert head.startswith("CONNECT registry.example:443 HTTP/1.1\r\n")
    assert base64.b64encode(b"me:t0p@secret").decode() in head


async def test_a_proxy_that_says_no_is_no_route(proxy: Proxy) -> None:
    proxy.answer = "HTTP/1.1 403 Forbidden"
    with pytest.raises(PackageError, match=r"no route to pypi\.org .*proxy") as caught:
        await asked("pypi.org", 443, Registries.of())
    assert "t0p" not in str(caught.value)


async def test_the_proxy_is_asked_for_allowed_hosts_alone(proxy: Proxy) -> None:
    for host, port in [("evil.example", 443), ("pypi.org", 22), ("127.0.0.1", 443)]:
        with pytest.raises(RefusedError, match="not an allowed registry"):
            await asked(host, port, Registries.of())
    assert proxy.heads == []
    assert proxy_for("direct.example") is None


def test_a_proxy_of_another_kind_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "socks5://127.0.0.1:1")
    with pytest.raises(UsageError, match="no http or https proxy"):
        proxy_for("pypi.org")


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.1.2.3", "::1"])
async def test_a_name_server_can_not_lead_the_public_registry_home(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    def resolve(host: Any, port: Any, *_: Any, **__: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(RefusedError, match="where no public registry is"):
        await asked("pypi.org", 443, Registries.of())


@pytest.mark.parametrize(
    "request_", [b"x", b"[]", b"{}", b'{"host": "a", "port": "b"}', b"1" * 900]
)
async def test_requests_that_make_no_sense_end_it(request_: bytes) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        theirs.send(request_)
        with pytest.raises(RefusedError, match="makes no sense"):
            await Forwarder(ours, Registries.of(), 1000, lambda _: None).serve()
