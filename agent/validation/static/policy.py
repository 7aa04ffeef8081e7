"""The gate that reads what a candidate would do: imports, and ways around the guard.

The operating system holds what slips through; this gate keeps such code out of the library.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.static.names import dotted, imported

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench

MODULES = frozenset(
    {
        *("__future__", "abc", "base64", "bisect", "calendar", "collections", "colorsys"),
        *("contextlib", "copy", "csv", "dataclasses", "datetime", "decimal", "difflib", "enum"),
        *("fractions", "functools", "hashlib", "heapq", "html", "io", "itertools", "json"),
        *(
            "cmath",
            "hmac",
            "secrets",
            "ast",
            "math",
            "numbers",
            "operator",
            "pathlib",
            "random",
            "re",
            "statistics",
            "string",
        ),
        *("textwrap", "time", "typing", "unicodedata", "uuid", "zoneinfo"),
        *("agent_tools", "matplotlib", "numpy", "pandas"),
    }
)
"""Modules that a skill may import, with all below them."""

_PARTS = {"sys": frozenset({"maxsize", "maxunicode", "float_info", "getsizeof"})}
"""Modules of which a skill may use these names and no others."""

_INNER = frozenset(
    {
        *("_abc", "_os", "_sys", "builtins", "codecs", "importlib", "inspect", "os"),
        *("gc", "linecache", "modules", "_modules", "sys", "threading", "traceback"),
        *("_warnings", "warnings", "weakref", "_thread", "socket", "subprocess", "posixpath"),
    }
)
"""Attributes of harmless modules by which the modules that these use could be reached."""

_RUNNERS = re.compile(r"conftest|sitecustomize|usercustomize|PYTEST_|pytest\.ini|unittest\.")
_FOR_TESTS = frozenset({"hypothesis", "pytest", "learned_skills"})
_NAMES = frozenset(
    {
        *(
            "__builtins__",
            "__import__",
            "__loader__",
            "__spec__",
            "breakpoint",
            "compile",
            "delattr",
        ),
        *("eval", "exec", "exit", "get_ipython", "getattr", "globals", "locals", "quit"),
        *("setattr", "vars"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *("ag_frame", "cr_frame", "eval", "exec", "f_back", "f_builtins", "f_globals", "f_locals"),
        *("gi_frame", "mro", "read_pickle", "system", "tb_frame", "to_pickle"),
    }
)
_HARMLESS_DUNDERS = frozenset({"__name__", "__doc__", "__init__", "__post_init__"})
_DUNDER = re.compile(r"__\w+__")
_QUIET = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


async def policy(candidate: Candidate, bench: Bench) -> Finding:
    """Code and tests import only what is safe, and use no back doors."""
    code, tests = ast.parse(candidate.source), ast.parse(candidate.tests)
    problems = [
        *refusals(code, MODULES | {f"learned_skills.{name}" for name in candidate.skills}),
        *_loud(code),
        *refusals(tests, MODULES | _FOR_TESTS),
    ]
    return Finding(
        signal="policy", problems=tuple(dict.fromkeys(problems)), success="nothing refused"
    )


def refusals(tree: ast.Module, allowed: frozenset[str]) -> Iterator[str]:
    """What code does that only a way around the guard would need.

    Args:
        tree: The code.
        allowed: Modules that it may import.
    """
    texts, modules = _documentation(tree), _bound_by_imports(tree)
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and not _is_read(n)}
    bound |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    yield from _partly_used(tree)
    for node in ast.walk(tree):
        for name in _imported(node):
            if not allowed & {name, name.partition(".")[0]} and name not in _PARTS:
                yield f"line {_line(node)}: may not import {_told(name)}"
        if _reaches_in(node, modules):
            yield f"line {_line(node)}: may not reach for what modules use themselves"
        if isinstance(node, ast.Name) and node.id in _NAMES | ({"input"} - bound):
            yield f"line {_line(node)}: may not use {node.id}"
        if isinstance(node, ast.Attribute) and _is_back_door(node.attr):
            yield f"line {_line(node)}: may not use .{node.attr}"
        if _overwrites(node, modules):
            yield f"line {_line(node)}: may not change what it imports"
        if isinstance(node, ast.Constant) and node not in texts and _names_dunder(node.value):
            yield f"line {_line(node)}: may not spell names like __class__ in text"
        if isinstance(node, ast.Constant) and node not in texts and _names_runner(node.value):
            yield f"line {_line(node)}: may not speak of what runs its tests"


def _told(name: str) -> str:
    """A module that may not be imported, and what to do about it if anything."""
    package, _, skill = name.partition(".")
    if package != "learned_skills" or not skill:
        return name or "relative modules"
    return f"{name}: skills build on approved ones alone, see `agent skills show {skill}`"


def _partly_used(tree: ast.Module) -> Iterator[str]:
    """Uses of a module beyond the part that is allowed."""
    names = imported(tree)
    fine = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in _PARTS.get(dotted(node.value, names), ())
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and names.get(node.id) in _PARTS and id(node) not in fine:
            yield f"line {node.lineno}: may use {names[node.id]} for its numbers only"
        if isinstance(node, ast.ImportFrom) and node.module in _PARTS:
            others = {alias.name for alias in node.names} - _PARTS[node.module]
            yield from (f"line {node.lineno}: may not import {node.module}.{o}" for o in others)


def _reaches_in(node: ast.AST, modules: frozenset[str]) -> bool:
    """Whether it takes a module out of a module: `random._os`, `from json import codecs`."""
    if isinstance(node, ast.ImportFrom):
        return any(alias.name in _INNER or alias.name.startswith("_") for alias in node.names)
    if not isinstance(node, ast.Attribute):
        return False
    owner: ast.expr = node.value
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    is_module = isinstance(owner, ast.Name) and owner.id in modules
    return is_module and (node.attr in _INNER or node.attr.startswith("_"))


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["" if node.level else node.module or ""]
    return []


def _bound_by_imports(tree: ast.Module) -> frozenset[str]:
    """The names that imports give to modules and what they hold."""
    imports = [n for n in ast.walk(tree) if isinstance(n, (ast.Import, ast.ImportFrom))]
    aliases = [alias for node in imports for alias in node.names]
    return frozenset((alias.asname or alias.name).partition(".")[0] for alias in aliases)


def _overwrites(node: ast.AST, modules: frozenset[str]) -> bool:
    """Whether it sets or deletes an attribute of something imported."""
    if not isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load):
        return False
    owner: ast.expr = node
    while isinstance(owner, (ast.Attribute, ast.Subscript)):
        owner = owner.value
    return isinstance(owner, ast.Name) and owner.id in modules


def _is_back_door(attribute: str) -> bool:
    if attribute in _ATTRIBUTES or attribute.startswith("_getframe"):
        return True
    return bool(_DUNDER.fullmatch(attribute)) and attribute not in _HARMLESS_DUNDERS


def _names_runner(value: object) -> bool:
    return isinstance(value, str) and bool(_RUNNERS.search(value))


def _names_dunder(value: object) -> bool:
    return isinstance(value, str) and bool(_DUNDER.search(value))


def _documentation(tree: ast.Module) -> set[ast.AST]:
    """The docstrings, which may speak of anything."""
    owners = (ast.Module, ast.FunctionDef, ast.ClassDef)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, owners)]
    firsts = [body[0] for body in bodies if body]
    return {first.value for first in firsts if isinstance(first, ast.Expr)}


def _loud(tree: ast.Module) -> Iterator[str]:
    """Statements that would do something when the skill is imported."""
    for node in tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text and not isinstance(node, _QUIET):
            yield f"line {node.lineno}: only imports, definitions and constants at top level"


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))
