"""Which modules, calls and magics a cell may not use, and what to use instead.

This is the teacher, not the wall: the operating system holds whatever slips through here. What
isolation already makes harmless is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

_NETWORK = "there is no network in the kernel"
_PROCESS = "the kernel starts no programs; do it in Python"
_NATIVE = "the kernel calls no native code of its own; use numpy or a tool"
_INSTALL = (
    "packages are installed from outside the kernel; use the tool `install_packages`, "
    "`agent exec --with NAME` or `Session.install`"
)
_SHELL = "there is no shell in the kernel; do it in Python, e.g. with pathlib"

_MODULES: dict[str, str] = {
    **dict.fromkeys(
        [
            "aiohttp",
            "anthropic",
            "boto3",
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
            "requests",
            "smtplib",
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
    **dict.fromkeys(["subprocess", "pexpect", "pty", "sh"], _PROCESS),
    **dict.fromkeys(["ctypes", "cffi", "_ctypes"], _NATIVE),
    **dict.fromkeys(["ensurepip", "pip", "venv"], _INSTALL),
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
    **dict.fromkeys(["perl", "pypy", "python", "python2", "python3", "ruby"], _PROCESS),
    **dict.fromkeys(["conda", "mamba", "micromamba", "pip", "uv"], _INSTALL),
    **dict.fromkeys(["js", "javascript"], "the kernel runs no code in the browser"),
    **dict.fromkeys(["connect_info", "qtconsole"], "the kernel has one client only"),
}


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What is refused: name → why, and what to do instead.

    Attributes:
        modules: Modules, with all below them.
        calls: Dotted names of functions.
        magics: Names of line and cell magics.
    """

    modules: Mapping[str, str] = field(default_factory=lambda: dict(_MODULES))
    calls: Mapping[str, str] = field(default_factory=lambda: dict(_CALLS))
    magics: Mapping[str, str] = field(default_factory=lambda: dict(_MAGICS))

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        """The policy that `plain` was made of."""
        return cls(**plain)

    def plain(self) -> dict[str, Any]:
        """As JSON-like data, which travels into the kernel."""
        return asdict(self)

    def module(self, name: str) -> str | None:
        """Why a module may not be imported; None if it may."""
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            prefix = ".".join(parts[:length])
            if reason := self.modules.get(prefix):
                return f"`{name}` is not allowed here: {reason}"
        return None

    def call(self, name: str) -> str | None:
        """Why a function may not be called; None if it may."""
        reason = self.calls.get(name)
        return f"`{name}` is not allowed here: {reason}" if reason else None

    def magic(self, name: str) -> str | None:
        """Why a magic may not be used; None if it may."""
        reason = self.magics.get(name)
        return f"`%{name}` is not allowed here: {reason}" if reason else None


DEFAULT = Policy()
"""What holds where nothing else is asked for."""
