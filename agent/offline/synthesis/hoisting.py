"""Names for what an expression computes more than once."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from agent.offline.synthesis.layout import laid_out

_WORTH = 9  # characters of a part that deserves a name
_NAMES = {
    "split": "words",
    "sorted": "in_order",
    "Counter": "counts",
    "set": "unique",
    "sum": "total",
    "len": "count",
    "str": "shown",
    "zip": "pairs",
}


def hoisted(expression: str, taken: Collection[str]) -> tuple[list[tuple[str, str]], str]:
    """The assignments to make first, and the expression that is left.

    Args:
        expression: Source.
        taken: Names that are in use.
    """
    tree = ast.parse(expression, mode="eval")
    assignments: list[tuple[str, str]] = []
    names = {*taken, *(n.id for n in ast.walk(tree) if isinstance(n, ast.Name))}
    while (part := _repeated(tree)) is not None:
        name = _name_for(ast.parse(part, mode="eval").body, names)
        names.add(name)
        assignments.append((name, laid_out(part)))
        _Replacing(part, name).visit(tree)
    return assignments, laid_out(ast.unparse(tree)) if assignments else expression


def _repeated(tree: ast.Expression) -> str | None:
    """The largest part that occurs twice, is computed in any case and stands for itself."""
    counts: dict[str, int] = {}
    always: set[str] = set()
    for node, certain in _parts(tree.body, bound=(), certain=True):
        text = ast.unparse(node)
        counts[text] = counts.get(text, 0) + 1
        if certain:
            always.add(text)
    worth = [t for t, n in counts.items() if n > 1 and len(t) >= _WORTH and t in always]
    return max(worth, key=len, default=None)


def _parts(
    node: ast.AST, *, bound: Sequence[str], certain: bool
) -> Iterator[tuple[ast.expr, bool]]:
    """Parts that use no bound name, and whether they are computed in any case."""
    if isinstance(node, (ast.Call, ast.BinOp, ast.Subscript, ast.ListComp)):
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        if not names & set(bound):
            yield node, certain
    inner = (*bound, *_binds(node))
    for position, child in enumerate(_children(node)):
        sure = certain and not _is_conditional(node, position)
        yield from _parts(child, bound=inner, certain=sure)


def _children(node: ast.AST) -> list[ast.AST]:
    """The children in the order in which they are computed."""
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
        loops: list[ast.AST] = [loop.iter for loop in node.generators]
        tests = [test for loop in node.generators for test in loop.ifs]
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return [*loops, *tests, *results]
    if isinstance(node, ast.IfExp):
        return [node.test, node.body, node.orelse]
    return list(ast.iter_child_nodes(node))


def _is_conditional(node: ast.AST, position: int) -> bool:
    """Whether a child may not be computed at all."""
    lazy = (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp, ast.IfExp, ast.BoolOp)
    if isinstance(node, ast.Lambda):
        return True
    if isinstance(node, ast.BoolOp):
        return position > 1  # the first child is the operator
    return isinstance(node, lazy) and position > 0


def _binds(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Lambda):
        return [argument.arg for argument in node.args.args]
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
        targets = [n for loop in node.generators for n in ast.walk(loop.target)]
        return [n.id for n in targets if isinstance(n, ast.Name)]
    return []


def _name_for(node: ast.expr, taken: Collection[str]) -> str:
    called = getattr(node, "func", None)
    key = getattr(called, "attr", None) or getattr(called, "id", "")
    name = _NAMES.get(str(key), "part")
    numbered = (f"{name}{i}" for i in range(2, 20))
    return name if name not in taken else next(n for n in numbered if n not in taken)


class _Replacing(ast.NodeTransformer):
    """Puts a name in the place of a part."""

    def __init__(self, part: str, name: str) -> None:
        self._part = part
        self._name = name

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace the part wherever it stands."""
        if isinstance(node, ast.expr) and ast.unparse(node) == self._part:
            return ast.Name(id=self._name, ctx=ast.Load())
        return self.generic_visit(node)
