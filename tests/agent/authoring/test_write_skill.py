"""A function through the doors: the coordinator's tool, and the library."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable, Iterator
from contextlib import ExitStack, aclosing
from pathlib import Path

import pytest

from agent import Agent
from agent.events import (
    ApprovalRequested,
    AttemptJudged,
    AttemptStarted,
    SkillSaved,
    ToolReturned,
)
from sessions.errors import UsageError
from tests.agent.authoring.conftest import (
    RIGHT,
    TASK,
    WRONG,
    Cast,
    code,
    decision,
    review,
    ruling,
    suite,
)
from tests.agent.conftest import KEY, MODELS
from tests.support.model_server import Hang
from tests.support.runs import call, of_type, result_of, told
from tests.support.wire import Fault, Reply
from tools_registry.registry import Registry
from tools_registry.skills.library import SkillLibrary

LUNA = MODELS[2]
BLAMED = ruling(*[decision(number) for number in (1, 2, 3, 4)])
Play = Callable[[Cast], Cast]


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """Start a cast as the provider of both SDKs."""
    with ExitStack() as servers:

        def start(cast: Cast) -> Cast:
            url = servers.enter_context(cast.server).url
            for name, value in (("ANTHROPIC", url), ("OPENAI", f"{url}/v1")):
                monkeypatch.setenv(f"{name}_API_KEY", KEY)
                monkeypatch.setenv(f"{name}_BASE_URL", value)
            return cast

        yield start


def cast_of(*last: Reply, **scripts: list[Reply]) -> Cast:
    usual = {"code_generator": [code()], "test_generator": [suite()], "reviewer": [review()]}
    asks = call("write_skill", request=TASK)
    return Cast(**{**usual, "coordinator": [asks, *last], **scripts})  # type: ignore[arg-type]


@pytest.mark.parametrize("model", [MODELS[0], LUNA])
async def test_a_request_for_a_function_ends_in_a_skill(
    play: Play, workspace: Path, model: str
) -> None:
    cast = play(cast_of(Reply(text="There it is.")))
    async with Agent(workspace, model, approval="automatic") as agent:
        events = await told(agent, TASK)
    result = result_of(events)
    assert (result.status, result.answer) == ("done", "There it is.")
    assert (result.skills_saved, result.attempts) == (("even_squares",), 1)
    [skill] = SkillLibrary(workspace).list()
    assert (skill.source, skill.status) == (RIGHT, "provisional")
    assert skill.provenance.model == model
    assert {"tests", "review"} <= {item.signal for item in skill.evidence if item.passed}
    assert [hit.name for hit in Registry.open(workspace).search("squares of even numbers", 1)] == [
        "even_squares"
    ]
    assert len(of_type(events, SkillSaved)) == 1
    [told_of_it] = of_type(events, ToolReturned)
    assert "even_squares was accepted at attempt 1." in told_of_it.content
    assert "# Context" in cast.told("code_generator")  # what was found for the task


async def test_the_cost_of_each_role_is_in_the_result(play: Play, workspace: Path) -> None:
    play(cast_of(Reply(text="There.", tokens=(100, 7))))
    async with Agent(workspace, LUNA, approval="automatic") as agent:
        result = await agent.run(TASK)
    roles = result.cost_by_role
    assert set(roles) == {"coordinator", "code_generator", "test_generator", "reviewer"}
    assert (roles["coordinator"].input_tokens, roles["coordinator"].output_tokens) == (120, 12)
    assert (roles["reviewer"].input_tokens, roles["reviewer"].output_tokens) == (20, 5)
    assert result.cost.input_tokens == sum(cost.input_tokens for cost in roles.values())
    assert result.cost.usd == pytest.approx(sum(cost.usd or 0 for cost in roles.values()))


async def test_attempts_are_told_and_counted(play: Play, workspace: Path) -> None:
    blame = ruling(*[decision(n) for n in (1, 2, 3, 4)])
    play(cast_of(Reply(text="Done."), code_generator=[code(WRONG), code()], referee=[blame]))
    async with Agent(workspace, LUNA, approval="automatic") as agent:
        events = await told(agent, TASK)
    assert [event.number for event in of_type(events, AttemptStarted)] == [1, 2]
    first, second = of_type(events, AttemptJudged)
    assert (first.accepted, first.source, second.accepted) == (False, WRONG, True)
    assert "gave 0" in first.failures[0]
    assert first.to_json()["type"] == "attempt_judged"
    result = result_of(events)
    assert result.attempts == 2
    log = workspace / ".agent" / "sessions" / result.session_id / "attempts.jsonl"
    assert len(log.read_text("utf-8").splitlines()) == 2


async def test_what_cannot_be_finished_ends_the_run_as_partial(play: Play, workspace: Path) -> None:
    cast = play(
        cast_of(
            code_generator=[code(WRONG)] * 2,
            referee=[ruling(*[decision(n) for n in (1, 2, 3, 4)])],
        )
    )
    async with Agent(workspace, LUNA, approval="automatic", attempts=2) as agent:
        result = await agent.run(TASK)
    assert (result.status, result.attempts, result.skills_saved) == ("partial", 2, ())
    assert "even_squares is not finished and not saved: 2 attempts" in result.answer
    assert cast.counts["coordinator"] == 1  # no model words it otherwise
    assert SkillLibrary(workspace).list() == ()


async def test_a_provider_that_is_down_fails_the_run(play: Play, workspace: Path) -> None:
    refused = Fault(status=401, kind="authentication_error")
    play(cast_of(code_generator=[refused]))  # type: ignore[list-item]  # a fault, too
    async with Agent(workspace, LUNA, approval="automatic") as agent:
        result = await agent.run(TASK)
    assert (result.status, result.attempts) == ("failed", 1)
    assert "code_generator got nothing" in result.answer


async def test_the_budget_of_a_run_holds_for_all_roles_together(
    play: Play, workspace: Path
) -> None:
    dear = dataclasses.replace(code(WRONG), tokens=(2_000, 100_000))
    cast = play(cast_of(code_generator=[dear, code()]))
    async with Agent(workspace, MODELS[0], approval="automatic", budget_usd=0.1) as agent:
        result = await agent.run(TASK)
    assert result.status == "refused"
    assert "code_generator was stopped after" in result.answer
    assert result.cost.usd is not None
    assert result.cost.usd > 0.1
    assert cast.counts == {"coordinator": 1, "code_generator": 1}


async def test_nothing_is_kept_that_the_person_did_not_agree_to(
    play: Play, workspace: Path
) -> None:
    play(cast_of())
    async with Agent(workspace, LUNA) as agent:
        result = await agent.run(TASK)
    assert result.status == "needs_input"
    assert result.questions[0].question == "May I save the skill even_squares?"
    assert "def even_squares" in result.questions[0].context
    assert SkillLibrary(workspace).list() == ()


async def test_what_the_person_agrees_to_is_approved(play: Play, workspace: Path) -> None:
    seen: list[ApprovalRequested] = []

    def approve(event: ApprovalRequested) -> bool:
        seen.append(event)
        return True

    play(cast_of(Reply(text="Done.")))
    async with Agent(workspace, LUNA, approve=approve) as agent:
        result = await agent.run(TASK)
    assert result.skills_saved == ("even_squares",)
    assert seen[0].detail == RIGHT
    assert SkillLibrary(workspace).get("even_squares").status == "approved"


async def test_who_says_no_still_gets_the_code(play: Play, workspace: Path) -> None:
    play(cast_of())
    async with Agent(workspace, LUNA, approve=lambda event: False) as agent:
        result = await agent.run(TASK)
    assert (result.status, result.skills_saved) == ("partial", ())
    assert "It is not saved: the person said no" in result.answer
    assert RIGHT.rstrip() in result.answer


async def test_from_python_without_a_coordinator(play: Play, workspace: Path) -> None:
    cast = play(cast_of())
    async with Agent(workspace, LUNA, approval="automatic") as agent:
        result = await agent.write_skill(
            "sum the squares of the even numbers", "even_squares", ["even_squares([2]) == 4"]
        )
        assert (result.status, result.skills_saved) == ("done", ("even_squares",))
        with pytest.raises(UsageError, match="the request is empty"):
            await agent.write_skill(" ")
        again = await agent.write_skill("sum the squares", "even_squares")
    assert "coordinator" not in cast.counts
    assert again.status == "failed"
    assert "a skill has that name" in again.answer
    assert "even_squares([2]) == 4" in cast.told("test_generator")


async def test_examples_of_the_models_own_are_not_the_persons(play: Play, workspace: Path) -> None:
    """The coordinator makes an example up; the code may contradict it all the same."""
    invented = call("write_skill", request=TASK, examples=["even_squares([3]) == 9"])
    cast = play(cast_of(coordinator=[invented, Reply(text="Done.")]))
    async with Agent(workspace, LUNA, approval="automatic") as agent:
        result = await agent.run(TASK)
    assert result.skills_saved == ("even_squares",)
    told_to_coder = cast.told("code_generator")
    assert "Examples that the person did not state: even_squares([3]) == 9" in told_to_coder
    assert "# What must hold" not in told_to_coder


async def test_closing_the_stream_stops_the_author(play: Play, workspace: Path) -> None:
    play(cast_of(code_generator=[Hang()]))  # type: ignore[list-item]  # no answer at all
    async with Agent(workspace, LUNA, approval="automatic") as agent:
        async with aclosing(agent.stream(TASK)) as events:
            async for event in events:
                if isinstance(event, AttemptStarted):
                    break
        logs = list((workspace / ".agent" / "sessions").glob("*/attempts.jsonl"))
        assert [log.read_text().count("it was cancelled") for log in logs] == [1]
    assert SkillLibrary(workspace).list() == ()


async def test_who_stops_it_is_told_what_was_reached(play: Play, workspace: Path) -> None:
    cast = play(cast_of(code_generator=[code(WRONG), Hang()], referee=[BLAMED]))  # type: ignore[list-item]  # it hangs in place of a reply
    async with Agent(workspace, LUNA, approval="automatic") as agent:
        running = asyncio.create_task(agent.run(TASK))
        while not await asyncio.to_thread(cast.has_asked, "code_generator", 2):
            assert not running.done()
        early = agent.reached
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
    reached = agent.reached
    assert early is None
    assert reached is not None
    assert (reached.status, reached.attempts, reached.skills_saved) == ("partial", 2, ())
    assert "even_squares is not finished and not saved: it was interrupted" in reached.answer
    assert "It fails: tests." in reached.answer
    assert WRONG.rstrip() in reached.answer
    assert reached.cost_by_role["code_generator"].input_tokens > 0


async def test_who_stops_instead_of_agreeing_gets_the_code(play: Play, workspace: Path) -> None:
    play(cast_of(Reply(text="Thanks.")))
    async with Agent(workspace, LUNA, approval="review") as agent:
        async with aclosing(agent.stream(TASK)) as events:
            async for event in events:
                if isinstance(event, ApprovalRequested):
                    break
        reached = agent.reached
        await agent.run("never mind")
        later = agent.reached
    assert reached is not None
    assert "It is not saved: it was interrupted." in reached.answer
    assert RIGHT.rstrip() in reached.answer
    assert later is None
    assert SkillLibrary(workspace).list() == ()
