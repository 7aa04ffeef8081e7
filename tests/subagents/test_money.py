"""A sum of money for all tasks of a runner together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sessions.errors import BudgetError
from subagents import CodeGenerator, Reviewer, Runner, Tally, Usage
from tests.subagents.conftest import DOUBLE, KEY, Serve, anthropic, deliver


async def test_a_budget_of_money_holds_for_all_tasks_together(serve: Serve, runner: Runner) -> None:
    dear = replace(deliver(**DOUBLE), tokens=(1_000, 10_000))
    server = serve(dear, dear, dear)
    poor = runner.within(0.3)
    coder = CodeGenerator(anthropic(server), runner=poor)
    await coder.run("double a number")
    with pytest.raises(BudgetError, match=r"stopped after 0\.\d+ USD, 0\.\d+ were left"):
        await coder.run("double a number")
    with pytest.raises(BudgetError, match=r"was not asked: the budget of 0\.3 USD is spent"):
        await Reviewer(anthropic(server), runner=poor).run("look")
    assert len(server.bodies) == 2
    assert poor.tally.of("code_generator").output_tokens == 20_000
    assert runner.tally.total.requests == 0


async def test_what_has_no_price_meets_no_budget_of_money(serve: Serve, runner: Runner) -> None:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    server = serve(deliver(**DOUBLE))
    provider = OpenAIProvider(api_key=KEY, base_url=f"{server.url}/v1")
    coder = CodeGenerator(OpenAIChatModel("nobody-knows", provider=provider), runner=runner)
    coder.runner = runner.within(0.000001)
    assert (await coder.run("double a number")).name == "double"
    assert coder.runner.tally.total.usd is None


def test_tallies_can_be_put_together() -> None:
    one, other = Tally(), Tally()
    one.add("reviewer", Usage(requests=1, input_tokens=3))
    other.add("reviewer", Usage(requests=2, input_tokens=4))
    other.add("referee", Usage(requests=1))
    one.merge(other)
    assert (one.of("reviewer").requests, one.of("reviewer").input_tokens) == (3, 7)
    assert one.of("referee").requests == 1
