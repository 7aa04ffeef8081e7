"""Runs cells in a real kernel as somebody else, and brings back what they told.

`python cells.py JSON`: opens a session without a guard, so that the walls hold alone, and prints a
JSON line for each cell.
"""

from __future__ import annotations

import asyncio
import json
import sys
import textwrap
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

if TYPE_CHECKING:
    from tests.support.identities import Identity


_TRY = """
import contextlib, ctypes, os, shutil, signal, socket, sys, time
libc = ctypes.CDLL(None, use_errno=True)
def attempt(action, *arguments):
    try: print(action, arguments, '->', action(*arguments))
    except BaseException as error: print(type(error).__name__, error)
"""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of a cell, or of the session if it did not open.

    Attributes:
        status: As of `Execution`; the name of an error's class if there was no cell.
        text: Everything it printed, and what its error said.
        value: Its value as plain data.
        limits_hit: As of `Execution`.
        layers: The layers that held.
        reasons: Layer → what it does, or why it is not there.
    """

    status: str
    text: str
    value: Any = None
    limits_hit: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    reasons: dict[str, str]


def run_cells(
    identity: Identity,
    cells: Sequence[str],
    workspace: Path,
    *,
    warm: bool = False,
    mode: str = "strongest",
) -> list[Told]:
    """Run cells one after the other, in the workspace's kernel; its parent becomes the person's.

    Args:
        identity: Who opens the session.
        cells: Their code; `@undo` goes back a cell.
        workspace: A directory below one of the test's own.
        warm: Whether the kernel is forked from a warm parent.
        mode: As of `Spec.mode`.
    """
    from tests.support.identities import python, run

    wanted = {"workspace": str(workspace), "cells": list(cells), "warm": warm, "mode": mode}
    ran = run(identity, python(__file__, json.dumps(wanted)), own=[workspace.parent])
    assert ran.returncode == 0, ran.stderr
    return [Told(**_listed(json.loads(line))) for line in ran.stdout.splitlines()]


def attack(who: Identity, workspace: Path, code: str) -> Told:
    """Run a cell that tries much, with `attempt(action, *arguments)`; it must come to its end."""
    (told,) = run_cells(who, [_TRY + textwrap.dedent(code)], workspace)
    assert told.status == "ok", told.text
    return told


def _listed(fields: dict[str, Any]) -> dict[str, Any]:
    lists = ("layers", "limits_hit")
    return {**fields, **{name: tuple(fields[name]) for name in lists}}


async def _main(wanted: dict[str, Any]) -> None:
    from sessions import Limits, Session
    from sessions.errors import AgentError
    from sessions.isolation.spec import Spec
    from sessions.pool import Pool

    class InMode(Session):
        def _specification(self) -> Spec:
            return replace(super()._specification(), mode=wanted["mode"])

    with Pool() if wanted["warm"] else nullcontext() as pool:
        if pool is not None:
            assert pool.wait_warm()
        session = InMode(wanted["workspace"], Limits.quick(), pool=pool, policy=None)
        try:
            async with session:
                for cell in wanted["cells"]:
                    await _tell(session, cell)
        except AgentError as error:
            _say(status=type(error).__name__, text=str(error))


async def _tell(session: Any, cell: str) -> None:
    if cell == "@undo":
        await session.undo()
        return
    await asyncio.sleep(0.1)  # a pause, so that there is a state to go back to
    done = await session.execute(cell, timeout=25)
    error = f"{done.error.name}: {done.error.message}" if done.error else ""
    _say(
        status=done.status,
        text=f"{done.stdout}{done.stderr}{error}",
        value=done.value,
        limits_hit=done.limits_hit,
        layers=session.layers,
        reasons=dict(session.layer_reasons),
    )


def _say(**fields: Any) -> None:
    print(
        json.dumps({"layers": (), "limits_hit": (), "reasons": {}, **fields}, default=repr),
        flush=True,
    )


if __name__ == "__main__":
    asyncio.run(_main(json.loads(sys.argv[1])))
