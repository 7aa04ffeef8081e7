"""What an installation tells, and what remains of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sessions.events import Event


@dataclass(frozen=True, kw_only=True)
class PackageProgress(Event):
    """An installation has got further.

    Attributes:
        text: What is done now, one line, e.g. `Downloading polars-1.2-….whl (30 MB)`.
        received: Bytes from registries so far.
    """

    text: str
    received: int = 0


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What an installation brought.

    Attributes:
        versions: Name → version of each package that is new.
        seconds: How long it took.
    """

    versions: Mapping[str, str] = field(default_factory=dict)
    seconds: float

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the packages that are new."""
        return tuple(self.versions)

    def __str__(self) -> str:
        listed = ", ".join(f"{name} {version}" for name, version in self.versions.items())
        return f"installed {listed}" if listed else "all of it was there already"
