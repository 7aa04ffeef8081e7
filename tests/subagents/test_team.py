"""Code and tests for one request, side by side and apart."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from sessions.errors import ModelError
from subagents import Attempt, CodeGenerator, CodeRequest, Runner, Signature, Team, TestGenerator
from subagents.usage import Tally, Usage
from tests.subagents.conftest import DOUBLE, SUITE, Serve, anthropic, deliver, openai_chat, told
from tests.support.model_server import Hang, ModelServer
from tests.support.wire import Fault, Json, Reply

SIGNED = CodeRequest(
    task="twice a number",
    signature=Signature("double(x: int) -> int"),
    examples=("double(2) == 4",),
    mend=Attempt(source="def double(x): SECRET", failures=("FAILURE",)),
    avoid=("APPROACH",),
)


def team(code: ModelServer, tests: ModelServer, runner: Runner) -> Team:
    coder = CodeGenerator(anthropic(code), runner=runner)
    return Team(coder=coder, tester=TestGenerator(openai_chat(tests), runner=runner))


async def test_with_a_signature_both_work_at_once(serve: Serve, runner: Runner) -> None:
    tests_asked, code_asked = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def after(mine: asyncio.Event, other: asyncio.Event, reply: Reply) -> object:
        def answer(body: Json) -> Reply:
            loop.call_soon_threadsafe(mine.set)
            asyncio.run_coroutine_threadsafe(other.wait(), loop).result()
            return reply

        return answer

    code = serve(after(code_asked, tests_asked, deliver(**DOUBLE)))
    tests = serve(after(tests_asked, code_asked, deliver(**SUITE)))
    draft, suite = await team(code, tests, runner).write(SIGNED)
    assert suite is not None
    assert (draft.output.name, suite.output.examples) == ("double", ("double(2) == 4",))
    said = told(tests)
    assert "twice a number" in said
    assert "double(2) == 4" in said
    assert not [hidden for hidden in ("SECRET", "FAILURE", "APPROACH") if hidden in said]


async def test_without_one_the_tests_wait_and_see_the_signature_alone(
    serve: Serve, runner: Runner
) -> None:
    code, tests = serve(deliver(**DOUBLE)), serve(deliver(**SUITE))
    draft, suite = await team(code, tests, runner).write(CodeRequest(task="twice"))
    assert (draft.role, suite.role if suite else "") == ("code_generator", "test_generator")
    assert "double(x: int) -> int" in told(tests)
    assert "2 * x" not in told(tests)


async def test_questions_get_no_tests(serve: Serve, runner: Runner) -> None:
    code, tests = serve(deliver(**{**DOUBLE, "source": "", "questions": ["What?"]})), serve()
    draft, suite = await team(code, tests, runner).write(CodeRequest(task="twice"))
    assert (draft.output.questions, suite, tests.bodies) == (("What?",), None, [])


async def test_if_one_fails_the_other_is_stopped(serve: Serve, runner: Runner) -> None:
    code, tests = serve(*[Fault(status=500)] * 3), serve(Hang())
    with pytest.raises(ModelError, match="code_generator got nothing"):
        await team(code, tests, runner).write(SIGNED)


async def test_if_the_tests_fail_the_code_is_heard_of_all_the_same(
    serve: Serve, runner: Runner
) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()

    class Noticing(Tally):
        def add(self, role: str, usage: Usage) -> None:
            super().add(role, usage)
            if role == "test_generator":
                ended.set()

    def after_the_tests(body: Json) -> Reply:
        asyncio.run_coroutine_threadsafe(ended.wait(), loop).result()
        return deliver(**DOUBLE)

    code, tests = serve(after_the_tests), serve(*[Fault(status=500)] * 3)
    heard: list[str] = []
    with pytest.raises(ModelError, match="test_generator got nothing"):
        await team(code, tests, replace(runner, tally=Noticing())).write(
            SIGNED, drafted=lambda draft: heard.append(draft.name)
        )
    assert heard == ["double"]


async def test_the_code_is_heard_of_before_its_tests_are_asked_for(
    serve: Serve, runner: Runner
) -> None:
    heard: list[str] = []
    code, tests = serve(deliver(**DOUBLE)), serve(*[Fault(status=500)] * 3)
    with pytest.raises(ModelError, match="test_generator got nothing"):
        await team(code, tests, runner).write(
            CodeRequest(task="twice"), drafted=lambda draft: heard.append(draft.name)
        )
    assert heard == ["double"]
