"""An MCP server that the person added: how it is started or reached, and with which environment."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from sessions.errors import UsageError
from tools_registry.mcp import names

INHERITED = ("HOME", "LANG", "PATH", "TMPDIR", "TZ")
"""What a server gets of the person's environment; the rest is named by the person, or not there."""

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,199}")


@dataclass(frozen=True, kw_only=True)
class Server:
    """How to get at one server. It has a command or a URL, never both.

    Attributes:
        name: What the person calls it: lower case letters, digits, `-` and `_`.
        command: Program and arguments of a server that speaks over stdin and stdout.
        url: Of a server that speaks Streamable HTTP.
        env: Variables with the values that the person wrote.
        env_from: Names of variables that are passed on as they are when it starts.
        bearer_from: Variable with the token that is sent to the URL.

    Raises:
        UsageError: If that makes no server.
    """

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    env: Mapping[str, str] = field(default_factory=dict)
    env_from: tuple[str, ...] = ()
    bearer_from: str = ""

    def __post_init__(self) -> None:
        check_name(self.name)
        if bool(self.command) == bool(self.url):
            msg = (
                f"the server {self.name} needs a command or a URL, not both: write "
                f"`{self.name} -- COMMAND ARGS…` or `{self.name} --url https://…`"
            )
            raise UsageError(msg)
        for name in (*self.env, *self.env_from, *([self.bearer_from] if self.bearer_from else [])):
            if not _VARIABLE.fullmatch(name):
                msg = f"{name[:40]!r} is no name of an environment variable: write KEY=VALUE"
                raise UsageError(msg)
        if self.url:
            _check_url(self.url)
            if self.env or self.env_from:
                msg = "a server with a URL has its own environment: leave out --env and --env-from"
                raise UsageError(msg)
        elif self.bearer_from:
            msg = "--bearer-from is for servers with a URL: pass the variable with --env-from"
            raise UsageError(msg)
        if any("\0" in text for text in (*self.command, *self.env.values())):
            msg = "a command can't have null characters"
            raise UsageError(msg)

    @property
    def module(self) -> str:
        """Name of its module inside the kernel."""
        return names.identifier(self.name, names.FUNCTIONS, "server")

    @property
    def identity(self) -> str:
        """A hash of what it is; differs as soon as another command or URL is meant."""
        text = json.dumps([self.command, self.url])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def place(self) -> str:
        """Where it runs, in a line for the person."""
        return shlex.join(self.command) if self.command else self.url

    def environment(self) -> dict[str, str]:
        """All environment variables that its process gets.

        Raises:
            UsageError: If a variable that is to be passed on is not set.
        """
        defaults = {"LANG": "C.UTF-8", "PATH": os.defpath, "TMPDIR": tempfile.gettempdir()}
        kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
        passed = {name: self._variable(name) for name in self.env_from}
        return {**defaults, **kept, **passed, **self.env}

    def token(self) -> str:
        """What it is sent as proof of who asks; "" for nothing.

        Raises:
            UsageError: If the variable is not set.
        """
        return self._variable(self.bearer_from) if self.bearer_from else ""

    def _variable(self, name: str) -> str:
        if (value := os.environ.get(name)) is None:
            msg = f"the server {self.name} is to get the variable {name}, which is not set: set it"
            raise UsageError(msg)
        return value

    def settled(self) -> Server:
        """The same with a relative path of its program made whole: it is started elsewhere."""
        if not self.command or "/" not in self.command[0]:
            return self
        program = str(Path(self.command[0]).expanduser().absolute())
        return replace(self, command=(program, *self.command[1:]))

    def to_json(self) -> dict[str, Any]:
        """As it stands in `mcp.json`, which has the form that other clients use."""
        if self.url:
            more = {"bearerFrom": self.bearer_from} if self.bearer_from else {}
            return {"url": self.url, **more}
        entry: dict[str, Any] = {"command": self.command[0], "args": list(self.command[1:])}
        entry |= {"env": dict(self.env)} if self.env else {}
        return entry | ({"envFrom": list(self.env_from)} if self.env_from else {})

    @classmethod
    def from_json(cls, name: str, entry: Any) -> Self:
        """Read an entry of `mcp.json`; what other clients keep there besides is left alone.

        Raises:
            UsageError: If it makes no server.
        """
        try:
            if "url" in entry:
                bearer = _text(entry.get("bearerFrom", ""))
                return cls(name=name, url=_text(entry["url"]), bearer_from=bearer)
            return cls(
                name=name,
                command=tuple(map(_text, [entry["command"], *entry.get("args", [])])),
                env={_text(key): _text(value) for key, value in entry.get("env", {}).items()},
                env_from=tuple(map(_text, entry.get("envFrom", []))),
            )
        except (KeyError, TypeError, AttributeError):
            msg = f"the server {name[:40]!r} needs a `command` with `args`, or a `url`"
            raise UsageError(msg) from None


def check_name(name: str) -> None:
    """Refuse what is no name of a server.

    Raises:
        UsageError: If it is none.
    """
    if not _NAME.fullmatch(name):
        msg = (
            f"{name[:60]!r} can't be the name of a server: take lower case letters, digits, - and "
            "_, a letter first, at most 40"
        )
        raise UsageError(msg)


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable()
        _ = parts.port
    except ValueError:
        known = False
    if not known:
        msg = f"{url[:80]!r} is no address of a server: write https://HOST/PATH"
        raise UsageError(msg)
    if parts.username or parts.password:
        msg = "the URL has a password in it: pass it in a variable, with --bearer-from NAME"
        raise UsageError(msg)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
