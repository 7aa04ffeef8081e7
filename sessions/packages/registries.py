"""Where packages may come from: an allow-list that only the person can make longer."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

DEFAULT = ("https://pypi.org/simple", "files.pythonhosted.org")

_PORTS = {"https": 443, "http": 80}
_METADATA = frozenset({"169.254.169.254", "100.100.100.200", "fd00:ec2::254"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, kw_only=True)
class Registry:
    """A host that may be connected to.

    Attributes:
        host: Its name or address, in lower case.
        port: Its port.
        index: URL of its index as pip takes it, credentials included; empty if it serves only
            files that an index points to.
        listed: Whether the person named it, so that it may lie in a private network.
    """

    host: str
    port: int
    index: str = field(default="", repr=False)
    listed: bool = True

    @property
    def is_loopback(self) -> bool:
        """Whether it is this machine by its very name."""
        return self.host == "localhost" or _is_loopback(self.host)

    def may_be_at(self, address: str) -> bool:
        """Whether a connection to this registry may go to an address that its name led to.

        A public registry is never in a private network, whatever a name server says; one that the
        person named may be. This machine is reached under its own name alone, and what hands out
        credentials of machines in a cloud never.
        """
        ip = _carried(ipaddress.ip_address(address))
        if ip.is_loopback:
            return self.is_loopback
        if str(ip) in _METADATA or ip.is_link_local or ip.is_multicast or ip.is_unspecified:
            return False
        return (ip.is_global and not ip.is_reserved) or self.listed

    def __str__(self) -> str:
        return without_credentials(self.index) or _joined(self.host, self.port)


@dataclass(frozen=True, repr=False)
class Registries:
    """The registries of a session; shown without credentials."""

    entries: tuple[Registry, ...]

    @classmethod
    def of(cls, texts: Iterable[str] | None = None) -> Registries:
        """Registries by their texts; the public one if None.

        Args:
            texts: URLs of indexes, and names (`host` or `host:port`) of hosts that serve the files
                these point to. Credentials may stand in the URL of an index.

        Raises:
            ValueError: If a text is neither, or would send packages over the network in the clear.
        """
        named = DEFAULT if texts is None else [text.strip() for text in texts]
        found = [_registry(text, listed=texts is not None) for text in named]
        return cls(tuple({str(entry): entry for entry in found}.values()))

    @property
    def indexes(self) -> tuple[str, ...]:
        """URLs of the indexes, as pip takes them."""
        return tuple(entry.index for entry in self.entries if entry.index)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        parts = [urlsplit(index) for index in self.indexes]
        found = [p.netloc.rpartition("@")[0] for p in parts] + [p.password or "" for p in parts]
        return tuple(sorted({*found, *map(unquote, found)} - {""}, key=len, reverse=True))

    def find(self, host: str, port: int) -> Registry | None:
        """The registry of this name and port, None if there is none."""
        wanted = (host.lower().rstrip("."), port)
        return next((entry for entry in self.entries if (entry.host, entry.port) == wanted), None)

    def is_within(self, others: Registries) -> bool:
        """Whether each of these is one of `others`, credentials aside."""
        return set(map(str, self.entries)) <= set(map(str, others.entries))

    def narrowed(self, others: Registries) -> Registries:
        """Those of these, with their credentials and all, that `others` names too."""
        named = set(map(str, others.entries))
        return Registries(tuple(entry for entry in self.entries if str(entry) in named))

    def redacted(self, text: str) -> str:
        """A text without credentials."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return without_credentials(text)

    def __repr__(self) -> str:
        return repr([str(entry) for entry in self.entries])


def without_credentials(text: str) -> str:
    """A text in which URLs have no user and no password."""
    return re.sub(r"(?<=//)[^/\s]*@", "", text)


def _registry(text: str, *, listed: bool) -> Registry:
    is_index = "://" in text
    parts = urlsplit(text if is_index else f"//{text}")
    _refuse_odd(text, parts, is_index=is_index)
    host = (parts.hostname or "").rstrip(".")
    registry = Registry(
        host=host,
        port=parts.port or _PORTS[parts.scheme or "https"],
        index=text.rstrip("/") if is_index else "",
        listed=listed,
    )
    if parts.scheme == "http" and not registry.is_loopback:
        msg = f"{registry}: packages come over https; plain http is for this machine alone"
        raise ValueError(msg)
    return registry


def _refuse_odd(text: str, parts: SplitResult, *, is_index: bool) -> None:
    clean = text.isascii() and text.isprintable() and not re.search(r"[\s\\'\"<>{}$]", text)
    fits = parts.scheme in _PORTS if is_index else not (parts.path or "@" in text)
    if not (clean and fits and parts.hostname) or parts.query or parts.fragment:
        msg = "each must be the https URL of an index, or the name of a host that serves files"
        raise ValueError(msg)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _carried(ip: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it stands for one."""
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else ip)


def _joined(host: str, port: int) -> str:
    name = f"[{host}]" if ":" in host else host
    return name if port == _PORTS["https"] else f"{name}:{port}"
