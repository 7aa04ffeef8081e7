"""What of a policy a cell offends, as far as its text tells; nothing is run or imported."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType

from .policy import Policy

_SHELL_METHODS = {"system", "getoutput", "getoutput_split", "system_piped", "system_raw"}
_MAGIC_METHODS = {"run_line_magic", "run_cell_magic"}
_IMPORTERS = {"__import__", "import_module"}
_TELLING = (ast.Attribute, ast.Call, ast.Import, ast.ImportFrom, ast.Name)


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """One thing that is refused.

    Attributes:
        line: Where, from 1.
        reason: What, why, and what to do instead.
    """

    line: int
    reason: str


def refusals(
    tree: ast.AST, policy: Policy, variables: Mapping[str, object] | None = None
) -> Iterator[Refusal]:
    """Everything in a syntax tree that a policy refuses.

    Args:
        tree: Code as Python will run it: magics and shell escapes are calls.
        policy: What is refused.
        variables: What names stand for beforehand.
    """
    nodes = _nodes(tree)
    names = _Names(nodes, variables or {})
    for node in nodes:
        if not isinstance(node, _TELLING):
            continue
        for reason in _reasons(node, policy, names):
            yield Refusal(line=getattr(node, "lineno", 1), reason=reason)


def _reasons(node: ast.AST, policy: Policy, names: _Names) -> Iterator[str]:
    found: str | None = None
    match node:
        case ast.Import():
            yield from filter(None, (policy.module(alias.name) for alias in node.names))
        case ast.ImportFrom(level=0, module=str(module)):
            yield from _imported_from(module, node, policy)
        case ast.Call():
            found = _call(node, policy, names)
        case ast.Attribute():
            found = _attribute(node, policy, names)
        case ast.Name(ctx=ast.Load()):
            found = policy.call(names.stands_for(node.id) or node.id)
    if found:
        yield found


def _imported_from(module: str, node: ast.ImportFrom, policy: Policy) -> Iterator[str]:
    if reason := policy.module(module):
        yield reason
    else:
        below = (f"{module}.{alias.name}" for alias in node.names)
        yield from filter(None, map(policy.name, below))


def _attribute(node: ast.Attribute, policy: Policy, names: _Names) -> str | None:
    written, meant = _dotted(node), names.full(node)
    if not written:
        return None
    return policy.call(meant or written) or (policy.module(meant) if meant else None)


def _call(node: ast.Call, policy: Policy, names: _Names) -> str | None:
    method, literals = _last_part(node.func), _texts(node)
    if method in _SHELL_METHODS and names.is_shell(node.func):
        return policy.magic("system")
    if method in _MAGIC_METHODS and literals:
        return policy.magic(literals[0] or "")
    if method in _IMPORTERS and literals:
        return policy.module(literals[0] or "")
    if method == "getattr" and len(literals) > 1 and (owner := names.full(node.args[0])):
        return policy.call(f"{owner}.{literals[1]}")
    return None


class _Names:
    """What names stand for: by the imports in a tree, else by what is there beforehand."""

    def __init__(self, nodes: list[ast.AST], variables: Mapping[str, object]) -> None:
        self._variables = variables
        self._imported: dict[str, str] = {}
        for node in nodes:
            if isinstance(node, ast.Import):
                self._take(node)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                self._take_from(node)

    def stands_for(self, name: str) -> str | None:
        """The dotted name of the module, or of its part, that a name stands for."""
        if name in self._imported:
            return self._imported[name]
        value = self._variables.get(name)
        return value.__name__ if isinstance(value, ModuleType) else None

    def full(self, node: ast.expr) -> str | None:
        """The dotted name that an expression stands for, if it begins with a module."""
        first, _, rest = _dotted(node).partition(".")
        module = self.stands_for(first) if first else None
        return ".".join(filter(None, [module, rest])) if module else None

    def is_shell(self, function: ast.expr) -> bool:
        """Whether a method is one of the shell's, as those of transformed magics are."""
        if not isinstance(function, ast.Attribute):
            return False
        owner = function.value
        if isinstance(owner, ast.Call):
            return _last_part(owner.func) == "get_ipython"
        if not isinstance(owner, ast.Name):
            return False
        value = self._variables.get(owner.id)
        return value is not None and hasattr(type(value), "run_cell_magic")

    def _take(self, node: ast.Import) -> None:
        for alias in node.names:
            first = alias.name.partition(".")[0]
            self._imported[alias.asname or first] = alias.name if alias.asname else first

    def _take_from(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            self._imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"


def _nodes(tree: ast.AST) -> list[ast.AST]:
    """All nodes; not by `ast.walk`, which a cell may have replaced for purposes of its own."""
    found = [tree]
    for node in found:
        for name in node._fields:  # not all attributes: tracebacks add the way back to the parent
            value = getattr(node, name, None)
            if isinstance(value, ast.AST):
                found.append(value)
            elif isinstance(value, list):
                found += [child for child in value if isinstance(child, ast.AST)]
    return found


def _last_part(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _texts(node: ast.Call) -> list[str | None]:
    """Literal texts among the arguments, None for the others; empty if there is no text."""
    values = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
    texts = [value if isinstance(value, str) else None for value in values]
    return texts if any(texts) else []


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of such an expression; empty for others."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])
