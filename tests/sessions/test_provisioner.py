"""Jupyter's own kernel manager can start, interrupt, restart and end a guarded kernel."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager

from sessions.client import Client
from sessions.provisioner import SandboxProvisioner

_SPEC = {
    "argv": ["unused"],
    "display_name": "A guarded kernel",
    "language": "python",
    "interrupt_mode": "message",
    "metadata": {"kernel_provisioner": {"provisioner_name": "agent-sandbox"}},
}


@pytest.fixture
async def manager(workspace: Path, tmp_path: Path) -> AsyncIterator[AsyncKernelManager]:
    folder = tmp_path / "kernels" / "guarded"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(_SPEC))
    specs = KernelSpecManager(kernel_dirs=[str(folder.parent)], ensure_native_kernel=False)
    manager = AsyncKernelManager(
        kernel_name="guarded",
        kernel_spec_manager=specs,
        transport="ipc",
        connection_file=str(tmp_path / "connection.json"),
    )
    await manager.start_kernel(cwd=str(workspace))
    yield manager
    await manager.shutdown_kernel(now=True)
    manager.context.destroy(linger=0)


async def _run(manager: AsyncKernelManager, code: str) -> str:
    client = Client(manager.get_connection_info())
    await client.open()
    text = ""
    async for message in client.execute(code):
        text += str(message["content"].get("data", {}).get("text/plain", ""))
        text += str(message["content"].get("evalue", ""))
    await client.close()
    return text


async def test_a_managed_kernel_runs_and_is_isolated(manager: AsyncKernelManager) -> None:
    assert await _run(manager, "6 * 7") == "42"
    assert "No such file" in await _run(manager, "open('/etc/shadow')")
    assert await manager.is_alive()


async def test_a_restart_by_jupyter_keeps_the_walls(manager: AsyncKernelManager) -> None:
    await _run(manager, "x = 1")
    await manager.restart_kernel(now=True)
    assert "not defined" in await _run(manager, "x")
    assert "not allowed" in await _run(manager, "import socket")
    assert "No such file" in await _run(manager, "open('/etc/shadow')")


async def test_the_end_is_seen(manager: AsyncKernelManager) -> None:
    await manager.shutdown_kernel(now=True)
    assert not await manager.is_alive()


def test_it_is_found_by_its_name() -> None:
    (entry,) = entry_points(group="jupyter_client.kernel_provisioners", name="agent-sandbox")
    assert entry.load() is SandboxProvisioner
