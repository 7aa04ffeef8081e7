"""Types of plain data, read from their names: nothing is evaluated."""

from __future__ import annotations

import ast
from typing import Any

from tools_registry.source import SourceError, parse

_SIMPLE: dict[str, Any] = {"str": str, "int": int, "float": float, "bool": bool}
_DEEPEST = 4


def plain_type(text: str) -> Any:
    """The type that a text names: str, int, float, bool, list[…] or dict[str, …] of these.

    Raises:
        ValueError: If it is another.
    """
    try:
        body = parse(text).body if len(text) <= 200 else []
    except SourceError:
        body = []
    match body:
        case [ast.Expr(value=value)]:
            return _type(value, _DEEPEST)
    raise _unknown(text)


def _type(node: ast.expr, depth: int) -> Any:
    match node:
        case ast.Name(id=name) if name in _SIMPLE:
            return _SIMPLE[name]
        case ast.Subscript(value=ast.Name(id="list"), slice=inner) if depth:
            return list[_type(inner, depth - 1)]  # type: ignore[misc]  # made at run time
        case ast.Subscript(
            value=ast.Name(id="dict"), slice=ast.Tuple(elts=[ast.Name(id="str"), inner])
        ) if depth:
            return dict[str, _type(inner, depth - 1)]  # type: ignore[misc]  # made at run time
    raise _unknown(ast.unparse(node))


def _unknown(text: str) -> ValueError:
    return ValueError(
        f"{text[:60]!r} is no type of plain data: use str, int, float, bool, list[…] or "
        "dict[str, …] of these"
    )
