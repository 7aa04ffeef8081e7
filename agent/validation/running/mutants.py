"""Programs that differ from a program in one place: what a slip of the author would have made."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq, ast.GtE, ast.LtE),
    ast.NotEq: (ast.Eq, ast.Lt, ast.Gt),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_ARITHMETIC: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.FloorDiv),
    ast.Div: (ast.FloorDiv, ast.Mult),
    ast.FloorDiv: (ast.Div, ast.Mod),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr, ast.BitXor),
    ast.BitOr: (ast.BitAnd, ast.BitXor),
    ast.BitXor: (ast.BitOr, ast.BitAnd),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
_NAMES = {
    **{"min": "max", "max": "min", "any": "all", "all": "any", "list": "set", "sorted": "list"},
    **{"upper": "lower", "lower": "upper", "startswith": "endswith", "endswith": "startswith"},
    **{"find": "rfind", "rfind": "find", "lstrip": "rstrip", "rstrip": "lstrip"},
    **{"ceil": "floor", "floor": "ceil", "isdigit": "isalpha", "isalpha": "isalnum"},
    **{"isupper": "islower", "islower": "isupper", "append": "extend", "strip": "lstrip"},
    **{"union": "intersection", "intersection": "union", "search": "match", "match": "search"},
    **{"combinations": "permutations", "permutations": "combinations", "nlargest": "nsmallest"},
    **{"nsmallest": "nlargest", "break": "continue"},
}
_OFF = ("+ 1", "- 1")
_SIGNS: dict[type[ast.cmpop], str] = {ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">="}


def mutants(source: str, most: int | None = None) -> list[str]:
    """Changed programs in the order of the places changed, none of them twice.

    Args:
        source: A module.
        most: How many to return at most, spread evenly over the module.
    """
    lines = source.encode().splitlines(keepends=True)
    places = ((node, text) for node in _nodes(ast.parse(source)) for text in _changes(node))
    changed = (_spliced(lines, node, text) for node, text in places)
    found = [text for text in dict.fromkeys(changed) if text != source and _compiles(text)]
    if most is None or len(found) <= most:
        return found
    return [found[i * len(found) // most] for i in range(most)]


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The places that matter: no annotations, no documentation, no formatted text."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list") or isinstance(node, ast.JoinedStr):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not is_documentation(child):
                yield from _nodes(child)


def is_documentation(node: ast.AST) -> bool:
    """Whether a statement is a text for people."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[str]:
    """Source for what could stand in the place of a node."""
    for kind, operator in _OPERATORS.items():
        if isinstance(node, kind):
            yield from operator(node)


def _comparisons(node: ast.Compare) -> Iterator[str]:
    if len(node.ops) != 1:
        return
    left, op, right = node.left, node.ops[0], node.comparators[0]
    for new in _COMPARISONS[type(op)]:
        yield f"({_text(ast.Compare(left, [new()], [right]))})"
    if type(op) in _SIGNS:
        yield from (f"({_text(left)} {_SIGNS[type(op)]} {_text(right)} {by})" for by in _OFF)


def _arithmetic(node: ast.BinOp) -> Iterator[str]:
    left, op, right = node.left, node.op, node.right
    for kind in _ARITHMETIC.get(type(op), ()):
        yield f"({_text(ast.BinOp(left, kind(), right))})"
    if isinstance(op, (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)):
        yield f"({_text(ast.BinOp(right, op, left))})"
    yield from (f"({_text(side)})" for side in (left, right))


def _logic(node: ast.BoolOp) -> Iterator[str]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield f"({_text(ast.BoolOp(other, node.values))})"
    yield from (f"({_text(value)})" for value in node.values)


def _signs(node: ast.UnaryOp) -> Iterator[str]:
    if isinstance(node.op, (ast.Not, ast.USub)):
        yield f"({_text(node.operand)})"


def _constants(node: ast.Constant) -> Iterator[str]:
    value = node.value
    if isinstance(value, bool):
        yield repr(not value)
    elif isinstance(value, int):
        yield from (f"({value + 1})", f"({value - 1})", *(["0"] if value not in (0, 1) else []))
    elif isinstance(value, float):
        yield from (f"({value + 1})", f"({value / 2})")
    elif isinstance(value, str):
        yield from (repr(value + "?"), *(["''"] if value else []))
    elif value is None:
        yield "0"


def _steps(node: ast.AugAssign) -> Iterator[str]:
    for kind in _ARITHMETIC.get(type(node.op), ()):
        yield _text(ast.AugAssign(node.target, kind(), node.value))
    yield _text(ast.Assign([node.target], node.value, lineno=0))


