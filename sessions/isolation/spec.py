"""What a sandbox is to be: everything the launcher needs to know, as plain values."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

Layer = Literal["namespaces", "landlock", "seccomp", "cgroup", "rlimits", "uid", "network"]

LAYERS: tuple[Layer, ...] = (
    "namespaces",
    "landlock",
    "seccomp",
    "cgroup",
    "rlimits",
    "uid",
    "network",
)
NAMESPACED: tuple[Layer, ...] = ("namespaces", "seccomp", "rlimits", "network")
"""Without these nothing runs in namespaces."""
ALONE: tuple[Layer, ...] = ("landlock", "seccomp", "rlimits", "network")
"""Without these nothing runs where namespaces can't be had."""
REQUIRED = NAMESPACED

Mode = Literal["strongest", "user-namespace", "no-namespaces"]
"""How a sandbox is kept apart. Only code of the host chooses; `strongest` is what it can have here:
as root namespaces with a user of its own, else a user namespace, else Landlock and seccomp alone.
"""

LIBRARIES = "/opt/agent"


@dataclass(frozen=True, kw_only=True)
class Spec:
    """One sandbox; travels to the launcher as JSON.

    Attributes:
        workspace: The directory that cells may read and write; seen under the same path inside.
        mount_point: An empty directory of ours on which the new root is put together.
        interpreter: Directories and files of the host that are needed to run Python; read-only.
        packages: Directories to import from, also those that Python's isolated mode leaves out.
        data: More directories to show read-only.
        libraries: Package name inside the kernel → directory on the host, shown read-only.
        code: Directories in the workspace from which the host runs code; read-only, not movable.
        hidden: Names in the workspace that look empty inside.
        read_only: Names in the workspace that can be read but not changed.
        memory: Bytes for all processes together.
        processes: Processes and threads at once.
        open_files: Open files of one process.
        file_size: Bytes of the largest file.
        cpus: Processors' worth of work at once; 0 for no limit.
        environment: All environment variables that exist inside.
        mode: How it is kept apart.
        isolated: False runs with the guard and the limits alone; only the person may ask for it.
        snapshots: Whether the sandbox outlives its kernel, which leaves frozen copies of itself.
        kernel: Settings that only the kernel inside reads.
    """

    workspace: str
    mount_point: str
    interpreter: tuple[str, ...]
    packages: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    libraries: Mapping[str, str] = field(default_factory=dict)
    code: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    read_only: tuple[str, ...] = ()
    memory: int
    processes: int
    open_files: int
    file_size: int
    cpus: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    mode: Mode = "strongest"
    isolated: bool = True
    snapshots: bool = False
    kernel: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_usual(self) -> bool:
        """Whether it is kept apart as most are: what one that was prepared before it would suit."""
        return self.isolated and self.mode == "strongest"

    def to_json(self) -> str:
        """The specification as one line of JSON."""
        return json.dumps(vars(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        lists = {name: tuple(value) for name, value in fields.items() if isinstance(value, list)}
        return cls(**{**fields, **lists})


@dataclass(frozen=True, kw_only=True)
class Held:
    """Which layers were put up, and why the others were not.

    Attributes:
        active: Layers that hold.
        reasons: Layer → one line: what it does here, or why it is missing.
        required: Layers without which this sandbox would not have been started.
    """

    active: tuple[Layer, ...]
    reasons: Mapping[str, str]
    required: tuple[Layer, ...] = NAMESPACED

    @property
    def missing(self) -> tuple[Layer, ...]:
        """Required layers that do not hold."""
        return tuple(layer for layer in self.required if layer not in self.active)


def suffices(active: Collection[str]) -> bool:
    """Whether these layers isolate code, in one of the ways there are."""
    return any(set(required) <= set(active) for required in (NAMESPACED, ALONE))
