"""Supervisors that are to be killed, and somebody who sees everything of them end.

`soak_shepherd.py SEED WORKSPACE…` runs itself as the supervisor of a session for each workspace,
and adopts what that leaves behind. It tells the supervisor's process id, a line for each step of a
session, and when the last process of all has ended.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sessions.pool import Pool

_SUPERVISE = "--supervise"
_BE_SUBREAPER = 36
_STEPS = {"good": 10, "flood": 1, "crash": 1, "undo": 1, "checkpoint": 1, "push": 1}


def main(arguments: list[str]) -> None:
    """Be the one or the other."""
    if arguments[0] == _SUPERVISE:
        sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
        asyncio.run(_supervise(arguments[1], [Path(path) for path in arguments[2:]]))
        return
    ctypes.CDLL(None).prctl(_BE_SUBREAPER, 1, 0, 0, 0)
    supervisor = subprocess.Popen([sys.executable, __file__, _SUPERVISE, *arguments])
    _say("supervisor", supervisor.pid)
    _, status = os.waitpid(supervisor.pid, 0)
    began = time.monotonic()
    while True:
        try:
            os.wait()
        except ChildProcessError:
            break
    _say("ended", os.waitstatus_to_exitcode(status), time.monotonic() - began)


async def _supervise(seed: str, workspaces: list[Path]) -> None:
    from sessions.pool import Pool

    stop = asyncio.Event()
    asyncio.get_running_loop().add_reader(0, stop.set)
    with Pool(["json"]) as pool:
        async with asyncio.TaskGroup() as group:
            for number, workspace in enumerate(workspaces):
                own = f"{seed} {number}"
                group.create_task(_work(workspace, None if number % 2 else pool, own, stop))


async def _work(workspace: Path, pool: Pool | None, seed: str, stop: asyncio.Event) -> None:
    from sessions import Session
    from tests.support.soak import LIMITS, Worker, requests

    chance = random.Random(seed)
    while not stop.is_set():
        async with Session(
            workspace, LIMITS, pool=pool, policy=None, requests=requests()
        ) as session:
            worker = Worker(session, chance, seed=seed)
            for _ in range(20):
                if stop.is_set():
                    break
                await worker.step(_STEPS)
                _say("step", workspace.name)


def _say(*words: object) -> None:
    print(*words, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
