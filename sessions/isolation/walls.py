"""Puts up the layers of a sandbox, in the order in which they depend on each other.

```
begin    the namespace of processes                       (launcher)
raise    control group, other namespaces, new root        (init, the first process inside)
confine  limits, user, Landlock, seccomp                  (kernel process)
```

Each step needs a power that a later one takes away. What is put up depends on the enclosure.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from . import modes
from .admission import Admission
from .cgroup import Ceilings
from .enclosure import Enclosure
from .layers import Layers
from .spec import Spec
from .victims import prefer_oneself

# Address space that an interpreter with pandas maps without using it.
_UNUSED_ADDRESSES = 2_800 << 20
_UNUSED_DATA = 512 << 20
_LOCKED = 1 << 20


class Walls:
    """The layers of one sandbox, raised step by step.

    Args:
        spec: The sandbox.
        enclosure: What keeps it apart.
        admission: To its control group.
    """

    def __init__(self, spec: Spec, enclosure: Enclosure, admission: Admission) -> None:
        self._spec = spec
        self._enclosure = enclosure
        self._admission = admission
        self._layers = Layers()

    @classmethod
    def around(cls, spec: Spec) -> Self:
        """The walls that a specification asks for. In the launcher, which is held by them as well.

        Raises:
            OSError: If they can't be had here.
        """
        walls = cls(spec, modes.enclosure(spec), Admission())
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

    def admit(self, init: int) -> None:
        """Move init into the control group. In the launcher."""
        self._admission.admit(init)

    def open(self) -> None:
        """Hold what is in the group, and let init go on. In the launcher."""
        spec = self._spec
        # The watchdog is exact, and a step ahead of this. Snapshots may use as much again.
        memory = spec.memory * (2 if spec.snapshots else 1)
        # With init it is one less than the limit on the user's processes: this one is counted.
        ceilings = Ceilings(memory=memory, tasks=spec.processes, cpus=spec.cpus)
        self._admission.limit(ceilings)
        self._admission.open()

    def raise_up(self) -> None:
        """What everything inside lives in. In the first process inside."""
        os.umask(0o022)
        self._enclosure.enter(self._layers)
        self._admission.wait(self._layers)

    def sweep(self) -> None:
        """End everything inside. In the first process, before it ends itself."""
        self._enclosure.sweep()

    def take_down(self) -> bool:
        """Remove the group and the directory of the sockets. In the launcher, when all is over.

        Returns:
            Whether a process had been killed for want of memory.
        """
        self._enclosure.take_down()
        lacked_memory = self._admission.take_down()
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
