"""What found functions and their relatives give for inputs like those of the examples.

They are tried in a short-lived process with limits, for there may be no kernel yet. They were put
together by the search out of its own components; code of anybody else belongs into a kernel.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.validation.candidate import Candidate
from agent.validation.running.bench import Bench, NoAnswerError
from agent.validation.running.table import Table, table_of

_WORKER = Path(__file__).with_name("trial_worker.py")
_SECONDS = 20.0  # of patience on a busy machine; the worker's own limits are on its work
_INPUTS = 80
_FEWER = 12  # for slow functions


async def tried(name: str, sources: Sequence[str], examples: Sequence[str]) -> Table | None:
    """The outcomes of functions, and of what a slip would have made of the first.

    Args:
        name: Of all the functions.
        sources: Their modules, the most plausible first.
        examples: What all of them meet.

    Returns:
        None if it could not be told in time.
    """
    candidate = Candidate(name=name, source=sources[0], examples=tuple(examples))
    for inputs in (_INPUTS, _FEWER):
        with contextlib.suppress(NoAnswerError):
            return await table_of(candidate, _ProcessBench(None), sources[1:], inputs)
    return None


class _ProcessBench(Bench):
    """A process of its own in the place of a kernel."""

    async def ask(self, task: str, candidate: Candidate, **details: Any) -> Any:
        named = {"name": candidate.name, "source": candidate.source}
        payload = json.dumps({**named, "seconds": self.seconds, **details})
        output = await _exchange(task, payload.encode())
        try:
            return ast.literal_eval(output)
        except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
            msg = "the process that tries functions gave no answer"
            raise NoAnswerError(msg, ended=True) from error


async def _exchange(task: str, request: bytes) -> str:
    """What the worker says, "" if it was killed for its time; it never outlives this call."""
    with tempfile.TemporaryDirectory(prefix="trial-") as folder:
        worker = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-B", str(_WORKER), task),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C in a terminal is for us alone
            cwd=folder,
            env={"PATH": "/usr/bin:/bin"},
        )
        try:
            output, _ = await asyncio.wait_for(worker.communicate(request), _SECONDS)
            return output.decode()
        except TimeoutError:
            return ""
        finally:
            if worker.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    worker.kill()
                await worker.wait()
