"""What a command costs before it does anything."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

HEAVY = {
    "IPython",
    "anthropic",
    "ipykernel",
    "jupyter_client",
    "matplotlib",
    "numpy",
    "openai",
    "pandas",
    "pydantic",
    "pydantic_ai",
    "rich",
    "zmq",
}
COMMANDS = ["run", "exec", "learn", "doctor", "skills", "tools", "kernel"]


def modules_after(*arguments: str) -> set[str]:
    code = (
        "import atexit, json, sys\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        "from agent.cli import main\n"
        f"main({list(arguments)!r})\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True
    )
    return set(json.loads(done.stderr))


@pytest.mark.parametrize("arguments", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    loaded = modules_after(*arguments)
    assert "typer" in loaded
    assert not loaded & (HEAVY | {"asyncio"})


def test_a_command_converts_its_values_without_pydantic() -> None:
    assert "pydantic" not in modules_after("tools", "list", "--json")


def fastest(*command: str) -> float:
    def once() -> float:
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - begun

    return min(once() for _ in range(7))


@pytest.mark.skipif(os.getloadavg()[0] > 4, reason="the machine is too busy to measure time")
def test_help_costs_at_most_150_ms_more_than_python() -> None:
    bare = fastest(sys.executable, "-I", "-c", "pass")
    told = fastest(sys.executable, "-I", "-c", "from agent.cli import main; main(['--help'])")
    assert told - bare < 0.150
