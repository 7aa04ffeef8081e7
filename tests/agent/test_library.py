"""The agent as a Python object: opening, closing, synchronous callers, and what is refused."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

import agent as package
from agent import Agent
from agent.build import new_session
from agent.settings import Settings
from sessions.errors import UsageError
from tests.agent.conftest import Serve
from tests.support.model_server import Hang
from tests.support.wire import Reply

DONE = Reply(text="Done.")


def run_code(code: str) -> Reply:
    return Reply(calls=(("run_code", {"code": code}),))


def fresh_python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_importing_the_package_imports_nothing_heavy() -> None:
    code = (
        "import sys, agent; agent.Agent, agent.Settings, agent.Result; "
        "heavy = {'pydantic', 'pydantic_ai', 'anthropic', 'openai', 'IPython', 'jupyter_client', "
        "'zmq', 'pandas', 'numpy', 'matplotlib', 'rich', 'typer'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert fresh_python(code).strip() == "[]"


def test_all_that_is_promised_is_there() -> None:
    assert {name for name in package.__all__ if getattr(package, name) is None} == set()
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = package.nothing


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"tier": "enormous"}, "quick, standard, heavy"),
        ({"approval": "trust"}, "not there yet"),
        ({"colour": "red"}, "no setting 'colour'"),
        ({"budget_usd": -1}, "budget_usd"),
        ({"answers": [1]}, "answers"),
    ],
)
def test_bad_options_are_refused(workspace: Path, options: dict[str, Any], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        Agent(workspace, **options)


@pytest.mark.parametrize("name", ["nowhere", "file", "null\0byte", "loop"])
def test_a_workspace_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(UsageError, match="the workspace"):
        Agent(tmp_path / name)


async def test_a_workspace_that_cannot_be_written_is_refused() -> None:
    with pytest.raises(UsageError, match="can't be written"):
        await Agent("/proc").__aenter__()


def test_an_unknown_model_is_refused_before_anything_starts(workspace: Path) -> None:
    children = psutil.Process().children(recursive=True)
    with pytest.raises(UsageError, match="provider:model"):
        asyncio.run(Agent(workspace, model="gpt").__aenter__())
    assert psutil.Process().children(recursive=True) == children
    assert list(workspace.iterdir()) == []


async def test_a_missing_key_is_refused_and_the_kernel_is_gone(workspace: Path) -> None:
    children = set(psutil.Process().children(recursive=True))
    with pytest.raises(UsageError, match="set ANTHROPIC_API_KEY"):
        await Agent(workspace, model="claude-opus-5-5").__aenter__()
    assert set(psutil.Process().children(recursive=True)) <= children


async def test_an_empty_task_is_refused(serve: Serve, workspace: Path) -> None:
    server = serve()
    async with Agent(workspace) as agent:
        with pytest.raises(UsageError, match="the task is empty"):
            await agent.run(" \n")
    assert server.bodies == []


async def test_an_agent_must_be_open_and_opens_once(serve: Serve, workspace: Path) -> None:
    serve(DONE)
    agent = Agent(workspace)
    with pytest.raises(UsageError, match="not open"):
        await agent.run("go")
    async with agent:
        with pytest.raises(UsageError, match="open already"):
            await agent.__aenter__()
        with pytest.raises(UsageError, match=r"await agent\.run"):
            agent.run_sync("go")
        assert (await agent.run("go")).status == "done"
        assert agent.session.id
    with pytest.raises(UsageError, match="not open"):
        await agent.run("go")


async def test_a_run_within_a_run_is_refused(
    serve: Serve, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.coordinator._PATIENCE", 0.05)
    serve(DONE)
    async with Agent(workspace) as agent:
        async for _ in agent.stream("go"):
            with pytest.raises(UsageError, match="busy"):
                await agent.run("another")


def test_synchronous_callers_keep_the_conversation(serve: Serve, workspace: Path) -> None:
    serve(run_code("x = 20"), DONE, run_code("x + 1"), DONE)
    threads = threading.active_count()
    with Agent(workspace) as agent:
        assert agent.run_sync("go").status == "done"
        assert agent.run_sync("and on").value == 21
    assert threading.active_count() <= threads + 1  # the server's
    agent.close()


async def test_synchronous_callers_inside_a_running_loop(serve: Serve, workspace: Path) -> None:
    serve(run_code("6 * 7"), DONE)
    agent = Agent(workspace)
    try:
        assert agent.run_sync("go").value == 42
    finally:
        agent.close()


FORGETFUL = """
import sys, psutil
from agent import Agent
result = Agent(sys.argv[1]).run_sync("what is the largest age in people.csv?")
kept = Agent(sys.argv[1])
kept.run_sync("what is the largest age in people.csv?")
print(result.value, *[p.pid for p in psutil.Process().children(recursive=True)])
"""


def test_what_is_not_closed_ends_with_the_process(workspace: Path) -> None:
    (workspace / "people.csv").write_text("name,age\nann,31\nbob,40\n")
    command = [sys.executable, "-W", "error", "-c", FORGETFUL, str(workspace)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    value, *children = done.stdout.split()
    assert value == "40"
    assert children
    assert not [pid for pid in children if psutil.pid_exists(int(pid))]


def test_the_collector_may_close_from_the_background(serve: Serve, workspace: Path) -> None:
    serve(DONE)
    agent = Agent(workspace)
    agent.run_sync("go")
    assert agent._background is not None
    threads = [t for t in threading.enumerate() if t.name == "agent-background"]
    agent._background.run(_called(agent.close))
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


async def _called(function: Callable[[], None]) -> None:
    function()


def test_a_synchronous_failure_to_open_leaves_no_thread(workspace: Path) -> None:
    threads = threading.active_count()
    with pytest.raises(UsageError, match="provider:model"):
        Agent(workspace, model="gpt").run_sync("go")
    assert threading.active_count() == threads


async def test_without_a_key_the_offline_engine_answers_from_a_cell(workspace: Path) -> None:
    (workspace / "people.csv").write_text("name,age\nann,31\nbob,40\ncyd,22\n")
    async with Agent(workspace) as agent:
        result = await agent.run("what is the median of the column age of people.csv?")
        assert (result.status, result.value) == ("done", 31)
        assert (result.cost.usd, result.attempts) == (0.0, 1)
        failed = await agent.run("fly to the moon")
    assert failed.status == "failed"


async def test_isolation_is_as_the_settings_say(workspace: Path) -> None:
    async with new_session(workspace, Settings(tier="quick")) as session:
        assert "namespaces" in session.layers
        assert session.limits.tier == "quick"
    async with new_session(workspace, Settings(isolation="off")) as session:
        assert "namespaces" not in session.layers


CTRL_C = """
import sys
from agent import Agent
with Agent(sys.argv[1]) as agent:
    print("open", flush=True)
    try:
        agent.run_sync("go")
    except KeyboardInterrupt:
        print("stopped", flush=True)
