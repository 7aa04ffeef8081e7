"""Puts up the layers of a sandbox, in the order in which they depend on each other.

```
outer    namespaces, new root              (gate)
inner    /proc, pivot_root                 (init, the first process inside)
confine  limits, user, Landlock, seccomp   (kernel process)
```

Each step needs a power that a later one takes away.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from . import landlock, seccomp, view
from .cgroup import Ceilings, Group
from .identity import Identity, choose
from .spec import LIBRARIES, Held, Layer, Spec
from .syscalls import (
    CLONE_NEWIPC,
    CLONE_NEWNET,
    CLONE_NEWNS,
    CLONE_NEWPID,
    CLONE_NEWUSER,
    CLONE_NEWUTS,
    adopt_orphans,
    die_with_parent,
    drop_bounding_capabilities,
    drop_capabilities,
    no_new_privileges,
    undumpable,
    unshare,
)
from .victims import prefer_oneself

_NAMESPACES = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS

# Address space that an interpreter with pandas maps without using it.
_UNUSED_ADDRESSES = 2_800 << 20
_UNUSED_DATA = 512 << 20
_LOCKED = 1 << 20


class Walls:
    """The layers of one sandbox, raised step by step."""

    def __init__(self, spec: Spec, identity: Identity, why: str) -> None:
        self._spec = spec
        self._identity = identity
        self._group = _group(spec)
        self._admission = os.pipe2(os.O_CLOEXEC)
        self._held: dict[Layer, str] = {}
        self._reasons: dict[str, str] = {"uid": why}

    @classmethod
    def around(cls, spec_json: str) -> Self:
        """The walls that a specification asks for."""
        spec = Spec.from_json(spec_json)
        identity, why = choose(spec.workspace)
        return cls(spec, identity, why)

    @property
    def kernel_settings(self) -> dict[str, Any]:
        """What the kernel inside is told."""
        return {
            **self._spec.kernel,
            "libraries": self._spec.library_paths,
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
        """Namespaces, and the new root in them. In the gate."""
        die_with_parent()
        os.umask(0o022)
        if self._spec.isolated:
            self._enter_namespaces()
        self._identity.close()
        self._await_admission()

    def _enter_namespaces(self) -> None:
        if self._identity.mapped:
            unshare(_NAMESPACES)
        else:
            _unshare_as_oneself(self._identity)
        view.build(self._spec, self._identity)
        # Last: the first process forked from here on is its init, and id maps fork helpers.
        unshare(CLONE_NEWPID)
        self._hold("namespaces", "own mounts, processes, IPC and host name")
        self._hold("network", "an empty network namespace: not even loopback is up")

    def raise_inner(self) -> None:
        """Pivot into the new root. In the first process inside."""
        die_with_parent()
        undumpable()
        if self._spec.isolated:
            view.enter(self._spec.mount_point)
        else:
            adopt_orphans()

    def sweep(self) -> None:
        """End everything inside. In the first process, before it ends itself.

        The end of a PID namespace does it for all; without one, nobody else would.
        """
        if not self._spec.isolated:
            while _kill_children():
                continue

    def take_down(self) -> None:
        """Remove the group and the directory of the sockets. In the launcher, when all is over."""
        if isinstance(self._group, Group):
            self._group.remove()
        shutil.rmtree(Path(self._spec.mount_point).parent, ignore_errors=True)

    def retire(self) -> None:
        """Give up all power. In the first process inside, once the kernel is forked."""
        if self._spec.isolated:
            no_new_privileges()
            drop_bounding_capabilities()
            drop_capabilities()

    def confine(self) -> dict[str, Any]:
        """Limits, user, Landlock, seccomp. In the kernel process; returns `Held` as a dict.

        Raises:
            OSError: If a required layer can't be put up.
        """
        os.setsid()
        _replace_environment(self._spec)
        os.chdir(self._spec.workspace)
        _quiet_standard_streams()
        prefer_oneself()  # of what descends from here, the frozen copies are spared by the host
        _limit(self._spec)
        self._hold("rlimits", "memory, processes, files and file size by tier")
        if self._spec.isolated:
            self._drop_privileges()
        Path(os.environ["HOME"]).mkdir(parents=True, exist_ok=True)
        if self._spec.isolated:
            self._landlock()
            seccomp.restrict()
            self._hold("seccomp", "no sockets, mounts, tracing or namespaces")
        held = Held(
            active=tuple(self._held),
            reasons=self._reasons | {str(layer): what for layer, what in self._held.items()},
        )
        if self._spec.isolated and held.missing:
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
            self._hold("cgroup", word[1:])
        else:
            self._reasons["cgroup"] = f"{word}: limits hold per process, with a watchdog"

    def _drop_privileges(self) -> None:
        no_new_privileges()
        self._identity.become()
        os.umask(0o022)
        if self._identity.uid != 0:
            self._hold("uid", self._reasons["uid"])

    def _landlock(self) -> None:
        version = landlock.abi()
        if not version:
            self._reasons["landlock"] = "this kernel has no Landlock (it came with Linux 5.13)"
            return
        spec = self._spec
        landlock.restrict(
            landlock.Paths(
                run=[*view.SYSTEM, *spec.interpreter, LIBRARIES],
                read=["/etc", "/proc", view.PROCESSORS, *spec.data],
                write=[spec.workspace, "/tmp", "/dev/shm", *view.DEVICES],
                listed=["/"],  # there are no directories but those of the view
            )
        )
        self._hold("landlock", f"version {version}: reads, writes and runs only what it is shown")

    def _hold(self, layer: Layer, what: str) -> None:
        self._held[layer] = what


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


def _unshare_as_oneself(identity: Identity) -> None:
    unshare(CLONE_NEWUSER | _NAMESPACES)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{identity.uid} {identity.uid} 1")
    Path("/proc/self/gid_map").write_text(f"{identity.gid} {identity.gid} 1")


def _kill_children() -> bool:
    """Kill this process's children and take them in; whether there may be more."""
    me = os.getpid()
    children = Path(f"/proc/{me}/task/{me}/children").read_text().split()
    for child in children:
        os.kill(int(child), signal.SIGKILL)
        os.waitpid(int(child), 0)
    return bool(children)


def _replace_environment(spec: Spec) -> None:
    os.environ.clear()
    os.environ.update(spec.environment)
    sys.path.append(spec.workspace)  # last, so that nothing there stands in for a library


def _quiet_standard_streams() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def _limit(spec: Spec) -> None:
    limits = {
        resource.RLIMIT_AS: spec.memory + _UNUSED_ADDRESSES,
        resource.RLIMIT_DATA: spec.memory + _UNUSED_DATA,
        resource.RLIMIT_FSIZE: spec.file_size,
        resource.RLIMIT_NOFILE: spec.open_files,
        resource.RLIMIT_NPROC: spec.processes,
        resource.RLIMIT_MEMLOCK: _LOCKED,
        resource.RLIMIT_CORE: 0,
    }
    for which, value in limits.items():
        _, hard = resource.getrlimit(which)
        ceiling = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (ceiling, ceiling))
