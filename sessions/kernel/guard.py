"""Refuses cells that the policy does not allow, before they run and when they import.

The guard looks at the code after IPython has transformed it, so that every spelling of a magic or
a shell escape has become an ordinary call. A failure of the guard itself refuses the cell.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from IPython.core.error import InputRejected

from .policy import Policy

_SHELL_METHODS = {"system", "getoutput", "getoutput_split", "system_piped", "system_raw"}
_MAGIC_METHODS = {"run_line_magic", "run_cell_magic"}
_IMPORTERS = {"__import__", "import_module"}


class PolicyError(InputRejected, ImportError):
    """The policy refuses this cell; the message says why and what to do instead."""

    def _render_traceback_(self) -> list[str]:
        return [f"PolicyError: {self}"]


class Guard:
    """Checks cells, and imports made by them, against a policy."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def check(self, tree: ast.AST) -> None:
        """Raise `PolicyError` if a cell may not run.

        Raises:
            PolicyError: With one line for each thing refused; also if the check itself fails.
        """
        try:
            refusals = list(dict.fromkeys(self._refusals(tree)))
        except Exception as error:
            msg = f"the cell could not be checked, so it was not run ({error!r})"
            raise PolicyError(msg) from None
        if refusals:
            raise PolicyError("; ".join(refusals))

    def watch_imports(self, of_cells: Callable[[dict[str, Any]], bool]) -> None:
        """Refuse forbidden imports at run time too, when code of cells makes them.

        Libraries import what they like: pandas may need a module that a cell should not use.

        Args:
            of_cells: Tells from a caller's globals whether it is code of a cell or the workspace.
        """
        original = builtins.__import__

        def guarded(name: str, *arguments: Any, **options: Any) -> Any:
            given = arguments[0] if arguments else options.get("globals")
            caller = given if given is not None else sys._getframe(1).f_globals
            if of_cells(caller) and (reason := self._policy.module(name)):
                raise PolicyError(reason)
            return original(name, *arguments, **options)

        builtins.__import__ = guarded
        importlib.import_module = _guarded_import_module(self._policy, of_cells)

    def _refusals(self, tree: ast.AST) -> Iterator[str]:
        for node in ast.walk(tree):
            reason: str | None = None
            if isinstance(node, ast.Import):
                yield from self._imports(node)
            elif isinstance(node, ast.ImportFrom):
                yield from self._from_imports(node)
            elif isinstance(node, ast.Call):
                reason = self._call(node)
            elif isinstance(node, ast.Attribute):
                reason = self._policy.call(_dotted(node))
            if reason:
                yield reason

    def _imports(self, node: ast.Import) -> Iterator[str]:
        for alias in node.names:
            if reason := self._policy.module(alias.name):
                yield reason

    def _from_imports(self, node: ast.ImportFrom) -> Iterator[str]:
        if node.level or node.module is None:
            return
        if reason := self._policy.module(node.module):
            yield reason
            return
        for alias in node.names:
            name = f"{node.module}.{alias.name}"
            if reason := self._policy.module(name) or self._policy.call(name):
                yield reason

    def _call(self, node: ast.Call) -> str | None:
        method = node.func.attr if isinstance(node.func, ast.Attribute) else None
        name = method or (node.func.id if isinstance(node.func, ast.Name) else "")
        literal = _first_text(node)
        if method in _SHELL_METHODS and _is_shell(node.func):
            return self._policy.magic("system")
        if method in _MAGIC_METHODS and _is_shell(node.func):
            return self._policy.magic(literal) if literal is not None else None
        if name in _IMPORTERS and literal is not None:
            return self._policy.module(literal)
        return None


def _guarded_import_module(
    policy: Policy, of_cells: Callable[[dict[str, Any]], bool]
) -> Callable[..., Any]:
    original = importlib.import_module

    def import_module(name: str, package: str | None = None) -> Any:
        """Import a module, unless code of a cell may not."""
        if of_cells(sys._getframe(1).f_globals) and (reason := policy.module(name)):
            raise PolicyError(reason)
        return original(name, package)

    return import_module


def _is_shell(function: ast.expr) -> bool:
    """Whether a method is called on what `get_ipython()` returns, as transformed magics are."""
    if not isinstance(function, ast.Attribute):
        return False
    owner = function.value
    if isinstance(owner, ast.Call):
        return _dotted(owner.func) in {"get_ipython", "IPython.get_ipython"}
    return isinstance(owner, ast.Name) and owner.id in {"ip", "ipython", "shell"}


def _first_text(node: ast.Call) -> str | None:
    first = node.args[0] if node.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value
    return None


def _dotted(node: ast.expr) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
    return ".".join(reversed(parts))
