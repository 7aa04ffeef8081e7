"""Costs and limits in numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.usage import RunUsage

from agent.events import Cost
from agent.models.budget import budget_of, cost_of, exceeded
from agent.settings import Settings


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        (RunUsage(input_tokens=3, output_tokens=4, cost=Decimal("0.25")), 0.25),
        (RunUsage(input_tokens=3, output_tokens=4), None),
        (RunUsage(requests=1), 0.0),
    ],
)
def test_a_price_that_is_not_known_is_none(usage: RunUsage, usd: float | None) -> None:
    cost = cost_of(usage)
    assert cost.usd == usd
    assert cost == Cost(input_tokens=usage.input_tokens, output_tokens=usage.output_tokens, usd=usd)


def test_the_budget_holds_and_does_not_warn() -> None:
    budget = budget_of(Settings(budget_usd=0.1))
    budget.check_cost(RunUsage(input_tokens=1))
    budget.check_tokens(RunUsage(input_tokens=10**9))
    budget.check_cost(RunUsage(cost=Decimal("0.1")))
    with pytest.raises(UsageLimitExceeded):
        budget.check_cost(RunUsage(cost=Decimal("0.11")))


@pytest.mark.parametrize(
    ("usage", "says"),
    [
        (RunUsage(cost=Decimal(2), requests=30), "AGENT_BUDGET_USD"),
        (RunUsage(cost=Decimal("0.5"), requests=30), "AGENT_MAX_REQUESTS"),
        (RunUsage(requests=3, tool_calls=500), "too many tools"),
    ],
)
def test_what_was_exceeded_is_named(usage: RunUsage, says: str) -> None:
    error = exceeded(usage, Settings())
    assert says in str(error)
    assert error.exit_code == 4
