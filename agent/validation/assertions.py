"""Test functions taken apart: the calls, which a kernel answers, and the claims, judged here.

A claim is evaluated by walking its tree. It may hold literals, comparisons, simple arithmetic on
numbers, a few functions of Python, and tables made of literals with what merely calculates with
them; a test that says more than that is not taken apart.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.validation import tables
from agent.validation.comparison import equal
from agent.validation.tables import NotATableError

Arguments = tuple[tuple[Any, ...], tuple[tuple[str, Any], ...]]
"""Positional and named arguments of a call, as plain values or `Made`."""

_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Eq: equal,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda left, right: type(left) is type(right) and left == right,
    ast.IsNot: lambda left, right: not (type(left) is type(right) and left == right),
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{f.__name__: f for f in (set, frozenset, sorted, list, tuple, len, abs, round, sum)},
    **{f.__name__: f for f in (min, max, bool, float, str, repr, dict, any, all)},
    **{"isinstance": isinstance, "type": type, "math.isclose": math.isclose},
}
_TYPES = {t.__name__: t for t in (int, float, str, bool, list, tuple, set, dict, frozenset, bytes)}

KNOWN = frozenset({*_TYPES, *_FUNCTIONS, "math", *tables.MODULES})
"""Names that claims may use, in the sense that Python gives them."""

MEANT = {"math": "math", **tables.MODULES}
"""Those of them that modules are imported under → the modules."""


class NotSimpleError(Exception):
    """A test says more than can be judged here."""


@dataclass(frozen=True)
class Claim:
    """What a test asserts, with the calls it rests on.

    Attributes:
        test: Name of the test function.
        text: The assertion as source.
        tree: Its expression.
        calls: The calls in it, by their place in the tree.
        values: What names stand for that the test set before.
    """

    test: str
    text: str
    tree: ast.expr
    calls: Mapping[ast.Call, Arguments]
    values: Mapping[str, ast.expr]

    def holds(self, outcomes: Mapping[ast.Call, Any]) -> bool:
        """Whether it holds if the calls gave these values.

        Raises:
            NotSimpleError: If it can't be judged here.
        """
        try:
            return bool(self._value(self.tree, outcomes)) or self._is_check()
        except AssertionError:
            return False
        except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
            raise NotSimpleError(str(error)) from error

    def _is_check(self) -> bool:
        """Whether it is a call that would have raised an error."""
        return isinstance(self.tree, ast.Call) and tables.full_name(self.tree.func) in tables.CHECKS

    def _value(self, node: ast.expr, outcomes: Mapping[ast.Call, Any]) -> Any:
        def value(inner: ast.expr) -> Any:
            return self._value(inner, outcomes)

        match node:
            case ast.Call() if node in outcomes:
                return outcomes[node]
            case ast.Name(id=name) if name in self.values:
                return value(self.values[name])
            case ast.Constant() | ast.Name() | ast.List() | ast.Tuple() | ast.Set() | ast.Dict():
                return _built(node, value)
        return _calculated(node, value)


def _built(node: ast.expr, value: Callable[[ast.expr], Any]) -> Any:
    match node:
        case ast.Constant(value=constant):
            return constant
        case ast.Name(id=name) if name in _TYPES:
            return _TYPES[name]
        case ast.List(elts=items):
            return list(map(value, items))
        case ast.Tuple(elts=items):
            return tuple(map(value, items))
        case ast.Set(elts=items):
            return set(map(value, items))
        case ast.Dict(keys=keys, values=values):
            return {value(_there(k)): value(v) for k, v in zip(keys, values, strict=True)}
    raise NotSimpleError(ast.unparse(node))


def _calculated(node: ast.expr, value: Callable[[ast.expr], Any]) -> Any:
    match node:
        case ast.UnaryOp(op=op, operand=operand):
            return _operator(op)(value(operand))
        case ast.BinOp(left=left, op=op, right=right):
            return _operator(op)(_number(value(left)), _number(value(right)))
        case ast.BoolOp(op=op, values=parts):
            return (all if isinstance(op, ast.And) else any)(map(value, parts))
        case ast.Compare(left=left, ops=ops, comparators=rest):
            return _compared([value(part) for part in (left, *rest)], ops)
        case ast.Subscript(value=owner, slice=index) if not isinstance(index, ast.Slice):
            return value(owner)[value(index)]
        case ast.Attribute(value=owner, attr=attribute):
            name = tables.full_name(node)
            return tables.named(name) if name else tables.attribute(value(owner), attribute)
        case ast.Call():
            return _called(node, value)
    raise NotSimpleError(ast.unparse(node))


def _called(node: ast.Call, value: Callable[[ast.expr], Any]) -> Any:
    try:
        return tables.made(node).build()
    except NotATableError:
        pass
    named = {_there(k.arg): value(k.value) for k in node.keywords}
    function = _function(node.func, value)
    return function(*map(value, node.args), **named)


def claims_of(test: ast.FunctionDef, name: str) -> list[Claim] | None:
    """The claims of a test function, or None if it can't be taken apart.

    Args:
        test: The function.
        name: What is tested.
    """
    values: dict[str, ast.expr] = {}
    claims: list[Claim] = []
    for statement in test.body:
        match statement:
            case ast.Assert(test=tree) | ast.Expr(value=ast.Call() as tree) if _says(statement):
                calls = _calls(tree, values, name)
                if calls is None or (not calls and _names(tree) & values.keys()):
                    return None  # it says something of what a call left behind
                text = ast.unparse(tree)
                claims.append(Claim(test.name, text, tree, calls, dict(values)))
            case ast.Assign(targets=[ast.Name(id=target)], value=value):
                if target == name or _calls(value, values, name) is None:
                    return None
                values[target] = value
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                continue
            case _:
                return None
    simple = not test.args.args and not test.decorator_list
    return claims if simple and any(claim.calls for claim in claims) else None


def _says(statement: ast.stmt) -> bool:
    """Whether it asserts something."""
    match statement:
        case ast.Expr(value=ast.Call(func=function)):
            return tables.full_name(function) in tables.CHECKS
    return isinstance(statement, ast.Assert)


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _calls(
    tree: ast.expr, values: Mapping[str, ast.expr], name: str
) -> dict[ast.Call, Arguments] | None:
    """The calls of the function below a tree; None if arguments are no literals."""
    named = [values[n.id] for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id in values]
    found: dict[ast.Call, Arguments] = {}
    for before in named:
        inner = _calls(before, {k: v for k, v in values.items() if v is not before}, name)
        if inner is None:
            return None
        found |= inner
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
            arguments = _arguments(node, values)
            if arguments is None:
                return None
            found[node] = arguments
    mentions = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name]
    direct = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and n in found]
    return found if len(mentions) == len(direct) else None


def _arguments(call: ast.Call, values: Mapping[str, ast.expr]) -> Arguments | None:
    try:
        positional = tuple(_literal(argument, values) for argument in call.args)
        named = tuple((_there(k.arg), _literal(k.value, values)) for k in call.keywords)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError, NotSimpleError):
        return None
    return positional, named


def _literal(node: ast.expr, values: Mapping[str, ast.expr]) -> Any:
    if isinstance(node, ast.Name) and node.id in values:
        return _literal(values[node.id], {})
    if isinstance(node, ast.Call):
        return tables.made(node)
    return ast.literal_eval(node)


def _there(value: Any) -> Any:
    if value is None:  # `**mapping`
        raise NotSimpleError
    return value


def _operator(op: ast.AST) -> Callable[..., Any]:
    if type(op) not in _OPERATORS:
        raise NotSimpleError
    return _OPERATORS[type(op)]


def _function(node: ast.expr, value: Callable[[ast.expr], Any]) -> Callable[..., Any]:
    name = ast.unparse(node)
    if name in _FUNCTIONS:
        return _FUNCTIONS[name]
    if not isinstance(node, ast.Attribute):
        raise NotSimpleError(name)
    function: Callable[..., Any] = value(node)
    return function


def _number(value: Any) -> Any:
    """What may be calculated with: a product of a text and a number could fill the memory."""
    if not isinstance(value, (int, float, complex)):
        raise NotSimpleError
    return value


def _compared(values: Sequence[Any], ops: Sequence[ast.cmpop]) -> Any:
    if len(ops) == 1:  # of tables it gives a table
        return _operator(ops[0])(*values)
    pairs = zip(values, ops, values[1:], strict=False)
    return all(_operator(op)(left, right) for left, op, right in pairs)
