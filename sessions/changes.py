"""Which variables a cell may have changed, by its text alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def changed_names(code: str) -> frozenset[str]:
    """Names that a cell binds or deletes, or whose objects it stores into or calls a method of.

    What it changes by other means, such as a function that takes an object, can't be told from its
    text; of a text that is no Python (a magic, say) nothing can.
    """
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return frozenset()
    return frozenset(name for node in ast.walk(tree) for name in _changed(node))


def _changed(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            yield name
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name.partition(".")[0]
        case (
            ast.Attribute(ctx=ast.Store() | ast.Del()) | ast.Subscript(ctx=ast.Store() | ast.Del())
        ):
            yield from _root(node)
        case ast.Call(func=ast.Attribute() as method):
            yield from _root(method)


def _root(node: ast.AST) -> Iterator[str]:
    """The variable that a chain such as `a.b[0].c` begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
