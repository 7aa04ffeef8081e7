"""Which names a skill may have: it becomes a file, a module and a function."""

from __future__ import annotations

import builtins
import difflib
import functools
import keyword
import re
import sys
from collections.abc import Iterable

from sessions.errors import UsageError
from tools_registry.core_tools import core_tools

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


def check_name(name: str) -> None:
    """Refuse a name that can't be a skill.

    Raises:
        UsageError: Saying why, and so which to choose instead.
    """
    reason = objection(name)
    if reason:
        msg = f"{name[:80]!r} can't be the name of a skill: {reason}"
        raise UsageError(msg)


def explain_unknown(what: str, name: str, known: Iterable[str]) -> str:
    """A message for a name that is not there, with the nearest that is."""
    near = difflib.get_close_matches(name, list(known), n=3, cutoff=0.5)
    hint = f"; did you mean {' or '.join(near)}?" if near else ""
    return f"there is no {what} named {name[:80]!r}{hint}"


def objection(name: str) -> str:
    """Why a name can't be that of a skill, and so which to choose instead; "" if it can."""
    if not _NAME.fullmatch(name):
        return "use at most 64 lower-case letters, digits and underscores, a letter first"
    if name == "agents":
        return "sub-agents lie in a folder of that name"
    if name.startswith("test_"):
        return "files that begin with test_ are tests"
    if keyword.iskeyword(name) or keyword.issoftkeyword(name):
        return "it is a word of the language"
    if hasattr(builtins, name):
        return "it would hide a builtin"
    if name in sys.stdlib_module_names:
        return "it is a module of the standard library"
    if name in _names_of_core_tools():
        return "a core tool has that name"
    return ""


@functools.cache
def _names_of_core_tools() -> frozenset[str]:
    """They come with the package and don't change while it runs."""
    return frozenset(tool.name for tool in core_tools()[0])
