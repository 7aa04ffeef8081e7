"""Faults of providers and limits of a run: one line for the person, never a key."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from agent import Agent
from tests.agent.conftest import KEY, MODELS, Serve
from tests.support.model_server import Hang
from tests.support.runs import DONE, run_code
from tests.support.wire import Fault, Reply

CLAUDE = MODELS[0]


@pytest.mark.parametrize("model", MODELS)
async def test_a_rate_limit_passes(serve: Serve, workspace: Path, model: str) -> None:
    fault = Fault(status=429, kind="rate_limit_error", headers={"retry-after-ms": "20"})
    server = serve(fault, DONE)
    async with Agent(workspace, model=model) as agent:
        assert (await agent.run("go")).status == "done"
    assert len(server.bodies) == 2


FAULTS = [
    (Fault(status=529, kind="overloaded_error"), "overloaded or down (HTTP 529)"),
    (Fault(status=500), "failed on the provider's side (HTTP 500)"),
    (Fault(status=429, kind="rate_limit_error"), "too many requests (HTTP 429)"),
]


@pytest.mark.parametrize(("fault", "says"), FAULTS)
@pytest.mark.parametrize("model", MODELS)
async def test_a_fault_that_stays_is_one_line(
    serve: Serve, workspace: Path, model: str, fault: Fault, says: str
) -> None:
    fault.headers["retry-after-ms"] = "10"
    server = serve(fault, fault, fault, DONE)
    async with Agent(workspace, model=model) as agent:
        result = await agent.run("go")
        assert len(server.bodies) == 3
        assert result.status == "failed"
        assert says in result.answer
        assert result.answer.startswith(model)
        assert "\n" not in result.answer
        assert (await agent.run("go on")).status == "done"


@pytest.mark.parametrize("model", MODELS)
async def test_a_wrong_key_is_named_but_not_shown(
    serve: Serve, workspace: Path, model: str
) -> None:
    serve(Fault(status=401, kind="authentication_error", message=f"bad key: {KEY}"))
    async with Agent(workspace, model=model) as agent:
        result = await agent.run("go")
    variable = "ANTHROPIC_API_KEY" if model == CLAUDE else "OPENAI_API_KEY"
    assert result.status == "failed"
    assert result.answer == (
        f"the key for {model} was refused (HTTP 401): check {variable}, "
        "and that it may use this model"
    )


async def test_an_unknown_model_is_named(serve: Serve, workspace: Path) -> None:
    serve(Fault(status=404, kind="not_found_error", message="model: claude-opus-9"))
    async with Agent(workspace, model="claude-opus-9") as agent:
        result = await agent.run("go")
    assert "has no model 'anthropic:claude-opus-9' (HTTP 404)" in result.answer


async def test_a_rejected_request_says_why_without_the_key(serve: Serve, workspace: Path) -> None:
    fault = Fault(status=400, kind="invalid_request_error", message=f"no {KEY}\x1b[31m, sorry")
    serve(fault)
    async with Agent(workspace) as agent:
        result = await agent.run("go")
    assert "(no ***?[31m, sorry)" in result.answer
    assert result.answer.isprintable()


@pytest.mark.parametrize("model", MODELS)
async def test_a_stream_that_breaks_off_is_one_line_and_the_next_run_works(
    serve: Serve, workspace: Path, model: str
) -> None:
    serve(Reply(text="I was about to say", break_after=4), DONE)
    async with Agent(workspace, model=model) as agent:
        result = await agent.run("go")
        assert result.status == "failed"
        assert result.answer.startswith(model)
        assert "\n" not in result.answer
        assert (await agent.run("again")).status == "done"


async def test_nobody_listens(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    async with Agent(workspace) as agent:
        result = await agent.run("go")
    assert result.status == "failed"
    assert "can't be reached" in result.answer


@pytest.mark.parametrize(
    "step", [Hang(), Fault(status=429, headers={"retry-after": "50"})], ids=["hang", "wait"]
)
async def test_a_request_has_a_deadline(serve: Serve, workspace: Path, step: Any) -> None:
    serve(step)
    async with Agent(workspace, request_timeout=0.5) as agent:
        began = time.monotonic()
        result = await agent.run("go")
    assert time.monotonic() - began < 5
    assert result.status == "failed"
    assert "within 0.5 s" in result.answer


async def test_the_sum_of_money_is_a_limit(serve: Serve, workspace: Path) -> None:
    dear = Reply(calls=(("run_code", {"code": "1"}),), tokens=(10_000_000, 1000))
    server = serve(dear, dear, DONE)
    async with Agent(workspace, budget_usd=0.5) as agent:
        result = await agent.run("go")
        assert (await agent.run("small one")).status == "refused"
        assert (await agent.run("and now")).status == "done"
    assert result.status == "refused"
    assert "AGENT_BUDGET_USD" in result.answer
    assert len(server.bodies) == 3
    assert result.cost.usd is not None
    assert result.cost.usd > 0.5


async def test_the_number_of_requests_is_a_limit(serve: Serve, workspace: Path) -> None:
    server = serve(run_code("1"), run_code("2"), run_code("3"))
    async with Agent(workspace, max_requests=2) as agent:
        result = await agent.run("go")
    assert result.status == "refused"
    assert "AGENT_MAX_REQUESTS" in result.answer
    assert (len(server.bodies), result.attempts, result.value) == (2, 2, 2)


async def test_a_model_without_a_price_has_no_cost_in_money(serve: Serve, workspace: Path) -> None:
    serve(DONE)
    async with Agent(workspace, model="openai-chat:my-own-model") as agent:
        result = await agent.run("go")
    assert result.status == "done"
    assert result.cost.usd is None
