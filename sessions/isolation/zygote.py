"""A warm parent: imports once what kernels need, then forks a sandbox in a few milliseconds.

It stays single-threaded, because a fork copies only the thread that asks for it; opens no event
loop and no ZeroMQ context; and ends with its owner, whose end of the control socket it reads.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import random
import signal
import socket
import sys
from typing import NoReturn

from .launch import Launch
from .syscalls import die_with_parent

_MESSAGE = 65_536
_DESCRIPTORS = 8

# Imported by a kernel while it starts or runs its first cells; found by comparing `sys.modules`.
_KERNEL = (
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.extensions.storemagic",
    "faulthandler",
    "ipykernel.codeutil",
    "ipykernel.pickleutil",
    "jedi",
    "pdb",
    "sqlite3",
)


def serve(control: int) -> NoReturn:
    """Warm up, say so, then fork a sandbox for each message until the owner is gone.

    Args:
        control: Socket (SOCK_SEQPACKET). The first message names what to import: `packages`
            (directories to import from) and `preload` (modules). Each later one brings the
            descriptors of a sandbox, and is answered with the process id and a descriptor of it.
    """
    owner = socket.socket(fileno=control)
    _warm(json.loads(owner.recv(_MESSAGE)))
    _become_template(owner)
    threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208 -- their number is all we need
    owner.send(json.dumps({"threads": threads}).encode())
    if threads != 1:
        os._exit(1)
    while True:
        message, descriptors, *_ = socket.recv_fds(owner, _MESSAGE, _DESCRIPTORS)
        _take_in_the_ended()
        if not message:
            os._exit(0)
        _fork(owner, descriptors)


def _warm(wanted: dict[str, list[str]]) -> None:
    sys.path += [path for path in wanted["packages"] if path not in sys.path]
    app = importlib.import_module("_agent_kernel.serving")
    for name in (*_KERNEL, *wanted["preload"]):
        with contextlib.suppress(ImportError):  # what is not installed is not needed
            importlib.import_module(name)
    app.rehearse()


def _become_template(owner: socket.socket) -> None:
    """Go on in a copy with a kernel made ahead; the process that it was waits and ends with it."""
    origin = os.getpid()
    if copy := importlib.import_module("_agent_kernel.serving").become_template(owner.fileno()):
        owner.close()
        os.waitpid(copy, 0)
        os._exit(0)
    die_with_parent()
    if os.getppid() != origin:
        os._exit(0)


def _fork(owner: socket.socket, descriptors: list[int]) -> None:
    pid = os.fork()
    if pid == 0:
        owner.close()
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _reseed()
        alive, report, control, *listeners = descriptors
        Launch(alive, report, control, listeners).run()
    process = os.pidfd_open(pid)
    socket.send_fds(owner, [str(pid).encode()], [process])
    for descriptor in (process, *descriptors):
        os.close(descriptor)


def _reseed() -> None:
    """Give a child random numbers of its own."""
    random.seed()
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()


def _take_in_the_ended() -> None:
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue
