"""What the gates run inside the guarded kernel.

The host reads this file as text and never imports it; it uses the standard library only. What it
tells is formatted by `!r`, which looks no name up that a candidate could have replaced.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

PLAIN = (bool, int, float, str, bytes, type(None))
CONTAINERS = (list, tuple, set, frozenset)
LONGEST = 20_000


def values_of(payload: str) -> str:
    """Call the candidate with arguments given as source; tell each value as source."""
    name, source, calls = json.loads(payload)
    with candidate_module(name, source) as module:
        return f"{[value_of(module, name, arguments) for arguments in calls]!r}"


def value_of(module: types.ModuleType, name: str, arguments: str) -> list[str]:
    """One call: `["value", source]`, or `["problem", text]`."""
    try:
        value = getattr(module, name)(*ast.literal_eval(arguments))
        if not is_plain(value):
            return ["problem", f"returned {type(value).__name__}, which is not plain data"]
        text = repr(value)
        return ["value", text] if len(text) < LONGEST else ["problem", "returned too much"]
    except BaseException as error:  # SystemExit is no way out either
        return ["problem", f"raised {type(error).__name__}: {error}"]


def is_plain(value: Any) -> bool:
    """Whether it is of built-in types through and through: only then `repr` can be believed."""
    kind = type(value)
    if kind is dict:
        return all(map(is_plain, value)) and all(map(is_plain, value.values()))
    return kind in PLAIN or (kind in CONTAINERS and all(map(is_plain, value)))


def run_tests(payload: str) -> str:
    """Run each test function; tell what went wrong with it, or nothing."""
    name, source, (tests, names, sentinel) = json.loads(payload)
    with candidate_module(name, source):
        space: dict[str, Any] = {"__name__": f"test_{name}", "__file__": file_of(f"test_{name}")}
        exec(compile(tests, f"test_{name}.py", "exec", dont_inherit=True), space)
        outcomes = [[test, problem_of(space[test])] for test in names]
    return f"{[sentinel, *outcomes]!r}"


def problem_of(test: Callable[[], object]) -> str:
    """What a test raised, or ""."""
    try:
        test()
    except BaseException as error:  # SystemExit is a failure as well
        return f"{type(error).__name__}: {error}"[:500].rstrip(": ")
    return ""


@contextlib.contextmanager
def candidate_module(name: str, source: str) -> Iterator[types.ModuleType]:
    """The candidate as `learned_skills.NAME`, in the place of a saved one, for the time being."""
    full = f"learned_skills.{name}"
    before = {key: sys.modules.get(key) for key in ("learned_skills", full)}
    package, module = types.ModuleType("learned_skills"), types.ModuleType(full)
    package.__path__ = []
    module.__file__ = file_of(name)
    setattr(package, name, module)
    sys.modules.update({"learned_skills": package, full: module})
    try:
        exec(compile(source, f"{name}.py", "exec", dont_inherit=True), module.__dict__)
        yield module
    finally:
        restore(before)


def restore(before: dict[str, types.ModuleType | None]) -> None:
    """Put modules back as they were."""
    for key, module in before.items():
        if module is None:
            sys.modules.pop(key, None)
        else:
            sys.modules[key] = module


def file_of(name: str) -> str:
    """Where the module would lie: the guard watches the imports of files in the workspace."""
    return os.path.join(os.getcwd(), "learned_skills", f"{name}.py")  # noqa: PTH109, PTH118
