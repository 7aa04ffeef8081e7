"""What runs cost is noted for the person, by role, and whatever became of them."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from agent import Agent
from agent.events import Cost
from agent.spending import Spending
from tests.agent.conftest import MODELS, Serve
from tests.support.model_server import Hang, ModelServer
from tests.support.runs import DONE, run_code
from tools_registry.own_files import data_path

COST = Cost(input_tokens=3, output_tokens=2, cache_read_tokens=1, usd=0.25)


@pytest.fixture(autouse=True)
def nothing_spent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def test_what_is_noted_is_read_again(tmp_path: Path) -> None:
    spending = Spending(tmp_path / "deep" / "spending.jsonl")
    assert spending.read() == []
    spending.note("s", "m", {})
    assert not (tmp_path / "deep").exists()
    spending.note("s", "m", {"coordinator": COST, "reviewer": Cost(usd=None)})
    with (tmp_path / "deep" / "spending.jsonl").open("a") as file:
        file.write('{"time": 1}\nnonsense\n')
    spending.note("t", "m", {"coordinator": COST})
    found = [(entry.session, entry.role, entry.cost) for entry in spending.read()]
    assert found == [
        ("s", "coordinator", COST),
        ("s", "reviewer", Cost(usd=None)),
        ("t", "coordinator", COST),
    ]


def test_what_can_not_be_noted_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    spending = Spending(tmp_path / "file" / "spending.jsonl")
    spending.note("s", "m", {"coordinator": COST})
    assert list(spending.read()) == []
    assert (tmp_path / "file").read_text() == ""


@pytest.mark.parametrize("model", MODELS)
async def test_a_run_notes_what_its_result_says(serve: Serve, workspace: Path, model: str) -> None:
    serve(run_code("1"), DONE)
    async with Agent(workspace, model=model) as agent:
        result = await agent.run("go")
    (entry,) = Spending.of_user().read()
    assert (entry.session, entry.model, entry.role) == (result.session_id, model, "coordinator")
    assert entry.cost == result.cost
    assert entry.cost.input_tokens == 40
    assert "go" not in data_path("spending.jsonl").read_text().split('"')


def wait_for_second(server: ModelServer) -> None:
    while len(server.bodies) < 2:
        time.sleep(0.01)


async def test_what_was_stopped_has_cost_something_too(serve: Serve, workspace: Path) -> None:
    server = serve(run_code("1"), Hang())
    async with Agent(workspace) as agent:
        running = asyncio.create_task(agent.run("go"))
        await asyncio.to_thread(wait_for_second, server)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    (entry,) = Spending.of_user().read()
    assert entry.cost.input_tokens == 20


async def test_offline_nothing_is_spent(workspace: Path) -> None:
    async with Agent(workspace, model="offline") as agent:
        await agent.run("what is the answer to everything?")
    assert Spending.of_user().read() == []
