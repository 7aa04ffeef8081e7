"""The program that becomes a sandbox: `python -I launcher.py ALIVE REPORT LISTENER…`.

```
host ── launcher ── gate ── init (pid 1 inside) ── kernel
          waits,     waits    reaps; ends when       runs cells
          cleans up           the host is gone
```

The arguments are inherited descriptors: a socket on which the specification comes and whose end
means that the host is gone, a pipe for the report, and the kernel's listening sockets. Everything
is imported before the walls go up, so that the sandbox needs no view of our own files, and under
private names, so that a package of the same name in the workspace is still the user's.
"""

from __future__ import annotations

import importlib.util
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

_SESSIONS = Path(__file__).resolve().parent.parent


def _load_package(name: str, folder: Path) -> ModuleType:
    """Import a package of ours under a private name."""
    where = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert where is not None
    assert where.loader is not None
    package = importlib.util.module_from_spec(where)
    sys.modules[name] = package
    where.loader.exec_module(package)
    return package


def main(arguments: Sequence[str]) -> NoReturn:
    """Read the specification, put the walls up, run the kernel; exits with the kernel's code."""
    control, report, *listeners = (int(argument) for argument in arguments)
    alive = socket.socket(fileno=control)
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # 100 ms, and nobody could attach
    _load_package("_agent_isolation", _SESSIONS / "isolation")
    _load_package("_agent_kernel", _SESSIONS / "kernel")
    with _Reporting(report):
        spec_json = alive.makefile().readline()
        sys.path += [p for p in json.loads(spec_json)["packages"] if p not in sys.path]
        walls = importlib.import_module("_agent_isolation.walls")
        kernel = importlib.import_module("_agent_kernel.app")
        sandbox = walls.Walls.around(spec_json)
        gate = os.fork()
        if gate == 0:
            _gate(sandbox, kernel.serve, alive, report, listeners)
    _close(alive.detach(), report, *listeners)
    code = _wait(gate)
    sandbox.take_down()
    os._exit(code)


def _gate(
    sandbox: Any,
    serve: Callable[..., NoReturn],
    alive: socket.socket,
    report: int,
    listeners: list[int],
) -> NoReturn:
    """Enters the namespaces, which the launcher must stay out of to be able to clean up."""
    with _Reporting(report):
        sandbox.raise_outer()
        first = os.fork()
        if first == 0:
            _init(sandbox, serve, alive, report, listeners)
    _close(alive.detach(), report, *listeners)
    os._exit(_wait(first))


def _init(
    sandbox: Any,
    serve: Callable[..., NoReturn],
    alive: socket.socket,
    report: int,
    listeners: list[int],
) -> NoReturn:
    """First process of the sandbox: outlives kernels, reaps orphans, ends with the host."""
    with _Reporting(report):
        sandbox.raise_inner()
        kernel = os.fork()
        if kernel == 0:
            alive.close()
            with _Reporting(report):
                held = sandbox.confine()
                serve(sandbox.kernel_settings, listeners, _announcer(report, held))
        sandbox.retire()
    _close(report, *listeners)
    code = _reap(kernel, alive)
    sandbox.sweep()
    os._exit(code)


def _reap(kernel: int, alive: socket.socket) -> int:
    """Take in ended processes until the kernel is among them, or the host is gone."""
    wake_out, wake_in = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(wake_in, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    os.kill(os.getpid(), signal.SIGCHLD)  # a kernel that died before the handler stood
    while True:
        ready = select.select([alive.fileno(), wake_out], [], [])[0]
        if alive.fileno() in ready:
            return 0
        with suppress(BlockingIOError):
            os.read(wake_out, 512)
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == kernel:
                    return _exit_code(ended[1])


def _wait(child: int) -> int:
    return _exit_code(os.waitpid(child, 0)[1])


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _exit_code(status: int) -> int:
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


def _announcer(report: int, held: dict[str, Any]) -> Callable[[], None]:
    def announce() -> None:
        os.write(report, json.dumps({"ready": held}).encode())
        os.close(report)

    return announce


class _Reporting:
    """Sends an exception to the host as one line of JSON, and ends this process."""

    def __init__(self, report: int) -> None:
        self._report = report

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        if kind is None:
            return
        with suppress(OSError):
            told = {"error": f"{kind.__name__}: {error}", "refused": issubclass(kind, OSError)}
            os.write(self._report, json.dumps(told).encode())
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
