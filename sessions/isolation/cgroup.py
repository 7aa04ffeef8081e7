"""Control groups: the memory, processes and processors of one sandbox, held as a whole.

Each sandbox has a group of its own, `agent-PID-START` after its launcher's process id and start
time, below the group that the launcher is in (version 2: or beside it, where that one can't be
divided because processes live in it). Both versions are spoken; of version 2 the test suite can
only check which files are read and written, on a tree of plain files, unless the host has it.

The launcher makes the group and stays outside. Who cleans up: the launcher; the host, if the
launcher was killed; and after both were killed, whoever makes the next group there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_CONTROLLERS = ("memory", "pids", "cpu")
_NAMES = {"memory": "memory", "pids": "processes", "cpu": "processors"}
_PREFIX = "agent-"
_PERIOD = 100_000  # microseconds
_REMOVE_SECONDS = 1.0  # what was killed needs a moment to leave


@dataclass(frozen=True, kw_only=True)
class Ceilings:
    """What a group may use.

    Attributes:
        memory: Bytes, shared memory and files in memory included.
        tasks: Processes and threads.
        cpus: Processors' worth of work; 0 for no limit.
    """

    memory: int
    tasks: int
    cpus: int


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What happened in a group since it was made.

    Attributes:
        memory_kills: Processes that were killed for want of memory.
        refused_tasks: Times that a process or thread was refused.
    """

    memory_kills: int = 0
    refused_tasks: int = 0


@dataclass(frozen=True, kw_only=True)
class Place:
    """A directory below which groups can be made.

    Attributes:
        folder: The directory.
        version: 1 or 2 of the interface.
        controllers: What groups there can hold.
    """

    folder: Path
    version: int
    controllers: tuple[str, ...]


class Group:
    """The directories of one sandbox's group: one per hierarchy, and a single one in version 2.

    Args:
        name: Name of the directories.
        places: Where they lie.
    """

    def __init__(self, name: str, places: tuple[Place, ...]) -> None:
        self._folders = {place.folder / name: place for place in places}
        self._of = {c: folder for folder, p in self._folders.items() for c in p.controllers}

    @classmethod
    def make(cls, proc: Path = Path("/proc/self")) -> Self:
        """A new group, without limits as yet, for the sandbox that this process launches.

        Args:
            proc: Where this process is described.

        Raises:
            OSError: If this host lets us make none.
        """
        found = places(proc)
        if not any("memory" in place.controllers for place in found):
            raise OSError(1, "no control group for memory can be made here")
        sweep(found)
        group = cls(name_of(os.getpid()), found)
        try:
            for folder in group._folders:
                folder.mkdir()
        except BaseException:
            group.remove(0)
            raise
        return group

    @classmethod
    def of(cls, launcher: int) -> Self | None:
        """The group of a sandbox, seen from the host; None if it has none."""
        try:
            group = cls(name_of(launcher), places())
        except OSError:
            return None
        return group if group.exists else None

    @property
    def exists(self) -> bool:
        """Whether any of it is there."""
        return any(folder.is_dir() for folder in self._folders)

    @property
    def holds(self) -> str:
        """What it holds, in words."""
        versions = {place.version for place in self._folders.values()}
        held = ", ".join(_NAMES[c] for c in _CONTROLLERS if c in self._of)
        return f"{held} of the whole sandbox (cgroup v{min(versions)})"

    def limit(self, ceilings: Ceilings) -> None:
        """Hold what is in it, and what will be, to ceilings.

        Raises:
            OSError: If they can't be set.
        """
        for folder, place in self._folders.items():
            for controller in place.controllers:
                for name, value in _settings(controller, place.version, ceilings).items():
                    _write(folder / name, value)
                for name, value in _swap(controller, place.version, ceilings).items():
                    with suppress(OSError):  # not every system counts swap
                        _write(folder / name, value)

    def admit(self, pid: int) -> None:
        """Move a process in; what it forks from now on is in it as well.

        Raises:
            OSError: If it may not be moved.
        """
        for folder in self._folders:
            _write(folder / "cgroup.procs", str(pid))

    def counts(self) -> Counts:
        """What happened so far; nothing if the group is gone."""
        memory, pids = self._of.get("memory"), self._of.get("pids")
        is_first = memory is not None and self._folders[memory].version == 1
        events = "memory.oom_control" if is_first else "memory.events"
        return Counts(
            memory_kills=_entry(memory, events, "oom_kill"),
            refused_tasks=_entry(pids, "pids.events", "max"),
        )

    def files_in_memory(self) -> int:
        """Bytes of files on file systems in memory, and of shared memory."""
        folder = self._of.get("memory")
        is_first = folder is not None and self._folders[folder].version == 1
        return _entry(folder, "memory.stat", "total_shmem" if is_first else "shmem")

    def remove(self, seconds: float = _REMOVE_SECONDS) -> None:
        """Take it away once all processes in it are gone; what is still in use stays."""
        end = time.monotonic() + seconds
        while not all(map(_is_gone, self._folders)):
            if time.monotonic() > end:
                return
            time.sleep(0.001)


