"""The kernel's command as a front end runs it that knows nothing of our provisioner."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient

from sessions import kernelspec
from sessions.usage import descendants

_CHANNELS = ("shell", "iopub", "stdin", "control", "hb")
_PROGRAM = kernelspec.contents()["argv"][:-1]


@dataclass(kw_only=True)
class Kernel:
    """A kernel process and a client of it."""

    process: subprocess.Popen[str]
    client: BlockingKernelClient

    def run(self, code: str) -> str:
        told: list[str] = []

        def hear(message: dict[str, Any]) -> None:
            content = message["content"]
            told.append(content.get("text") or content.get("evalue") or "")
            told.append(content.get("data", {}).get("text/plain", ""))

        self.client.execute_interactive(code, output_hook=hear, timeout=30)
        return "".join(told)


Open = Callable[..., Kernel]


def _connection_file(folder: Path, transport: str) -> Path:
    with ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in _CHANNELS]
        ports = [one.getsockname()[1] for one in sockets]
    fields = {
        **{f"{name}_port": port for name, port in zip(_CHANNELS, ports, strict=True)},
        "transport": transport,
        "ip": "127.0.0.1" if transport == "tcp" else str(folder / "s"),
        "key": "the-key-of-the-front-end",
        "signature_scheme": "hmac-sha256",
        "kernel_name": "agent-sandbox",
    }
    file = folder / "connection.json"
    file.write_text(json.dumps(fields))
    return file


@pytest.fixture
def open_kernel(workspace: Path, tmp_path: Path) -> Iterator[Open]:
    with ExitStack() as life:

        def start(transport: str = "tcp") -> Kernel:
            file = _connection_file(tmp_path, transport)
            process = subprocess.Popen(
                [*_PROGRAM, str(file)], cwd=workspace, stderr=subprocess.PIPE, text=True
            )
            life.callback(process.communicate)
            life.callback(process.terminate)
            client = BlockingKernelClient(connection_file=str(file))
            client.load_connection_file()
            client.start_channels()
            life.callback(client.context.destroy, linger=0)
            life.callback(client.stop_channels)
            client.wait_for_ready(timeout=30)
            return Kernel(process=process, client=client)

        yield start


@pytest.mark.parametrize("transport", ["tcp", "ipc"])
def test_the_walls_hold_and_nothing_is_left(
    open_kernel: Open, transport: str, workspace: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.txt").write_text("treasure")
    kernel = open_kernel(transport)
    assert kernel.run("6 * 7") == "42"
    assert "`socket` is not allowed here" in kernel.run("import socket")
    look = f"import os; os.path.exists({str(tmp_path / 'secret.txt')!r})"
    assert kernel.run(look) == "False"
    assert kernel.run("os.getcwd()") == repr(str(workspace))
    assert "No such file" in kernel.run("open('/etc/shadow')")
    assert "Read-only" in kernel.run("open('agent.toml', 'w')")
    assert kernel.client.hb_channel.is_beating()
    kernel.client.shutdown()
    assert kernel.process.wait(10) == 0
    assert list(workspace.iterdir()) == []
    assert not list(tmp_path.glob("s-*"))


_LIST_SOCKETS = """
import os
for name in os.listdir("/proc/self/fd"):
    try:
        target = os.readlink(f"/proc/self/fd/{name}")
    except OSError:
        continue
    if target.startswith("socket:["):
        print(target[8:-1])
