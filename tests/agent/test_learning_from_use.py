"""What a conversation teaches the search: found, called, and whether it worked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent import Agent
from tests.agent.conftest import Serve
from tests.support.model_server import ModelServer
from tests.support.runs import DONE, call, run_code, tool_results
from tools_registry.registry import Registry
from tools_registry.search.usage import Experience, Usage

QUERY = "strip accents from text"
FOUND = "remove_accents"
IMPORT = f"from agent_tools.text import {FOUND}\n"
SEARCH = call("search_tools", query=QUERY)


@pytest.fixture(autouse=True)
def nothing_learned_yet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Everything is indexed: what a search finds before that depends on how fast the machine is."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    Registry.open(tmp_path).wait()


def cards(server: ModelServer) -> list[dict[str, Any]]:
    """What the first search told the model."""
    blocks = [b for message in server.bodies[-1]["messages"] for b in message["content"]]
    [first, *_] = [b for b in blocks if isinstance(b, dict) and b["type"] == "tool_result"]
    return [json.loads(part["text"]) for part in first["content"]]


def learned() -> dict[str, list[tuple[str, int]]]:
    """What this person's file holds."""
    return {
        tool: [(each.request, round(each.tally)) for each in past]
        for tool, past in Usage.open().experiences().items()
    }


@pytest.mark.parametrize(
    ("code", "tally"),
    [
        (f"{IMPORT}{FOUND}('Zoë')", 1),
        (f"{IMPORT}{FOUND}(5)", -1),
    ],
)
async def test_a_cell_that_calls_what_was_found_teaches(
    serve: Serve, workspace: Path, code: str, tally: int
) -> None:
    server = serve(SEARCH, run_code(code), DONE)
    async with Agent(workspace) as agent:
        await agent.run("make the names plain")
    assert FOUND in [card["name"] for card in cards(server)]
    assert learned() == {FOUND: [(QUERY, tally)]}


@pytest.mark.parametrize("code", ["'Zoë'.upper()", "1 / 0", f"{IMPORT}1 / 0"])
async def test_a_cell_that_calls_nothing_found_teaches_nothing(
    serve: Serve, workspace: Path, code: str
) -> None:
    serve(SEARCH, run_code(code), DONE)
    async with Agent(workspace) as agent:
        await agent.run("make the names plain")
    assert learned() == {}


async def test_a_later_conversation_searches_by_what_was_learned(
    serve: Serve, workspace: Path
) -> None:
    odd = "letters and words of a text"
    searched = call("search_tools", query=odd, limit=20)
    before = serve(searched, run_code(f"{IMPORT}{FOUND}('Zoë')"), DONE)
    async with Agent(workspace) as agent:
        await agent.run("make the names plain")
    after = serve(searched, DONE)
    async with Agent(workspace) as agent:
        await agent.run("and these")
    first, second = (
        [card["name"] for card in cards(server)].index(FOUND) for server in (before, after)
    )
    assert first > second == 0
    [[known]] = Usage.open().experiences().values()
    assert known == Experience(request=odd, tally=known.tally)


async def test_cards_are_one_line_and_the_definition_comes_on_demand(
    serve: Serve, workspace: Path
) -> None:
    server = serve(SEARCH, call("describe_tool", name=FOUND), DONE)
    async with Agent(workspace) as agent:
        await agent.run("how would you make the names plain?")
    found = cards(server)
    assert all("\n" not in value for card in found for value in map(str, card.values()))
    assert "Args:" not in json.dumps(found)
    _, definition = tool_results(server)
    assert f"agent_tools.text import {FOUND}" in definition
    assert "Args:" in definition
    assert ">>> " in definition
    assert learned() == {}
