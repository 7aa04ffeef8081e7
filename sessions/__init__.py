"""Where code runs and is remembered: guarded kernels, their isolation and their events."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sessions.checkpoint import Checkpoint
    from sessions.events import (
        CellDisplay,
        CellFinished,
        CellStarted,
        CellText,
        Event,
        HostCalled,
        HostChannelClosed,
    )
    from sessions.execution import CellError, Execution
    from sessions.handlers import Handler
    from sessions.limits import Limits
    from sessions.requests import Requests
    from sessions.session import Session
    from sessions.variables import Variable

__all__ = [
    "CellDisplay",
    "CellError",
    "CellFinished",
    "CellStarted",
    "CellText",
    "Checkpoint",
    "Event",
    "Execution",
    "Handler",
    "HostCalled",
    "HostChannelClosed",
    "Limits",
    "Requests",
    "Session",
    "Variable",
]

_HOMES = {
    "checkpoint": ("Checkpoint",),
    "events": (
        *("CellDisplay", "CellFinished", "CellStarted", "CellText", "Event"),
        *("HostCalled", "HostChannelClosed"),
    ),
    "execution": ("CellError", "Execution"),
    "handlers": ("Handler",),
    "limits": ("Limits",),
    "requests": ("Requests",),
    "session": ("Session",),
    "variables": ("Variable",),
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: commands that need none pay for none."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"sessions.{home}"), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
