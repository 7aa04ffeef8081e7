"""What may be asked of the network: which ports, which addresses, which hosts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from sessions.errors import PageError, RefusedError
from tools_registry.web.addresses import is_public
from tools_registry.web.location import Location

Admits = Callable[[str], str | None]
"""Why nothing may be asked of a host; None if it may."""

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host; raises `OSError` if there are none."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, as this machine's resolver knows them.

    Raises:
        OSError: If it knows none.
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@dataclass(frozen=True, kw_only=True)
class NetworkPolicy:
    """Decides for each request, and for each redirect anew, where it may go.

    Attributes:
        ports: Numbers of the ports that may be connected to.
        allowed: Whether a connection may go to an address.
        resolve: Tells the addresses of a host.
    """

    ports: frozenset[int] = frozenset({80, 443})
    allowed: Callable[[str], bool] = is_public
    resolve: Resolve = resolve

    async def addresses(self, location: Location, admits: Admits) -> tuple[str, ...]:
        """The addresses that a connection may go to, and nowhere else: none is resolved again.

        Args:
            location: What is wanted.
            admits: Says which hosts the person agreed to.

        Raises:
            RefusedError: If the port or host is not allowed, or one of its addresses is not.
            PageError: If the host has no address.
        """
        self.require_possible(location)
        if reason := admits(location.host):
            msg = f"{location} is not fetched: {reason}"
            raise RefusedError(msg)
        found = await self._resolved(location)
        self._require_allowed(location, found)
        return found

    def require_possible(self, location: Location) -> None:
        """What can be told without asking anybody.

        Raises:
            RefusedError: If the port, or the address that stands for the host, is not allowed.
        """
        if location.port not in self.ports:
            ports = ", ".join(map(str, sorted(self.ports)))
            msg = f"{location} is not fetched: port {location.port} is none of {ports}"
            raise RefusedError(msg)
        if location.is_address:
            self._require_allowed(location, (location.host,))

    def _require_allowed(self, location: Location, addresses: Sequence[str]) -> None:
        if not all(self.allowed(address) for address in addresses):
            msg = (
                f"{location} is not fetched: {location.host} is in a private network, on this "
                "machine, or in a range that is not public; only public pages are fetched"
            )
            raise RefusedError(msg)

    async def _resolved(self, location: Location) -> tuple[str, ...]:
        if location.is_address:
            return (location.host,)
        try:
            found = tuple(await self.resolve(location.host, location.port))
        except (OSError, UnicodeError):
            found = ()
        if not found:
            msg = f"{location.host} has no address: check the name, and that there is a network"
            raise PageError(msg)
        return found
