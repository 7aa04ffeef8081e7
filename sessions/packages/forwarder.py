"""The one way out of an installation: connections that the host opens, to allowed registries only.

What runs inside asks for a host and a port on a socket it inherited, and is handed one end of a
relay. Names are resolved here, and the address that was judged is the one that is connected to.
TLS goes through untouched, from inside to the registry.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from sessions.errors import PackageError, RefusedError
from sessions.packages.proxy import proxy_for, through
from sessions.packages.registries import Registries, Registry

_LARGEST_REQUEST = 1024
_PIECE = 65_536
_CONNECT_SECONDS = 20.0
_MOST_CONNECTIONS = 200

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Forwarder:
    """Serves the connections of one installation.

    Args:
        control: Socket (SOCK_SEQPACKET) on which connections are asked for.
        registries: Where they may go.
        most: Bytes that may pass, both ways together.
        tell: Called with the number of bytes that have passed.
    """

    def __init__(
        self,
        control: socket.socket,
        registries: Registries,
        most: int,
        tell: Callable[[int], None],
    ) -> None:
        self._control = control
        self._registries = registries
        self._most = most
        self._tell = tell
        self._passed = 0
        self._opened = 0

    async def serve(self) -> NoReturn:
        """Answer requests until cancelled.

        Raises:
            RefusedError: If a connection is asked for that is not allowed.
            PackageError: If a registry can't be reached, or too much has passed.
        """
        self._control.setblocking(False)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as relays:
                while request := await loop.sock_recv(self._control, _LARGEST_REQUEST):
                    relays.create_task(self._relay(await self._open(request), self._hand_out()))
                await asyncio.Event().wait()  # what was asked for still flows
        except BaseExceptionGroup as group:
            raise group.exceptions[0] from None
        raise AssertionError  # only an error or a cancellation gets here

    def _hand_out(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            socket.send_fds(self._control, [b"{}"], [theirs.fileno()])
        return ours

    async def _open(self, request: bytes) -> Stream:
        registry = self._allowed(request)
        self._opened += 1
        if self._opened > _MOST_CONNECTIONS:
            msg = f"the installation asked for more than {_MOST_CONNECTIONS} connections: ended"
            raise PackageError(msg)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                return await _connect(registry)
        except OSError as error:
            msg = (
                f"no route to {registry.host} ({_why(error)}): check the network, or name "
                "registries that can be reached in `registries` of your own settings"
            )
            raise PackageError(msg) from None

    def _allowed(self, request: bytes) -> Registry:
        try:
            asked = json.loads(request)
            host, port = str(asked["host"]), int(asked["port"])
        except (ValueError, KeyError, TypeError):
            msg = "the installation asked for a connection in a way that makes no sense: ended"
            raise RefusedError(msg) from None
        registry = self._registries.find(host, port)
        if registry is None:
            name = "".join(c if c.isprintable() else "?" for c in f"{host}:{port}")[:100]
            msg = (
                f"{name} is not an allowed registry, so nothing was installed: add it to "
                "`registries` in your own settings if you trust it"
            )
            raise RefusedError(msg)
        return registry

    async def _relay(self, far: Stream, near: socket.socket) -> None:
        near_reader, near_writer = await asyncio.open_connection(sock=near)
        far_reader, far_writer = far
        try:
            await asyncio.gather(
                self._pump(far_reader, near_writer), self._pump(near_reader, far_writer)
            )
        finally:
            near_writer.close()
            far_writer.close()

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(_PIECE):
                self._count(len(data))
                target.write(data)
                await target.drain()
        with suppress(OSError):
            if target.can_write_eof():
                target.write_eof()

    def _count(self, passed: int) -> None:
        self._passed += passed
        self._tell(self._passed)
        if self._passed > self._most:
            msg = f"the packages are larger than the {self._most >> 20} MB that may be downloaded"
            raise PackageError(msg)


def _why(error: OSError) -> str:
    if error.errno is not None and error.errno > 0:  # those of the name service are below
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__


async def _connect(registry: Registry) -> Stream:
    """A connection to a registry, by the person's proxy if there is one for it.

    A proxy resolves names itself, so addresses can't be judged then: it is the person's own.
    """
    if not registry.is_loopback and (proxy := proxy_for(registry.host)) is not None:
        return await through(proxy, registry.host, registry.port)
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(registry.host, registry.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    fit = [address for address in addresses if registry.may_be_at(address)]
    if not fit:
        msg = (
            f"{registry.host} leads to {', '.join(addresses)}, where no public registry is: name "
            "it in `registries` of your own settings if it lies in your network"
        )
        raise RefusedError(msg)
    return await _first_that_answers(fit, registry.port)


async def _first_that_answers(addresses: list[str], port: int) -> Stream:
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            async with asyncio.timeout(_CONNECT_SECONDS / len(addresses)):
                return await asyncio.open_connection(address, port)
    return await asyncio.open_connection(last, port)
