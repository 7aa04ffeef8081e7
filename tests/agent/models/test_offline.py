"""The offline model in a real run: a coordinator, a kernel, no network and no special case."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from pydantic_ai import Agent
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    TextPart,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestParameters
from pydantic_ai.tools import ToolDefinition

from agent.build import open_coordinator
from agent.coordinator import Coordinator
from agent.events import ApprovalRequested, QuestionAsked, Result, RunFinished
from agent.models.offline import OfflineModel, turn_of
from agent.settings import Settings
from tools_registry.registry import Registry
from tools_registry.skills.library import SkillLibrary

ROWS = """\
Species,Culmen Length (mm),Culmen Depth (mm),Body Mass (g)
Adelie Penguin (Pygoscelis adeliae),39.1,18.7,3750
Adelie Penguin (Pygoscelis adeliae),39.5,17.4,3800
Gentoo penguin (Pygoscelis papua),46.1,13.2,4500
"""
LATIN = (
    "latin_name('Adelie Penguin (Pygoscelis adeliae)') == 'Pygoscelis adeliae', "
    "latin_name('Gentoo penguin (Pygoscelis papua)') == 'Pygoscelis papua': "
    "write a function latin_name for the text between the parentheses"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "penguins.csv").write_text(ROWS)
    return tmp_path


@pytest_asyncio.fixture
async def coordinator(workspace: Path) -> AsyncIterator[Coordinator]:
    async with open_coordinator(workspace, Settings(approval="automatic")) as coordinator:
        yield coordinator


async def ask(coordinator: Coordinator, task: str, reply: str | None = None) -> Result:
    result: Result | None = None
    async for event in coordinator.stream(task):
        if isinstance(event, ApprovalRequested):
            pytest.fail(f"nobody should be asked: {event}")
        if isinstance(event, QuestionAsked):
            event.answer.set_result(reply)
        if isinstance(event, RunFinished):
            result = event.result
    assert result is not None
    return result


async def test_questions_about_a_table(coordinator: Coordinator, workspace: Path) -> None:
    mean = await ask(coordinator, "what is the mean body mass in penguins.csv")
    assert (mean.status, mean.value) == ("done", pytest.approx(4016.6666666666665))
    assert "The mean of Body Mass (g) in penguins.csv" in mean.answer
    assert mean.cost.input_tokens == mean.cost.output_tokens == 0
    plot = await ask(coordinator, "plot culmen length against body mass, save it as p.png")
    assert plot.status == "done"
    assert (workspace / "p.png").read_bytes().startswith(b"\x89PNG")


async def test_a_choice_is_asked_for_and_followed(coordinator: Coordinator) -> None:
    result = await ask(coordinator, "mean culmen in penguins.csv", "Culmen Depth (mm)")
    assert result.status == "done"
    assert result.value == pytest.approx((18.7 + 17.4 + 13.2) / 3)


async def test_a_skill_is_learned_and_used_on_a_column(
    coordinator: Coordinator, workspace: Path
) -> None:
    learned = await ask(coordinator, LATIN)
    assert learned.skills_saved == ("latin_name",), learned.answer
    assert SkillLibrary(workspace).get("latin_name").test_source
    used = await ask(coordinator, "apply latin_name to the Species of penguins.csv and count them")
    assert used.status == "done", used.answer
    assert used.skills_used == ("latin_name",)
    assert used.value[0] == {"latin_name": "Pygoscelis adeliae", "count": 2}


async def test_nobody_to_ask_means_input_is_needed(coordinator: Coordinator) -> None:
    result = await ask(coordinator, "mean culmen in penguins.csv")
    assert result.status == "needs_input"
    assert result.questions[0].options == ("Culmen Length (mm)", "Culmen Depth (mm)")


async def test_what_it_cannot_do_it_says(coordinator: Coordinator) -> None:
    result = await ask(coordinator, "write a haiku about frogs")
    assert result.status == "failed"
    assert "ANTHROPIC_API_KEY" in result.answer
    assert "--model PROVIDER:NAME" in result.answer


async def test_the_error_of_a_tool_is_told_in_plain_words(coordinator: Coordinator) -> None:
    result = await ask(coordinator, "1/0")
    assert result.status == "failed"
    assert "division by zero" in result.answer
    assert "Traceback" not in result.answer


def offline(workspace: Path) -> OfflineModel:
    return OfflineModel(Registry.open(workspace), workspace)


async def respond(model: OfflineModel, task: str, *tools: str) -> ModelResponse:
    parameters = ModelRequestParameters(function_tools=[ToolDefinition(name=t) for t in tools])
    messages = [ModelRequest(parts=[UserPromptPart(content=task)])]
    return await model.request(list(messages), None, parameters)


async def test_it_has_a_name_and_costs_nothing(workspace: Path) -> None:
    model = offline(workspace)
    assert (model.model_name, model.system) == ("offline", "ipysmith")
    response = await respond(model, "is 97 prime", "run_code")
    assert response.usage.total_tokens == 0


async def test_a_tool_that_is_not_offered_is_not_called(workspace: Path) -> None:
    response = await respond(offline(workspace), "profile penguins.csv", "inspect")
    (part,) = response.parts
    assert isinstance(part, TextPart)
    assert "run_code" in part.content


async def test_streamed_and_whole_are_the_same(workspace: Path) -> None:
    async def run_code(code: str) -> dict[str, object]:
        return {"status": "ok", "result": "True", "value": True, "code": code}

    async def inspect(name: str | None = None) -> str:
        return "no variables yet"

    agent = Agent(offline(workspace), tools=[run_code, inspect])
    whole = (await agent.run("is 97 prime")).output
    async with agent.run_stream("is 97 prime") as streamed:
        pieces = [text async for text in streamed.stream_text(delta=True)]
    assert "".join(pieces) == whole == "True\nThe result of is_prime(97)."


async def test_columns_of_a_variable_are_looked_up(workspace: Path) -> None:
    (workspace / "penguins.csv").unlink()
    codes: list[str] = []

    async def run_code(code: str) -> dict[str, object]:
        codes.append(code)
        return {"status": "ok", "result": "2.0", "value": 2.0}

    async def inspect(name: str | None = None) -> object:
        if name is None:
            return "n: int 3\nsales: DataFrame shape (3, 2)"
        return {"type": "DataFrame", "columns": {"Price (EUR)": "float64", "Shop": "object"}}

    agent = Agent(offline(workspace), tools=[run_code, inspect])
    await agent.run("mean price by shop in sales")
    assert codes[0].endswith("group_by(sales, 'Shop', 'Price (EUR)', how='mean')")


def test_a_turn_begins_at_the_last_request() -> None:
    call = ToolCallPart(tool_name="run_code", args={"code": "1"}, tool_call_id="c1")
    back = ToolReturnPart(tool_name="run_code", content={"status": "ok"}, tool_call_id="c1")
    messages: list[ModelMessage] = [
        ModelRequest(parts=[UserPromptPart(content="first")]),
        ModelResponse(parts=[TextPart(content="done")]),
        ModelRequest(parts=[UserPromptPart(content="second")]),
        ModelResponse(parts=[call]),
        ModelRequest(parts=[back]),
    ]
    turn = turn_of(messages)
    assert turn.request == "second"
    assert [(s.tool, s.arguments, s.ok) for s in turn.steps] == [("run_code", {"code": "1"}, True)]


async def test_requests_at_once_do_not_mix(workspace: Path) -> None:
    model = offline(workspace)
    tasks = ["is 97 prime", "slugify 'A b'"]
    first, second = await asyncio.gather(*[respond(model, t, "run_code") for t in tasks])
    assert "inspect" in str(first.parts) or "is_prime(97)" in str(first.parts)
    assert "slugify" in str(second.parts) or "inspect" in str(second.parts)
