"""A search ends by what it did, not by the clock, unless the machine is very slow."""

from __future__ import annotations

from agent.offline.synthesis.budget import Budget, ExhaustedError


def spend_all(budget: Budget, units: int) -> int:
    try:
        while True:
            budget.spend(units)
    except ExhaustedError:
        return budget.spent


def test_the_same_work_ends_at_the_same_point() -> None:
    assert spend_all(Budget(0.05), 700) == spend_all(Budget(0.05), 700)


def test_it_can_be_lowered_and_not_raised() -> None:
    budget = Budget(1.0)
    budget.end_within(10_000)
    budget.end_within(10_000_000)
    assert spend_all(budget, 1000) < 30_000
