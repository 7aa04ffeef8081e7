"""What a long conversation sends stays within its budget, by real clients over real HTTP."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import Agent
from tests.agent.conftest import MODELS, Serve
from tests.support.runs import DONE, run_code
from tests.support.wire import Json

BUDGET = 3_000
CELL = "row{0} = {0}\nprint('row {0} ' * 300)"


def conversation(body: Json) -> str:
    """What a request tells of the conversation, whatever the provider calls it."""
    return json.dumps(body.get("messages") or body["input"])


@pytest.mark.parametrize("model", MODELS)
async def test_one_long_run_fits_and_goes_on(serve: Serve, workspace: Path, model: str) -> None:
    server = serve(*(run_code(CELL.format(n)) for n in range(12)), DONE)
    async with Agent(workspace, model=model, history_size=BUDGET) as agent:
        result = await agent.run("print a dozen rows, please")
        assert await agent.session.pull("row11") == 11
    assert result.status == "done"
    longest = max(len(conversation(body)) for body in server.bodies)
    assert longest < 4 * BUDGET * 1.5  # the form of the provider is added to the texts
    last = conversation(server.bodies[-1])
    assert "print a dozen rows, please" in last
    assert "sets row0" in last
    assert "row 11 row 11" in last


async def test_many_turns_fit_and_the_first_is_known(serve: Serve, workspace: Path) -> None:
    steps = [step for n in range(6) for step in (run_code(CELL.format(n)), DONE)]
    server = serve(*steps)
    async with Agent(workspace, history_size=1_000) as agent:
        for number in range(6):
            result = await agent.run(f"print row {number}")
            assert result.status == "done"
    last = conversation(server.bodies[-1])
    assert len(last) < 6_000
    assert all(f"print row {number}" in last for number in range(6))
    assert last.count("Earlier in this conversation") == 1


async def test_what_fits_is_sent_as_it_was(serve: Serve, workspace: Path) -> None:
    server = serve(run_code("1"), DONE, DONE)
    async with Agent(workspace) as agent:
        await agent.run("first")
        await agent.run("second")
    first, last = server.bodies[1]["messages"], server.bodies[2]["messages"]
    texts = [[b.get("text") for b in m["content"]] for m in first]
    assert [[b.get("text") for b in m["content"]] for m in last][: len(texts)] == texts
