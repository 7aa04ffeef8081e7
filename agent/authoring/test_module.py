"""A module of tests, taken apart and put together."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.validation.examples import Example
from tools_registry.source import SourceError, parse

Place = tuple[str, str]
"""A test function and one of its assertions as source; "" stands for all of the function."""


class TestModule:
    """Test functions of one function, and what stands around them.

    Args:
        name: The function that is tested; it is imported whatever was written.
        source: The module; one that is no Python counts as empty.
    """

    __test__ = False  # pytest would take it for tests

    def __init__(self, name: str, source: str) -> None:
        self._name = name
        body = _body(source)
        self.tests = [n for n in body if isinstance(n, ast.FunctionDef) and _is_test(n)]
        self._rest = [node for node in body if node not in self.tests]
        self._import(f"from learned_skills.{name} import {name}")

    @property
    def source(self) -> str:
        """The module as text."""
        head = "\n".join(map(ast.unparse, self._rest))
        return "\n\n\n".join([head, *map(ast.unparse, self.tests)]) + "\n"

    @property
    def assertions(self) -> list[str]:
        """All that is asserted, as source."""
        nodes = (node for test in self.tests for node in ast.walk(test))
        return [ast.unparse(node.test) for node in nodes if isinstance(node, ast.Assert)]

    def add(self, title: str, claims: Sequence[str]) -> None:
        """Put a test function before all others."""
        if any("math." in claim for claim in claims):
            self._import("import math")
        lines = "".join(f"    assert {claim}\n" for claim in claims)
        made = parse(f"def {self._free(title)}() -> None:\n{lines}").body[0]
        if isinstance(made, ast.FunctionDef):
            self.tests.insert(0, made)

    def join(self, other: TestModule) -> None:
        """Take in the tests of another module, and what these need."""
        there = set(map(ast.unparse, self._rest))
        self._rest += [node for node in other._rest if ast.unparse(node) not in there]
        for test in other.tests:
            test.name = self._free(test.name)
            self.tests.append(test)

    def change(self, changes: Mapping[Place, str]) -> None:
        """Demand something else at some places; "" demands nothing there."""
        changed = (_changed(test, changes) for test in self.tests)
        self.tests = [test for test in changed if test is not None]

    def _free(self, title: str) -> str:
        taken = {test.name for test in self.tests}
        while title in taken:
            title += "_"
        return title

    def _import(self, line: str) -> None:
        if line not in map(ast.unparse, self._rest):
            place = sum(map(_comes_first, self._rest))
            self._rest.insert(place, parse(line).body[0])


def assertion_of(name: str, example: Example) -> str | None:
    """An example as what a test asserts; None if a test can't say it exactly."""
    call = f"{name}({', '.join(map(repr, example.arguments))})"
    expected = example.expected
    if isinstance(expected, float):
        text = f"math.isclose({call}, {expected!r}, rel_tol=1e-09, abs_tol=1e-12)"
    elif isinstance(expected, bool) or expected is None:
        text = f"{call} is {expected!r}"
    else:
        text = f"{call} == {expected!r}"
    return text if _is_exact(example) else None


def _is_exact(example: Example) -> bool:
    """Whether the values can be written out, and rounding in their depths plays no part."""
    try:
        whole = ast.literal_eval(repr((example.arguments, example.expected)))
    except (ValueError, SyntaxError):
        return False
    return isinstance(example.expected, float) or not _has_float(whole[1])


def _has_float(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_float, [*value, *value.values()]))
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(map(_has_float, value))
    return isinstance(value, float)


def _body(source: str) -> list[ast.stmt]:
    try:
        return parse(source).body
    except SourceError:
        return []


def _is_test(function: ast.FunctionDef) -> bool:
    return function.name.startswith("test_")


def _comes_first(node: ast.stmt) -> bool:
    future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
    return future or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))


def _changed(test: ast.FunctionDef, changes: Mapping[Place, str]) -> ast.FunctionDef | None:
    """A test with its changes; None if nothing is left of it."""
    if (test.name, "") in changes:
        test.body = _asserting(changes[test.name, ""])
    else:
        test.body = [new for old in test.body for new in _replaced(test.name, old, changes)]
    asserts = any(isinstance(node, ast.Assert | ast.With) for node in ast.walk(test))
    return test if asserts else None


def _replaced(test: str, old: ast.stmt, changes: Mapping[Place, str]) -> Iterable[ast.stmt]:
    if not isinstance(old, ast.Assert):
        return [old]
    return _asserting(changes.get((test, ast.unparse(old.test)), ast.unparse(old.test)))


def _asserting(text: str) -> list[ast.stmt]:
    return parse(f"assert {text}").body if text else []
