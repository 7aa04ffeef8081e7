"""What the engine does next follows from the steps taken so far, and from nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from agent.offline.engine import Engine
from agent.offline.plan import Call, Refusal, Say
from agent.offline.turn import Step, Turn
from tools_registry.registry import Registry

OFFERED = ("search_tools", "run_code", "inspect", "save_skill", "ask_user")
DOTS = "dots('Ada Lovelace') == 'A.L.', dots('Grace Hopper') == 'G.H.': initials with dots"


@pytest.fixture
def engine(workspace: Path, registry: Registry) -> Engine:
    return Engine(registry, workspace)


def ran(**report: Any) -> Step:
    return Step(tool="run_code", content={"status": "ok", "value": None, **report})


async def decide(engine: Engine, request: str, *steps: Step) -> Call | Say | Refusal:
    return await engine.decide(Turn(request=request, steps=steps), OFFERED)


async def test_a_plan_is_run_and_told(engine: Engine) -> None:
    request = "median body mass in penguins.csv"
    first = await decide(engine, request)
    assert isinstance(first, Call)
    assert first.tool == "run_code"
    told = await decide(engine, request, ran(result="4150.0", value=4150.0))
    assert told == Say(text="4150.0\nThe median of Body Mass (g) in penguins.csv.")


async def test_json_text_is_a_report_too(engine: Engine) -> None:
    step = Step(tool="run_code", content='{"status": "ok", "result": "4150.0"}')
    told = await decide(engine, "median body mass in penguins.csv", step)
    assert isinstance(told, Say)


async def test_a_failed_cell_is_told_and_not_repeated(engine: Engine) -> None:
    error = {"name": "ValueError", "message": "no such thing", "traceback": "Traceback …"}
    told = await decide(
        engine, "median body mass in penguins.csv", ran(status="error", error=error)
    )
    assert told == Refusal(reason="It was tried and failed: no such thing")


async def test_a_killed_cell_names_its_limit(engine: Engine) -> None:
    killed = ran(status="killed", error=None, limits_hit=["memory"])
    told = await decide(engine, "median body mass in penguins.csv", killed)
    assert isinstance(told, Refusal)
    assert "memory" in told.reason


async def test_a_lesson_asks_then_saves_then_tells(engine: Engine) -> None:
    replies: list[Step] = []
    step = await decide(engine, DOTS)
    while isinstance(step, Call) and step.tool == "ask_user" and len(replies) < 9:
        answer = step.arguments["options"][0]
        replies.append(Step(tool="ask_user", arguments=step.arguments, content=answer))
        step = await decide(engine, DOTS, *replies)
    assert replies
    assert isinstance(step, Call)
    assert step.tool == "save_skill", step
    assert step.arguments["description"] == "initials with dots"
    saved = Step(
        tool="save_skill", arguments=step.arguments, content={"saved": True, "file": "dots.py"}
    )
    told = await decide(engine, DOTS, *replies, saved)
    assert isinstance(told, Say)
    assert told.text.startswith("Saved the skill dots in dots.py.")


async def test_a_skill_that_fails_its_gates_is_not_claimed(engine: Engine) -> None:
    evidence = [{"signal": "tests", "passed": False, "detail": "test_x failed"}]
    saved = Step(tool="save_skill", content={"saved": False, "evidence": evidence})
    told = await decide(engine, DOTS, saved)
    assert told == Refusal(reason="the skill was not saved: tests: test_x failed")


async def test_a_reply_that_is_no_option_is_not_asked_for_again(engine: Engine) -> None:
    request = "mean culmen in penguins.csv"
    asked = await decide(engine, request)
    assert isinstance(asked, Call)
    reply = Step(tool="ask_user", arguments=asked.arguments, content="the third one")
    told = await decide(engine, request, reply)
    assert isinstance(told, Refusal)
    assert "none of: Culmen Length (mm), Culmen Depth (mm)" in told.reason


async def test_examples_of_two_functions_are_one_too_many(engine: Engine) -> None:
    told = await decide(engine, "f(1) == 2, g(2) == 3, f(3) == 4")
    assert isinstance(told, Refusal)
    assert "several functions (f, g)" in told.reason


async def test_a_refusal_says_how_to_configure_a_model(engine: Engine) -> None:
    told = await decide(engine, "write a haiku", Step(tool="inspect", content="no variables yet"))
    assert isinstance(told, Refusal)
    assert "ANTHROPIC_API_KEY" in told.reason
    assert told.nearest


@pytest.mark.parametrize(
    ("value", "shown", "told"),
    [
        ("2024-03-06", "datetime.date(2024, 3, 6)", "2024-03-06"),
        ("x.png", "'x.png'", "x.png"),
        (42, "42", "42"),
    ],
)
async def test_texts_and_dates_are_told_plainly(
    engine: Engine, value: object, shown: str, told: str
) -> None:
    step = ran(status="ok", value=value, result=shown)
    said = await decide(engine, "median body mass in penguins.csv", step)
    assert isinstance(said, Say)
    assert said.text.splitlines()[0] == told
