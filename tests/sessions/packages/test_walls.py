"""What a pip that was taken over could do: a program in its place tries, in the same walls."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import psutil
import pytest

from tests.support.identities import ROOT, Identity, possible, python, run
from tests.support.registry import PackageServer

# Stands for pip: tells what it could do, as a package that is then moved into place.
PROBE = """
import json, os, pathlib, signal, socket, subprocess, sys, urllib.request

TARGETS = json.loads((pathlib.Path(__file__).parents[3] / "targets.json").read_text())

def connect(family, kind, address):
    with socket.socket(family, kind) as s:
        s.settimeout(2)
        s.connect(address)

def other_environments():
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdecimal() and b"t0psecret" in (entry / "environ").read_bytes():
            return
    raise OSError

ATTEMPTS = {
    "secret file": lambda: open(TARGETS["secret"]).read(),
    "workspace": lambda: open(TARGETS["workspace"] + "/data.csv").read(),
    "home": lambda: open(TARGETS["home"] + "/.netrc").read(),
    "write interpreter": lambda: open(os.path.join(sys.prefix, "planted"), "w"),
    "write installed": lambda: open(TARGETS["installed"] + "/1/planted", "w"),
    "environment": lambda: os.environ["A_SECRET"],
    "other environments": other_environments,
    "tcp": lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", TARGETS["port"])),
    "tcp6": lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ("::1", TARGETS["port"])),
    "udp": lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 53)),
    "unix": lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, TARGETS["socket"]),
    "abstract": lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, TARGETS["abstract"]),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "url": lambda: urllib.request.urlopen(TARGETS["url"], timeout=2),
    "another program": lambda: subprocess.run(
        [sys.executable, "-c", f"import urllib.request as u; u.urlopen({TARGETS['url']!r})"],
        check=True, capture_output=True,
    ),
    "root": lambda: os.setuid(0) if os.getuid() else None,
    "mount": lambda: subprocess.run(["mount", "-t", "tmpfs", "x", "/tmp"], check=True),
}

def main(arguments):
    done = []
    for name, attempt in ATTEMPTS.items():
        try:
            attempt()
            done.append(name)
        except BaseException:
            pass
    try:  # what is written there may be a mere shadow of it, so the host looks
        open(TARGETS["workspace"] + "/planted", "w")
    except OSError:
        pass
    folder = pathlib.Path(arguments[arguments.index("--report") + 1]).parent
    (folder / "site").mkdir()
    (folder / "site" / "done.json").write_text(json.dumps(done))
    (folder / "report.json").write_text(json.dumps({"install": []}))
    return 0
"""

# Asks the host's gateway for what it must not give.
ASKS = """
import pip._vendor.urllib3.util.connection as c
def main(arguments):
    c.create_connection(("127.0.0.1", {port}))
    return 0
"""

DRIVER = """
import asyncio, json, sys
from pathlib import Path
from sessions import workspace
from sessions.errors import AgentError
from sessions.packages.installation import Installer
from sessions.packages.registries import Registries

async def main(folder, index, wanted, pip):
    given = {"pip": Path(pip)} if pip else {}
    with workspace.protected(Path(folder)):
        installer = Installer(
            workspace=Path(folder), registries=Registries.of([index]), **given
        )
        try:
            done = await installer.install([wanted])
            print(json.dumps({"installed": dict(done.versions)}))
        except AgentError as error:
            print(json.dumps({"error": type(error).__name__, "message": str(error)}))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    (folder / "workspace").mkdir(parents=True)
    (folder / "workspace" / "data.csv").write_text("1")
    (folder / ".netrc").write_text("t0psecret")
    (folder / "secret").write_text("t0psecret")
    return folder


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[dict[str, Any]]:
    """Sockets of the host that nobody inside may reach."""
    abstract = f"\0agent-test-{os.getpid()}"
    paths: list[Any] = [str(tmp_path / "s"), abstract]
    sockets = [socket.socket(socket.AF_UNIX) for _ in paths]
    for listener, path in zip(sockets, paths, strict=True):
        listener.bind(path)
        listener.listen()
    (tmp_path / "s").chmod(0o777)
    yield {"socket": paths[0], "abstract": abstract}
    for listener in sockets:
        listener.close()


