"""Names of strangers as Python names: the same for the same names, in whatever order they come."""

from __future__ import annotations

import builtins
import hashlib
import keyword
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable

LONGEST = 64

_ODD = re.compile(r"\W+", re.ASCII)
_KEYWORDS = {*keyword.kwlist, *keyword.softkwlist}
FUNCTIONS = frozenset({*_KEYWORDS, *dir(builtins), "Any", "Literal", "McpError"})
"""Taken already where functions are defined and used."""
PARAMETERS = frozenset(keyword.kwlist)
"""Can't be the name of a parameter."""


def identifiers(names: Iterable[str], taken: Collection[str], prefix: str) -> dict[str, str]:
    """A Python name for each name, no two alike.

    Args:
        names: Any texts.
        taken: Names that none may have; such a name gets an underscore at its end.
        prefix: Put before what would not be a public name.
    """
    wanted = {name: identifier(name, taken, prefix) for name in names}
    often = Counter(wanted.values())
    return {
        name: found if often[found] == 1 or name == found else _told_apart(name, found)
        for name, found in wanted.items()
    }


def identifier(name: str, taken: Collection[str], prefix: str) -> str:
    """The Python name that comes nearest to a text."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    found = _ODD.sub("_", plain).strip("_")[: LONGEST - 8]
    if not found or found[0].isdigit():
        found = f"{prefix}_{found}".rstrip("_")
    return f"{found}_" if found in taken else found


def _told_apart(name: str, found: str) -> str:
    return f"{found}_{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:6]}"
