"""Refuses forbidden imports when code of cells makes them, however it comes to it."""

from __future__ import annotations

import builtins
import importlib
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from .origin import Origin
from .policy import Policy
from .refusals import ImportPolicyError

Restore = Callable[[], None]

_REMEMBERED = 4096


def watch_imports(policy: Policy, origin: Origin) -> Restore:
    """Stand before `import`, `__import__` and `importlib.import_module`.

    Returns:
        What puts the watch back if somebody has taken it away.
    """
    refusal = lru_cache(_REMEMBERED)(policy.module)  # imports in functions are made over and over
    asks, is_cell, frames = origin.asks, origin.is_cell, sys._getframe
    importing, getting = builtins.__import__, _bootstrap()._gcd_import

    def import_guarded(name: str, *arguments: Any, **options: Any) -> Any:
        """Import a module, unless a cell asks for it and may not have it."""
        if reason := refusal(name):
            given = arguments[0] if arguments else options.get("globals")
            relative = (arguments[3] if len(arguments) > 3 else options.get("level", 0)) > 0
            if not relative and (is_cell(given or {}) or asks(frames(1), "importlib")):
                raise ImportPolicyError(reason)
        return importing(name, *arguments, **options)

    def get_guarded(name: str, *arguments: Any, **options: Any) -> Any:
        """Import a module by its full name, unless a cell asks for it and may not have it."""
        if (reason := refusal(name)) and asks(frames(1), "importlib"):
            raise ImportPolicyError(reason)
        return getting(name, *arguments, **options)

    def restore() -> None:
        builtins.__import__ = import_guarded
        _bootstrap()._gcd_import = get_guarded

    restore()
    return restore


def _bootstrap() -> Any:
    # All of `importlib` goes through it, also after `importlib` was loaded anew.
    return importlib._bootstrap
