"""What one request may cost, and what it did cost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from pydantic_ai.usage import RunUsage, UsageLimits

from agent.events import Cost
from agent.settings import Settings
from sessions.errors import BudgetError

_CALLS_PER_REQUEST = 4


class Budget(UsageLimits):
    """The limits of one request.

    Models without a known price can't be held to a sum of money; the number of requests holds for
    them. Where a limit can't be enforced the base class warns; we say it in `Cost.usd` instead.
    """

    def check_tokens(self, usage: RunUsage) -> None:
        """There are no limits on tokens."""

    def check_cost(self, usage: RunUsage, **_: Any) -> None:
        """Stop when the sum is spent."""
        super().check_cost(usage, warn_if_cost_unavailable=False)


def budget_of(settings: Settings) -> Budget:
    """The limits that the settings ask for."""
    return Budget(
        cost_limit=Decimal(str(settings.budget_usd)),
        request_limit=settings.max_requests,
        tool_calls_limit=_CALLS_PER_REQUEST * settings.max_requests,
    )


def cost_of(usage: RunUsage) -> Cost:
    """Tokens and money; a run that used no tokens cost nothing, whatever the model."""
    tokens = usage.input_tokens + usage.output_tokens
    known = usage.cost is not None or not tokens
    return Cost(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        usd=float(usage.cost or 0) if known else None,
    )


def exceeded(usage: RunUsage, settings: Settings) -> BudgetError:
    """What was used up, and what to do."""
    if usage.cost is not None and usage.cost > Decimal(str(settings.budget_usd)):
        msg = (
            f"stopped: the request has cost {float(usage.cost):.4f} USD, its budget is "
            f"{settings.budget_usd:g} USD; raise it with AGENT_BUDGET_USD or ask for less at once"
        )
    elif usage.requests >= settings.max_requests:
        msg = (
            f"stopped after {usage.requests} requests to the model, the most that one run may "
            "make; raise it with AGENT_MAX_REQUESTS or ask for less at once"
        )
    else:
        msg = "stopped: the model called too many tools; ask for less at once"
    return BudgetError(msg)
