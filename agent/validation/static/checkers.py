"""Checkers as processes of their own, which see the code on standard input or in a bare folder.

No configuration reaches them: they are told to read none, run far from the workspace, and get an
environment without anything of the person's.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

_SECONDS = 30.0
_CHECKED = (0, 1)  # exit codes of a check that took place
_ENVIRONMENT = {"PATH": os.defpath, "LANG": "C.UTF-8", "NO_COLOR": "1", "HOME": "/nonexistent"}


class CheckerError(Exception):
    """A checker could not be run; the text says why."""


async def checked(tool: str, *options: str, text: str = "", folder: Path | None = None) -> str:
    """What a checker prints.

    Args:
        tool: A module that can be run, such as `mypy`.
        options: For its command line.
        text: For its standard input.
        folder: Where it runs; an empty one by default.

    Raises:
        CheckerError: If it is not installed, fails or takes too long.
    """
    # In a thread: kernels come and go in this process, and asyncio loses track of children then.
    return await asyncio.to_thread(_run, tool, options, text, folder)


def _run(tool: str, options: Sequence[str], text: str, folder: Path | None) -> str:
    with tempfile.TemporaryDirectory(prefix="ipysmith-") as empty:
        try:
            done = subprocess.run(
                [*_program(tool), *options],
                input=text.encode(),
                capture_output=True,
                cwd=folder or empty,
                env=_ENVIRONMENT,
                timeout=_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            msg = f"{tool} can't be run: {error}"
            raise CheckerError(msg) from error
    if done.returncode not in _CHECKED:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        msg = f"{tool} failed: {last[0][:200]}"
        raise CheckerError(msg)
    return done.stdout.decode(errors="replace")


def _program(tool: str) -> list[str]:
    program = Path(sysconfig.get_path("scripts"), tool)  # without starting an interpreter first
    if tool == "ruff" and program.exists():
        return [str(program)]
    return [sys.executable, "-I", "-m", tool]
