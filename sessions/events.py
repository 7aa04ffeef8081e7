"""The vocabulary in which a session tells what happens.

Each layer adds its own events by subclassing `Event`; doors only render them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from sessions.execution import Execution

Stream = Literal["stdout", "stderr"]
HostOutcome = Literal["ok", "failed", "refused", "withdrawn"]


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened.

    Attributes:
        time: When, in seconds since the epoch.
    """

    time: float = field(default_factory=time.time)

    @property
    def type(self) -> str:
        """Name of the kind in JSON: the class name in snake case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()

    def to_json(self) -> dict[str, Any]:
        """One JSON object, with `type` and `time`."""
        body = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"type": self.type, **body}


@dataclass(frozen=True, kw_only=True)
class CellStarted(Event):
    """A cell was handed to the kernel."""

    index: int
    code: str


@dataclass(frozen=True, kw_only=True)
class CellText(Event):
    """A cell wrote to one of its streams."""

    index: int
    stream: Stream
    text: str


@dataclass(frozen=True, kw_only=True)
class CellDisplay(Event):
    """A cell showed something.

    Attributes:
        data: MIME bundle: type → content (text, or base64 for binary types).
        metadata: MIME bundle metadata, as Jupyter has it.
        is_result: Whether it is the value of the last expression.
        display_id: Identifier for later updates, if the cell gave one.
        update: Whether it replaces what was shown under `display_id`.
    """

    index: int
    data: Mapping[str, Any]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    is_result: bool = False
    display_id: str | None = None
    update: bool = False


@dataclass(frozen=True, kw_only=True)
class HostCalled(Event):
    """Code in the kernel asked the host for something, and was answered.

    Attributes:
        name: What it asked for.
        arguments: JSON of what came with it, shortened. It comes from inside: it is data.
        outcome: `ok`; `failed`; `refused` (by the host or the person); `withdrawn` (by the cell, or
            by its end).
        seconds: How long it took, the wait for the person included.
    """

    name: str
    arguments: str
    outcome: HostOutcome
    seconds: float


@dataclass(frozen=True, kw_only=True)
class HostChannelClosed(Event):
    """Code in the kernel sent the host what makes no sense, and can call it no more."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class CellFinished(Event):
    """A cell came to its end, one way or another."""

    execution: Execution

    def to_json(self) -> dict[str, Any]:
        """The execution, under the type `cell`."""
        return {"time": self.time, **self.execution.to_json()}
