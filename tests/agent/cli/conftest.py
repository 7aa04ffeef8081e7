"""The command as people run it: a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-I", "-c", "from agent.cli import main; main()"]

Done = subprocess.CompletedProcess[str]
Call = Callable[..., Done]


@pytest.fixture
def call(workspace: Path) -> Call:
    """Run the command in the workspace and return what came of it."""

    def run(*arguments: str, stdin: str = "") -> Done:
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=workspace,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    return run


def objects(done: Done) -> list[dict[str, Any]]:
    """The JSON lines on stdout; there may be nothing else."""
    return [json.loads(line) for line in done.stdout.splitlines()]
