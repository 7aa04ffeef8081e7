"""Fetches pages: every request and every redirect goes through the network policy."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message

from sessions.errors import AgentError, PageError, RefusedError
from tools_registry.web.connection import connected
from tools_registry.web.encoding import decoded, unpacked
from tools_registry.web.location import Location
from tools_registry.web.policy import Admits, NetworkPolicy
from tools_registry.web.response import Head, Response

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AT_ONCE = 4
_AGENT = "Mozilla/5.0 (compatible; ipysmith)"
_ACCEPT = "text/html, application/xhtml+xml, text/plain, application/json, application/xml;q=0.9"


@dataclass(frozen=True, kw_only=True)
class FetchLimits:
    """How much one fetch may take.

    Attributes:
        seconds: Time for all of it, redirects included.
        size: Bytes of the page, as sent and unpacked.
        redirects: How many are followed.
    """

    seconds: float = 30.0
    size: int = 8_000_000
    redirects: int = 5


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a server answered in the end.

    Attributes:
        location: Where it was found, after redirects.
        status: 200 to 299.
        kind: Content type in lower case without parameters, e.g. `text/html`; "" if not told.
        text: The body, unpacked and decoded.
    """

    location: Location
    status: int
    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a server.

    Attributes:
        location: Where.
        body: JSON to post; None to get.
        headers: Besides those that are always sent.
    """

    location: Location
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """As it is sent: no cookies, no credentials, and the connection ends with the answer."""
        headers = {
            "Host": self.location.site,
            "User-Agent": _AGENT,
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip",
            "Accept-Language": "en, *;q=0.5",
            **self.headers,
            "Connection": "close",
        }
        if self.body is not None:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(self.body))}
        method = "GET" if self.body is None else "POST"
        lines = [f"{method} {self.location.target} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("ascii") + (self.body or b"")


class Fetcher:
    """Fetches what the policy lets it.

    Args:
        policy: Decides where connections may go.
        limits: How much one fetch may take.
        tls: Which certificates are trusted; by default those that this machine trusts.

    Attributes:
        policy: The policy.
    """

    def __init__(
        self,
        policy: NetworkPolicy | None = None,
        limits: FetchLimits | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.policy = policy or NetworkPolicy()
        self._limits = limits or FetchLimits()
        self._tls = tls
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def fetch(self, request: Request, admits: Admits) -> Reply:
        """Ask, and follow redirects.

        Args:
            request: What to ask.
            admits: Says which hosts the person agreed to; asked for each redirect too.

        Raises:
            RefusedError: If the policy or the person does not allow a request on the way.
            PageError: If a server can't be reached, answers with an error, or with what can't be
                read, or takes too long.
        """
        async with self._places:
            try:
                async with asyncio.timeout(self._limits.seconds):
                    return await self._follow(request, admits)
            except TimeoutError:
                msg = f"{request.location} took longer than {self._limits.seconds:g} s"
                raise PageError(msg) from None
            except OSError:
                msg = f"the connection to {request.location.site} broke: try again later"
                raise PageError(msg) from None

    async def _follow(self, request: Request, admits: Admits) -> Reply:
        for _ in range(self._limits.redirects + 1):
            head, body = await self._ask(request, admits)
            if head.status not in _REDIRECTS or "location" not in head.headers:
                return self._reply(request.location, head, body)
            request = _redirected(request, head)
        msg = f"{request.location} is one redirect too many: {self._limits.redirects} are followed"
        raise PageError(msg)

    async def _ask(self, request: Request, admits: Admits) -> tuple[Head, bytes]:
        location = request.location
        addresses = await self.policy.addresses(location, admits)
        async with connected(location, addresses, self._tls) as (reader, writer):
            writer.write(request.encoded())
            await writer.drain()
            response = Response(reader, self._limits.size)
            head = await response.head()
            if head.status >= 300:
                return head, b""
            _require_text(location, _content_type(head)[0])
            return head, await response.body(head)

    def _reply(self, location: Location, head: Head, body: bytes) -> Reply:
        if not 200 <= head.status < 300:
            msg = f"{location} answered {head.status}: {_MEANINGS.get(head.status, _ANY)}"
            raise PageError(msg)
        kind, charset = _content_type(head)
        content = unpacked(body, head.headers.get("content-encoding", ""), self._limits.size)
        text = decoded(content, charset)
        return Reply(location=location, status=head.status, kind=kind, text=text)


_ANY = "the server does not give it out"
_MEANINGS = {
    401: "one must log in, and nobody is logged in here",
    403: "the server forbids it",
    404: "there is no such page",
    410: "the page is gone",
    429: "the server is asked too often; wait before you ask again",
    500: "the server failed",
    503: "the server is not ready; try again later",
}


def _redirected(request: Request, head: Head) -> Request:
    old = request.location
    try:
        new = old.follow(head.headers["location"])
    except AgentError as error:
        msg = f"{old} redirects to where nothing is fetched from: {error}"
        raise RefusedError(msg) from None
    if old.scheme == "https" and new.scheme == "http":
        msg = f"{old} redirects from https to {new}, which anybody on the way could change"
        raise RefusedError(msg)
    if request.body is not None:
        msg = f"{old} redirects what was posted to it to {new}"
        raise PageError(msg)
    return Request(location=new, headers=request.headers)


def _content_type(head: Head) -> tuple[str, str]:
    value = head.headers.get("content-type", "")
    message = Message()
    message["content-type"] = value[:200]
    kind = message.get_content_type() if value.strip() else ""
    return kind, str(message.get_param("charset", "") or "") if value else ""


def _require_text(location: Location, kind: str) -> None:
    if is_text(kind):
        return
    what = "a PDF file" if kind == "application/pdf" else f"of the kind {kind[:60]!a}"
    msg = (
        f"{location} is {what}; web pages, plain text, JSON and XML can be read: ask the person "
        "to put the file into the workspace"
    )
    raise PageError(msg)


def is_text(kind: str) -> bool:
    """Whether a content type is one that is read: text, JSON, XML, or none told."""
    main, _, sub = kind.partition("/")
    return not kind or main == "text" or sub in {"json", "xml"} or sub.endswith(("+json", "+xml"))
