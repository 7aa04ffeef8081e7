"""The offline engine before a model: what it is sure of never reaches the model."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart
from pydantic_ai.models.function import AgentInfo, DeltaToolCalls, FunctionModel

from agent.build import open_coordinator
from agent.coordinator import Coordinator
from agent.events import ModelText, Result, RunFinished
from agent.models.first_tier import FirstTier
from agent.models.offline import OfflineModel
from agent.offline.certainty import SURE, assess
from agent.offline.interpret import Scene
from agent.offline.surroundings import look_around
from agent.settings import Settings
from tools_registry.registry import Registry

TABLE = "city,price\nBonn,10\nKiel,20\n"


class Other:
    """A model that counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def model(self) -> FunctionModel:
        return FunctionModel(self._respond, stream_function=self._stream)

    def _respond(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        self.asked += 1
        return ModelResponse(parts=[TextPart("the model says hello")])

    async def _stream(
        self, messages: list[ModelMessage], info: AgentInfo
    ) -> AsyncIterator[str | DeltaToolCalls]:
        self.asked += 1
        yield "the model says hello"


@pytest.fixture
def other() -> Other:
    return Other()


@pytest_asyncio.fixture
async def coordinator(
    tmp_path: Path, other: Other, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Coordinator]:
    (tmp_path / "shops.csv").write_text(TABLE)
    monkeypatch.setattr("agent.models.naming.resolve", lambda name: other.model())
    settings = Settings(approval="automatic", model="openai:other")
    async with open_coordinator(tmp_path, settings) as coordinator:
        yield coordinator


async def ask(coordinator: Coordinator, task: str) -> tuple[Result, str]:
    said, result = "", None
    async for event in coordinator.stream(task):
        if isinstance(event, ModelText):
            said += event.text
        if isinstance(event, RunFinished):
            result = event.result
    assert result is not None
    return result, said


async def test_what_is_sure_costs_nothing(coordinator: Coordinator, other: Other) -> None:
    result, said = await ask(coordinator, "12*7+3")
    assert (result.status, result.value) == ("done", 87)
    assert "87" in said
    result, _ = await ask(coordinator, "mean price in shops.csv")
    assert result.value == 15.0
    assert other.asked == 0
    assert result.cost.input_tokens == result.cost.output_tokens == 0


async def test_the_rest_is_passed_on_once_and_for_all(
    coordinator: Coordinator, other: Other
) -> None:
    for asked in (1, 2):
        result, said = await ask(coordinator, "write a poem about shops.csv")
        assert result.answer == said == "the model says hello"
        assert other.asked == asked


async def test_a_plan_that_fails_is_passed_on(
    coordinator: Coordinator, other: Other, tmp_path: Path
) -> None:
    result, _ = await ask(coordinator, "1/0")
    assert result.answer == "the model says hello"
    result, _ = await ask(coordinator, "1/0")
    assert other.asked == 2
    assert result.attempts == 1  # no cell was run the second time


async def test_what_takes_too_long_is_passed_on(tmp_path: Path, other: Other) -> None:
    offline = OfflineModel(Registry.open(tmp_path), tmp_path)
    model = FirstTier(other.model(), offline, set(), seconds=0.0)
    result = await Agent(model).run("12*7+3")
    assert (other.asked, result.output) == (1, "the model says hello")


async def test_it_can_be_switched_off(
    tmp_path: Path, other: Other, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.models.naming.resolve", lambda name: other.model())
    settings = Settings(model="openai:other", offline_first=False)
    async with open_coordinator(tmp_path, settings) as coordinator:
        await ask(coordinator, "12*7+3")
    assert other.asked == 1


@pytest.mark.parametrize(
    ("request_", "sure"),
    [
        ("12*7+3", True),
        ("mean price in shops.csv", True),
        ("how many rows of shops.csv have a price above 15", True),
        ("average price", False),  # of a file that is assumed
        ("average cost in shops.csv", False),  # a column that is assumed
        ("what about the mean price in that shops.csv again", False),
        ("write a poem", False),
        ("f(1) == 2, f(2) == 3", False),
        ("x" * 5000, False),
    ],
)
def test_certainty(tmp_path: Path, request_: str, sure: bool) -> None:
    (tmp_path / "shops.csv").write_text(TABLE)
    scene = Scene(surroundings=look_around(tmp_path), registry=Registry.open(tmp_path))
    assert (assess(request_, scene) >= SURE) == sure
    assert assess(request_, replace(scene, answers=())) == assess(request_, scene)
