"""A sandbox without namespaces, for an ordinary user who can have none.

Landlock, seccomp and limits hold alone. Nothing but names and sizes of files and the numbers of
processes can be learnt of what lies outside. Three domains for signals, each within the one before,
stand in for the namespace of processes:

```
launcher ⊃ init ⊃ kernel
```
so that the kernel reaches neither of the others, and either of them ends all that is below it.
"""

from __future__ import annotations

import importlib.abc
import os
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from . import landlock, scope, seccomp, tasks, view
from .broker import CALLS, Broker, Protected
from .layers import Layers
from .notify import Desk
from .spec import ALONE, Layer, Spec
from .syscalls import (
    adopt_orphans,
    die_with_parent,
    drop_bounding_capabilities,
    drop_capabilities,
    dumpable,
    hear_of_parent,
    no_new_privileges,
    undumpable,
)

_OF_THE_MACHINE = (
    *("cpuinfo", "meminfo", "stat", "loadavg", "uptime", "version", "filesystems"),
    "sys/vm/overcommit_memory",
)
_WITHOUT = (
    "Landlock and seccomp hold alone, and cells can find out which files and processes there are "
    "outside, though not what is in them"
)
_NEED_SHARED_MEMORY = ("multiprocessing.synchronize", "multiprocessing.shared_memory")


class Alone:
    """Landlock, seccomp and limits.

    Args:
        spec: The sandbox.
        why: Why there are no namespaces.
    """

    required: tuple[Layer, ...] = ALONE

    def __init__(self, spec: Spec, why: str) -> None:
        self._spec = spec
        self._why = why
        self._launcher = 0
        # Nobody else sees this directory of ours; the mount point of other ways, here a plain one.
        self._scratch = f"{spec.mount_point}/tmp"
        self._empty = Path(spec.mount_point, "empty")

    def begin(self) -> None:
        """Hold signals back, so that all below can be ended whatever it did."""
        self._launcher = os.getpid()
        adopt_orphans()
        scope.enter()
        Path(self._scratch, "home").mkdir(parents=True)
        self._empty.mkdir()

    def enter(self, layers: Layers) -> None:
        """Adopt what loses its parent, and end all of it if the launcher is gone."""
        layers.lack("namespaces", f"none can be had ({self._why}): {_WITHOUT}")
        layers.lack("uid", f"the kernel keeps the id of user {os.geteuid()}, without capabilities")
        signal.signal(signal.SIGTERM, self._end)
        hear_of_parent(signal.SIGTERM)
        if os.getppid() != self._launcher:
            os._exit(1)
        undumpable()
        adopt_orphans()
        scope.enter()
        # What answers for the kernel can do no more than this, should it be mistaken.
        workspace = self._spec.workspace
        self._hold_files(read=["/proc", str(self._empty)], write=[workspace])
        self._listening, self._told = socket.socketpair()

    def retire(self) -> None:
        """Keep no capability, and answer for the workspace from here on."""
        self._told.close()
        _give_up_power()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        _, descriptors, *_ = socket.recv_fds(self._listening, 1, 1)
        self._listening.close()
        if descriptors:
            desk = Desk(descriptors[0])
            # This process is one of them, as where the system counts those of a sandbox.
            ceiling = tasks.Ceiling(os.getpid(), self._spec.processes - 1)
            workspace, protected = self._spec.workspace, self._protected()
            Broker(desk, workspace, protected, str(self._empty), ceiling).serve()

    def _protected(self) -> Protected:
        """Relative paths; a hidden file, as git's in a worktree, is not more than read-only."""
        spec = self._spec
        hidden = tuple(name for name in spec.hidden if Path(spec.workspace, name).is_dir())
        others = tuple(name for name in spec.hidden if name not in hidden)
        shown = [Path(path) for path in (*spec.code, *spec.libraries.values())]
        inside = [path for path in shown if path.is_relative_to(spec.workspace)]
        code = tuple(str(path.relative_to(spec.workspace)) for path in inside)
        return Protected(hidden=hidden, read_only=(*others, *spec.read_only, *code))

    def environment(self) -> Mapping[str, str]:
        """The specification's, with a directory of our own for /tmp, and a name that needs none."""
        moved = {
            name: self._scratch + value.removeprefix("/tmp") if value.startswith("/tmp") else value
            for name, value in self._spec.environment.items()
        }
        return {**moved, "LOGNAME": "agent"}

    def libraries(self) -> Mapping[str, str]:
        """Where they lie on the host."""
        return self._spec.libraries

    def tasks(self) -> int:
        """The user's tasks of now and some more: see `_serve` for the limit of this sandbox."""
        return tasks.room(self._spec.processes)

    def confine(self, layers: Layers) -> None:
        """Landlock and seccomp."""
        die_with_parent()
        dumpable()  # for init, which reads the paths of calls that wait
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        tempfile.tempdir = None  # found anew, in the environment of here
        self._listening.close()
        os.umask(0o022)
        _give_up_power()
        if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208 -- their number is all we need
            raise OSError(22, "the kernel has threads already, which no filter would hold")
        self._hold_files(read=[], write=[])
        layers.hold("landlock", f"version {landlock.abi()}: files, signals and tracing")
        rules = [*seccomp.rules(), *seccomp.without_namespaces()]
        listener = seccomp.restrict_and_listen(rules, CALLS.values())
        socket.send_fds(self._told, [b"x"], [listener])
        os.close(listener)
        self._told.close()
        seccomp.restrict([*seccomp.without_descriptors(), seccomp.NO_NEW_NAMESPACES])
        layers.hold("seccomp", "no sockets, tracing, queues or file attributes")
        layers.hold("network", "held by seccomp: no socket can be made, connected or bound")
        _explain_missing_memory()

    def sweep(self) -> None:
        """End all that descends from init."""
        scope.end_all_below()

    def take_down(self) -> None:
        """End all that descends from the launcher."""
        scope.end_all_below()

    def _end(self, *_: object) -> NoReturn:
        self.sweep()
        os._exit(1)

    def _hold_files(self, *, read: Sequence[str], write: Sequence[str]) -> None:
        spec = self._spec
        machine = [f"/proc/{name}" for name in _OF_THE_MACHINE]
        shown = [*view.CONFIGURATION, view.PROCESSORS, *spec.libraries.values(), *spec.data]
        landlock.restrict(
            landlock.Paths(
                run=[*view.SYSTEM, *spec.interpreter],
                read=[*shown, *machine, *read],
                write=[self._scratch, *view.DEVICES, *write],
            )
        )


def _give_up_power() -> None:
    no_new_privileges()
    drop_bounding_capabilities()
    drop_capabilities()


def _explain_missing_memory() -> None:
    for name in _NEED_SHARED_MEMORY:
        sys.modules.pop(name, None)
    sys.meta_path.insert(0, _NoSharedMemory())


class _NoSharedMemory(importlib.abc.MetaPathFinder):
    """Says why locks and memory can't be shared between processes, before the system's "EACCES"."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        if name in _NEED_SHARED_MEMORY:
            msg = (
                "processes can't share locks or memory here: that takes user namespaces, which "
                "this system refuses (`agent doctor` says more); use threads, or a pipe"
            )
            raise ImportError(msg)
