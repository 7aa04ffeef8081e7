"""The synthesiser's process: separate, limited, and honest about failure."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from agent.offline.synthesis import process
from agent.offline.synthesis.messages import write_problem
from agent.offline.synthesis.problem import Problem
from agent.validation.examples import Example

DOTTED = Problem(
    name="dots",
    description="initials with dots",
    parameters=("text",),
    examples=(
        Example(arguments=("Ada Lovelace",), expected="A.L."),
        Example(arguments=("Grace Hopper",), expected="G.H."),
    ),
)


LAST_OR_LARGEST = Problem(
    name="pick",
    description="",
    parameters=("items",),
    examples=(
        Example(arguments=([1, 2, 3],), expected=3),
        Example(arguments=([4, 5],), expected=5),
    ),
)


async def test_it_finds_solutions() -> None:
    findings = await process.synthesise(DOTTED)
    assert '"".join(x[0] + "." for x in text.split())' in [s.expression for s in findings.solutions]


async def test_it_finds_where_solutions_differ() -> None:
    findings = await process.synthesise(LAST_OR_LARGEST)
    assert {"items[-1]", "max(items)"} <= {s.expression for s in findings.solutions}
    assert findings.disagreement is not None
    assert len(findings.disagreement.outputs) >= 2


async def test_the_same_problem_has_the_same_findings() -> None:
    searches = [process.synthesise(LAST_OR_LARGEST) for _ in range(2)]
    first, second = await asyncio.gather(*searches)
    assert first == second
    assert first.disagreement is not None


async def test_values_keep_their_types_on_the_way() -> None:
    examples = (
        Example(arguments=((1, 2), {3}), expected=(1, 2)),
        Example(arguments=((4,), {5}), expected=(4,)),
    )
    posed = Problem(name="f", description="", parameters=("a", "b"), examples=examples)
    findings = await process.synthesise(posed)
    assert findings.solutions


async def test_a_worker_that_takes_too_long_is_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    monkeypatch.setattr(process, "_WORKER", slow)
    monkeypatch.setattr(process, "_START_UP", 0.2)
    started = time.monotonic()
    findings = await process.synthesise(
        Problem(name="f", description="", parameters=("n",), examples=(), seconds=0.1)
    )
    assert findings.solutions == ()
    assert time.monotonic() - started < 10


async def test_a_worker_that_crashes_finds_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)\n")
    monkeypatch.setattr(process, "_WORKER", broken)
    assert (await process.synthesise(DOTTED)).solutions == ()


async def test_the_worker_is_deaf_to_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported from the workspace')\n")
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", str(process._WORKER), "2"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
    )
    output, _ = await worker.communicate(write_problem(DOTTED).encode())
    assert json.loads(output.splitlines()[-1])["solutions"]


async def test_the_worker_limits_itself(tmp_path: Path) -> None:
    code = (
        f"import runpy, resource; limit = runpy.run_path({str(process._WORKER)!r})['limit'];"
        "limit(2); kinds = (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_NPROC);"
        "print([resource.getrlimit(k) for k in kinds])"
    )
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-c", code), stdout=asyncio.subprocess.PIPE, cwd=tmp_path
    )
    output, _ = await worker.communicate()
    assert output.decode().strip() == "[(9, 9), (536870912, 536870912), (0, 0)]"