"""


def test_no_tcp_socket_is_inside(open_kernel: Open) -> None:
    kernel = open_kernel("tcp")
    code = f"exec({_LIST_SOCKETS!r}, {{'__name__': 'elsewhere'}})"
    inside = set(kernel.run(code).split())
    listed = Path("/proc/net/tcp").read_text().splitlines()[1:]
    assert inside
    assert not inside & {line.split()[9] for line in listed}


def test_a_cell_can_ask_the_person(open_kernel: Open) -> None:
    client = open_kernel("tcp").client
    reply = client.execute_interactive(
        "assert input('name? ') == 'Ada'",
        allow_stdin=True,
        stdin_hook=lambda _: client.input("Ada"),
        output_hook=lambda _: None,
        timeout=30,
    )
    assert reply["content"]["status"] == "ok"


def test_a_large_output_arrives_whole(open_kernel: Open) -> None:
    kernel = open_kernel("tcp")
    assert len(kernel.run("print('x' * 20_000_000)")) == 20_000_001


def test_an_interrupt_comes_as_a_message_and_a_signal_is_ignored(open_kernel: Open) -> None:
    kernel = open_kernel("tcp")
    kernel.process.send_signal(signal.SIGINT)
    client = kernel.client
    message = client.execute("import time\nfor _ in range(600): time.sleep(0.1)")
    time.sleep(0.5)
    client.control_channel.send(client.session.msg("interrupt_request", {}))
    while (reply := client.get_shell_msg(timeout=10))["parent_header"]["msg_id"] != message:
        continue
    assert reply["content"]["ename"] == "KeyboardInterrupt"
    time.sleep(0.2)  # requests that were waiting at the interrupt are given up
    assert kernel.run("1 + 1").endswith("2")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_a_signal_ends_everything(open_kernel: Open, number: signal.Signals) -> None:
    kernel = open_kernel("tcp")
    inside = list(descendants(kernel.process.pid))
    assert len(inside) >= 3
    kernel.process.send_signal(number)
    kernel.process.wait(10)
    assert not _left(inside)


def test_a_crash_inside_ends_the_command(open_kernel: Open) -> None:
    kernel = open_kernel("tcp")
    kernel.client.execute("exec('import os; os.abort()', {'__name__': 'elsewhere'})")
    assert kernel.process.wait(10) != 0


@pytest.mark.parametrize("told", [True, False], ids=["by the environment", "by its parent"])
def test_it_ends_with_the_front_end(workspace: Path, tmp_path: Path, told: bool) -> None:
    file = _connection_file(tmp_path, "ipc")
    between = ["sh", "-c", '"$@"; true', "sh"] if told else []
    start = (
        "import os, subprocess, sys, time\n"
        f"env = {{**os.environ, **({{'JPY_PARENT_PID': str(os.getpid())}} if {told} else {{}})}}\n"
        f"subprocess.Popen({[*between, *_PROGRAM, str(file)]!r}, env=env)\n"
        "time.sleep(60)\n"
    )
    front_end = subprocess.Popen([sys.executable, "-c", start], cwd=workspace)
    try:
        _wait_until(lambda: (workspace / "agent.toml").exists())
        _wait_until(lambda: len(list(descendants(front_end.pid))) >= (5 if told else 4))
        started = list(descendants(front_end.pid))
    finally:
        front_end.kill()
        front_end.wait()
    assert not _left(started)
    assert list(workspace.iterdir()) == []


def _left(pids: list[int]) -> list[int]:
    """Which of some processes are still there after a while."""
    end = time.monotonic() + 10
    while (left := [pid for pid in pids if _runs(pid)]) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def _fails(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [*_PROGRAM, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode in (1, 2)
    assert done.stderr.startswith("agent: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_what_can_not_be_served_is_said_in_one_line(workspace: Path, tmp_path: Path) -> None:
    file = _connection_file(tmp_path, "tcp")
    assert "too wide for a workspace" in _fails(Path("/tmp"), str(file))
    assert "which connection file?" in _fails(workspace)
    assert "nowhere.json can't be used" in _fails(workspace, "nowhere.json")
    assert list(workspace.iterdir()) == []


def test_a_taken_address_is_said_in_one_line(workspace: Path, tmp_path: Path) -> None:
    file = _connection_file(tmp_path, "tcp")
    port = json.loads(file.read_text())["hb_port"]
    with socket.create_server(("127.0.0.1", port)):
        assert "in use" in _fails(workspace, str(file))
    assert list(workspace.iterdir()) == []


def test_nothing_starts_for_a_front_end_that_is_gone(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    monkeypatch.setenv("JPY_PARENT_PID", str(gone.pid))
    assert "is gone already" in _fails(workspace, str(_connection_file(tmp_path, "tcp")))


def test_sockets_that_cells_could_exchange_are_refused(workspace: Path) -> None:
    file = _connection_file(workspace, "ipc")
    assert "where cells reach them" in _fails(workspace, str(file))


def test_it_needs_nothing_of_the_environment(workspace: Path, tmp_path: Path) -> None:
    file = _connection_file(tmp_path, "tcp")
    for name in ("sessions.py", "zmq.py", "asyncio.py"):
        (workspace / name).write_text("raise SystemExit('ran code of the workspace')")
    process = subprocess.Popen(
        [*_PROGRAM, str(file)],
        cwd=workspace,
        env={"PYTHONPATH": str(workspace), "PATH": os.environ["PATH"]},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels()
        client.wait_for_ready(timeout=30)
        client.stop_channels()
        client.context.destroy(linger=0)
    finally:
        process.terminate()
        _, told = process.communicate()
    assert told == ""


def test_memory_is_held_and_told(open_kernel: Open) -> None:
    kernel = open_kernel("tcp")
    kernel.client.execute("hoard = []\nwhile True: hoard.append(b'x' * (16 << 20))")
    _, told = kernel.process.communicate(timeout=60)
    assert kernel.process.returncode != 0
    assert "used more than 2 GB of memory" in told
