"""Puts up the layers of a sandbox, in the order in which they depend on each other.

```
outer    control group, namespaces, new root   (gate)
inner    /proc, pivot_root                     (init, the first process inside)
confine  limits, user, Landlock, seccomp       (kernel process)
```

Each step needs a power that a later one takes away. What is put up depends on the enclosure.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from . import modes
from .cgroup import Ceilings, Group
from .enclosure import Enclosure
from .layers import Layers
from .spec import Spec
from .victims import prefer_oneself

# Address space that an interpreter with pandas maps without using it.
_UNUSED_ADDRESSES = 2_800 << 20
_UNUSED_DATA = 512 << 20
_LOCKED = 1 << 20


class Walls:
    """The layers of one sandbox, raised step by step."""

    def __init__(self, spec: Spec, enclosure: Enclosure) -> None:
        self._spec = spec
        self._enclosure = enclosure
        self._group = _group(spec)
        self._admission = os.pipe2(os.O_CLOEXEC)
        self._layers = Layers()

    @classmethod
    def around(cls, spec_json: str) -> Self:
        """The walls that a specification asks for. In the launcher, which is held by them as well.

        Raises:
            OSError: If they can't be had here.
        """
        spec = Spec.from_json(spec_json)
        walls = cls(spec, modes.enclosure(spec))
        walls._enclosure.begin()
        return walls

    @property
    def kernel_settings(self) -> dict[str, Any]:
        """What the kernel inside is told."""
        return {
            **self._spec.kernel,
            "libraries": dict(self._enclosure.libraries()),
            "workspace": self._spec.workspace,
        }

    @property
    def outlives_kernels(self) -> bool:
        """Whether the first process inside stays when the kernel ends, for its snapshots."""
        return self._spec.snapshots

    def admit(self, gate: int) -> None:
        """Move the gate into the control group. In the launcher.

        It takes the system some 10 ms, in which the gate puts up its part.
        """
        told = str(self._group)
        if isinstance(self._group, Group):
            try:
                self._group.admit(gate)
                told = f"+{self._group.holds}"
            except OSError as error:
                told = f"no process may be moved into a control group here ({error.strerror})"
        reading, writing = self._admission
        os.close(reading)
        with suppress(BrokenPipeError):  # the gate failed, and has told why
            os.write(writing, told.encode())
        os.close(writing)

    def raise_outer(self) -> None:
        """What everything inside lives in. In the gate."""
        os.umask(0o022)
        self._enclosure.enter(self._layers)
        self._await_admission()

    def raise_inner(self) -> None:
        """The rest of that. In the first process inside."""
        self._enclosure.settle()

    def sweep(self) -> None:
        """End everything inside. In the first process, before it ends itself."""
        self._enclosure.sweep()

    def take_down(self) -> bool:
        """Remove the group and the directory of the sockets. In the launcher, when all is over.

        Returns:
            Whether a process had been killed for want of memory.
        """
        self._enclosure.take_down()
        lacked_memory = False
        if isinstance(self._group, Group):
            lacked_memory = self._group.counts().memory_kills > 0
            self._group.remove()
        shutil.rmtree(Path(self._spec.mount_point).parent, ignore_errors=True)
        return lacked_memory

    def retire(self) -> None:
        """Give up all power. In the first process inside, once the kernel is forked."""
        self._enclosure.retire()

    def confine(self) -> dict[str, Any]:
        """Limits, user, files, system calls. In the kernel process; returns `Held` as a dict.

        Raises:
            OSError: If a required layer can't be put up.
        """
        os.setsid()
        environment = self._enclosure.environment()
        _replace_environment(environment)
        sys.path.append(self._spec.workspace)  # last, so that nothing there stands in for a library
        os.chdir(self._spec.workspace)
        _quiet_standard_streams()
        prefer_oneself()  # of what descends from here, the frozen copies are spared by the host
        _limit(self._spec, self._enclosure.tasks())
        self._layers.hold("rlimits", "memory, processes, files and file size by tier")
        self._enclosure.confine(self._layers)
        held = self._layers.told(self._enclosure.required)
        if held.missing:
            msg = f"isolation is incomplete: {', '.join(held.missing)}"
            raise OSError(msg)
        return asdict(held)

    def _await_admission(self) -> None:
        """Wait for the launcher's word: what forks before that would stay outside the group."""
        reading, writing = self._admission
        os.close(writing)
        word = os.read(reading, 1024).decode()
        os.close(reading)
        if word.startswith("+"):
            self._layers.hold("cgroup", word[1:])
        else:
            self._layers.lack("cgroup", f"{word}: limits hold per process, with a watchdog")


def _group(spec: Spec) -> Group | str:
    """The sandbox's control group, or why it has none."""
    # The watchdog is exact, and a step ahead of this. Snapshots may use as much again.
    memory = spec.memory * (2 if spec.snapshots else 1)
    # One less than the limit on the user's processes, with gate and init: this one is counted.
    ceilings = Ceilings(memory=memory, tasks=spec.processes + 1, cpus=spec.cpus)
    try:
        return Group.make(ceilings)
    except OSError as error:
        return str(error.strerror)


def _replace_environment(environment: Mapping[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment)


def _quiet_standard_streams() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _limit(spec: Spec, tasks: int) -> None:
    limits = {
        resource.RLIMIT_AS: spec.memory + _UNUSED_ADDRESSES,
        resource.RLIMIT_DATA: spec.memory + _UNUSED_DATA,
        resource.RLIMIT_FSIZE: spec.file_size,
        resource.RLIMIT_NOFILE: spec.open_files,
        resource.RLIMIT_NPROC: tasks,
        resource.RLIMIT_MEMLOCK: _LOCKED,
        resource.RLIMIT_CORE: 0,
    }
    for which, value in limits.items():
        _, hard = resource.getrlimit(which)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (ceiling, ceiling))
