"""`for left, right in zip(a, b)` in the place of `for x in zip(a, b)` with `x[0]` and `x[1]`."""

from __future__ import annotations

import ast

_NAMES = {2: ("left", "right"), 3: ("first", "second", "third")}
_PAIRS = {"enumerate": ("i", "item"), "items": ("key", "item"), "pairwise": _NAMES[2]}
_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


class Unpacking(ast.NodeTransformer):
    """Gives names to the parts of an item, where it is plain how many it has."""

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        """Rewrite a list."""
        return self._unpacked(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        """Rewrite a set."""
        return self._unpacked(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        """Rewrite a generator."""
        return self._unpacked(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        """Rewrite a dictionary."""
        return self._unpacked(node)

    def _unpacked(self, node: _Comprehension) -> ast.AST:
        self.generic_visit(node)
        if len(node.generators) != 1:
            return node
        (loop,) = node.generators
        names = _names_for(loop.iter)
        if not names or not isinstance(loop.target, ast.Name) or _names_in(node) & set(names):
            return node
        inside = [*loop.ifs, *_results(node)]
        if not all(_uses_parts_only(part, loop.target.id, len(names)) for part in inside):
            return node
        naming = _Naming(loop.target.id, names)
        used: set[int] = set().union(*(_parts_used(p, loop.target.id) for p in inside))
        loop.ifs = [naming.visit(condition) for condition in loop.ifs]
        for field in ("elt", "key", "value"):
            if hasattr(node, field):
                setattr(node, field, naming.visit(getattr(node, field)))
        targets = [name if i in used else f"_{name}" for i, name in enumerate(names)]
        loop.target = ast.Tuple(
            elts=[ast.Name(id=name, ctx=ast.Store()) for name in targets], ctx=ast.Store()
        )
        return node


class _Naming(ast.NodeTransformer):
    """`x[0]` becomes the first name."""

    def __init__(self, item: str, names: tuple[str, ...]) -> None:
        self._item = item
        self._names = names

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """Replace a part of the item."""
        position = _part(node, self._item)
        if position is None:
            return self.generic_visit(node)
        return ast.Name(id=self._names[position], ctx=ast.Load())


def _results(node: _Comprehension) -> list[ast.expr]:
    return [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]


def _names_for(source: ast.expr) -> tuple[str, ...]:
    """Names for the parts of the items of a source whose items have a known number of parts."""
    if not isinstance(source, ast.Call):
        return ()
    called = source.func
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    if name == "zip":
        starred = any(isinstance(argument, ast.Starred) for argument in source.args)
        return () if starred else _NAMES.get(len(source.args), ())
    if name == "combinations" and len(source.args) == 2:
        size = source.args[1]
        known = isinstance(size, ast.Constant) and isinstance(size.value, int)
        return _NAMES.get(ast.literal_eval(size), ()) if known else ()
    return _PAIRS.get(name, ())


def _names_in(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _uses_parts_only(node: ast.AST, item: str, width: int) -> bool:
    """Whether the item occurs only in the form `item[0]`, and is not bound anew."""
    whole = sum(isinstance(n, ast.Name) and n.id == item for n in ast.walk(node))
    bound = any(isinstance(n, ast.arg) and n.arg == item for n in ast.walk(node))
    parts = [_part(n, item) for n in ast.walk(node) if isinstance(n, ast.Subscript)]
    found = [p for p in parts if p is not None]
    return not bound and whole == len(found) and all(p < width for p in found)


def _parts_used(node: ast.AST, item: str) -> set[int]:
    parts = (_part(n, item) for n in ast.walk(node) if isinstance(n, ast.Subscript))
    return {part for part in parts if part is not None}


def _part(node: ast.Subscript, item: str) -> int | None:
    """The index of `item[0]`, if it is such a part."""
    if not (isinstance(node.value, ast.Name) and node.value.id == item):
        return None
    index = node.slice
    if isinstance(index, ast.Constant) and type(index.value) is int and index.value >= 0:
        return index.value
    return None
