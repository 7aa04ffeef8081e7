"""pip inside the walls: resolves, then unpacks wheels into a directory; builds and runs nothing.

It can open no socket. Where pip's urllib3 would, it asks the host for a connection instead.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

SITE = "site"
_ANSWER = 1024
_NAME, _VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*"), re.compile(r"[A-Za-z0-9.+!_-]+")


class Gateway:
    """Asks the host for connections.

    Args:
        control: Socket (SOCK_SEQPACKET) to the host.
    """

    def __init__(self, control: int) -> None:
        self._control = socket.socket(fileno=control)
        self._turn = threading.Lock()

    def connect(
        self, address: tuple[str, int], timeout: Any = None, *_: Any, **__: Any
    ) -> socket.socket:
        """A connection, as `create_connection` of urllib3 gives it."""
        with self._turn:
            self._control.send(json.dumps({"host": address[0], "port": address[1]}).encode())
            descriptors = socket.recv_fds(self._control, _ANSWER, 1)[1]
        if not descriptors:
            msg = "the host gave no connection"
            raise OSError(msg)
        connection = socket.socket(fileno=descriptors[0])
        if timeout is None or isinstance(timeout, int | float):
            connection.settimeout(timeout)
        return connection


def serve(
    settings: Mapping[str, Any],
    descriptors: Sequence[int],
    control: int | None,
    announce: Callable[[], None],
) -> NoReturn:
    """Install, and exit with pip's code.

    Args:
        settings: `pip` (where pip is to be imported from, if not from the environment), `indexes`,
            `requirements`, `workspace`, `libraries` (what is installed already, under
            `site-packages`).
        descriptors: A socket to the host, and where output goes.
        control: Not used.
        announce: Tells the host that the walls are up.
    """
    gateway, output = descriptors
    for stream in (1, 2):
        os.dup2(output, stream)
    announce()
    try:
        code = _run(settings, Gateway(gateway))
    except Exception as error:
        print(f"ERROR: {type(error).__name__}: {error}")
        code = 1
    sys.stdout.flush()
    os._exit(code)


def _run(settings: Mapping[str, Any], gateway: Gateway) -> int:
    folder = Path(settings["workspace"])
    sys.path.remove(str(folder))  # what is unpacked there must not be imported here
    os.environ |= {"PIP_CONFIG_FILE": os.devnull, "TMPDIR": str(folder / "tmp")}
    if settings["pip"]:
        sys.path.insert(0, settings["pip"])
    installed = Path(settings["libraries"]["site-packages"])
    sys.path += map(str, installed.iterdir()) if installed.is_dir() else ()
    pip = _pip_by(gateway)
    return _install(pip, settings, folder)


def _pip_by(gateway: Gateway) -> Callable[[list[str]], int]:
    urllib3: Any = importlib.import_module("pip._vendor.urllib3.util.connection")
    assert callable(urllib3.create_connection), "this pip makes connections in a way we don't know"
    urllib3.create_connection = gateway.connect
    # Its own tells registries all about this machine, and reads files that may not be read here.
    session: Any = importlib.import_module("pip._internal.network.session")
    session.user_agent = lambda: "pip"
    main: Callable[[list[str]], int] = importlib.import_module("pip._internal.cli.main").main
    return main


def _install(pip: Callable[[list[str]], int], settings: Mapping[str, Any], folder: Path) -> int:
    """In two steps, because pip leaves out what is there already only if it has no target."""
    options = _options(settings["indexes"], folder)
    report = folder / "report.json"
    resolve = ["--dry-run", "--report", str(report), "--constraint", f"{folder}/constraints.txt"]
    if code := pip([*options, *resolve, "--", *settings["requirements"]]):
        return code
    pins = _pins(json.loads(report.read_text("utf-8")))
    target = ["--no-deps", "--target", str(folder / SITE)]
    return pip([*options, *target, "--", *pins]) if pins else 0


def _options(indexes: Sequence[str], folder: Path) -> list[str]:
    first, *others = indexes
    more = [word for index in others for word in ("--extra-index-url", index)]
    authorities = folder / "authorities.pem"
    return [
        *("install", "--isolated", "--no-input", "--no-color", "--disable-pip-version-check"),
        *("--only-binary", ":all:", "--progress-bar", "off", "--retries", "2", "--timeout", "20"),
        *("--cache-dir", f"{folder}/cache", "--index-url", first, *more),
        *(("--cert", str(authorities)) if authorities.exists() else ()),
    ]


def _pins(report: Mapping[str, Any]) -> list[str]:
    pins = []
    for entry in report["install"]:
        name, version = entry["metadata"]["name"], entry["metadata"]["version"]
        if not (_NAME.fullmatch(name) and _VERSION.fullmatch(version)):
            msg = f"a package calls itself {name!r} {version!r}"
            raise ValueError(msg)
        pins.append(f"{name}=={version}")
    return pins
