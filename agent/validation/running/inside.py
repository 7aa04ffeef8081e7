"""What the gates run inside the guarded kernel.

The host reads this file as text and never imports it; it uses the standard library only. What it
tells is formatted by `!r`, which looks no name up that a candidate could have replaced. Expected
values never come here: a candidate can't return what it can't know.
"""

from __future__ import annotations

import ast
import builtins
import collections
import contextlib
import json
import os
import signal
import sys
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

PLAIN = (bool, int, str, bytes, type(None))
TAGS: dict[Any, str] = {list: "l", tuple: "t", set: "s", frozenset: "z"}
DICTS = (dict, collections.OrderedDict, collections.defaultdict, collections.Counter)
TABLES = ("DataFrame", "Series")
LONGEST = 40_000
DEEPEST = 50
SHOWN = 400


class OutOfTime(BaseException):
    """Whatever catches exceptions shall not catch this one by accident."""


class NotPlainError(Exception):
    """A value that can't cross; its type is told instead."""


def values_of(payload: str) -> str:
    """Call the candidate twice with each of the arguments given as source; tell what came."""
    task = json.loads(payload)
    with candidate_module(task) as module:
        function, calls = module.__dict__[task["name"]], task["calls"]
        first = outcomes(function, calls, task["seconds"])
        is_late = any(told is None or told[0] == "late" for told in first)
        again = first if is_late else outcomes(function, calls[::-1], task["seconds"])[::-1]
    return f"{[first, again]!r}"


def outcomes(function: Callable[..., Any], calls: list[str], seconds: float) -> list[Any]:
    """What each call gave; None for all that come after one that took too long."""
    found: list[Any] = []
    for call in calls:
        found.append(outcome(function, call, seconds))
        if found[-1][0] == "late":
            break
    return found + [None] * (len(calls) - len(found))


def outcome(function: Callable[..., Any], call: str, seconds: float) -> list[Any]:
    """One call: `["value", tagged]`, `["raised", text]`, `["other", type]` or `["late", ""]`."""
    try:
        positional, named = arguments(call)
        with limited(seconds):
            value = function(*positional, **named)
        told = tagged(value, DEEPEST)
        return ["value", told] if len(f"{told!r}") < LONGEST else ["raised", "returned too much"]
    except OutOfTime:
        return ["late", ""]
    except NotPlainError as error:
        return ["other", *error.args]
    except BaseException as error:  # SystemExit is no way out either
        return ["raised", f"{type(error).__name__}: {error}"[:200].rstrip(": ")]


