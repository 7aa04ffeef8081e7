"""The only git of ours that speaks to other machines: it fetches into a store, and pushes from it.

A store is a bare repository of ours in the person's cache, without a working tree, hooks or any
setting of a stranger. Only https and ssh may be spoken. The person's own credential helpers, proxy
and ssh are used, for they are how the server is reached; nobody is asked for a password.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sessions.errors import AgentError
from tools_registry.git.process import Call, call_bytes, clean_environment, find_git
from tools_registry.git.remote import Remote
from tools_registry.git.repository import bare_repository

DEFAULT = "refs/heads/theirs"
SHARED = "refs/heads/agent/shared"
"""The branch of a server that libraries are pushed to; it is fetched beside its default one."""

_LARGEST = 64 << 20
_SECONDS = 120.0
_PASSED = (
    *("HOME", "USER", "LOGNAME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "SSH_AUTH_SOCK"),
    *("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE"),
)
_TAKEN = ("credential.", "http.proxy", "http.sslcainfo", "http.sslcapath", "core.sshcommand")
_OURS = {
    "core.hookspath": os.devnull,
    "fetch.fsckobjects": "true",
    "fetch.unpacklimit": "1",
    "gc.auto": "0",
    "http.lowspeedlimit": "1000",
    "http.lowspeedtime": "30",
    "maintenance.auto": "false",
    "push.recursesubmodules": "no",
    "submodule.recurse": "false",
}
_SSH = "ssh -oBatchMode=yes -oConnectTimeout=15"


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a server has.

    Attributes:
        default: The commit of its default branch, or None.
        shared: The commit of the branch that libraries are pushed to, or None.
    """

    default: str | None = None
    shared: str | None = None


class Store:
    """What was fetched from one server.

    Args:
        folder: The bare repository; made when it is needed.
        remote: The server.
        away_from: A folder whose programs are never run.
    """

    def __init__(self, folder: Path, remote: Remote, away_from: Path) -> None:
        self.folder = folder
        self._remote = remote
        self._away_from = away_from

    @classmethod
    def of(cls, remote: Remote, away_from: Path) -> Self:
        """The store of a server in the person's cache."""
        from platformdirs import user_cache_path

        name = hashlib.sha256(remote.url.encode()).hexdigest()[:24]
        folder = user_cache_path("ipysmith", appauthor=False) / "remotes" / f"{name}.git"
        return cls(folder, remote, away_from)

    def fetch(self) -> Fetched:
        """Fetch the newest commits, without what came before them.

        Raises:
            AgentError: If the server can't be reached, wants a password, or sends too much.
        """
        self._make()
        listing = self._git("ls-remote", self._remote.url, "HEAD", SHARED)
        there = {line.partition("\t")[2] for line in listing.splitlines()}
        default, shared = "HEAD" in there, SHARED in there
        wanted = [f"+HEAD:{DEFAULT}"] if default else []
        wanted += [f"+{SHARED}:{SHARED}"] if shared else []
        if wanted:
            options = ("--quiet", "--no-tags", "--no-recurse-submodules", "--depth=1")
            self._git("fetch", *options, "--no-write-fetch-head", self._remote.url, *wanted)
        return Fetched(
            default=self._commit(DEFAULT) if default else None,
            shared=self._commit(SHARED) if shared else None,
        )

    def push(self, commit: str) -> None:
        """Send a commit to the branch of shared libraries; never by force.

        Raises:
            AgentError: If the server can't be reached, refuses, or has something newer.
        """
        options = ("--quiet", "--porcelain", "--no-verify", "--no-follow-tags", "--no-signed")
        self._git("push", *options, self._remote.url, f"{commit}:{SHARED}")

    def _commit(self, ref: str) -> str:
        return self._git("rev-parse", "--verify", f"{ref}^{{commit}}").strip()

    def _make(self) -> None:
        """A store that is too full, or was not finished, is made anew: all in it can be fetched.

        Raises:
            AgentError: If that is not possible.
        """
        try:
            self._make_room()
        except OSError as error:
            msg = (
                f"{self._remote.text} can't be fetched to {self.folder.parent} ({error.strerror}): "
                "mend that directory, or set XDG_CACHE_HOME"
            )
            raise AgentError(msg) from error
        if bare_repository(self.folder) is None:
            self._git("init", "--quiet", "--bare", "--template=", str(self.folder), at_home=True)

    def _make_room(self) -> None:
        packs = (self.folder / "objects" / "pack").glob("*")
        if sum(pack.lstat().st_size for pack in packs) > 4 * _LARGEST:
            shutil.rmtree(self.folder)
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _git(self, *args: str, at_home: bool = False) -> str:
        program = find_git(self._away_from)
        place = {} if at_home else {"GIT_DIR": str(self.folder)}
        asked = Call(
            command=[program, "--no-pager", *args],
            folder=self.folder.parent,
            environment={**_environment(program, self._away_from), **place},
            timeout=_SECONDS,
            largest_file=_LARGEST,
        )
        try:
            return call_bytes(asked).decode("utf-8", "replace")
        except AgentError as error:
            told = str(error).partition(": ")[2] or str(error)
            msg = f"{self._remote.text} can't be used: {told.removeprefix('fatal: ')}"
            raise AgentError(msg) from error


def _environment(program: str, away_from: Path) -> dict[str, str]:
    environment = clean_environment()
    for name in ("GIT_EXEC_PATH", "GIT_OPTIONAL_LOCKS"):
        del environment[name]
    environment |= {name: os.environ[name] for name in _PASSED if name in os.environ}
    settings = [*_persons(program, away_from), *_OURS.items()]
    ssh = os.environ.get("GIT_SSH_COMMAND") or dict(settings).get("core.sshcommand") or _SSH
    return environment | {
        "PATH": _path(away_from),
        "GIT_ALLOW_PROTOCOL": "https:ssh",
        "GIT_SSH_COMMAND": ssh,
        **_as_variables(settings),
    }


def _path(away_from: Path) -> str:
    folders = (Path(entry) for entry in os.get_exec_path() if Path(entry).is_absolute())
    return os.pathsep.join(
        str(folder) for folder in folders if not folder.resolve().is_relative_to(away_from)
    )


def _persons(program: str, away_from: Path) -> list[tuple[str, str]]:
    """The person's own settings for reaching servers, in order: a key may have several values."""
    names = ("HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL")
    environment = clean_environment() | {n: os.environ[n] for n in names if n in os.environ}
    if "GIT_CONFIG_GLOBAL" not in os.environ:
        del environment["GIT_CONFIG_GLOBAL"]
    command = [program, "config", "--global", "--includes", "--null", "--list"]
    asked = Call(
        command=command, folder=Path("/"), environment=environment, timeout=10.0, codes=(0, 1, 128)
    )
    listing = call_bytes(asked).decode("utf-8", "replace")
    pairs = (entry.partition("\n") for entry in listing.split("\0"))
    return [(key, value) for key, _, value in pairs if key.startswith(_TAKEN)]


def _as_variables(settings: list[tuple[str, str]]) -> Mapping[str, str]:
    keys = {f"GIT_CONFIG_KEY_{i}": key for i, (key, _) in enumerate(settings)}
    values = {f"GIT_CONFIG_VALUE_{i}": value for i, (_, value) in enumerate(settings)}
    return {"GIT_CONFIG_COUNT": str(len(settings)), **keys, **values}
