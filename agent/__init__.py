"""The doors and the mind: command line, magics, library, coordinator.

Names are imported when they are first used, so that `import agent` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.events import Result as Result
    from agent.library import Agent as Agent
    from agent.settings import Settings as Settings
    from sessions.errors import AgentError as AgentError
    from sessions.events import Event as Event

__all__ = [
    "Agent",
    "AgentError",
    "Event",
    "Result",
    "Settings",
    "load_ipython_extension",
    "unload_ipython_extension",
]

_HOMES = {
    "Agent": "agent.library",
    "AgentError": "sessions.errors",
    "Event": "sessions.events",
    "Result": "agent.events",
    "Settings": "agent.settings",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module 'agent' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def load_ipython_extension(ipython: Any) -> None:
    """Add the magics; IPython calls it on `%load_ext agent`."""
    import_module("agent.magics").load_ipython_extension(ipython)


def unload_ipython_extension(ipython: Any) -> None:
    """Remove the magics; IPython calls it on `%unload_ext agent`."""
    import_module("agent.magics").unload_ipython_extension(ipython)
