"""What each sub-agent takes, and which outputs go back to their author."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from typing import Any

import pytest
from pydantic import ValidationError

from sessions.errors import UsageError
from subagents import (
    AgentGenerator,
    AgentRequest,
    Attempt,
    Case,
    CodeGenerator,
    CodeRequest,
    Draft,
    Reviewer,
    ReviewRequest,
    Runner,
    Signature,
    TestGenerator,
    TestRequest,
    TestSuite,
)
from tests.subagents.conftest import DOUBLE, FINE, SUITE, Serve, anthropic, deliver, told
from tests.support.wire import Json

AGENT = '''"""Counts words."""

INSTRUCTIONS = """
Count.
"""

ROLE = {"tools": ["inspect"]}
'''
COUNTER: Json = {"name": "counter", "signature": "counter(task: str) -> str", "source": AGENT}
REMARK: Json = {"severity": "major", "line": 1, "what": "wrong", "why": "f(0)", "fix": "0"}
PLAN = CodeRequest(task="twice", signature=Signature("double(x: int) -> int"))
LOOK = ReviewRequest(task="twice", source=DOUBLE["source"])

MENDED: list[tuple[type[Any], Any, Json, Json, str]] = [
    (CodeGenerator, "twice", DOUBLE, {"source": ""}, "write the code, or ask"),
    (CodeGenerator, "twice", DOUBLE, {"name": "triple"}, "does not define a function 'triple'"),
    (CodeGenerator, "twice", DOUBLE, {"signature": "double(y)"}, "the code defines double(x: int)"),
    (CodeGenerator, "twice", DOUBLE, {"signature": "double"}, "is no signature"),
    (CodeGenerator, "twice", DOUBLE, {"source": "def double(x=g()): ..."}, "holds code"),
    (CodeGenerator, PLAN, DOUBLE, {"source": "def double(x: str): ..."}, "request demands"),
    (CodeGenerator, "twice", DOUBLE, {"extra": 1}, "extra"),
    (TestGenerator, "twice", SUITE, {"source": "def ("}, "is not valid Python"),
    (TestGenerator, "twice", SUITE, {"source": "", "cases": []}, "neither a case nor a test"),
    (
        TestGenerator,
        TestRequest(task="twice", signature=Signature("double(x)")),
        SUITE,
        {"source": "def double(x): return 2 * x\ndef test_it(): ..."},
        "the tests define double themselves",
    ),
    (
        TestGenerator,
        TestRequest(task="twice", signature=Signature("double(x)")),
        SUITE,
        {"cases": [{"call": "other(1)", "expected": "2", "reason": "?"}]},
        "calls another function than double",
    ),
    (
        TestGenerator,
        "twice",
        SUITE,
        {"cases": [{"call": "double", "expected": "2", "reason": "?"}]},
        "is not one call",
    ),
    (TestGenerator, "twice", SUITE, {"properties": ["x = 1"]}, "is not one expression"),
    (Reviewer, LOOK, FINE, {"findings": [{**REMARK, "line": 9}]}, "the code has 3 lines"),
    (Reviewer, LOOK, FINE, {"findings": [REMARK]}, "can't be approved with"),
    (Reviewer, LOOK, FINE, {"verdict": "reject"}, "needs at least one finding"),
    (Reviewer, LOOK, FINE, {"verdict": "maybe"}, "verdict"),
    (AgentGenerator, "count", COUNTER, {"source": "x = 1"}, "no agent file"),
    (AgentGenerator, "count", COUNTER, {"source": ""}, "write the file, or ask"),
    (AgentGenerator, AgentRequest(task="count", name="counter"), COUNTER, {"name": "c"}, "called"),
]


@pytest.mark.parametrize(("specialist", "request_", "good", "changes", "says"), MENDED)
async def test_an_output_that_does_not_hold_goes_back(
    serve: Serve,
    runner: Runner,
    specialist: type[Any],
    request_: Any,
    good: Json,
    changes: Json,
    says: str,
) -> None:
    if isinstance(request_, AgentRequest):
        request_ = dataclasses.replace(request_, grantable=(("inspect", "looks"),))
    server = serve(deliver(**{**good, **changes}), deliver(**good))
    output = await specialist(anthropic(server), runner=runner).run(request_)
    assert len(server.bodies) == 2
    assert says in told(server)
    assert output.model_dump(mode="json", exclude_unset=True) == good


async def test_a_tool_that_was_not_offered_goes_back(serve: Serve, runner: Runner) -> None:
    none = {**COUNTER, "source": AGENT.replace('["inspect"]', "[]")}
    server = serve(deliver(**COUNTER), deliver(**none))
    draft = await AgentGenerator(anthropic(server), runner=runner).run(AgentRequest(task="count"))
    assert "the tools inspect are not offered" in told(server)
    assert draft.source == none["source"]


@pytest.mark.parametrize("specialist", [CodeGenerator, AgentGenerator])
async def test_questions_need_no_code(
    serve: Serve, runner: Runner, specialist: type[CodeGenerator]
) -> None:
    asking = {**DOUBLE, "source": "", "questions": ["Twice what?"]}
    server = serve(deliver(**asking))
    draft = await specialist(anthropic(server), runner=runner).run("twice")
    assert draft.questions == ("Twice what?",)


async def test_a_coder_is_told_all_of_its_request(serve: Serve, runner: Runner) -> None:
    server = serve(deliver(**DOUBLE))
    request = CodeRequest(
        task="twice",
        signature=Signature("double(x: int) -> int"),
        examples=("double(1) == 2",),
        answers=(("Negative ones, too?", "Yes."),),
        mend=Attempt(source="def double(x): return x", failures=("double(1) gave 1, not 2",)),
        avoid=("returning x",),
    )
    await CodeGenerator(anthropic(server), runner=runner).run(request)
    said = told(server)
    for part in (
        "double(x: int) -> int",
        "double(1) == 2",
        "Negative ones, too? → Yes.",
        "def double(x): return x",
        "double(1) gave 1, not 2",
        "returning x",
    ):
        assert part in said


async def test_a_reviewer_is_told_code_tests_and_evidence(serve: Serve, runner: Runner) -> None:
    server = serve(deliver(**FINE))
    request = dataclasses.replace(LOOK, tests="def test_it(): ...", evidence=("types: passed",))
    await Reviewer(anthropic(server), runner=runner).run(request)
    said = told(server)
    for part in ("1 | def double(x: int) -> int:", "def test_it(): ...", "types: passed"):
        assert part in said


def test_a_tester_can_not_be_given_code() -> None:
    fields = {field.name for field in dataclasses.fields(TestRequest)}
    assert fields == {"task", "signature", "examples", "answers", "covered"}
    with pytest.raises(TypeError):
        TestRequest(task="twice", source="def double(x): ...")  # type: ignore[call-arg]  # the point
    with pytest.raises(UsageError):
        TestRequest(task="twice", signature=Signature("double(x): return 2 * x"))


@pytest.mark.parametrize("wrong", [PLAN, LOOK, AgentRequest(task="count"), 7])
async def test_a_tester_takes_no_other_request(runner: Runner, wrong: Any) -> None:
    with pytest.raises(UsageError, match="test_generator takes text or a TestRequest"):
        await TestGenerator(runner=runner).run(wrong)


@pytest.mark.parametrize("empty", ["", " \n"])
@pytest.mark.parametrize("specialist", [CodeGenerator, TestGenerator, Reviewer, AgentGenerator])
async def test_an_empty_request_is_refused(
    runner: Runner, specialist: type[CodeGenerator], empty: str
) -> None:
    with pytest.raises(UsageError, match="the request is empty"):
        await specialist(runner=runner).run(empty)


def test_outputs_can_not_be_changed() -> None:
    draft = Draft(**DOUBLE)
    with pytest.raises(ValidationError, match="frozen"):
        draft.name = "other"


@pytest.mark.parametrize(
    ("call", "expected", "example"),
    [
        ("f(1)", "2", "f(1) == 2"),
        ("f(1)", "1, 2", "f(1) == (1, 2)"),
        ("f(1)", "1 if x else 2", "f(1) == (1 if x else 2)"),
        (" f('a') ", "{'b': [0.1]}", "f('a') == {'b': [0.1]}"),
    ],
)
def test_a_case_is_an_example(call: str, expected: str, example: str) -> None:
    case = Case(call=call, expected=expected, reason="so it says")
    assert case.example == example
    assert TestSuite(source="", cases=(case,)).examples == (example,)


def test_the_package_costs_nothing_until_it_is_used() -> None:
    code = (
        "import sys, subagents\n"
        "print('pydantic' in sys.modules)\n"
        "from subagents import CodeGenerator, AgentFile, Team, Context\n"
        "print([m for m in ('pydantic_ai', 'anthropic', 'openai', 'IPython') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["False", "[]"]
