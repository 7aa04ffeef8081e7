"""An MCP server at a URL that the person wrote: nothing else is asked, and no answer has no end."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2
    from mcp.client._transport import TransportStreams

MOST_BYTES = 16 << 20
"""Of one answer."""

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 120.0


class Http:
    """Streamable HTTP.

    Args:
        url: The endpoint. The client follows redirects within its origin alone.
        token: Sent as a bearer token, unless it is empty.

    Attributes:
        fault: Why nothing comes from it any more; "" as long as something may.
    """

    def __init__(self, url: str, token: str = "") -> None:
        self._url = url
        self._token = token
        self.fault = ""
        self.complaint = ""

    @asynccontextmanager
    async def connect(self) -> AsyncGenerator[TransportStreams, None]:
        """Open a connection, and close it."""
        from mcp.client.streamable_http import streamable_http_client

        async with self._client() as client:
            opened = streamable_http_client(
                self._url, http_client=client, max_sse_event_size=MOST_BYTES // 2
            )
            async with opened as streams:
                yield streams

    def _client(self) -> httpx2.AsyncClient:
        import httpx2

        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return httpx2.AsyncClient(
            headers=headers,
            timeout=httpx2.Timeout(_CONNECT_SECONDS, read=_READ_SECONDS),
            transport=_bounded(self),
            trust_env=False,  # neither the person's .netrc nor variables for other programs
        )

    def note(self, fault: str) -> None:
        """Remember what stood in the way; the client of the protocol keeps it to itself."""
        self.fault = self.fault or fault


def _bounded(http: Http) -> httpx2.AsyncBaseTransport:
    import httpx2

    class Body(httpx2.AsyncByteStream):
        def __init__(self, stream: httpx2.AsyncByteStream) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            size = 0
            async for piece in self._stream:
                size += len(piece)
                if size > MOST_BYTES:
                    http.note(f"it sent an answer of more than {MOST_BYTES >> 20} MB")
                    raise httpx2.ReadError(http.fault)
                yield piece

        async def aclose(self) -> None:
            await self._stream.aclose()

    class Bounded(httpx2.AsyncBaseTransport):
        def __init__(self) -> None:
            self._inner = httpx2.AsyncHTTPTransport(trust_env=False)

        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            request.headers["Accept-Encoding"] = "identity"  # what is packed may be a bomb
            response = await self._inner.handle_async_request(request)
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = Body(response.stream)
            return response

        async def aclose(self) -> None:
            await self._inner.aclose()

    return Bounded()
