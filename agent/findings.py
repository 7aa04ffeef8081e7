"""What a look at the machine found, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sessions.isolation.spec import suffices


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Whether something holds, and why or why not."""

    active: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class KernelTimes:
    """How long a guarded kernel takes, in milliseconds; None if it did not start.

    Attributes:
        start_ms: From asking for it to its being ready.
        execute_ms: Median round trip of `1 + 1`.
    """

    start_ms: float | None = None
    execute_ms: float | None = None


@dataclass(frozen=True, kw_only=True)
class ModelFinding:
    """Whether a provider of models can be used."""

    name: str
    configured: bool
    why: str


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Something that does not work as it could, and what to do."""

    what: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class Report:
    """What `agent doctor` shows.

    Attributes:
        isolation: Every layer of the sandbox.
        kernel: Times measured now.
        embedding: Whether search goes by meaning as well as by keywords.
        models: Every provider that is looked for.
        data: Directory that the settings let cells read → whether it can be shown.
        problems: What a person should know and can mend.
    """

    isolation: Mapping[str, Finding]
    kernel: KernelTimes
    embedding: Finding
    models: tuple[ModelFinding, ...]
    data: Mapping[str, Finding] = field(default_factory=dict)
    problems: tuple[Trouble, ...] = ()

    @property
    def isolated(self) -> bool:
        """Whether code that a model wrote can run isolated here."""
        started = self.kernel.start_ms is not None
        return started and suffices([n for n, layer in self.isolation.items() if layer.active])

    @property
    def mode(self) -> Finding:
        """Which way of isolation holds, and what it leaves open."""
        if not self.isolated:
            why = "none: code of a model is not run here, unless your own settings switch it off"
            return Finding(active=False, why=why)
        missing = [name for name, layer in self.isolation.items() if not layer.active]
        but = f"; without {', '.join(missing)}" if missing else ", all layers"
        if self.isolation["namespaces"].active:
            return Finding(active=True, why=f"in namespaces{but}")
        seen = "cells can find out which files and processes there are outside, not what is in them"
        return Finding(active=True, why=f"Landlock and seccomp alone{but}: {seen}")

    def to_json(self) -> dict[str, Any]:
        """The object that `agent doctor --json` prints."""
        return {**asdict(self), "mode": asdict(self.mode)}
