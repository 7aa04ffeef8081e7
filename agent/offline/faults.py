"""Why a text can't be an example, and what to write in its place."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterator
from typing import Any

_RAISES = re.compile(r"\braises?\b|\bthrows?\b|==\s*\w*(?:Error|Exception)\b")
_PLAIN = (bool, int, float, str, bytes, type(None))
_CONTAINERS = (list, tuple, set, frozenset)
_CODE = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_LONGEST_NUMBER = 4_000  # bits
_DEEPEST = 20
_SIGNS: dict[type[ast.cmpop], str] = {
    **{ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="},
    **{ast.In: "in", ast.NotIn: "not in", ast.IsNot: "is not"},
}


def fault_of_text(text: str, name: str) -> str:
    """What is wrong with a text that does not read as an example.

    Args:
        text: As it was typed.
        name: The function that is to be learned.
    """
    if not text.strip():
        return "is empty"
    if _RAISES.search(text):
        return "says that an error is raised: only results can be learned, so leave it out"
    tree = _tree(text)
    if tree is None:
        return "is not Python: look for a missing quote or bracket"
    return next(_faults(tree, name), "is not a call and its result")


def _tree(text: str) -> ast.expr | None:
    source = re.sub(r"(?<=\))\s*(?:->|=>|→|=(?!=)|returns?\b|gives\b)\s*", " == ", text, count=1)
    try:
        return ast.parse(source.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None


def _faults(tree: ast.expr, name: str) -> Iterator[str]:
    match tree:
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            yield from _faults_of_call(left, name)
            yield from _faults_of_value(right)
        case ast.Compare(ops=[sign]) if type(sign) in _SIGNS:
            yield f"compares by {_SIGNS[type(sign)]}: give the exact result after =="
        case ast.Compare():
            yield "compares more than once: give one call and its result"
        case ast.Call() | ast.UnaryOp(op=ast.Not()):
            yield "does not say what comes out: add == and the result"


def _faults_of_call(call: ast.expr, name: str) -> Iterator[str]:
    if not isinstance(call, ast.Call):
        yield f"does not begin with a call of {name}"
        return
    called = ast.unparse(call.func)
    if called != name:
        yield f"calls {called[:40]!r}, not {name!r}"
    if call.keywords:
        shown = call.keywords[0].arg
        named = f"names an argument ({shown}=…)" if shown else "spreads arguments out (**)"
        yield f"{named}: give the values alone, in order"
    for argument in call.args:
        if isinstance(argument, ast.Starred):
            yield "spreads arguments out (*): write them one by one"
        yield from _faults_of_value(argument)


def _faults_of_value(value: ast.expr) -> Iterator[str]:
    if _is_literal(value):
        yield from filter(None, [fault_of_value(ast.literal_eval(value))])
    for node in ast.walk(value):
        match node:
            case ast.Call(func=function):
                called = ast.unparse(function)[:40]
                yield f"calls {called} inside: nothing is run here, so write its result instead"
            case ast.Attribute():
                yield f"needs {ast.unparse(node)[:40]}: nothing is imported, write a plain value"
            case ast.Name(id=other):
                yield f"uses the name {other[:40]!r}: write its value instead (text needs quotes)"
            case _ if isinstance(node, _CODE):
                yield "has code where a plain value must be: write the value instead"
            case ast.JoinedStr():
                yield "has an f-string: write the finished text"
            case ast.BinOp() if not _is_literal(node):
                yield f"calculates {ast.unparse(node)[:40]}: write the number instead"


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError):
        return False
    return True


def fault_of_value(value: Any, depth: int = _DEEPEST) -> str:
    """Why a value can't be part of an example, or ""."""
    if depth == 0:
        return "has values nested too deeply"
    if isinstance(value, dict):
        return fault_of_value([*value.keys(), *value.values()], depth)
    if isinstance(value, _CONTAINERS):
        return next(filter(None, (fault_of_value(item, depth - 1) for item in value)), "")
    if not isinstance(value, _PLAIN):
        return f"has a value of type {type(value).__name__}, which is not plain"
    if isinstance(value, float) and not math.isfinite(value):
        return "has a number that is too large for Python's floats"
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER:
        return "has a number that is too large"
    return ""
