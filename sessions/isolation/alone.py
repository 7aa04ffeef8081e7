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
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from . import landlock, scope, seccomp, view
from .layers import Layers
from .spec import ALONE, Layer, Spec
from .syscalls import (
    adopt_orphans,
    die_with_parent,
    drop_bounding_capabilities,
    drop_capabilities,
    hear_of_parent,
    no_new_privileges,
    undumpable,
)

_OF_ONESELF = ("stat", "statm", "status", "maps", "cmdline", "fd", "limits")
_OF_THE_MACHINE = ("cpuinfo", "meminfo", "stat", "loadavg", "uptime", "version", "filesystems")
_OVERCOMMIT = "/proc/sys/vm/overcommit_memory"
_FEWEST_TASKS = 200


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
        self._gate = 0
        # Nobody else sees this directory of ours; the mount point of other ways, here a plain one.
        self._scratch = f"{spec.mount_point}/tmp"

    def begin(self) -> None:
        """Hold signals back, so that all below can be ended whatever it did."""
        if self._spec.code:
            places = ", ".join(self._spec.code)
            msg = f"without namespaces, code of this Python in the workspace is exposed: {places}"
            raise PermissionError(msg)
        adopt_orphans()
        scope.enter()
        Path(self._scratch, "home").mkdir(parents=True)

    def enter(self, layers: Layers) -> None:
        """Say what is missing."""
        die_with_parent()
        self._gate = os.getpid()
        layers.lack("namespaces", f"none can be had ({self._why}); Landlock and seccomp hold alone")
        layers.lack("uid", f"the kernel keeps the id of user {os.geteuid()}, without capabilities")

    def settle(self) -> None:
        """Adopt what loses its parent, and end all of it if the gate is gone."""
        signal.signal(signal.SIGTERM, self._end)
        hear_of_parent(signal.SIGTERM)
        if os.getppid() != self._gate:
            os._exit(1)
        undumpable()
        adopt_orphans()
        scope.enter()

    def retire(self) -> None:
        """Keep no capability."""
        _give_up_power()

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
        """The user's tasks of now and some more: the system counts all of a user's together."""
        return _tasks_of(os.geteuid()) + max(self._spec.processes, _FEWEST_TASKS)

    def confine(self, layers: Layers) -> None:
        """Landlock and seccomp."""
        die_with_parent()
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        tempfile.tempdir = None  # found anew, in the environment of here
        os.umask(0o077)
        _give_up_power()
        self._hold_files()
        layers.hold("landlock", f"version {landlock.abi()}: files, signals and tracing")
        seccomp.restrict([*seccomp.rules(), *seccomp.without_namespaces()])
        layers.hold("seccomp", "no sockets, tracing, queues or file attributes")
        layers.hold("network", "held by seccomp: no socket can be made, connected or bound")
        sys.meta_path.insert(0, _NoSharedMemory())

    def sweep(self) -> None:
        """End all that descends from init."""
        scope.end_all_below()

    def take_down(self) -> None:
        """End all that descends from the launcher."""
        scope.end_all_below()

    def _end(self, *_: object) -> NoReturn:
        self.sweep()
        os._exit(1)

    def _hold_files(self) -> None:
        spec = self._spec
        # Entries of one's own in /proc come and go, and a rule goes with them: so they stay open.
        mine = [os.open(f"/proc/self/{name}", os.O_PATH | os.O_CLOEXEC) for name in _OF_ONESELF]
        machine = [f"/proc/{name}" for name in _OF_THE_MACHINE]
        landlock.restrict(
            landlock.Paths(
                run=[*view.SYSTEM, *spec.interpreter],
                read=[
                    *(f"/proc/self/fd/{descriptor}" for descriptor in mine),
                    *(*machine, _OVERCOMMIT, view.PROCESSORS),
                    *(*view.CONFIGURATION, *spec.libraries.values(), *spec.data),
                ],
                write=[spec.workspace, self._scratch, *view.DEVICES],
            )
        )


def _give_up_power() -> None:
    no_new_privileges()
    drop_bounding_capabilities()
    drop_capabilities()


def _tasks_of(uid: int) -> int:
    """Processes and threads of a user."""
    count = 0
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                if entry.stat().st_uid == uid:
                    count += len(os.listdir(f"{entry.path}/task"))  # noqa: PTH208 -- a count
            except OSError:  # it has ended
                continue
    return count


class _NoSharedMemory(importlib.abc.MetaPathFinder):
    """Says why locks and memory can't be shared between processes, before the system's "EACCES"."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> None:
        if name in ("multiprocessing.synchronize", "multiprocessing.shared_memory"):
            msg = (
                "processes can't share locks or memory here: that takes user namespaces, which "
                "this system refuses (`agent doctor` says more); use threads, or a pipe"
            )
            raise ImportError(msg)