def _settings(controller: str, version: int, ceilings: Ceilings) -> Mapping[str, str]:
    if controller == "memory":
        name = "memory.limit_in_bytes" if version == 1 else "memory.max"
        return {name: str(ceilings.memory)}
    if controller == "pids":
        return {"pids.max": str(ceilings.tasks)}
    if not ceilings.cpus:
        return {}
    quota = ceilings.cpus * _PERIOD
    if version == 1:
        return {"cpu.cfs_period_us": str(_PERIOD), "cpu.cfs_quota_us": str(quota)}
    return {"cpu.max": f"{quota} {_PERIOD}"}


def _swap(controller: str, version: int, ceilings: Ceilings) -> Mapping[str, str]:
    """Version 1 limits memory and swap together, version 2 swap alone."""
    if controller != "memory":
        return {}
    if version == 1:
        return {"memory.memsw.limit_in_bytes": str(ceilings.memory)}
    return {"memory.swap.max": "0"}


def name_of(pid: int) -> str:
    """Name of the group that a launcher makes: a later process of the same id has another one.

    Raises:
        OSError: If there is no such process.
    """
    return f"{_PREFIX}{pid}-{_start_of(pid)}"


def places(proc: Path = Path("/proc/self")) -> tuple[Place, ...]:
    """Where this process may make groups, which is nowhere on many hosts."""
    try:
        own = dict(_own_groups((proc / "cgroup").read_text()))
        mounts = list(_mounts((proc / "mountinfo").read_text()))
    except (OSError, ValueError):
        return ()
    found: list[Place] = []
    for controllers, root, mounted in mounts:
        taken = {c for place in found for c in place.controllers}
        if controllers:
            wanted = tuple(c for c in _CONTROLLERS if c in controllers and c not in taken)
            folder = _seen(own.get(wanted[0]) if wanted else None, root, mounted)
            place = folder and Place(folder=folder, version=1, controllers=wanted)
        else:
            folder = _seen(own.get(""), root, mounted)
            place = folder and _divided(folder, mounted, taken)
        if place and os.access(place.folder, os.W_OK):
            found.append(place)
    return tuple(found)


def sweep(found: tuple[Place, ...]) -> None:
    """Remove groups whose launchers are gone, and which nobody removed."""
    for place in found:
        for folder in place.folder.glob(f"{_PREFIX}*-*"):
            pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
            if pid.isdecimal() and not _lives(int(pid), folder.name):
                _is_gone(folder)  # one with processes in it can't be removed, whosever it is


def _own_groups(text: str) -> Iterator[tuple[str, str]]:
    """Controller → path of this process's group; the controller of version 2 is empty."""
    for line in text.splitlines():
        _, controllers, path = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, path


def _mounts(text: str) -> Iterator[tuple[set[str], str, Path]]:
    """Controllers (none for version 2), root and mount point of each mounted hierarchy."""
    for line in text.splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        root, mounted = before.split(" ")[3:5]
        if kind == "cgroup2":
            yield set(), root, Path(mounted)
        elif kind == "cgroup" and (controllers := {*options.split(",")} & {*_CONTROLLERS}):
            yield controllers, root, Path(mounted)


def _seen(path: str | None, root: str, mounted: Path) -> Path | None:
    """The directory of a group below a mount; None if the mount shows another part of the tree."""
    if path is None:
        return None
    with suppress(ValueError):
        return mounted / Path(path).relative_to(root)
    return None


def _divided(own: Path, mounted: Path, taken: set[str]) -> Place | None:
    """Where version 2 lets us make groups: below our group, or beside it."""
    wanted = [c for c in _CONTROLLERS if c not in taken]
    with suppress(OSError):  # not if processes live in it, unless it is the very root
        available = set((own / "cgroup.controllers").read_text().split())
        enabled = " ".join(f"+{c}" for c in wanted if c in available)
        if enabled and not _enabled(own, wanted):
            _write(own / "cgroup.subtree_control", enabled)
    for folder in (own, own.parent):
        if folder.is_relative_to(mounted) and (held := _enabled(folder, wanted)):
            return Place(folder=folder, version=2, controllers=held)
    return None


def _enabled(folder: Path, wanted: list[str]) -> tuple[str, ...]:
    with suppress(OSError):
        enabled = (folder / "cgroup.subtree_control").read_text().replace("+", "").split()
        return tuple(c for c in wanted if c in enabled)
    return ()


def _start_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]


def _lives(pid: int, name: str) -> bool:
    with suppress(OSError):
        return name_of(pid) == name
    return False


def _is_gone(folder: Path) -> bool:
    try:
        folder.rmdir()
    except FileNotFoundError:
        return True
    except OSError:  # processes in it still end
        return False
    return True


def _entry(folder: Path | None, name: str, key: str) -> int:
    """A number from a file of lines `key number`; 0 if there is none."""
    if folder is None:
        return 0
    with suppress(OSError, ValueError):
        for line in (folder / name).read_text().splitlines():
            if line.startswith(f"{key} "):
                return int(line.split()[1])
    return 0


def _write(file: Path, text: str) -> None:
    file.write_text(text)
