"""What names in a module stand for, as far as its imports say."""

from __future__ import annotations

import ast
from collections.abc import Mapping


def imported(tree: ast.AST) -> dict[str, str]:
    """What each imported name stands for: `{"np": "numpy", "run": "subprocess.run"}`."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                first = alias.name.partition(".")[0]
                found[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom):
            module = f"{node.module}." if node.module else ""
            found |= {alias.asname or alias.name: module + alias.name for alias in node.names}
    return found


def dotted(node: ast.AST, names: Mapping[str, str]) -> str:
    """The full name that an expression spells, e.g. `os.path.join`; what is no name is `?`."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value, names)}.{node.attr}"
    return "?"
