"""How much of the machine one session may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self, get_args

from sessions.errors import UsageError

Tier = Literal["quick", "standard", "heavy"]
Limit = Literal["cpu", "wall", "memory", "processes", "files", "file_size", "disk", "output"]

LONGEST = 600.0
"""Seconds of wall-clock time that no cell may ask to exceed.

What does not end then by an interrupt is killed two seconds later, far from the 15 minutes after
which no cell may live; only the time in which it waits for a person is not counted.
"""

_MB = 1 << 20
_GB = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Ceilings for one session; sizes in bytes, times in seconds.

    Attributes:
        tier: Name of the tier these figures come from.
        cpus: Processors' worth of work a cell may do at once.
        memory: Memory of all processes of the session together.
        wall: Wall-clock time of one cell; then interrupt, and SIGKILL two seconds later.
        processes: Processes and threads at once.
        open_files: Open files of one process.
        file_size: Largest file that may be written.
        disk: Growth of the workspace during the session. A cell that starts above it may still
            change files, so that it can tidy up.
        output: Characters kept of each stream, and of each text that is shown; all of it goes to a
            file then.

    Raises:
        UsageError: If a cell would get more time than any may have.
    """

    tier: Tier
    cpus: int
    memory: int
    wall: float
    processes: int
    open_files: int = 1024
    file_size: int
    disk: int
    output: int = _MB

    def __post_init__(self) -> None:
        if not self.wall <= LONGEST:
            msg = f"a cell may take {LONGEST:.0f} s at most, not {self.wall:.0f}: split the work"
            raise UsageError(msg)

    @property
    def cpu(self) -> float:
        """CPU seconds one cell may use: processors times wall-clock time."""
        return self.cpus * self.wall

    @classmethod
    def quick(cls) -> Self:
        """1 CPU, 512 MB, 30 s."""
        return cls(
            tier="quick",
            cpus=1,
            memory=512 * _MB,
            wall=30,
            processes=64,
            file_size=1 * _GB,
            disk=2 * _GB,
        )

    @classmethod
    def standard(cls) -> Self:
        """2 CPUs, 2 GB, 2 minutes: the default."""
        return cls(
            tier="standard",
            cpus=2,
            memory=2 * _GB,
            wall=120,
            processes=128,
            file_size=2 * _GB,
            disk=4 * _GB,
        )

    @classmethod
    def heavy(cls) -> Self:
        """4 CPUs, 8 GB, 10 minutes."""
        return cls(
            tier="heavy",
            cpus=4,
            memory=8 * _GB,
            wall=600,
            processes=256,
            file_size=8 * _GB,
            disk=16 * _GB,
        )

    @classmethod
    def of_tier(cls, name: str) -> Self:
        """The limits of a tier by name.

        Raises:
            UsageError: If there is no such tier.
        """
        if name not in get_args(Tier):
            msg = f"there is no tier {name!r}: choose one of {', '.join(get_args(Tier))}"
            raise UsageError(msg)
        limits: Self = getattr(cls, name)()
        return limits
