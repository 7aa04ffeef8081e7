"""Ctrl-C, at any moment: exit code 130, no traceback, and nothing and nobody left behind."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from tests.agent.cli.conftest import COMMAND
from tests.agent.cli.test_learn import STRANGE
from tests.agent.conftest import MODELS, Serve
from tests.support.model_server import Hang
from tests.support.wire import Reply

ANNOUNCED = "import agent.cli, os; os.write(2, b'.'); "
ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER
LUNA = ("--model", MODELS[2])
STUBBORN = """
import time
print("begun", flush=True)
while True:
    try:
        time.sleep(60)
    except KeyboardInterrupt:
        pass
"""
SLEEPY = "import time\nprint('begun', flush=True)\ntime.sleep(60)"


def descendants() -> list[psutil.Process]:
    return [
        process
        for process in psutil.Process().children(recursive=True)
        if process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    ]


def wait_until(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


@pytest.fixture
def sockets() -> Iterator[Path]:
    """A place for the kernels' sockets; their paths must be short."""
    with tempfile.TemporaryDirectory(prefix="t", dir="/tmp") as directory:
        yield Path(directory)


@pytest.fixture
def nobody_stays(workspace: Path, sockets: Path) -> Iterator[None]:
    """Every process that the command leaves behind becomes ours, and is found."""
    libc = ctypes.CDLL(None)
    before = {process.pid for process in descendants()}
    libc.prctl(ADOPT_ORPHANS, 1)
    try:
        yield
        wait_until(lambda: {process.pid for process in descendants()} <= before, 5)
    finally:
        libc.prctl(ADOPT_ORPHANS, 0)
        reap_orphans()
    assert not list(sockets.iterdir())
    assert not [path for path in workspace.iterdir() if path.name != "cells.py"]


def reap_orphans() -> None:
    for process in psutil.Process().children():
        if process.status() == psutil.STATUS_ZOMBIE:
            os.waitpid(process.pid, os.WNOHANG)


@pytest.fixture
def start(workspace: Path, sockets: Path, nobody_stays: None) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def begin(*arguments: str) -> Running:
        started.append(Running(workspace, sockets, *arguments))
        return started[-1]

    yield begin
    for running in started:
        running.close()


class Running:
    """The command in a process group of its own, as a shell starts it."""

    def __init__(self, workspace: Path, sockets: Path, *arguments: str) -> None:
        self.sockets = sockets
        self._err = tempfile.TemporaryFile()  # noqa: SIM115 - closed in `close`
        self.process = subprocess.Popen(
            [*COMMAND[:-1], f"{ANNOUNCED}{COMMAND[-1]}", *arguments],
            cwd=workspace,
            stdout=subprocess.PIPE,
            stderr=self._err,
            stdin=subprocess.DEVNULL,
            process_group=0,
            env={**os.environ, "XDG_RUNTIME_DIR": str(sockets)},
        )

    def reached_our_code(self) -> bool:
        """Whether Python has started; before that it is not ours to answer Ctrl-C."""
        return os.fstat(self._err.fileno()).st_size > 0

    def read_until(self, text: bytes) -> None:
        assert self.process.stdout is not None
        while text not in self.process.stdout.readline():
            assert self.process.poll() is None

    def interrupt(self, number: int = signal.SIGINT) -> None:
        os.killpg(self.process.pid, number)

    def end(self) -> tuple[int, str]:
        code = self.process.wait(20)
        self._err.seek(0)
        return code, self._err.read().decode().removeprefix(".")

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()
        self._err.close()


Start = Callable[..., Running]
INTERRUPTED = (130, "agent: interrupted\n")


@pytest.mark.parametrize("code", [SLEEPY, STUBBORN], ids=["sleepy", "stubborn"])
def test_while_a_cell_runs(start: Start, workspace: Path, code: str) -> None:
    (workspace / "cells.py").write_text(code)
    running = start("exec", "cells.py")
    running.read_until(b"begun")
    running.interrupt()
    begun = time.monotonic()
    assert running.end() == INTERRUPTED
    assert time.monotonic() - begun < 6


def test_while_the_kernel_starts(start: Start, workspace: Path) -> None:
    (workspace / "cells.py").write_text("1")
    running = start("exec", "cells.py")
    wait_until(lambda: list(running.sockets.iterdir()))
    running.interrupt()
    assert running.end() == INTERRUPTED


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.2, 0.35, 0.5])
def test_at_any_moment(start: Start, workspace: Path, delay: float) -> None:
    (workspace / "cells.py").write_text(SLEEPY)
    running = start("exec", "cells.py")
    wait_until(running.reached_our_code)
    time.sleep(delay)
    running.interrupt()
    code, told = running.end()
    assert code == 130
    assert "Traceback" not in told


def test_pressed_again_and_again(start: Start, workspace: Path) -> None:
    (workspace / "cells.py").write_text(STUBBORN)
    running = start("exec", "cells.py")
    running.read_until(b"begun")
    for _ in range(5):
        running.interrupt()
        time.sleep(0.1)
    code, told = running.end()
    assert code == 130
    assert "Traceback" not in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_also_when_the_terminal_or_the_system_ends_it(
    start: Start, workspace: Path, number: int
) -> None:
    (workspace / "cells.py").write_text(SLEEPY)
    running = start("exec", "cells.py")
    running.read_until(b"begun")
    running.interrupt(number)
    assert running.end() == INTERRUPTED


def test_when_it_is_killed_the_kernel_goes_too(start: Start, workspace: Path) -> None:
    (workspace / "cells.py").write_text(SLEEPY)
    running = start("exec", "cells.py")
    running.read_until(b"begun")
    kernel = psutil.Process(running.process.pid).children(recursive=True)
    assert len(kernel) > 1
    running.interrupt(signal.SIGKILL)
    running.process.wait(20)
    wait_until(lambda: not any(alive(process) for process in kernel), 5)
    for left in running.sockets.iterdir():
        shutil.rmtree(left)  # nobody was left to tidy up
    assert start("exec", "cells.py", "--timeout", "0.2").end()[0] == 1  # no lock bars the next


def alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_while_the_model_is_silent(start: Start, serve: Serve) -> None:
    server = serve(Hang())
    running = start("run", "hello", *LUNA, "--json")
    wait_until(lambda: server.bodies, 60)
    running.interrupt()
    assert running.end() == INTERRUPTED
    assert running.process.stdout is not None
    last = running.process.stdout.read().splitlines()[-1]
    assert b'"type": "result"' in last
    assert b'"interrupted"' in last


def test_while_the_agent_runs_a_cell(start: Start, serve: Serve) -> None:
    serve(Reply(calls=(("run_code", {"code": SLEEPY}),)))
    running = start("run", "hello", *LUNA, "--json")
    running.read_until(b'"text": "begun')
    running.interrupt()
    assert running.end() == INTERRUPTED


def test_while_a_function_is_looked_for(start: Start) -> None:
    before = len(descendants())
    running = start("learn", *STRANGE)
    wait_until(lambda: len(descendants()) > before + 4)  # the command, a kernel, the search
    running.interrupt()
    assert running.end() == INTERRUPTED


def test_while_the_models_library_loads(start: Start) -> None:
    running = start("run", "hello", "--model", "openai-chat:x")
    wait_until(lambda: list(running.sockets.iterdir()))
    running.interrupt()
    assert running.end()[0] == 130
