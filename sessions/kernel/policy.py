"""Which modules, calls and magics a cell may not use, and what to use instead.

This is the teacher, not the wall: the operating system holds whatever slips through here. What
isolation already makes harmless is allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

_NETWORK = (
    "there is no network in the kernel; for a web page use the tool `fetch_page` "
    "(`from agent_tools.web import fetch_page`), and ask the person to put files into the workspace"
)
_PROCESS = "the kernel starts no programs; do it in Python"
_NATIVE = "the kernel calls no native code of its own; use numpy or a tool"
_INSTALL = (
    "packages are not installed from a cell; use the tool `install_packages`, "
    "`agent exec --with NAME` or `Session.install`"
)
_SHELL = "there is no shell in the kernel; do it in Python, e.g. with pathlib"
_OURS = "it belongs to the kernel itself"
_STRICT = "strict is on, which is for small pure functions: take what you need as arguments"
_ADDED = "the settings refuse it; do without, or ask the person"

_MODULES: dict[str, str] = {
    **dict.fromkeys(
        [
            "aiohttp",
            "anthropic",
            "boto3",
            "botocore",
            "ftplib",
            "http.client",
            "http.server",
            "httpx",
            "httpx2",
            "imaplib",
            "nntplib",
            "openai",
            "paramiko",
            "poplib",
            "psycopg",
            "psycopg2",
            "pymongo",
            "pymysql",
            "redis",
            "requests",
            "smtplib",
            "_socket",
            "socket",
            "socketserver",
            "telnetlib",
            "urllib.request",
            "urllib3",
            "webbrowser",
            "websockets",
            "xmlrpc",
        ],
        _NETWORK,
    ),
    **dict.fromkeys(["_posixsubprocess", "subprocess", "pexpect", "pty", "sh"], _PROCESS),
    **dict.fromkeys(["ctypes", "cffi", "_ctypes"], _NATIVE),
    **dict.fromkeys(["ensurepip", "pip", "venv"], _INSTALL),
    **dict.fromkeys(["_agent_isolation", "_agent_kernel"], _OURS),
}

_CALLS: dict[str, str] = {
    f"os.{name}": _PROCESS
    for name in (
        *("system", "popen", "posix_spawn", "posix_spawnp", "fork", "forkpty"),
        *("execl", "execle", "execlp", "execlpe", "execv", "execve", "execvp", "execvpe"),
        *("spawnl", "spawnle", "spawnlp", "spawnlpe", "spawnv", "spawnve", "spawnvp", "spawnvpe"),
    )
}

_MAGICS: dict[str, str] = {
    **dict.fromkeys(["system", "sx", "sc", "bash", "sh", "script", "cmd"], _SHELL),
    **dict.fromkeys(["alias", "cat", "cp", "ldir", "lf", "lk", "ll", "ls", "lx", "mkdir"], _SHELL),
    **dict.fromkeys(["man", "mv", "rehashx", "rm", "rmdir"], _SHELL),
    **dict.fromkeys(["perl", "pypy", "python", "python2", "python3", "ruby"], _PROCESS),
    **dict.fromkeys(["conda", "mamba", "micromamba", "pip", "uv"], _INSTALL),
    **dict.fromkeys(["js", "javascript"], "the kernel runs no code in the browser"),
    **dict.fromkeys(["connect_info", "qtconsole"], "the kernel has one client only"),
}


_STRICT_NAMES = dict.fromkeys(
    (*("eval", "exec", "__import__", "open"), "importlib.import_module", "io.open", "os.open"),
    _STRICT,
)
_NAME = re.compile(r"%{0,2}[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is refused: name → why, and what to do instead; an empty reason allows.

    Attributes:
        modules: Modules, with all below them; of several that fit, the longest counts.
        calls: Dotted names of functions.
        magics: Names of line and cell magics.
        strict: Whether cells are small pure functions alone: what RestrictedPython refuses is
            refused too, and `eval`, `exec`, `__import__` and `open`.
    """

    modules: Mapping[str, str] = field(default_factory=lambda: dict(_MODULES))
    calls: Mapping[str, str] = field(default_factory=lambda: dict(_CALLS))
    magics: Mapping[str, str] = field(default_factory=lambda: dict(_MAGICS))
    strict: bool = False

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The policy that `plain` was made of."""
        return cls(**plain)

    def plain(self) -> dict[str, Any]:
        """As JSON-like data, which travels into the kernel."""
        tables = {"modules": self.modules, "calls": self.calls, "magics": self.magics}
        return {**{name: dict(table) for name, table in tables.items()}, "strict": self.strict}

    def refusing(self, *names: str) -> Self:
        """A policy that refuses these as well: `duckdb`, `os.remove`, `%store`.

        Raises:
            ValueError: If one is no name of a module, function or magic.
        """
        return self._with(names, _ADDED)

    def allowing(self, *names: str) -> Self:
        """A policy that allows these, with all below them; the walls stay as they are.

        Raises:
            ValueError: If one is no name of a module, function or magic.
        """
        return self._with(names, "")

    def strictly(self, strict: bool = True) -> Self:
        """A policy that is strict, or is not."""
        return replace(self, strict=strict)

    def module(self, name: str) -> str | None:
        """Why a module may not be imported; None if it may."""
        known = name
        while known and known not in self.modules:
            known = known.rpartition(".")[0]
        reason = self.modules.get(known)
        return f"`{known}` is not allowed here: {reason}" if reason else None

    def call(self, name: str) -> str | None:
        """Why a function may not be used; None if it may."""
        name = name.removeprefix("builtins.")
        reason = self.calls.get(name)
        if reason is None and self.strict:
            reason = _STRICT_NAMES.get(name)
        return f"`{name}` is not allowed here: {reason}" if reason else None

    def magic(self, name: str) -> str | None:
        """Why a magic may not be used; None if it may."""
        reason = self.magics.get(name)
        return f"`%{name}` is not allowed here: {reason}" if reason else None

    def name(self, name: str) -> str | None:
        """Why a module or function may not be used; None if it may."""
        return self.module(name) or self.call(name)

    @property
    def roots(self) -> frozenset[str]:
        """First parts of all names of modules and functions that something is said about."""
        return frozenset(name.partition(".")[0] for name in (*self.modules, *self.calls))

    def _with(self, names: Iterable[str], reason: str) -> Self:
        modules, calls, magics = dict(self.modules), dict(self.calls), dict(self.magics)
        for name in names:
            _check_name(name)
            if name.startswith("%"):
                magics[name.lstrip("%")] = reason
                continue
            for known in (modules, calls):
                below = [one for one in known if one.startswith(f"{name}.")]
                known.update(dict.fromkeys([name, *below], reason))
        return replace(self, modules=modules, calls=calls, magics=magics)


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        examples = "'duckdb', 'os.remove' or '%store'"
        msg = f"{name!r} is no name of a module, function or magic, such as {examples}"
        raise ValueError(msg)


DEFAULT = Policy()
"""What holds where nothing else is asked for."""
