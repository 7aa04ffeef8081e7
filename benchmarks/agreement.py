"""How often a program agrees with the right one: run in a guarded kernel, as all programs are."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from typing import Any

from benchmarks.lessons import Lesson
from sessions.session import Session

_SECONDS = 0.5  # for one call
_WHOLE = 40.0  # for all of them
_INSIDE = """
import copy, json, math, signal, time

def late(number, frame):
    raise KeyboardInterrupt

def tried(function, arguments, seconds, manner):
    signal.signal(signal.SIGALRM, late)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
        try:
            return [MANNERS[manner](function(*copy.deepcopy(arguments)))]
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException:
        return []

def alike(one, other):
    if isinstance(one, float) or isinstance(other, float):
        numbers = isinstance(one, (int, float)) and isinstance(other, (int, float))
        return numbers and (math.isclose(one, other, rel_tol=1e-6, abs_tol=1e-9) or one == other
                            or (one != one and other != other))
    if isinstance(one, (list, tuple)) and type(one) is type(other):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    return one == other

WHOLE = 25
PLAIN = {"set": set, "frozenset": frozenset, "inf": math.inf, "nan": math.nan}
MANNERS = {"": lambda value: value, "set": set, "frozenset": frozenset, "sorted": sorted,
           "bool": bool, "list": list, "tuple": tuple}

def named(source, name):
    space = {"__name__": "program"}
    exec(compile(source, "program.py", "exec", dont_inherit=True), space)
    return space[name]

def agreement(source, right, name, inputs, manner, most, seconds):
    ours, theirs = named(source, name), named(right, name)
    same = tried_on = 0
    end = time.monotonic() + WHOLE
    for text in inputs:
        arguments = eval(text, {"__builtins__": {}}, PLAIN)
        wanted = tried(theirs, arguments, seconds, manner) if time.monotonic() < end else []
        if not wanted:
            continue
        got = tried(ours, arguments, seconds, manner)
        tried_on += 1
        same += bool(got) and bool(alike(got[0], wanted[0]))
        if tried_on == most or time.monotonic() > end:
            break
    return [same, tried_on]
"""


async def agreement(
    program: str, lesson: Lesson, inputs: Sequence[tuple[Any, ...]], most: int, session: Session
) -> tuple[int, int]:
    """On how many inputs a program agrees with the right one, and how many could be tried.

    Args:
        program: Its source.
        lesson: With the right program.
        inputs: The most natural first; those for which the right program fails don't count.
        most: After how many the trial ends.
        session: The guarded kernel.
    """
    problem = lesson.problem
    texts = [repr(arguments) for arguments in inputs]
    task = [program, problem.source, problem.name, texts, lesson.manner, most, _SECONDS]
    code = f"{_INSIDE}\nagreement(*json.loads({json.dumps(task)!r}))"
    execution = await session.execute(code, timeout=_WHOLE)
    if not execution.ok:
        return 0, 0
    same, tried = ast.literal_eval(execution.result or "[0, 0]")
    return same, tried
