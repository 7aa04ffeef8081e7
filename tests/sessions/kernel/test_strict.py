"""Strict is for small pure functions: what RestrictedPython says of code, and of cells if asked."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sessions import Limits, Session
from sessions.kernel.policy import DEFAULT
from sessions.kernel.strict import signals

_PURE = '''
import math
from dataclasses import dataclass

def spread(values: list[float], *, digits: int = 2) -> float:
    """Largest minus smallest."""
    counts: dict[float, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
        counts[value] += 0
    match values:
        case []:
            return 0.0
        case [only]:
            return only
        case [first, *_]:
            pass
    if (size := len(values)) > 1:
        print(f"{size} values")
    return round(max(values) - min(values), digits)
'''


def test_a_pure_function_gives_no_signal() -> None:
    assert signals(_PURE) == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("eval('1')", "Eval"),
        ("f = exec", "`exec` is not allowed"),
        ("open('x')", "`open` is not allowed"),
        ("import builtins\nbuiltins.open('x')", "`open` is not allowed"),
        ("__import__('os')", "__import__"),
        ("().__class__", "__class__"),
        ("match 1:\n    case object(real=x): pass", "MatchClass"),
        ("x.gi_frame", "gi_frame"),
        ("from os import *", "imports are not allowed"),
        ("import socket", "no network"),
        ("async def f(): pass", "Async"),
        ("try: pass\nexcept* ValueError: pass", "TryStar"),
        ("def f(:", "no Python"),
        ("x = '\0'", "no Python"),
        ("(" * 5000, "no Python"),
    ],
)
def test_a_signal_says_what_and_where(code: str, says: str) -> None:
    found = signals(code)
    assert any(says in signal.reason for signal in found), found
    assert all(1 <= signal.line <= code.count("\n") + 1 for signal in found)


def test_signals_come_by_line() -> None:
    found = signals("eval('1')\nx = 1\nopen('x')")
    assert [signal.line for signal in found] == sorted(signal.line for signal in found)
    assert {signal.line for signal in found} == {1, 3}


def test_nothing_of_the_code_is_run(tmp_path: Path) -> None:
    signals(f"open({str(tmp_path / 'ran')!r}, 'w')\nimport this")
    assert not (tmp_path / "ran").exists()
    assert "this" not in sys.modules


@pytest.fixture
async def results(workspace: Path) -> dict[str, str]:
    cells = (
        "def double(n): return 2 * n\ndouble(2)",
        "import math\nmath.sqrt(4)",
        "eval('1')",
        "exec('x = 1')",
        "__import__('math')",
        "open('x', 'w')",
        "f = open",
        "().__class__",
        "%%time\neval('1')",
        "await f()",
    )
    policy = DEFAULT.strictly()
    async with Session(workspace, Limits.quick(), policy=policy) as session:
        return {code: (await session.execute(code)).status for code in cells}


async def test_a_strict_session_takes_pure_functions_alone(results: dict[str, str]) -> None:
    statuses = list(results.values())
    assert statuses == ["ok", "ok", *["refused"] * 8], results


def test_only_who_is_strict_imports_restricted_python() -> None:
    code = "import sys, sessions.kernel.strict; print('RestrictedPython' in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"
