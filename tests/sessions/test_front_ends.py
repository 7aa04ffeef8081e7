"""Notebooks in the guarded kernel, by our provisioner and by the command that it stands for."""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from agent.cli import boundary
from sessions import Limits, kernelspec
from sessions.usage import descendants

Outputs = list[nbformat.NotebookNode]

_PNG = b"\x89PNG"


@pytest.fixture(params=["provisioner", "command"], autouse=True)
def kernel(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the kernel that `agent kernel install` offers, or of a copy without its metadata.

    The copy is what a front end makes of it that knows nothing of provisioners.
    """
    for name in ("DATA", "RUNTIME", "CONFIG"):
        monkeypatch.setenv(f"JUPYTER_{name}_DIR", str(tmp_path / name))
    monkeypatch.delenv("JUPYTER_PATH", raising=False)
    assert boundary.run(["kernel", "install", "--user"]) == 0
    if request.param == "provisioner":
        return kernelspec.NAME
    kernels = tmp_path / "DATA" / "kernels"
    described = json.loads((kernels / kernelspec.NAME / "kernel.json").read_text())
    del described["metadata"]
    (kernels / "copy").mkdir()
    (kernels / "copy" / "kernel.json").write_text(json.dumps(described))
    return "copy"


def _notebook(*cells: str) -> nbformat.NotebookNode:
    made: nbformat.NotebookNode = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]  # type: ignore[no-untyped-call]
    return made


def _client(kernel: str, folder: Path, *cells: str, seconds: int = 60) -> NotebookClient:
    return NotebookClient(
        _notebook(*cells),
        kernel_name=kernel,
        timeout=seconds,
        interrupt_on_timeout=True,
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
    )


def _run(kernel: str, folder: Path, *cells: str, seconds: int = 60) -> list[Outputs]:
    client = _client(kernel, folder, *cells, seconds=seconds)
    client.execute()
    return [list(cell.outputs) for cell in client.nb.cells]


def _said(outputs: Outputs) -> str:
    """All texts of a cell, streams and results and errors alike."""
    texts = ((o.get("text"), o.get("data", {}).get("text/plain"), o.get("evalue")) for o in outputs)
    return "".join(text or "" for three in texts for text in three)


def test_outputs_come_complete_and_in_kind(kernel: str, workspace: Path) -> None:
    frame, figure, printed, updated, failed, after = _run(
        kernel,
        workspace,
        "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2]})\ndf",
        "df.plot();",
        "for number in range(20_000): print(number)",
        "h = display('before', display_id=True)\nh.update('after')",
        "def f(): return 1 / 0\nf()",
        "await __import__('asyncio').sleep(0, 'awaited')",
    )
    assert "<table" in frame[0].data["text/html"]
    assert base64.b64decode(figure[0].data["image/png"]).startswith(_PNG)
    assert _said(printed).split() == [str(number) for number in range(20_000)]
    assert _said(updated) == "'after'"
    assert failed[0].ename == "ZeroDivisionError"
    assert "return 1 / 0" in "".join(failed[0].traceback)
    assert _said(after) == "'awaited'"


def test_a_cell_beyond_its_time_is_interrupted_and_the_state_stays(
    kernel: str, workspace: Path
) -> None:
    outputs = _run(kernel, workspace, "x = 41", "while True: pass", "x + 1", seconds=2)
    assert outputs[1][0].ename == "KeyboardInterrupt"
    assert _said(outputs[2]) == "42"


def test_large_outputs_arrive_whole(kernel: str, workspace: Path) -> None:
    printed, shown = _run(
        kernel,
        workspace,
        "print('x' * 10_000_000)",
        "display({'text/html': 'y' * 5_000_000}, raw=True)",
    )
    assert len(_said(printed)) == 10_000_001
    assert len(shown[0].data["text/html"]) == 5_000_000


# What a library has imported is not the guard's: this shows the walls behind it.
_LOOK = """
import os
from asyncio.base_events import socket
print(os.path.exists(secret))
for family, place in ((socket.AF_INET, ("127.0.0.1", port)), (socket.AF_UNIX, unix)):
    try:
        socket.socket(family).connect(place)
        print("connected")
    except OSError:
        pass
print("no more")
"""


def test_no_cell_reaches_a_file_or_a_socket_outside(
    kernel: str, workspace: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("treasure")
    with (
        socket.create_server(("127.0.0.1", 0)) as net,
        socket.socket(socket.AF_UNIX) as local,
    ):
        unix = str(tmp_path / "unix")
        local.bind(unix)
        local.listen()
        given = {"secret": str(secret), "port": net.getsockname()[1], "unix": unix}
        names = "\n".join(f"{name} = {value!r}" for name, value in given.items())
        assert _said(_run(kernel, workspace, f"{names}\n{_LOOK}")[0]) == "False\nno more\n"


async def test_notebooks_run_beside_each_other(kernel: str, workspace: Path) -> None:
    cell = "import time\nx = {}\ntime.sleep(0.5)\nx"
    clients = [_client(kernel, workspace, cell.format(number)) for number in range(3)]
    await asyncio.gather(*(client.async_execute() for client in clients))
    assert [_said(client.nb.cells[0].outputs) for client in clients] == ["0", "1", "2"]
    assert list(workspace.iterdir()) == []


def test_papermill_runs_it_and_keeps_what_failed(kernel: str, workspace: Path) -> None:
    nbformat.write(_notebook("print(6 * 7)", "1 / 0"), workspace / "in.ipynb")  # type: ignore[no-untyped-call]
    command = [sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "-k", kernel]
    done = subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=False)
    assert "ZeroDivisionError" in done.stderr
    made = nbformat.read(workspace / "out.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    assert "42\n" in [_said(cell.get("outputs", [])) for cell in made.cells]


def test_processes_and_files_are_limited(kernel: str, workspace: Path) -> None:
    outputs = _run(
        kernel,
        workspace,
        "import threading, time\n"
        "for _ in range(1000): threading.Thread(target=time.sleep, args=(1,), daemon=True).start()",
        "kept = [open('many', 'w') for _ in range(2000)]",
        "6 * 7",
    )
    assert "can't start new thread" in _said(outputs[0])
    assert "Too many open files" in _said(outputs[1])
    assert _said(outputs[2]) == "42"


def test_a_notebook_says_why_its_kernel_had_to_end(kernel: str, workspace: Path) -> None:
    """Slowly, so that the system is not quicker to kill than we to speak."""
    client = _client(kernel, workspace, _HOARD.format(limit=Limits.standard().memory))
    with pytest.raises(DeadKernelError):
        client.execute()
    said = _said(list(client.nb.cells[0].outputs))
    assert said == "agent: the kernel was ended: its processes used more than 2 GB of memory\n"


# Pages that processes share count for each of them where nothing tells their shares apart,
# so this one holds what it fills by itself.
_HOARD = """
import time
hoard = [bytearray(b'x') * ({limit} - (200 << 20))]
while True:
    hoard.append(bytearray(b'x') * (4 << 20))
    time.sleep(0.05)
"""

_FRONT_END = """
import sys, time
from jupyter_client.manager import KernelManager
manager = KernelManager(kernel_name=sys.argv[1])
manager.start_kernel(cwd=sys.argv[2])
client = manager.client()
client.start_channels()
client.wait_for_ready(timeout=60)
client.execute("while True: pass")
print("up", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_kernel_ends_with_its_front_end(
    kernel: str, workspace: Path, number: signal.Signals
) -> None:
    command = [sys.executable, "-c", _FRONT_END, kernel, str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as front_end:
        assert front_end.stdout is not None
        assert front_end.stdout.readline() == b"up\n"
        started = list(descendants(front_end.pid))
        front_end.send_signal(number)
    assert len(started) >= 2
    end = time.monotonic() + 10
    while any(_runs(pid) for pid in started):
        assert time.monotonic() < end
        time.sleep(0.05)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
