"""What the person has added: the servers, what they said of their tools then, and the modules.

Which servers there are stands in the user's own configuration; a workspace has no say in it. What
they said is kept in the user's data directory, so that finding a tool starts no server.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sessions.errors import UsageError
from tools_registry.mcp.definition import Definition
from tools_registry.mcp.module_source import INIT, PACKAGE, module_source
from tools_registry.mcp.server import Server
from tools_registry.own_files import (
    config_path,
    data_path,
    is_there,
    locked,
    read_json,
    write_json,
    write_text,
)

_FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """What the person has seen of a server.

    Attributes:
        identity: Of the server that said it.
        tools: Its tools by name.
        held: Tool → why it can't be called until the person has looked again.
    """

    identity: str
    tools: Mapping[str, Definition]
    held: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        tools = [tool.to_json() for tool in self.tools.values()]
        return {
            "format": _FORMAT,
            "identity": self.identity,
            "tools": tools,
            "held": dict(self.held),
        }


class Library:
    """The servers of one person.

    Args:
        configuration: The file with the servers; by default in the user's configuration.
        data: Folder for what they said; by default in the user's data.
    """

    def __init__(self, configuration: Path | None = None, data: Path | None = None) -> None:
        self.configuration = configuration or config_path("mcp.json")
        self._data = data or data_path("mcp")
        self._seen: dict[str, tuple[tuple[object, ...], Pinned | None]] = {}

    @property
    def modules(self) -> Path:
        """The folder that the kernel gets as the package `agent_mcp`."""
        return self._data / PACKAGE

    def exists(self) -> bool:
        """Whether any server was ever added; costs next to nothing."""
        return is_there(self.configuration)

    def room(self, name: str) -> Path:
        """An empty folder in which a server is started; made if need be.

        Raises:
            UsageError: If it can't be made.
        """
        folder = self._data / "rooms" / name
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            msg = f"{folder} can't be made ({error.strerror}): change the permissions above it"
            raise UsageError(msg) from None
        return folder

    def servers(self) -> dict[str, Server]:
        """All servers by name.

        Raises:
            UsageError: If the file is not what it is to be.
        """
        entries = self._entries().get("mcpServers", {})
        if not isinstance(entries, dict):
            msg = f"{self.configuration}: `mcpServers` must have an object for each server"
            raise UsageError(msg)
        return {name: self._server(name, entry) for name, entry in sorted(entries.items())}

    def get(self, name: str) -> Server:
        """One server.

        Raises:
            UsageError: If there is none of this name.
        """
        servers = self.servers()
        if name not in servers:
            add = "add it with `agent tools add-mcp`"
            known = f"choose from {', '.join(servers)}" if servers else add
            msg = f"there is no MCP server {name[:60]!r}: {known}"
            raise UsageError(msg)
        return servers[name]

    def pinned(self, server: Server) -> Pinned | None:
        """What the person has seen of a server; None if nothing, or of another than this."""
        file = self._file(server.name)
        key = (server.identity, *_state(file))
        if server.name not in self._seen or self._seen[server.name][0] != key:
            self._seen[server.name] = (key, _pinned(read_json(file), server.identity))
        return self._seen[server.name][1]

    def add(self, server: Server, tools: Iterable[Definition]) -> None:
        """Keep a server and its tools, in place of what was kept under its name.

        Raises:
            UsageError: If it can't be written, or another server has the same module.
        """
        with locked(self._data):
            servers = self.servers() if self.exists() else {}
            for other in servers.values():
                if other.module == server.module and other.name != server.name:
                    msg = f"the server {other.name} has this name in Python: choose another name"
                    raise UsageError(msg)
            known = {tool.name: tool for tool in tools}
            text = module_source(server.name, server.module, known.values())
            write_text(self.modules / "__init__.py", INIT, mode=0o644)
            write_text(self.module_file(server), text, mode=0o644)
            self._write_pins(server.name, Pinned(identity=server.identity, tools=known))
            self._set(server.name, server.to_json())

    def remove(self, name: str) -> None:
        """Forget a server.

        Raises:
            UsageError: If there is none of this name.
        """
        with locked(self._data):
            server = self.get(name)
            self._set(name, None)
            for file in (self.module_file(server), self._file(name)):
                file.unlink(missing_ok=True)
        self.tidy()

    def tidy(self) -> None:
        """Take away the rooms of servers that are not kept, unless something was left there."""
        known = self.servers() if self.exists() else {}
        for room in (self._data / "rooms").glob("*"):
            if room.name not in known:
                with suppress(OSError):
                    room.rmdir()

    def hold(self, server: Server, held: Mapping[str, str]) -> None:
        """Keep tools from being found and called, and no others: they are not what they were."""
        with locked(self._data):
            pinned = self.pinned(server)
            if pinned is not None and dict(pinned.held) != dict(held):
                changed = Pinned(identity=pinned.identity, tools=pinned.tools, held=held)
                self._write_pins(server.name, changed)

    def module_file(self, server: Server) -> Path:
        """The module by which code in the kernel calls a server."""
        return self.modules / f"{server.module}.py"

    def _file(self, name: str) -> Path:
        return self._data / "servers" / f"{name}.json"

    def _server(self, name: str, entry: Any) -> Server:
        try:
            return Server.from_json(name, entry)
        except UsageError as error:
            msg = f"{self.configuration}: {error}"
            raise UsageError(msg) from None

    def _entries(self) -> dict[str, Any]:
        found = read_json(self.configuration)
        if not isinstance(found, dict):
            msg = f"{self.configuration} is not valid JSON: correct it, or remove it"
            raise UsageError(msg)
        return found

    def _set(self, name: str, entry: dict[str, Any] | None) -> None:
        entries = self._entries()
        servers = {n: e for n, e in entries.get("mcpServers", {}).items() if n != name}
        servers |= {name: entry} if entry is not None else {}
        # Values of variables may be secrets.
        write_json(self.configuration, {**entries, "mcpServers": servers}, mode=0o600)

    def _write_pins(self, name: str, pinned: Pinned) -> None:
        write_json(self._file(name), pinned.to_json(), mode=0o600)


def _pinned(found: Any, identity: str) -> Pinned | None:
    """What a file says of a server, if it is about this one."""
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        return None
    try:
        tools = [Definition.from_json(fields) for fields in found["tools"]]
        held = {str(name): str(reason) for name, reason in found["held"].items()}
        if found["identity"] != identity:
            return None
    except (KeyError, TypeError, AttributeError):
        return None
    return Pinned(identity=identity, tools={tool.name: tool for tool in tools}, held=held)


def _state(file: Path) -> tuple[int, ...]:
    """Differs whenever a file was written anew."""
    with suppress(OSError):
        found = file.stat()
        return (found.st_ino, found.st_mtime_ns, found.st_size)
    return ()