def stand_in(folder: Path, main: str) -> Path:
    modules = {
        "__init__.py": "",
        "_internal/cli/main.py": main,
        "_internal/network/session.py": "",
        "_vendor/urllib3/util/connection.py": "def create_connection(address): raise OSError",
    }
    for name, source in modules.items():
        file = folder / "pip" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source)
    return folder


def install(
    identity: Identity, home: Path, index: str, wanted: str, pip: Path | None = None
) -> dict[str, Any]:
    arguments = [str(home / "workspace"), index, wanted, str(pip or "")]
    show = [pip] if pip else []
    ended: CompletedProcess[str] = run(
        identity, python("-c", DRIVER, *arguments), own=[home], show=show
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


@pytest.mark.parametrize("identity", possible())
def test_nothing_of_the_host_is_within_reach(
    identity: Identity, home: Path, listening: dict[str, Any], tmp_path: Path
) -> None:
    pip = stand_in(tmp_path / "stand-in", PROBE)
    installed = home / "workspace/.agent/environments/cpython-311/site-packages"
    with PackageServer() as server:
        targets = {
            "secret": str(home / "secret"),
            "workspace": str(home / "workspace"),
            "home": str(home),
            "installed": str(installed),
            "port": server.port,
            "url": f"http://127.0.0.1:{server.port}/",
            **listening,
        }
        (pip / "targets.json").write_text(json.dumps(targets))
        told = install(identity, home, server.index, "anything", pip)
        assert server.asked == []
    if told.get("error") == "IsolationError":
        assert identity not in (Identity.ROOT, Identity.USER)
        assert "can't be fetched in isolation" in told["message"]
        assert list(installed.glob("*")) == []
    else:
        assert told == {"installed": {}}
        assert json.loads((installed / "1/done.json").read_text()) == []
    assert not (home / "workspace" / "planted").exists()


def test_the_gateway_gives_no_other_connection(home: Path, tmp_path: Path) -> None:
    with PackageServer() as server, PackageServer() as other:
        pip = stand_in(tmp_path / "stand-in", ASKS.format(port=other.port))
        told = install(Identity.ROOT, home, server.index, "anything", pip)
        assert (other.asked, server.asked) == ([], [])
    assert told["error"] == "RefusedError"
    assert "is not an allowed registry" in told["message"]


def test_it_ends_with_a_host_that_is_killed(home: Path) -> None:
    with PackageServer() as server:
        server.stall = "/simple/slow/"
        arguments = ["-c", DRIVER, str(home / "workspace"), server.index, "slow", ""]
        host = subprocess.Popen(python(*arguments), cwd=ROOT)
        assert server.stalled.wait(30)
        below = psutil.Process(host.pid).children(recursive=True)
        assert len(below) >= 3
        mounts = Path("/proc/self/mountinfo").read_text().count("agent-")
        host.kill()
        host.wait()
        gone, alive = psutil.wait_procs(below, timeout=10)
    assert (len(gone), alive) == (len(below), [])
    assert Path("/proc/self/mountinfo").read_text().count("agent-") <= mounts


@pytest.mark.parametrize("identity", possible())
def test_an_ordinary_user_installs_too_or_is_told_why_not(identity: Identity, home: Path) -> None:
    with PackageServer() as server:
        server.add("plain", {"plain.py": ""})
        told = install(identity, home, server.index, "plain")
        asked = list(server.asked)
    if identity in (Identity.ROOT, Identity.USER) or "installed" in told:
        assert told == {"installed": {"plain": "1.0"}}
    else:
        assert told["error"] == "IsolationError", told
        assert asked == []