"""


@pytest.mark.parametrize("step", [run_code("while True: pass"), Hang()], ids=["cell", "model"])
def test_ctrl_c_leaves_nothing_behind(serve: Serve, workspace: Path, step: Any) -> None:
    server = serve(step)
    command = [sys.executable, "-c", CTRL_C, str(workspace)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        while not server.bodies:
            time.sleep(0.02)
        time.sleep(0.3)
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        os.kill(process.pid, signal.SIGINT)
        rest = process.stdout.read()
        assert process.wait(20) == 0
    assert rest == "stopped\n"
    gone, alive = psutil.wait_procs(children, timeout=3)
    assert not alive
    assert gone


OPENING = """
import asyncio, sys
from agent import Agent
async def main():
    async with Agent(sys.argv[1]):
        print("open", flush=True)
        await asyncio.sleep(60)
print("begun", flush=True)
asyncio.run(main())
"""


@pytest.mark.parametrize("after", [0.05, 0.3, 0.7, 1.5, 4.0])
def test_ctrl_c_while_opening_leaves_nothing_behind(
    serve: Serve, workspace: Path, after: float
) -> None:
    serve()
    command = [sys.executable, "-c", OPENING, str(workspace)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        time.sleep(after)
        children = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=20)
    _, alive = psutil.wait_procs(children, timeout=3)
    assert not alive
    assert errors.rstrip().endswith("KeyboardInterrupt")


async def test_settings_are_the_workspaces_if_tighter(serve: Serve, workspace: Path) -> None:
    serve(run_code("1"), run_code("2"), DONE)
    (workspace / "agent.toml").write_text('max_requests = 1\nisolation = "off"\n')
    async with Agent(workspace) as agent:
        assert [note for note in agent.settings.notes if "isolation" in note]
        result = await agent.run("go")
    assert result.status == "refused"
    assert asyncio.get_running_loop().is_running()


def test_an_empty_name_is_not_taken_for_the_current_directory(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace)
    with pytest.raises(UsageError, match="the workspace '' can't be reached"):
        Agent("")
