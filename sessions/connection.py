"""What a front end writes for a kernel: where to listen, and the key of the messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sessions.errors import UsageError

CHANNELS = ("shell", "iopub", "stdin", "control")
HEARTBEAT = "hb"

_SCHEME = "hmac-sha256"
_LAST_PORT = 65_535


@dataclass(frozen=True, kw_only=True)
class Connection:
    """The contents of a Jupyter connection file.

    Attributes:
        transport: `tcp` or `ipc`.
        ip: Address to listen on; for `ipc` the beginning of the sockets' paths.
        ports: Channel → port; for `ipc` the end of the socket's path.
        key: What messages are signed with.
    """

    transport: str
    ip: str
    ports: Mapping[str, int]
    key: str

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a connection file.

        Raises:
            UsageError: If it can't be read or is not one that we can serve.
        """
        try:
            return cls._of(json.loads(file.read_text("utf-8")))
        except OSError as error:
            problem = str(error.strerror)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problem = f"{type(error).__name__}: {error}"
        msg = f"the connection file {file} can't be used ({problem}): start the kernel from Jupyter"
        raise UsageError(msg)

    @classmethod
    def _of(cls, fields: Mapping[str, Any]) -> Self:
        if (scheme := fields.get("signature_scheme") or _SCHEME) != _SCHEME:
            msg = f"messages can't be signed with {scheme!r}, only with {_SCHEME}"
            raise ValueError(msg)
        if (transport := fields["transport"]) not in ("tcp", "ipc"):
            msg = f"there is no transport {transport!r}, only tcp and ipc"
            raise ValueError(msg)
        ports = {name: _port(fields[f"{name}_port"]) for name in (*CHANNELS, HEARTBEAT)}
        return cls(transport=transport, ip=str(fields["ip"]), ports=ports, key=str(fields["key"]))

    def path(self, channel: str) -> Path:
        """The socket of a channel on `ipc`."""
        return Path(f"{self.ip}-{self.ports[channel]}").absolute()

    def url(self, channel: str) -> str:
        """The address of a channel as ZeroMQ writes it."""
        if self.transport == "ipc":
            return f"ipc://{self.path(channel)}"
        return f"tcp://{self.ip}:{self.ports[channel]}"


def _port(value: Any) -> int:
    if not isinstance(value, int) or not 1 <= value <= _LAST_PORT:
        msg = f"{value!r} is not a port"
        raise ValueError(msg)
    return value
