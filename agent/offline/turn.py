"""Where a run stands: the request, and what came of each step so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Step:
    """A tool that was called, and what it gave back.

    Attributes:
        tool: Its name.
        arguments: What it was called with.
        content: What it returned.
        ok: Whether it did what it was asked.
    """

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    content: Any = None
    ok: bool = True


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One request and the steps taken for it.

    Attributes:
        request: What the person said last.
        steps: In order.
    """

    request: str
    steps: tuple[Step, ...] = ()

    def of(self, tool: str) -> list[Step]:
        """The steps that used a tool."""
        return [step for step in self.steps if step.tool == tool]

    @property
    def answers(self) -> tuple[str, ...]:
        """What the person replied, in order."""
        return tuple(str(step.content) for step in self.of("ask_user") if step.ok)
