"""Which skills a skill imports, and what follows from that for their order."""

from __future__ import annotations

import ast
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from unicodedata import normalize

from tools_registry.source import SourceError

PACKAGE = "learned_skills"
"""What skills are imported from, inside the kernel."""

_HOW = f"import each skill by name, as in `from {PACKAGE}.other import other`"
_MENTION = re.compile(rf"{PACKAGE}|from[\s\\]*\.")


def may_import_skills(source: str) -> bool:
    """Whether a look at the tree is worth its time; names may be written in other letters."""
    return bool(_MENTION.search(source if source.isascii() else normalize("NFKC", source)))


def imports_of(tree: ast.AST) -> tuple[str, ...]:
    """The names of the skills that a module imports, sorted; wherever in it that happens.

    Raises:
        SourceError: With the line, if it can't be told which.
    """
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(_imported(node))
    return tuple(sorted(found))


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    modules = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        if node.level:
            msg = f"has a relative import: {_HOW}"
            raise SourceError(msg, node.lineno)
        modules = [node.module or ""]
    for module in modules:
        package, dot, rest = module.partition(".")
        if package == PACKAGE:
            if not dot:
                msg = f"imports {PACKAGE} as a whole: {_HOW}"
                raise SourceError(msg, node.lineno)
            yield rest.partition(".")[0]


class Graph:
    """Skills and the skills they import.

    Args:
        imports: Name → names of what it imports; names that are not keys are left out.

    Attributes:
        order: All names that don't depend on a cycle, what is imported before what imports it.
        cyclic: The others: skills that import themselves over others, or import such.
    """

    def __init__(self, imports: Mapping[str, Iterable[str]]) -> None:
        self._imports = {
            name: tuple(other for other in sorted(set(others)) if other in imports)
            for name, others in imports.items()
        }
        self._importers: dict[str, list[str]] = {name: [] for name in imports}
        for name in sorted(self._imports):
            for other in self._imports[name]:
                self._importers[other].append(name)
        self.order = self._sorted()
        self.cyclic = tuple(sorted(self._imports.keys() - set(self.order)))

    def dependencies(self, name: str) -> tuple[str, ...]:
        """All that a skill imports, and what these import: what is imported first comes first."""
        return self._in_order(_reached(name, self._imports))

    def dependents(self, name: str) -> tuple[str, ...]:
        """All that import a skill, directly or over others, each after what it imports."""
        return self._in_order(_reached(name, self._importers))

    def cycles(self) -> list[tuple[str, ...]]:
        """Cycles: every skill of `cyclic` leads into one of them."""
        found: list[tuple[str, ...]] = []
        cyclic, seen = set(self.cyclic), set[str]()
        for name in self.cyclic:
            path: dict[str, None] = {}
            at = name
            while at not in seen and at not in path:
                path[at] = None
                at = next(other for other in self._imports[at] if other in cyclic)
            if at in path:
                way = list(path)
                found.append((*way[way.index(at) :], at))
            seen.update(path)
        return found

    def cycle_of(self, name: str) -> tuple[str, ...]:
        """The shortest way from a skill over its imports back to itself; () if there is none."""
        ways: deque[tuple[str, ...]] = deque([(name,)])
        seen: set[str] = set()
        while ways:
            way = ways.popleft()
            for other in self._imports[way[-1]]:
                if other == name:
                    return (*way, name)
                if other not in seen:
                    seen.add(other)
                    ways.append((*way, other))
        return ()

    def _sorted(self) -> tuple[str, ...]:
        """Kahn's algorithm: take what imports nothing that is left."""
        left = {name: len(others) for name, others in self._imports.items()}
        ready = deque(sorted(name for name, count in left.items() if not count))
        order: list[str] = []
        while ready:
            order.append(ready.popleft())
            for importer in self._importers[order[-1]]:
                left[importer] -= 1
                if not left[importer]:
                    ready.append(importer)
        return tuple(order)

    def _in_order(self, names: set[str]) -> tuple[str, ...]:
        return tuple(name for name in (*self.order, *self.cyclic) if name in names)


def _reached(start: str, edges: Mapping[str, Iterable[str]]) -> set[str]:
    """All that can be reached, without the start unless a cycle leads back to it."""
    found: set[str] = set()
    waiting = [*edges.get(start, ())]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += edges[name]
    return found
