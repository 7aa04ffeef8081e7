"""What one request may cost, and what it did cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pydantic_ai.usage import RunUsage, UsageLimits

from agent.events import Cost
from agent.settings import Settings
from sessions.errors import BudgetError
from subagents.usage import Tally, Usage

COORDINATOR = "coordinator"
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


def left_of(usage: RunUsage, settings: Settings) -> float:
    """US dollars that a request may still cost."""
    return max(0.0, settings.budget_usd - float(usage.cost or 0))


def charge(usage: RunUsage, tally: Tally) -> None:
    """Add what sub-agents have used to what a request has used; requests are counted apart."""
    total = tally.total
    usage.input_tokens += total.input_tokens
    usage.output_tokens += total.output_tokens
    usage.cache_read_tokens += total.cache_read_tokens
    if total.usd:
        usage.cost = (usage.cost or Decimal(0)) + Decimal(str(total.usd))


def costs_of(usage: RunUsage, tally: Tally) -> tuple[Cost, dict[str, Cost]]:
    """What a request has cost, and the parts that sub-agents and the coordinator had in it.

    Args:
        usage: Of all together.
        tally: Of the sub-agents.
    """
    whole = cost_of(usage)
    if tally.total.usd is None:
        whole = replace(whole, usd=None)
    roles = {role: _cost(used) for role, used in tally.by_role.items()}
    own = _without(whole, roles.values())
    return whole, {COORDINATOR: own, **roles} if own.input_tokens + own.output_tokens else roles


def _cost(used: Usage) -> Cost:
    return Cost(
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        cache_read_tokens=used.cache_read_tokens,
        usd=used.usd,
    )


def _without(whole: Cost, parts: Iterable[Cost]) -> Cost:
    parts = list(parts)
    known = [part.usd for part in parts if part.usd is not None]
    return Cost(
        input_tokens=whole.input_tokens - sum(part.input_tokens for part in parts),
        output_tokens=whole.output_tokens - sum(part.output_tokens for part in parts),
        cache_read_tokens=whole.cache_read_tokens - sum(p.cache_read_tokens for p in parts),
        usd=None if whole.usd is None else max(0.0, whole.usd - sum(known)),
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
