"""The person's own proxy: read from their environment, never told to what runs inside."""

from __future__ import annotations

import asyncio
import base64
from urllib.parse import SplitResult, unquote, urlsplit

from sessions.errors import UsageError

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def proxy_for(host: str) -> SplitResult | None:
    """The proxy that the environment names for https to a host, if any.

    Raises:
        UsageError: If it is of a kind that we don't speak.
    """
    from urllib.request import getproxies_environment, proxy_bypass

    named = getproxies_environment()
    text = named.get("https") or named.get("all")
    if not text or proxy_bypass(host):
        return None
    proxy = urlsplit(text if "://" in text else f"http://{text}")
    if proxy.scheme not in ("http", "https") or not proxy.hostname:
        msg = "HTTPS_PROXY names no http or https proxy, and packages can't be fetched by others"
        raise UsageError(msg)
    return proxy


async def through(proxy: SplitResult, host: str, port: int) -> Stream:
    """A connection to a host by a proxy.

    Raises:
        OSError: If the proxy can't be reached, or says no.
    """
    is_tls = proxy.scheme == "https"
    number = proxy.port or (443 if is_tls else 8080)
    reader, writer = await asyncio.open_connection(proxy.hostname, number, ssl=is_tls or None)
    try:
        writer.write(_request(proxy, f"[{host}]:{port}" if ":" in host else f"{host}:{port}"))
        answer = await reader.readuntil(b"\r\n\r\n")
        status = answer.split(b" ", 2)[1:2]
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        status = []
    if status != [b"200"]:
        writer.close()
        msg = "the proxy of HTTPS_PROXY did not let us through"
        raise ConnectionError(msg)
    return reader, writer


def _request(proxy: SplitResult, target: str) -> bytes:
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    if proxy.username:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        lines.append(f"Proxy-Authorization: Basic {base64.b64encode(pair.encode()).decode()}")
    return "\r\n".join([*lines, "", ""]).encode()
