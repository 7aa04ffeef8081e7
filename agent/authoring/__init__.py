"""The loop that makes a validated skill of a request.

Names are imported when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.authoring.attempt import AttemptLog, Tried
    from agent.authoring.author import Author, Authored
    from agent.authoring.commission import Commission
    from agent.authoring.workshop import Shelf, Workshop

__all__ = ["AttemptLog", "Author", "Authored", "Commission", "Shelf", "Tried", "Workshop"]

_HOMES = {
    "AttemptLog": "attempt",
    "Author": "author",
    "Authored": "author",
    "Commission": "commission",
    "Shelf": "workshop",
    "Tried": "attempt",
    "Workshop": "workshop",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
