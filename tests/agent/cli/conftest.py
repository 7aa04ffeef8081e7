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


WITHOUT_NAMESPACES = """
import ctypes, platform, struct
def put(code, jump_if, jump_else, value):
    return struct.pack("HBBI", code, jump_if, jump_else, value)
unshare = {"x86_64": 272, "aarch64": 97}[platform.machine()]
rules = put(0x20, 0, 0, 0) + put(0x15, 0, 1, unshare)
rules += put(6, 0, 0, 0x50001) + put(6, 0, 0, 0x7fff0000)
class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("rules", ctypes.c_char_p)]
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, 2, ctypes.byref(Program(4, rules))) == 0
"""
"""Makes a machine of this one that refuses namespaces, as many containers do."""


@pytest.fixture
def call_unisolated(workspace: Path) -> Call:
    """Run the command where no namespace can be had."""

    def run(*arguments: str, stdin: str = "") -> Done:
        return _run(
            [*COMMAND[:-1], f"{WITHOUT_NAMESPACES}{COMMAND[-1]}", *arguments], workspace, stdin
        )

    return run


@pytest.fixture
def call(workspace: Path) -> Call:
    """Run the command in the workspace and return what came of it."""

    def run(*arguments: str, stdin: str = "") -> Done:
        return _run([*COMMAND, *arguments], workspace, stdin)

    return run


def _run(command: list[str], workspace: Path, stdin: str) -> Done:
    return subprocess.run(
        command,
        cwd=workspace,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


def objects(done: Done) -> list[dict[str, Any]]:
    """The JSON lines on stdout; there may be nothing else."""
    return [json.loads(line) for line in done.stdout.splitlines()]
