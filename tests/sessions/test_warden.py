"""Kernels of notebooks are held to their limits, except in time."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from jupyter_client.manager import AsyncKernelManager

from sessions import Limits
from sessions import workspace as workspaces
from sessions.client import Client, KernelGone
from sessions.readiness import ready
from sessions.sandbox import Sandbox
from sessions.specification import specification
from sessions.warden import Warden

_LIMITS = replace(Limits.quick(), wall=0.2, disk=20 << 20, memory=256 << 20)
_FILL = (
    "with open('pieces', 'wb') as f:\n"
    "    while True:\n        f.write(bytes(1 << 20)); f.flush(); time.sleep(0.005)\n"
)


class Notebook:
    """A kernel under a warden, as a front end has it."""

    def __init__(self, sandbox: Sandbox, client: Client) -> None:
        self.sandbox = sandbox
        self.client = client
        self.told: list[str] = []

    async def run(self, code: str) -> str:
        """What a cell said in the end."""
        said = ""
        async for message in self.client.execute(f"import time\n{code}"):
            said += str(message["content"].get("data", {}).get("text/plain", ""))
            said += str(message["content"].get("ename", ""))
        return said

    async def end(self) -> None:
        """Wait for its end."""
        stop = time.monotonic() + 20
        while self.sandbox.poll() is None:
            assert time.monotonic() < stop
            await asyncio.sleep(0.05)


@asynccontextmanager
async def _opened(workspace: Path) -> AsyncIterator[Notebook]:
    with workspaces.protected(workspace):
        sandbox = Sandbox(specification(workspace, _LIMITS))
        await ready(sandbox)
        client = Client(sandbox.connection)
        await client.open()
        opened = Notebook(sandbox, client)
        with Warden(sandbox, workspace, _LIMITS, opened.told.append):
            yield opened
        await client.close()
        sandbox.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "warden"]


@pytest.fixture
async def notebook(workspace: Path) -> AsyncIterator[Notebook]:
    async with _opened(workspace) as opened:
        yield opened


async def test_time_is_not_limited(notebook: Notebook) -> None:
    assert (
        await notebook.run("end = time.monotonic() + 2\nwhile time.monotonic() < end: pass\n6*7")
        == "42"
    )
    assert notebook.told == []


@pytest.mark.parametrize("pace", ["", "; time.sleep(0.001)"], ids=["quickly", "slowly"])
async def test_memory_ends_the_kernel_and_says_so(workspace: Path, pace: str) -> None:
    async with _opened(workspace) as notebook:
        code = f"hoard = []\nwhile True: hoard.append(b'x' * (1 << 20)){pace}"
        running = asyncio.create_task(notebook.run(code))
        await notebook.end()
        notebook.client.gone()
        await asyncio.gather(running, return_exceptions=True)
    (told,) = notebook.told  # by us or by the system, whoever was there first
    assert "its processes used more than 0.25 GB of memory" in told


async def test_a_cell_that_fills_the_disk_is_interrupted_and_the_kernel_stays(
    notebook: Notebook,
) -> None:
    assert "KeyboardInterrupt" in await notebook.run(_FILL)
    assert await notebook.run("import os; os.remove('pieces')\n6 * 7") == "42"
    (told,) = notebook.told
    assert "grew by more than" in told


async def test_one_that_does_not_heed_it_ends(notebook: Notebook) -> None:
    deaf = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    running = asyncio.create_task(notebook.run(deaf + _FILL))
    await notebook.end()
    notebook.client.gone()
    (outcome,) = await asyncio.gather(running, return_exceptions=True)
    assert isinstance(outcome, KernelGone)
    assert [told.partition(":")[0] for told in notebook.told] == [
        "the running cell is interrupted",
        "the kernel was ended",
    ]


async def test_kernels_of_jupyter_are_under_a_warden(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from jupyter_client.kernelspec import KernelSpecManager

    from sessions import kernelspec

    monkeypatch.setattr(Limits, "standard", lambda: _LIMITS)
    kernelspec.install(tmp_path / "kernels")
    manager = AsyncKernelManager(
        kernel_name=kernelspec.NAME,
        kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(tmp_path / "kernels")]),
        connection_file=str(tmp_path / "connection.json"),
    )
    await manager.start_kernel(cwd=str(workspace))
    assert [thread.name for thread in threading.enumerate()].count("warden") == 1
    client = manager.client()
    client.start_channels()
    await client.wait_for_ready(timeout=30)
    client.execute("hoard = []\nwhile True: hoard.append(b'x' * (4 << 20))")
    end = time.monotonic() + 20
    while await manager.is_alive():
        assert time.monotonic() < end
        await asyncio.sleep(0.05)
    client.stop_channels()
    await manager.shutdown_kernel(now=True)
    manager.context.destroy(linger=0)
    assert "warden" not in [thread.name for thread in threading.enumerate()]
