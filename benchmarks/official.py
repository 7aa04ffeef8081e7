"""Whether programs pass official tests: run in a guarded kernel, for they are strangers' code."""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence

from benchmarks.problems import Problem
from sessions.session import Session

_SECONDS = 1.0
_INSIDE = """
import json, signal
def late(number, frame):
    raise KeyboardInterrupt
def passes(source, official, seconds):
    signal.signal(signal.SIGALRM, late)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.1)
        try:
            space = {"__name__": "program"}
            exec(compile(source, "program.py", "exec", dont_inherit=True), space)
            exec(compile(official, "official.py", "exec", dont_inherit=True), space)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except BaseException:
        return False
    return True
"""


async def passing(programs: Sequence[str], problem: Problem, session: Session) -> list[bool]:
    """For each program, whether it passes the official tests of the problem."""
    found: list[bool] = []
    for program in programs:  # one cell each: a program may end the kernel
        task = json.dumps([program, problem.official, _SECONDS])
        code = f"{_INSIDE}\npasses(*json.loads({task!r}))"
        execution = await session.execute(code, timeout=4 * _SECONDS)
        found.append(execution.ok and ast.literal_eval(execution.result or "False") is True)
    return found
