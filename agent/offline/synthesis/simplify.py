"""Readable source out of the search's: fewer parentheses, lists and detours."""

from __future__ import annotations

import ast

from agent.offline.synthesis.layout import laid_out
from agent.offline.synthesis.unpacking import Unpacking

_TAKES_ITERABLE = frozenset(
    {"sum", "any", "all", "max", "min", "sorted", "set", "tuple", "dict", "join"}
)


def simplified(source: str) -> str:
    """The same expression, as a person would write it.

    Args:
        source: One expression.
    """
    tree = Unpacking().visit(_Simplifier().visit(ast.parse(source, mode="eval")))
    return laid_out(ast.unparse(ast.fix_missing_locations(tree)))


class _Simplifier(ast.NodeTransformer):
    """Rewrites that keep the meaning."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Drop lists that are only passed through, and conversions of conversions."""
        self.generic_visit(node)
        if len(node.args) != 1:
            return node
        name, argument = _called(node), node.args[0]
        if node.keywords:
            node.args = [_passed_through(argument) or argument]
            return node
        if name == "list" and isinstance(argument, (ast.ListComp, ast.List)):
            return argument
        if name in _TAKES_ITERABLE and isinstance(argument, ast.ListComp):
            return _with_generator(node, name, argument)
        inner = _passed_through(argument)
        if inner is not None and name in _TAKES_ITERABLE | {"list"}:
            node.args = [inner]
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        """`for x in list(a)` is `for x in a`."""
        self.generic_visit(node)
        node.iter = _passed_through(node.iter) or node.iter
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """`lambda x: len(x)` is `len`."""
        self.generic_visit(node)
        body = node.body
        if not isinstance(body, ast.Call) or body.keywords or not isinstance(body.func, ast.Name):
            return node
        passed = [a.id for a in body.args if isinstance(a, ast.Name)]
        return body.func if passed == [a.arg for a in node.args.args] else node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        """`not a == b` is `a != b`."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.Not) or not isinstance(node.operand, ast.Compare):
            return node
        opposite = _OPPOSITES.get(type(node.operand.ops[0]))
        if opposite is None or len(node.operand.ops) > 1:
            return node
        node.operand.ops = [opposite()]
        return node.operand


_OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
}


def _called(node: ast.Call) -> str:
    if isinstance(node.func, ast.Name):
        return node.func.id
    return "join" if isinstance(node.func, ast.Attribute) and node.func.attr == "join" else ""


def _with_generator(call: ast.Call, name: str, comprehension: ast.ListComp) -> ast.AST:
    if name == "set":
        return ast.SetComp(elt=comprehension.elt, generators=comprehension.generators)
    call.args = [ast.GeneratorExp(elt=comprehension.elt, generators=comprehension.generators)]
    return call


def _passed_through(argument: ast.expr) -> ast.expr | None:
    """What `list(…)` or `tuple(…)` wraps, if that is all the argument is."""
    if not isinstance(argument, ast.Call) or argument.keywords or len(argument.args) != 1:
        return None
    return argument.args[0] if _called(argument) in {"list", "tuple"} else None
