"""The door to the synthesiser: one short-lived process a problem."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from pathlib import Path

from agent.offline.synthesis.messages import read_findings, write_problem
from agent.offline.synthesis.problem import Findings, Problem

_WORKER = Path(__file__).with_name("worker.py")
_PATIENCE = 4  # times the seconds asked for, on a slow or busy machine
_START_UP = 8.0  # seconds on top, to start and to look for disagreements


async def synthesise(problem: Problem) -> Findings:
    """Search in a process of its own; no findings if it fails or takes too long.

    Raises:
        UsageError: If an example is not plain data.
    """
    request = write_problem(problem)
    with tempfile.TemporaryDirectory(prefix="synthesis-") as folder:
        worker = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            "-B",
            str(_WORKER),
            str(problem.seconds),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal is for us alone
            cwd=folder,
            env={"PATH": "/usr/bin:/bin"},
        )
        output = await _exchange(worker, request.encode(), problem.seconds * _PATIENCE + _START_UP)
    return read_findings(output) if worker.returncode == 0 and output else Findings()


async def _exchange(worker: asyncio.subprocess.Process, request: bytes, seconds: float) -> str:
    """The worker's output, or "" if it was killed for its time; it never outlives this call."""
    try:
        output, _ = await asyncio.wait_for(worker.communicate(request), seconds)
        return output.decode()
    except TimeoutError:
        return ""
    finally:
        if worker.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()
