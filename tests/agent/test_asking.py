"""Questions, approvals, and skills that are kept."""

from __future__ import annotations

import json
from contextlib import aclosing
from pathlib import Path

from agent import Agent
from agent.events import (
    ApprovalRequested,
    QuestionAsked,
    SkillSaved,
    ToolReturned,
)
from tests.agent.conftest import Serve
from tests.support.runs import DONE, call, of_type, result_of, run_code, told, tool_results
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import SkillDraft

SKILL = {
    "name": "double",
    "code": 'def double(x: int) -> int:\n    """Twice a number.\n\n    >>> double(2)\n    4\n'
    '    """\n    return 2 * x\n',
    "tests": "from learned_skills.double import double\n\n\ndef test_double() -> None:\n"
    "    assert double(3) == 6\n    assert double(-1) == -2\n    assert double(0) == 0\n",
    "description": "doubles a number",
    "examples": ["double(2) == 4", "double(5) == 10"],
}


ASK = call("ask_user", question="Which one?", options=["a", "b"], context="There are two.")


async def test_an_answer_given_in_advance_is_used(serve: Serve, workspace: Path) -> None:
    server = serve(ASK, DONE)
    async with Agent(workspace, answers=["b"]) as agent:
        events = await told(agent)
    assert result_of(events).status == "done"
    assert '"b"' in tool_results(server)[0]
    assert len(of_type(events, QuestionAsked)) == 1


async def test_a_door_may_answer(serve: Serve, workspace: Path) -> None:
    server = serve(ASK, DONE)
    async with Agent(workspace) as agent, aclosing(agent.stream("go")) as events:
        async for event in events:
            if isinstance(event, QuestionAsked):
                event.answer.set_result("the first")
    assert "the first" in tool_results(server)[0]


async def test_a_question_nobody_answers_ends_the_run_and_may_be_answered_later(
    serve: Serve, workspace: Path
) -> None:
    server = serve(run_code("1"), ASK, DONE)
    async with Agent(workspace) as agent:
        result = await agent.run("go")
        assert (result.status, len(server.bodies)) == ("needs_input", 2)
        [question] = result.questions
        assert (question.question, question.options) == ("Which one?", ("a", "b"))
        assert (await agent.run("the second")).status == "done"
    assert "Which one?" in json.dumps(server.bodies[-1]["messages"])


async def test_a_skill_is_validated_approved_saved_and_used(serve: Serve, workspace: Path) -> None:
    serve(
        call("save_skill", **SKILL),
        run_code("from learned_skills.double import double\ndouble(21)"),
        DONE,
    )
    asked: list[ApprovalRequested] = []

    async def approve(event: ApprovalRequested) -> bool:
        asked.append(event)
        return True

    async with Agent(workspace, approve=approve) as agent:
        events = await told(agent)
    result = result_of(events)
    assert [event.name for event in of_type(events, SkillSaved)] == ["double"]
    assert (result.skills_saved, result.skills_used, result.value) == (("double",), ("double",), 42)
    assert "doubles a number" in asked[0].action
    assert "def double" in asked[0].detail
    assert (workspace / "learned_skills" / "double.py").is_file()


async def test_automatic_saves_without_asking(serve: Serve, workspace: Path) -> None:
    serve(call("save_skill", **SKILL), DONE)
    async with Agent(workspace, approval="automatic") as agent:
        events = await told(agent)
    assert not of_type(events, ApprovalRequested)
    assert result_of(events).skills_saved == ("double",)


async def test_a_denied_skill_is_not_saved_and_the_model_is_told(
    serve: Serve, workspace: Path
) -> None:
    server = serve(call("save_skill", **SKILL), DONE)
    async with Agent(workspace, approve=lambda event: False) as agent:
        events = await told(agent)
    assert [event.outcome for event in of_type(events, ToolReturned)] == ["denied"]
    assert "said no" in tool_results(server)[0]
    assert result_of(events).status == "done"
    assert not (workspace / "learned_skills" / "double.py").exists()


async def test_an_approval_nobody_can_give_ends_the_run(serve: Serve, workspace: Path) -> None:
    serve(call("save_skill", **SKILL), DONE)
    async with Agent(workspace) as agent:
        result = await agent.run("keep it")
    assert result.status == "needs_input"
    assert "save the skill double" in result.questions[0].question
    assert not (workspace / "learned_skills" / "double.py").exists()


async def test_a_skill_that_fails_its_tests_is_not_saved(serve: Serve, workspace: Path) -> None:
    wrong = {**SKILL, "code": str(SKILL["code"]).replace("2 * x", "3 * x")}
    server = serve(call("save_skill", **wrong), DONE)
    async with Agent(workspace, approval="automatic") as agent:
        result = await agent.run("keep it")
    assert (result.status, result.skills_saved) == ("done", ())
    assert "evidence" in tool_results(server)[0]
    assert not (workspace / "learned_skills" / "double.py").exists()


async def test_validation_does_not_see_the_conversation(serve: Serve, workspace: Path) -> None:
    leaning = {**SKILL, "code": str(SKILL["code"]).replace("2 * x", "two * x")}
    serve(run_code("two = 2"), call("save_skill", **leaning), DONE)
    async with Agent(workspace, approval="automatic") as agent:
        assert (await agent.run("keep it")).skills_saved == ()


async def test_a_skill_of_another_process_is_found(serve: Serve, workspace: Path) -> None:
    server = serve(DONE, call("search_tools", query="double a number"), DONE)
    async with Agent(workspace) as agent:
        await agent.run("go")
        draft = SkillDraft(name="double", source=str(SKILL["code"]), tests=str(SKILL["tests"]))
        SkillLibrary(workspace).save(draft)
        await agent.run("go")
    assert "learned_skills.double" in tool_results(server)[0]
