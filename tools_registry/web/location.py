"""Where a page is: a URL taken apart, once, so that nothing is understood in two ways."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from sessions.errors import RefusedError

Scheme = Literal["http", "https"]

PORTS: dict[str, int] = {"http": 80, "https": 443}
_LONGEST = 2048  # characters
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE = "!#$%&'()*+,/:;=?@[]~"


@dataclass(frozen=True, kw_only=True)
class Location:
    """A page on the web.

    Attributes:
        scheme: How it is asked for.
        host: Name in lower-case ASCII without a dot at the end, or an address.
        port: Number of the port.
        target: Path and query, in ASCII; begins with a slash.
    """

    scheme: Scheme
    host: str
    port: int
    target: str

    @classmethod
    def of(cls, url: str) -> Location:
        """The location that a URL names; what follows `#` is left out.

        Raises:
            RefusedError: If it is no plain http or https URL, or could be read in two ways.
        """
        text = url.strip(" \t\r\n")
        if len(text) > _LONGEST:
            raise _refusal(text, f"it is longer than {_LONGEST} characters")
        if not text.isprintable() or " " in text or "\\" in text:
            raise _refusal(text, "it has spaces, backslashes or control characters in it")
        parts = _split(text)
        if parts.scheme not in PORTS:
            raise _refusal(text, "only http:// and https:// are fetched")
        if "@" in parts.netloc:
            raise _refusal(text, "it has a user name in it; leave that out")
        return cls(
            scheme=cast(Scheme, parts.scheme),
            host=_host(text, parts),
            port=_port(text, parts),
            target=_target(parts),
        )

    def follow(self, reference: str) -> Location:
        """Where a reference on this page, or a redirect, leads to.

        Raises:
            RefusedError: If that is no plain http or https URL.
        """
        try:
            return Location.of(urljoin(str(self), reference))
        except ValueError:
            raise _refusal(reference, "it is no URL") from None

    @property
    def site(self) -> str:
        """Host, and port if it is an unusual one, as the header `Host` has them."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == PORTS[self.scheme] else f"{name}:{self.port}"

    @property
    def is_address(self) -> bool:
        """Whether the host is an address, not a name."""
        return _is_address(self.host)

    def __str__(self) -> str:
        return f"{self.scheme}://{self.site}{self.target}"


def _split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        raise _refusal(text, "it is no URL") from None


def _host(text: str, parts: SplitResult) -> str:
    name = (parts.hostname or "").removesuffix(".")
    if "[" in parts.netloc:
        return _ipv6(text, name)
    if not name.isascii():
        name = _ascii(text, name)
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        if not _is_address(name):
            raise _refusal(text, "its host is a number that is no address; write 4 decimal numbers")
    elif len(labels) < 2:
        raise _refusal(text, "its host has no domain; write the whole name, e.g. example.org")
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refusal(text, "its host is no name of a host")
    return name


def _ipv6(text: str, name: str) -> str:
    if "%" in name:
        raise _refusal(text, "its address names a network interface of this machine")
    try:
        return str(ipaddress.IPv6Address(name))
    except ValueError:
        raise _refusal(text, "its host is no address") from None


def _ascii(text: str, name: str) -> str:
    try:
        return name.encode("idna").decode("ascii").lower()
    except UnicodeError:
        raise _refusal(text, "its host is no name of a host") from None


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _port(text: str, parts: SplitResult) -> int:
    try:
        return parts.port or PORTS[parts.scheme]
    except ValueError:
        raise _refusal(text, "its port is no number from 1 to 65535") from None


def _target(parts: SplitResult) -> str:
    path = quote(parts.path or "/", safe=_SAFE)
    return f"{path}?{quote(parts.query, safe=_SAFE)}" if parts.query else path


def _refusal(url: str, why: str) -> RefusedError:
    return RefusedError(f"{url[:200]!a} is not fetched: {why}")