def _choices(node: ast.IfExp) -> Iterator[str]:
    yield f"({_text(ast.IfExp(node.test, node.orelse, node.body))})"
    yield from (f"({_text(side)})" for side in (node.body, node.orelse))


def _filters(node: ast.comprehension) -> Iterator[str]:
    if node.ifs:
        yield f"for {_text(node.target)} in {_text(node.iter)}"


def _deletions(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, (ast.Break, ast.Continue)):
        yield "continue" if isinstance(node, ast.Break) else "break"
    yield "pass"


def _calls(call: ast.Call) -> Iterator[str]:
    name, arguments = _name(call.func), call.args
    if name in _NAMES:
        yield _text(ast.Call(_renamed(call.func, _NAMES[name]), arguments, call.keywords))
    if call.keywords:
        yield _text(ast.Call(call.func, arguments, call.keywords[:-1]))
    if len(arguments) > 1:
        yield _text(ast.Call(call.func, [*arguments[1::-1], *arguments[2:]], call.keywords))
        yield _text(ast.Call(call.func, arguments[:-1], call.keywords))
    if name == "range":
        *first, stop = arguments[:2] or [ast.Constant(0)]
        for by in _OFF:
            shifted = ast.parse(f"{_text(stop)} {by}", mode="eval").body
            yield _text(ast.Call(call.func, [*first, shifted, *arguments[2:]], []))
    if name in ("sorted", "reversed", "set", "abs", "list", "str", "int", "round") and arguments:
        yield f"({_text(arguments[0])})"


def _slices(node: ast.Slice) -> Iterator[str]:
    parts = [_text(part) if part else "" for part in (node.lower, node.upper)]
    step = f":{_text(node.step)}" if node.step else ""
    for i, part in enumerate(parts):
        for by in _OFF:
            yield ":".join([*parts[:i], f"{part or '0'} {by}", *parts[i + 1 :]]) + step
    if step:
        yield ":".join(parts)


def _indexes(node: ast.Subscript) -> Iterator[str]:
    fixed = isinstance(node.slice, (ast.Slice, ast.Tuple, ast.Constant))
    if not fixed and isinstance(node.ctx, ast.Load):
        yield from (f"{_text(node.value)}[{_text(node.slice)} {by}]" for by in _OFF)


def _returns(node: ast.Return) -> Iterator[str]:
    if isinstance(node.value, (ast.Compare, ast.BoolOp)):
        yield f"return not ({_text(node.value)})"
    elif isinstance(node.value, (ast.Name, ast.BinOp, ast.Call)):
        yield from (f"return {_text(node.value)} {by}" for by in _OFF)


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _renamed(function: ast.expr, name: str) -> ast.expr:
    if isinstance(function, ast.Attribute):
        return ast.Attribute(function.value, name, ast.Load())
    return ast.Name(name, ast.Load())


def _text(node: ast.AST) -> str:
    return ast.unparse(node)


def _spliced(lines: list[bytes], node: ast.AST, text: str) -> str:
    """The module with other text in the place of a node."""
    first, last, start, end = _extent(node)
    head = b"".join(lines[:first]) + lines[first][:start]
    tail = lines[last][end:] + b"".join(lines[last + 1 :])
    return (head + text.encode() + tail).decode(errors="replace")


def _extent(node: Any) -> tuple[int, int, int, int]:
    """First and last line, from 0; first and last column, in bytes."""
    if isinstance(node, ast.comprehension):
        start, end = _extent(node.target), _extent(node.ifs[-1])
        return start[0], end[1], start[2] - len("for "), end[3]
    return node.lineno - 1, (node.end_lineno or 0) - 1, node.col_offset, node.end_col_offset or 0


def _compiles(source: str) -> bool:
    try:
        compile(source, "<mutant>", "exec", flags=ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


_OPERATORS: dict[type[ast.AST] | tuple[type[ast.AST], ...], Callable[[Any], Iterator[str]]] = {
    ast.Compare: _comparisons,
    ast.BinOp: _arithmetic,
    ast.BoolOp: _logic,
    ast.UnaryOp: _signs,
    ast.Constant: _constants,
    ast.AugAssign: _steps,
    ast.Call: _calls,
    ast.Slice: _slices,
    ast.Subscript: _indexes,
    ast.IfExp: _choices,
    ast.comprehension: _filters,
    ast.Return: _returns,
    (ast.Assign, ast.AugAssign, ast.Expr, ast.Continue, ast.Break): _deletions,
}
