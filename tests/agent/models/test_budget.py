"""Costs and limits in numbers."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic_ai.exceptions import UsageLimitExceeded
from pydantic_ai.usage import RunUsage

from agent.events import Cost
from agent.models.budget import budget_of, charge, cost_of, costs_of, exceeded, left_of
from agent.settings import Settings
from subagents import Tally, Usage


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


def tally_of(**roles: Usage) -> Tally:
    tally = Tally()
    for role, used in roles.items():
        tally.add(role, used)
    return tally


def test_what_sub_agents_used_is_charged_and_told_apart() -> None:
    usage = RunUsage(requests=2, input_tokens=10, output_tokens=5, cost=Decimal("0.5"))
    tally = tally_of(
        reviewer=Usage(requests=1, input_tokens=3, output_tokens=1, cache_read_tokens=2, usd=0.25)
    )
    charge(usage, tally)
    assert (usage.requests, left_of(usage, Settings(budget_usd=1.0))) == (2, 0.25)
    assert left_of(usage, Settings(budget_usd=0.1)) == 0
    whole, roles = costs_of(usage, tally)
    assert whole == Cost(input_tokens=13, output_tokens=6, cache_read_tokens=2, usd=0.75)
    assert roles == {
        "coordinator": Cost(input_tokens=10, output_tokens=5, usd=0.5),
        "reviewer": Cost(input_tokens=3, output_tokens=1, cache_read_tokens=2, usd=0.25),
    }


def test_a_part_without_a_price_leaves_the_whole_without_one() -> None:
    usage = RunUsage(input_tokens=10, cost=Decimal("0.5"))
    tally = tally_of(reviewer=Usage(input_tokens=3, usd=None))
    charge(usage, tally)
    whole, roles = costs_of(usage, tally)
    assert whole.usd is None
    assert roles["reviewer"].usd is None


def test_who_had_no_part_is_not_told() -> None:
    usage = RunUsage()
    tally = tally_of(reviewer=Usage(input_tokens=3, usd=0.1))
    charge(usage, tally)
    assert set(costs_of(usage, tally)[1]) == {"reviewer"}


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
