"""The gates by name, for whoever chooses among them; the gates themselves are in `validation`."""

from __future__ import annotations

INDISPENSABLE = frozenset({"syntax", "evidence", "policy"})
"""Gates that always block: the others rely on what they found."""

BLOCKING = INDISPENSABLE | {
    *("dangers", "secrets", "security", "lint", "types", "dependencies"),
    *("examples", "tests", "generality", "performance", "properties", "review"),
}
"""Gates that block unless the person says otherwise."""

SIGNALS = tuple(sorted({*BLOCKING, "mutation"}))
"""All gates."""
