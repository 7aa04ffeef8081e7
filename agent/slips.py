"""Names in settings that look like slips of the pen."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib.util import find_spec

from agent.findings import Trouble


def mistyped(refused: str) -> Trouble | None:
    """What a person probably meant to refuse, where nothing has the name that they wrote.

    Nothing is imported for that: of functions, only those of modules that are loaded are known.
    """
    module, _, function = refused.partition(".")
    loaded = sys.modules.get(module) if module in sys.stdlib_module_names else None
    if loaded is None or "." in function:
        known, prefix, name = sorted(sys.stdlib_module_names), "", refused
    else:
        known, prefix, name = dir(loaded), f"{module}.", function
    near = get_close_matches(name, known, 1, 0.8)
    if not name or not near or name in known or _is_module(refused):
        return None
    what = f"`refuse` names {refused!r}, which is nothing here, so nothing is refused by it"
    return Trouble(what=what, fix=f"write {prefix}{near[0]} if that is meant")


def _is_module(name: str) -> bool:
    return name.isidentifier() and (name in sys.modules or find_spec(name) is not None)