def arguments(call: str) -> Any:
    """The arguments of a call; what is no literal makes tables and arrays of literals."""
    try:
        return ast.literal_eval(call)
    except ValueError:
        import numpy
        import pandas

        return eval(call, {"numpy": numpy, "pandas": pandas})


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise in the code below when the time is over, again and again if it catches that.

    What counts is its own work, or four times as long by the clock: other people's work does not.
    """
    before = signal.signal(signal.SIGALRM, late), signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_REAL, 4 * seconds, 0.1)
    signal.setitimer(signal.ITIMER_PROF, seconds, 0.1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before[0])
        signal.signal(signal.SIGPROF, before[1])


def late(number: int, frame: object) -> None:
    """Handle the alarm."""
    raise OutOfTime


def tagged(value: Any, depth: int) -> Any:
    """The value by tags, if it is of built-in types through and through."""
    kind = type(value)
    if kind in PLAIN:
        return value
    if depth == 0:
        msg = "nested too deeply"
        raise NotPlainError(msg, False)
    if kind is float:
        return ["f", value.hex()]
    if kind is complex:
        return ["c", [value.real.hex(), value.imag.hex()]]
    if kind in DICTS:
        return ["d", [[tagged(k, depth - 1), tagged(v, depth - 1)] for k, v in value.items()]]
    if kind in TAGS:
        return [TAGS[kind], [tagged(item, depth - 1) for item in value]]
    if kind.__module__ == "numpy" and is_known(kind) and hasattr(kind, "item"):
        return written(value) if kind.__name__ == "ndarray" else tagged(value.tolist(), depth - 1)
    if kind.__name__ in TABLES and kind.__module__.startswith("pandas") and is_known(kind):
        return written(value)
    raise NotPlainError(kind.__name__, is_known(kind))


def written(value: Any) -> list[Any]:
    """A table or array in the form in which values leave a kernel."""
    transfer = sys.modules["_agent_kernel.transfer"]
    outbox = transfer.Outbox()
    try:
        told = outbox.put("value", {"value": value})
    except transfer.CannotTravel as reason:
        raise NotPlainError(type(value).__name__, True) from reason
    sizes = enumerate(told["sizes"])
    return ["x", [told["format"], [bytes(outbox.piece(i, 0, size)) for i, size in sizes]]]


def is_known(kind: type) -> bool:
    """Whether a type is of a library, and not made by the candidate."""
    owner = sys.modules.get(kind.__module__)
    ours = kind.__module__.partition(".")[0] in ("learned_skills", "__main__", "agent_gate")
    return not ours and getattr(owner, kind.__name__, None) is kind


def run_tests(payload: str) -> str:
    """Run each test function; tell what went wrong with it, or nothing, and what was tampered."""
    task = json.loads(payload)
    before = dict(builtins.__dict__)
    try:
        with candidate_module(task):
            path = file_of(f"test_{task['name']}")
            space: dict[str, Any] = {"__name__": f"test_{task['name']}", "__file__": path}
            exec(compile(task["tests"], path, "exec", dont_inherit=True), space)
            outcomes = [[test, problem_of(space[test], task["seconds"])] for test in task["names"]]
            canary = problem_of(broken_promise, task["seconds"])
    finally:
        changed = sorted(n for n in before if builtins.__dict__.get(n) is not before[n])
        builtins.__dict__.update(before)
    return f"{[task['sentinel'], canary, changed, outcomes]!r}"


def broken_promise() -> None:
    """Test what does not hold: if this passes, passing means nothing."""
    assert [1, 2] == [1, 3]


def problem_of(test: Callable[[], object], seconds: float) -> str:
    """What a test raised, or ""."""
    try:
        with limited(seconds):
            test()
    except OutOfTime:
        return "took too long"
    except BaseException as error:  # SystemExit is a failure as well
        return f"{type(error).__name__}: {error}"[:500].rstrip(": ")
    return ""


def compare(payload: str) -> str:
    """What several programs give for the same inputs: a row of numbers each, into one list."""
    task = json.loads(payload)
    texts: dict[str, int] = {}
    end = time.process_time() + task["budget"]
    rows = [row(task, source, texts, end) for source in task["programs"]]
    shown = [text if len(text) <= SHOWN else "" for text in texts]
    return f"{[shown, rows]!r}"


def row(task: dict[str, Any], source: str, texts: dict[str, int], end: float) -> list[int]:
    """The outcomes of one program; empty if it can't be had in time."""
    found: list[int] = []
    try:
        with candidate_module({**task, "source": source}) as module:
            for call in task["calls"]:
                if time.process_time() > end:
                    return []
                told = outcome(module.__dict__[task["name"]], call, task["seconds"])
                found.append(texts.setdefault(f"{canonical(told)!r}", len(texts)))
                if told[0] == "late":  # one is enough to tell it apart
                    return found + found[-1:] * (len(task["calls"]) - len(found))
    except BaseException as error:
        told = ["raised", f"{type(error).__name__}"]
        return [texts.setdefault(f"{told!r}", len(texts))] * len(task["calls"])
    return found


def canonical(told: Any) -> Any:
    """The same for equal sets, whatever the order of their members."""
    if not isinstance(told, list):
        return told
    if len(told) == 2 and told[0] in ("s", "z", "d") and isinstance(told[1], list):
        return [told[0], sorted(map(canonical, told[1]), key=repr)]
    return [canonical(item) for item in told]


def measure(payload: str) -> str:
    """Seconds and peak bytes of each call, the last ones left out if the time is over."""
    import tracemalloc

    task = json.loads(payload)
    found: list[list[float]] = []
    with candidate_module(task) as module:
        function = module.__dict__[task["name"]]
        for call in task["calls"]:
            started = time.process_time()
            told = outcome(function, call, task["seconds"])
            seconds = time.process_time() - started
            found.append([told[0] == "late", told[0] in ("value", "other"), seconds, 0])
            if told[0] == "late" or seconds > task["seconds"] / 4:
                break
            tracemalloc.start()
            outcome(function, call, task["seconds"])
            found[-1][3] = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
    return f"{found!r}"


@contextlib.contextmanager
def candidate_module(task: dict[str, Any]) -> Iterator[types.ModuleType]:
    """The candidate as `learned_skills.NAME`, in the place of a saved one, for the time being."""
    before = {k: m for k, m in sys.modules.items() if k.partition(".")[0] == "learned_skills"}
    package = types.ModuleType("learned_skills")
    package.__path__ = []
    sys.modules["learned_skills"] = package
    try:
        for name, source in task.get("skills", ()):
            loaded(package, name, source)
        yield loaded(package, task["name"], task["source"])
    finally:
        for key in [k for k in sys.modules if k.partition(".")[0] == "learned_skills"]:
            del sys.modules[key]
        sys.modules.update(before)


def loaded(package: types.ModuleType, name: str, source: str) -> types.ModuleType:
    """A module of the package, executed."""
    module = types.ModuleType(f"learned_skills.{name}")
    module.__file__ = file_of(name)
    setattr(package, name, module)
    sys.modules[module.__name__] = module
    exec(compile(source, module.__file__, "exec", dont_inherit=True), module.__dict__)
    return module


def file_of(name: str) -> str:
    """Where the module would lie: the guard watches the imports of files in the workspace."""
    return os.path.join(os.getcwd(), "learned_skills", f"{name}.py")  # noqa: PTH109, PTH118
