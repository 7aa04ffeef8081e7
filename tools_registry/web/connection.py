"""A connection to an address that was checked, and to no other."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sessions.errors import PageError
from tools_registry.web.location import Location

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_SECONDS = 10.0  # for one address


@asynccontextmanager
async def connected(
    location: Location, addresses: Sequence[str], tls: ssl.SSLContext | None = None
) -> AsyncIterator[Stream]:
    """Connect to the first address that answers; over TLS the name of the host is verified.

    Args:
        location: Whose addresses these are.
        addresses: As numbers: nothing is resolved here.
        tls: Which certificates are trusted; by default those that this machine trusts.

    Raises:
        PageError: If none answers, or the certificate is not the host's.
    """
    reader, writer = await _opened(location, addresses, tls)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _opened(
    location: Location, addresses: Sequence[str], tls: ssl.SSLContext | None
) -> Stream:
    for address in addresses:
        try:
            async with asyncio.timeout(_SECONDS):
                return await _open(location, address, tls)
        except ssl.SSLCertVerificationError as error:
            msg = f"the certificate of {location.host} is not valid: {error.verify_message}"
            raise PageError(msg) from None
        except (OSError, TimeoutError):
            continue
    msg = f"{location.site} can't be reached: it does not answer, or not by {location.scheme}"
    raise PageError(msg)


async def _open(location: Location, address: str, tls: ssl.SSLContext | None) -> Stream:
    if location.scheme == "http":
        return await asyncio.open_connection(address, location.port)
    context = tls or ssl.create_default_context()
    return await asyncio.open_connection(
        address, location.port, ssl=context, server_hostname=location.host
    )
