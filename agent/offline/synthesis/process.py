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
_PATIENCE = 15  # times the seconds asked for, on a slow or busy machine
_START_UP = 20.0  # seconds on top, to start and to look for disagreements


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
    *_, last = ("", *filter(None, output.split("\n")[:-1]))
    return read_findings(last) if last else Findings()


async def _exchange(worker: asyncio.subprocess.Process, request: bytes, seconds: float) -> str:
    """The worker's output, as much as there was in its time; it never outlives this call."""
    output = bytearray()
    try:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(_converse(worker, request, output), seconds)
        return output.decode()
    finally:
        if worker.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
            await worker.wait()


async def _converse(worker: asyncio.subprocess.Process, request: bytes, output: bytearray) -> None:
    """Ask, and add what comes to the output."""
    if worker.stdin is None or worker.stdout is None:
        raise AssertionError  # both are pipes
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        worker.stdin.write(request)
        await worker.stdin.drain()
    worker.stdin.close()
    while piece := await worker.stdout.read(1 << 16):
        output += piece
    await worker.wait()
