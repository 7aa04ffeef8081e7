"""One task of a role, by the real client libraries and a scripted provider."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest

from sessions.errors import BudgetError, KernelError, ModelError, UsageError
from subagents import (
    Budget,
    CodeGenerator,
    Reviewer,
    ReviewRequest,
    Role,
    Runner,
    Tally,
    TestGenerator,
)
from subagents.runner import Task
from tests.subagents.conftest import (
    CLIENTS,
    DOUBLE,
    FINE,
    KEY,
    SUITE,
    Client,
    Naps,
    Serve,
    anthropic,
    deliver,
    openai_chat,
    told,
)
from tests.support.model_server import Hang, ModelServer
from tests.support.wire import Fault, Json, Reply

BUSY = Fault(status=529, kind="overloaded_error")
DOWN = Fault(status=500)
LIMITED = Fault(status=429, kind="rate_limit_error", headers={"retry-after": "7"})
REFUSED = Fault(status=401, kind="authentication_error", message=f"bad key {KEY}")
every_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.__name__)


@every_client
async def test_a_draft_comes_back_with_its_cost(
    serve: Serve, client: Client, runner: Runner
) -> None:
    server = serve(deliver(**DOUBLE))
    report = await CodeGenerator(client(server), runner=runner).report("double a number")
    assert report.output.source == DOUBLE["source"]
    assert (report.role, report.tries, report.prompt) == ("code_generator", 1, 1)
    assert report.model in {"claude-opus-5-5", "gpt-6.1-sol", "gpt-6-luna"}
    usage = report.usage
    assert (usage.requests, usage.input_tokens, usage.output_tokens) == (1, 20, 5)
    assert usage.usd is not None
    assert usage.usd > 0
    assert runner.tally.of("code_generator") == usage
    assert "double a number" in told(server)
    assert "temperature" not in server.bodies[0]


@every_client
async def test_a_malformed_output_is_mended_by_its_author(
    serve: Serve, client: Client, runner: Runner
) -> None:
    broken = {**DOUBLE, "source": "def double(x: int) -> int\n    return"}
    server = serve(deliver(nme="double"), deliver(**broken), deliver(**DOUBLE))
    report = await CodeGenerator(client(server), runner=runner).report("double a number")
    assert report.output.name == "double"
    assert (report.tries, report.usage.requests) == (1, 3)
    assert "source" in told(server, 1)
    assert "is not valid Python" in told(server, 2)


async def test_text_in_place_of_an_output_goes_back(serve: Serve, runner: Runner) -> None:
    server = serve(Reply(text="Here it is."), deliver(**DOUBLE))
    draft = await CodeGenerator(anthropic(server), runner=runner).run("double a number")
    assert draft.name == "double"


@every_client
async def test_an_output_that_stays_malformed_is_one_clear_error(
    serve: Serve, client: Client, runner: Runner
) -> None:
    server = serve(*[deliver(nme="double")] * 3)
    with pytest.raises(ModelError, match=r"code_generator got nothing from .*right form"):
        await CodeGenerator(client(server), runner=runner).run("double a number")
    assert len(server.bodies) == 3
    assert runner.tally.of("code_generator").requests == 3


@every_client
async def test_a_rate_limit_is_waited_for_as_asked(
    serve: Serve, client: Client, runner: Runner, naps: Naps
) -> None:
    server = serve(LIMITED, deliver(**DOUBLE))
    report = await CodeGenerator(client(server), runner=runner).report("double a number")
    assert report.tries == 2
    assert naps.taken == [7.0]


async def test_nobody_waits_for_hours(serve: Serve, runner: Runner, naps: Naps) -> None:
    server = serve(replace(LIMITED, headers={"retry-after": "7200"}), deliver(**DOUBLE))
    await CodeGenerator(anthropic(server), runner=runner).run("double a number")
    assert naps.taken == [60.0]


@every_client
async def test_faults_that_pass_are_waited_out(
    serve: Serve, client: Client, runner: Runner, naps: Naps
) -> None:
    server = serve(DOWN, DOWN, deliver(**DOUBLE))
    report = await CodeGenerator(client(server), runner=runner).report("double a number")
    assert (report.tries, len(server.bodies)) == (3, 3)
    assert naps.taken == [1.0, 2.0]


@every_client
async def test_three_failures_are_one_clear_error(
    serve: Serve, client: Client, runner: Runner, naps: Naps
) -> None:
    server = serve(DOWN, BUSY, DOWN, deliver(**DOUBLE))
    with pytest.raises(ModelError, match=r"code_generator got nothing from .* in 3 tries"):
        await CodeGenerator(client(server), runner=runner).run("double a number")
    assert (len(server.bodies), len(naps.taken)) == (3, 2)


async def test_a_stream_that_breaks_off_is_tried_again(
    serve: Serve, runner: Runner, naps: Naps
) -> None:
    server = serve(replace(deliver(**DOUBLE), break_after=4), deliver(**DOUBLE))
    report = await CodeGenerator(anthropic(server), runner=runner).report("double a number")
    assert (report.tries, naps.taken) == (2, [1.0])


async def test_what_one_try_said_the_next_does_not_know(serve: Serve, runner: Runner) -> None:
    server = serve(Reply(text="FIRST TRY"), DOWN, deliver(**DOUBLE))
    await CodeGenerator(anthropic(server), runner=runner).run("double a number")
    assert "FIRST TRY" in told(server, 1)
    assert "FIRST TRY" not in told(server, 2)


@every_client
async def test_a_refused_key_is_not_tried_again_nor_shown(
    serve: Serve, client: Client, runner: Runner, naps: Naps
) -> None:
    server = serve(REFUSED, deliver(**DOUBLE))
    with pytest.raises(ModelError, match="the key was refused") as caught:
        await CodeGenerator(client(server), runner=runner).run("double a number")
    assert KEY not in str(caught.value)
    assert (len(server.bodies), naps.taken) == (1, [])


async def test_nobody_listening_is_a_clear_error(runner: Runner, naps: Naps) -> None:
    with ModelServer() as gone:
        model = anthropic(gone)
    with pytest.raises(ModelError, match="can't be reached"):
        await CodeGenerator(model, runner=runner).run("double a number")
    assert len(naps.taken) == 2


class Small(CodeGenerator):
    """A coder that may ask its model once."""

    budget = Budget(requests=1)

    def _role(self) -> Role:
        return replace(super()._role(), budget=self.budget)


class Sparing(Small):
    """A coder whose first answer is too long."""

    budget = Budget(tokens=24)


async def test_a_budget_of_requests_ends_the_task(serve: Serve, runner: Runner) -> None:
    server = serve(deliver(nme="double"), deliver(**DOUBLE))
    with pytest.raises(BudgetError, match=r"code_generator was stopped after 1 requests"):
        await Small(anthropic(server), runner=runner).run("double a number")
    assert len(server.bodies) == 1
    assert runner.tally.of("code_generator").requests == 1


async def test_a_budget_of_tokens_ends_the_task(serve: Serve, runner: Runner) -> None:
    server = serve(deliver(nme="double"), deliver(**DOUBLE))
    with pytest.raises(BudgetError, match=r"stopped after 25 tokens, its budget is 24"):
        await Sparing(anthropic(server), runner=runner).run("double a number")
    assert len(server.bodies) == 1


@every_client
async def test_cancelling_stops_it_and_counts_what_was_used(
    serve: Serve, client: Client, runner: Runner
) -> None:
    hanging = threading.Event()

    def hang(body: Json) -> Hang:
        hanging.set()
        return Hang()

    server = serve(deliver(nme="double"), hang)
    task = asyncio.create_task(CodeGenerator(client(server), runner=runner).run("double a number"))
    await asyncio.to_thread(hanging.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert runner.tally.of("code_generator").requests == 1
    after = serve(deliver(**DOUBLE))
    assert (await CodeGenerator(client(after), runner=runner).run("again")).name == "double"


async def test_cancelling_a_wait_stops_it(serve: Serve) -> None:
    waiting = asyncio.Event()

    async def forever(seconds: float) -> None:
        waiting.set()
        await asyncio.Event().wait()

    server = serve(DOWN, deliver(**DOUBLE))
    coder = CodeGenerator(anthropic(server), runner=Runner(sleep=forever))
    task = asyncio.create_task(coder.run("double a number"))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(server.bodies) == 1


async def test_roles_at_work_side_by_side_keep_apart(serve: Serve, runner: Runner) -> None:
    code, tests = serve(DOWN, deliver(**DOUBLE)), serve(deliver(**SUITE))
    judging = serve(deliver(nme="?"), replace(deliver(**FINE), tokens=(100, 10)))
    draft, suite, verdict = await asyncio.gather(
        CodeGenerator(anthropic(code), runner=runner).run("ALPHA doubles"),
        TestGenerator(openai_chat(tests), runner=runner).run("BETA doubles"),
        Reviewer(anthropic(judging), runner=runner).run(
            ReviewRequest(task="GAMMA doubles", source=DOUBLE["source"])
        ),
    )
    assert (draft.name, suite.examples, verdict.verdict) == (
        "double",
        ("double(2) == 4",),
        "approve",
    )
    for server, own, others in (
        (code, "ALPHA", ("BETA", "GAMMA")),
        (tests, "BETA", ("ALPHA", "GAMMA")),
        (judging, "GAMMA", ("ALPHA", "BETA")),
    ):
        said = told(server)
        assert own in said
        assert not any(other in said for other in others)
    tally = runner.tally
    assert {role: usage.requests for role, usage in tally.by_role.items()} == {
        "code_generator": 1,
        "test_generator": 1,
        "reviewer": 2,
    }
    assert tally.of("reviewer").input_tokens == 120
    assert tally.total.requests == 4
    assert tally.total.input_tokens == 160


async def test_one_model_serves_several_tasks_at_once(serve: Serve, runner: Runner) -> None:
    server = serve(*[deliver(**DOUBLE)] * 4)
    coder = CodeGenerator(anthropic(server), runner=runner)
    drafts = await asyncio.gather(*(coder.run(f"number {n}") for n in range(4)))
    assert [draft.name for draft in drafts] == ["double"] * 4
    for n in range(4):
        assert sum(f"number {n}" in told(server, i) for i in range(4)) == 1


async def test_a_second_task_knows_nothing_of_the_first(serve: Serve, runner: Runner) -> None:
    server = serve(deliver(**DOUBLE), deliver(**DOUBLE))
    coder = CodeGenerator(anthropic(server), runner=runner)
    await coder.run("the FIRST task")
    await coder.run("the second task")
    assert "FIRST" not in told(server)


def test_roles_that_did_nothing_cost_nothing() -> None:
    assert Tally().of("reviewer").requests == 0
    assert Tally().total.usd == 0


async def test_without_model_and_key_the_error_says_what_to_do(runner: Runner) -> None:
    with pytest.raises(UsageError, match="set ANTHROPIC_API_KEY, or name one with model="):
        await CodeGenerator(runner=runner).run("double a number")


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("offline", "the offline engine can't play a sub-agent"),
        ("nobody:nothing", "can't be used"),
        ("anthropic:claude-opus-5-5", "ANTHROPIC_API_KEY"),
        ("claude-opus-5-5", r"Set the `ANTHROPIC_API_KEY` .* provider$"),
    ],
)
async def test_a_model_that_can_not_be_used_is_refused(
    runner: Runner, model: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        await CodeGenerator(model, runner=runner).run("double a number")


async def test_the_key_of_the_environment_is_enough(
    serve: Serve, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(deliver(**DOUBLE))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
    await CodeGenerator(runner=runner).run("double a number")
    assert server.bodies[0]["model"] == "claude-opus-5-5"


async def test_the_resolver_that_is_handed_in_decides(serve: Serve, naps: Naps) -> None:
    server = serve(deliver(**DOUBLE))
    asked: list[object] = []

    def resolve(model: object, tier: str) -> object:
        asked.append((model, tier))
        return openai_chat(server)

    handed = Runner(sleep=naps, resolve=resolve)  # type: ignore[arg-type]  # what it gives is a model
    await CodeGenerator("mine", runner=handed).run("double a number")
    assert asked == [("mine", "strong")]


async def test_within_another_run_it_keeps_to_itself(serve: Serve, runner: Runner) -> None:
    """Neither what was said nor what it cost goes from one to the other."""
    import pydantic_ai

    inner = serve(deliver(**DOUBLE))
    outer = serve(Reply(calls=(("write", {}),)), Reply(text="Done."))

    async def write() -> str:
        """Have a function written."""
        return (await CodeGenerator(anthropic(inner), runner=runner).run("INNER task")).name

    coordinator = pydantic_ai.Agent(anthropic(outer), instructions="OUTER rules", tools=[write])
    async with coordinator:
        with pydantic_ai.capture_run_messages() as messages:
            result = await coordinator.run("OUTER task")
    assert result.output == "Done."
    assert "OUTER" not in told(inner)
    assert "INNER" not in told(outer) + repr(messages)
    assert (result.usage.requests, runner.tally.total.requests) == (2, 1)
    assert (result.usage.input_tokens, runner.tally.total.input_tokens) == (40, 20)


async def test_a_tool_that_says_what_is_wrong_is_not_reworded(serve: Serve, naps: Naps) -> None:
    def look() -> str:
        """Look."""
        msg = "the kernel is gone: restart it"
        raise KernelError(msg)

    server = serve(Reply(calls=(("look", {}),)), deliver(**DOUBLE))
    runner = Runner(sleep=naps, tools={"look": look})
    role = replace(CodeGenerator().role, tools=("look",))
    with pytest.raises(KernelError, match="the kernel is gone"):
        await runner.run(role, Task(text="go", model=anthropic(server)))
    assert naps.taken == []
