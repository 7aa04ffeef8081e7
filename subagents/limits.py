"""The limits of one task, as pydantic-ai enforces them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic_ai.usage import RunUsage, UsageLimits

from subagents.role import Budget


class Limits(UsageLimits):
    """Holds a task to a sum of money as far as its price is known, and is silent where it isn't."""

    def check_cost(self, usage: RunUsage, **_: Any) -> None:
        """Stop when the sum is spent."""
        super().check_cost(usage, warn_if_cost_unavailable=False)


def limits_of(budget: Budget, money: float | None) -> Limits:
    """What one task may take.

    Args:
        budget: That of its role.
        money: Most US dollars; None for no limit.
    """
    return Limits(
        request_limit=budget.requests,
        total_tokens_limit=budget.tokens,
        cost_limit=None if money is None else Decimal(str(money)),
    )
