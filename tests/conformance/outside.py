"""What lies outside of a sandbox and must not come to harm, and how to see that it did.

Harm is what counts, not messages: a secret that comes out, a file that changes, a process that
feels a signal, a byte that arrives at a listener.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import select
import shutil
import signal
import socket
import stat
import subprocess
import sysconfig
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.conformance.engines import Engine
from tests.support.identities import ROOT, environment, python

_PROTECTED = (".git", "learned_skills", "agent.toml", ".agent/canary")
_LARGEST = 1 << 20  # bytes of a file that is searched for secrets
_SECONDS = 2.0
_SET_ID = stat.S_ISUID | stat.S_ISGID


class Outside:
    """A person's home, files, programs and listeners, beside the workspaces of two kernels.

    Args:
        engine: Who the person is.
        folder: Where all of it lies; becomes the person's.
    """

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.folder = folder
        self.marks = folder / "outside" / "marks"
        self.secrets = {name: f"{name}-{secrets.token_hex(8)}" for name in _SECRETS}
        self.name = f"conformance-{secrets.token_hex(6)}"
        self._segment_key = secrets.randbelow(1 << 30) + 1
        self._furnish()
        self.listeners = Listeners(folder, self.name)
        self._watcher = self._start_sentinel(engine)
        self._state = self._look()
        self._feeling = self._feel()

    @property
    def environment(self) -> dict[str, str]:
        """Variables with a secret, for programs of the person."""
        return {"SOME_API_KEY": self.secrets["environment"]}

    def workspace(self, name: str) -> Path:
        """A workspace like a person's: a repository with settings and skills."""
        return self.folder / name

    @property
    def targets(self) -> dict[str, object]:
        """What the cells aim at, by the names that they use."""
        outside, home = self.folder / "outside", self.folder / "home"
        return {
            "secret": outside / "secret.txt",
            "readable": outside / "readable.txt",
            "victim": outside / "victim.txt",
            "outside": outside,
            "home": home,
            "home_secret": home / ".ssh" / "id_ed25519",
            "mark": self.marks / "mark",
            "name": self.name,
            # In two, so that source shown in a traceback is no leak: Python puts it together.
            "leak": self.secrets["leak"].replace("-", '-" "'),
            "sentinel": self._watcher.pid,
            "sentinel_memory": self._address,
            "segment_key": self._segment_key,
            "keyring_name": self.name,
            "tests": os.getpid(),
            "packages": sysconfig.get_path("purelib"),
            **self.listeners.targets,
        }

    def harm(self, told: str) -> list[str]:
        """What has come to harm since the last look; `told` is all that came out of a kernel."""
        found = [f"the secret {name} came out" for name, s in self.secrets.items() if s in told]
        found += self._changes()
        found += [f"{place} was made" for place in self._strays()]
        found += [f"something arrived at {listener}" for listener in self.listeners.contacts()]
        found += self._feelings()
        found += list(self._in_workspaces())
        if found:
            self._restore()
        return found

    def close(self) -> None:
        """Take all of it away."""
        self.listeners.close()
        self._end_sentinel()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _furnish(self) -> None:
        outside, home = self.folder / "outside", self.folder / "home"
        _write(self.marks / "empty", "", 0o644)
        self.marks.chmod(0o777)
        _write(outside / "secret.txt", self.secrets["file"], 0o600)
        _write(outside / "readable.txt", self.secrets["readable"], 0o644)
        _write(outside / "victim.txt", "untouched", 0o666)
        _write(outside / "program.py", f"open({str(self.marks / 'program')!r}, 'w')\n", 0o755)
        _write(home / ".ssh" / "id_ed25519", self.secrets["home"], 0o600)
        _write(home / ".bashrc", "# empty\n", 0o644)
        runtime = home / ".local" / "share" / "jupyter" / "runtime"
        _write(runtime / "kernel-1.json", json.dumps({"key": self.secrets["connection"]}), 0o600)
        for name in WORKSPACES:
            self._furnish_workspace(self.folder / name)

    def _furnish_workspace(self, workspace: Path) -> None:
        _write(workspace / ".git" / "hooks" / "sample", "#!/bin/sh\n", 0o755)
        _write(workspace / ".git" / "HEAD", "ref: refs/heads/main\n", 0o644)
        _write(workspace / ".git" / "config", "[core]\n\tbare = false\n", 0o644)
        _write(workspace / "agent.toml", "# nothing set\n", 0o644)
        _write(workspace / "learned_skills" / "known.py", "answer = 42\n", 0o644)
        _write(workspace / ".agent" / "canary", self.secrets["private"], 0o600)

    def _restore(self) -> None:
        shutil.rmtree(self.marks)
        for path in (self.folder / name / part for name in WORKSPACES for part in _PROTECTED):
            if path.is_symlink():
                path.unlink()
        self._furnish()
        if self._watcher.poll() is None:
            self._watcher.send_signal(signal.SIGCONT)
            self._feeling = self._feel("recover")
        self._state = self._look()

    def _look(self) -> dict[str, object]:
        roots = [self.folder / name for name in ("outside", "home")]
        roots += [self.folder / name / part for name in WORKSPACES for part in _PROTECTED]
        return {str(path): _state(path) for root in roots for path in _walk(root)}

    def _changes(self) -> Iterator[str]:
        now = self._look()
        for path in sorted(now.keys() | self._state.keys()):
            if now.get(path) != self._state.get(path):
                yield f"{path} changed from {self._state.get(path)} to {now.get(path)}"

    def _strays(self) -> Iterator[Path]:
        packages = sysconfig.get_path("purelib")
        for folder in ("/tmp", "/var/tmp", "/dev/shm", packages, str(ROOT)):
            for path in Path(folder).glob(f"{self.name}*"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
                yield path

    def _in_workspaces(self) -> Iterator[str]:
        for name in WORKSPACES:
            for path in (self.folder / name).rglob("*"):
                if ".agent" not in path.parts and (what := self._wrong_with(path)):
                    path.unlink()
                    yield f"{path}: {what}"

    def _wrong_with(self, path: Path) -> str | None:
        state = path.lstat()
        if stat.S_ISCHR(state.st_mode) or stat.S_ISBLK(state.st_mode):
            return "is a device"
        if not stat.S_ISREG(state.st_mode):
            return None
        if state.st_mode & _SET_ID:
            return "lends its owner's power"
        if state.st_size < _LARGEST:
            content = path.read_text(errors="replace")
            return next((f"holds {n}" for n, s in self.secrets.items() if s in content), None)
        return None

    def _start_sentinel(self, engine: Engine) -> subprocess.Popen[str]:
        program = python("-I", str(Path(__file__).with_name("sentinel.py")))
        process = subprocess.Popen(
            engine.command(self.folder, program),
            cwd=ROOT,
            env={**environment(self.folder / "home"), **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        wanted = {**self.secrets, "segment_key": self._segment_key, "keyring_name": self.name}
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(wanted) + "\n")
        process.stdin.flush()
        pid, self._address = map(int, process.stdout.readline().split())
        assert pid == process.pid
        return process

    def _feel(self, wish: str = "") -> Mapping[str, Any] | None:
        """The sentinel's report; None if it can't give one."""
        process = self._watcher
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(BrokenPipeError, json.JSONDecodeError):
            process.stdin.write(f"{wish}\n")
            process.stdin.flush()
            if select.select([process.stdout], [], [], _SECONDS)[0]:
                report: Mapping[str, Any] = json.loads(process.stdout.readline())
                return report
        return None

    def _feelings(self) -> Iterator[str]:
        now = self._feel()
        if now is None:
            yield "the sentinel does not answer"
        elif now != self._feeling:
            yield f"the sentinel was touched: {self._feeling} became {now}"

    def _end_sentinel(self) -> None:
        with suppress(subprocess.TimeoutExpired):
            self._watcher.communicate(timeout=_SECONDS)
        self._watcher.kill()
        self._watcher.wait()


WORKSPACES = ("guarded", "unguarded")
_SECRETS = (
    *("file", "readable", "home", "connection", "private", "environment", "memory"),
    *("descriptor", "segment", "keyring", "leak"),
)


class Listeners:
    """Sockets of every kind, on which nothing should ever arrive.

    Args:
        folder: Where those lie that have a path.
        name: A name for those that have one, but no path.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._sockets: dict[str, socket.socket] = {}
        outside, inside = folder / "outside", folder / "unguarded"
        stream, datagram = socket.SOCK_STREAM, socket.SOCK_DGRAM
        inet, unix = socket.AF_INET, socket.AF_UNIX
        self._paths = {
            "unix_outside": str(outside / "host.sock"),
            "unix_inside": str(inside / "host.sock"),
            "unix_abstract": f"\0{name}",
        }
        self._bind("tcp", inet, stream, ("127.0.0.1", 0))
        self._bind("udp", inet, datagram, ("127.0.0.1", 0))
        for place, address in self._paths.items():
            self._bind(place, unix, stream, address)
            self._bind(f"{place}_datagram", unix, datagram, f"{address}-datagram")

    @property
    def targets(self) -> dict[str, object]:
        """Where they listen; the address of a datagram socket ends in `-datagram`."""
        ports = {kind: self._sockets[kind].getsockname()[1] for kind in ("tcp", "udp")}
        return {**ports, **{k: p.replace("\0", "\\0") for k, p in self._paths.items()}}

    def contacts(self) -> list[str]:
        """Names of those at which something arrived since the last call."""
        ready = select.select(self._sockets.values(), [], [], 0)[0]
        found = [name for name, listener in self._sockets.items() if listener in ready]
        while ready:
            for listener in ready:
                _take(listener)
            ready = select.select(self._sockets.values(), [], [], 0)[0]
        return found

    def close(self) -> None:
        """Stop listening."""
        for listener in self._sockets.values():
            listener.close()

    def _bind(self, name: str, family: int, kind: int, address: Any) -> None:
        listener = self._sockets[name] = socket.socket(family, kind)
        listener.bind(address)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        if family == socket.AF_UNIX and not address.startswith("\0"):
            Path(address).chmod(0o777)


def _take(listener: socket.socket) -> None:
    if listener.type == socket.SOCK_STREAM:
        listener.accept()[0].close()
    else:
        listener.recv(1 << 16)


def _walk(root: Path) -> list[Path]:
    return [root] if root.is_symlink() else [root, *root.rglob("*")]


def _write(path: Path, text: str, mode: int) -> None:
    """Make a file what it was, whoever may own it by now."""
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir()
            _own_like_parent(folder)
    with suppress(FileNotFoundError):
        state = path.lstat()
        if stat.S_ISREG(state.st_mode) and path.read_text(errors="replace") == text:
            path.chmod(mode)
            return
        path.unlink()
    path.write_text(text)
    path.chmod(mode)
    _own_like_parent(path)


def _own_like_parent(path: Path) -> None:
    owner = path.parent.stat()
    os.chown(path, owner.st_uid, owner.st_gid)


def _state(path: Path) -> object:
    try:
        state = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(state.st_mode) else b""
        extra = os.listxattr(path, follow_symlinks=False)
    except FileNotFoundError:
        return None
    digest = hashlib.sha256(content).hexdigest()[:8]
    kept = (oct(state.st_mode), state.st_uid, state.st_nlink, state.st_size, state.st_mtime_ns)
    return (*kept, digest, tuple(extra))
