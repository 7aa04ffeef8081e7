"""Notebooks on the installed kernel, run by the programs that people run them with."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.ioloop.manager import AsyncIOLoopKernelManager
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from sessions import kernelspec
from sessions.errors import UsageError


@pytest.fixture(autouse=True)
def _installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = tmp_path / "environment"
    prefix.mkdir()
    monkeypatch.setenv("JUPYTER_PATH", str(prefix / "share" / "jupyter"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    kernelspec.install(kernelspec.kernels_below(prefix))


def _notebook(*cells: str) -> nbformat.NotebookNode:
    made: nbformat.NotebookNode = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]  # type: ignore[no-untyped-call]
    return made


def _run(folder: Path, *cells: str) -> list[str]:
    """The last text of each cell."""
    notebook = _notebook(*cells)
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, kernel_name="agent-sandbox", timeout=60, resources=where).execute()
    return [_text(cell.outputs[-1]) if cell.outputs else "" for cell in notebook.cells]


def _text(output: nbformat.NotebookNode) -> str:
    return str(output.get("text") or output.get("data", {}).get("text/plain"))


def test_nbclient_runs_cells_in_the_folder_of_the_notebook(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("treasure")
    (workspace / "mine.txt").write_text("gold")
    told = _run(
        workspace,
        "6 * 7",
        "open('mine.txt').read()",
        f"import os; os.path.exists({str(tmp_path / 'secret.txt')!r})",
        "import pandas; pandas.DataFrame({'a': [1]}).shape",
    )
    assert told == ["42", "'gold'", "False", "(1, 1)"]
    assert [path.name for path in workspace.iterdir()] == ["mine.txt"]


def test_nbclient_meets_the_guard(workspace: Path) -> None:
    with pytest.raises(CellExecutionError, match="`socket` is not allowed here"):
        _run(workspace, "import socket")


def test_no_cell_can_make_a_skill_or_a_hook(workspace: Path) -> None:
    names = ("learned_skills/evil.py", ".git/hooks", "agent.toml")
    told = _run(
        workspace,
        *(f"try: open({name!r}, 'w')\nexcept OSError: print('no')" for name in names),
    )
    assert told == ["no\n"] * 3


def test_a_folder_that_is_too_wide_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="too wide for a workspace"):
        _run(Path("/tmp"), "1")


def test_papermill_gives_parameters(workspace: Path) -> None:
    notebook = _notebook("count = 1", "print(count * 6)")
    notebook.metadata["kernelspec"] = {"name": "python3", "language": "python"}
    notebook.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, workspace / "in.ipynb")  # type: ignore[no-untyped-call]
    command = ["papermill", "in.ipynb", "out.ipynb", "-k", "agent-sandbox", "-p", "count", "7"]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=workspace,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    made = nbformat.read(workspace / "out.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    assert _text(made.cells[-1].outputs[-1]) == "42\n"


async def test_a_front_end_without_our_provisioner_gets_the_same(
    workspace: Path, tmp_path: Path
) -> None:
    kernelspec.install(kernelspec.kernels_below(tmp_path / "environment"), standalone=True)
    manager = AsyncKernelManager(kernel_name="agent-sandbox")
    await manager.start_kernel(cwd=str(workspace))
    assert isinstance(manager.provisioner, LocalProvisioner)
    await _restart_and_look(manager)
    await manager.shutdown_kernel(now=False)
    manager.context.destroy(linger=0)
    assert list(workspace.iterdir()) == []


@pytest.mark.parametrize("standalone", [False, True])
async def test_jupyters_own_restarter_brings_a_crashed_kernel_back(
    workspace: Path, tmp_path: Path, standalone: bool
) -> None:
    kernelspec.install(kernelspec.kernels_below(tmp_path / "environment"), standalone=standalone)
    manager = AsyncIOLoopKernelManager(kernel_name="agent-sandbox")
    await manager.start_kernel(cwd=str(workspace))
    client: AsyncKernelClient = manager.client()
    client.start_channels(hb=False)
    await client.wait_for_ready(timeout=30)
    client.execute("import os\nexec('os.abort()', {'__name__': 'elsewhere', 'os': os})")
    restarted = asyncio.Event()
    manager.add_restart_callback(restarted.set)
    await asyncio.wait_for(restarted.wait(), 20)
    await client.wait_for_ready(timeout=30)
    assert "not defined" in str(await _evalue(client, "os"))
    assert "not allowed" in str(await _evalue(client, "import socket"))
    client.stop_channels()
    await manager.shutdown_kernel(now=False)
    manager.context.destroy(linger=0)
    assert list(workspace.iterdir()) == []


@pytest.fixture
async def manager(workspace: Path) -> AsyncIterator[AsyncKernelManager]:
    manager = AsyncKernelManager(kernel_name="agent-sandbox")
    await manager.start_kernel(cwd=str(workspace))
    yield manager
    await manager.shutdown_kernel(now=True)
    manager.context.destroy(linger=0)


async def test_who_stays_connected_finds_the_kernel_that_is_restarted(
    manager: AsyncKernelManager,
) -> None:
    connection = manager.get_connection_info()
    await _restart_and_look(manager)
    assert manager.get_connection_info() == connection


async def _restart_and_look(manager: AsyncKernelManager) -> None:
    """Restart twice under a client that stays connected, and try the walls each time."""
    client: AsyncKernelClient = manager.client()
    client.start_channels(hb=False)
    await client.wait_for_ready(timeout=30)
    assert await _evalue(client, "x = 1") is None
    for now in (True, False):
        await manager.restart_kernel(now=now)
        await client.wait_for_ready(timeout=30)
        assert "not defined" in str(await _evalue(client, "x"))
        assert "not allowed" in str(await _evalue(client, "import socket"))
        assert "No such file" in str(await _evalue(client, "open('/etc/shadow')"))
        assert await _evalue(client, "open('agent.toml', 'w')") is not None
    client.stop_channels()


async def test_the_workspace_is_left_as_it_was(workspace: Path) -> None:
    manager = AsyncKernelManager(kernel_name="agent-sandbox")
    await manager.start_kernel(cwd=str(workspace))
    assert (workspace / ".agent").is_dir()
    await manager.shutdown_kernel(now=True)
    manager.context.destroy(linger=0)
    assert list(workspace.iterdir()) == []


async def _evalue(client: AsyncKernelClient, code: str) -> str | None:
    reply = await client.execute_interactive(code, output_hook=lambda _: None, timeout=30)
    value = reply["content"].get("evalue")
    return None if value is None else str(value)
