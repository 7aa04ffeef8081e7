"""What went wrong with a role's model: whether it may pass, how long to wait, how to say it.

Providers may repeat the key that they refused, so their texts are not passed on.
"""

from __future__ import annotations

from decimal import Decimal

from pydantic_ai import exceptions as failures

from sessions.errors import AgentError, BudgetError, ModelError
from subagents.role import Role
from subagents.usage import Usage

_TRANSIENT = (
    failures.ModelRateLimitError,
    failures.ModelUnavailableError,
    failures.ModelServerError,
    failures.ModelConnectionError,
    failures.ModelRequestTimeout,
)
_LONGEST_WAIT = 60.0
"""Seconds; who asks for more is as good as down."""

_KINDS: tuple[tuple[type[Exception], str], ...] = (  # the first that fits: special before general
    (failures.ModelAuthenticationError, "the key was refused: check it"),
    (failures.ModelNotFoundError, "the provider has no such model: check its name"),
    (failures.ModelContextWindowExceededError, "the task is too long for it: give less context"),
    (failures.ModelRateLimitError, "it gets too many requests: try again later"),
    (failures.ModelQuotaExceededError, "the account has no credit left: top it up"),
    (failures.ModelUnavailableError, "it is overloaded or down: try again later"),
    (failures.ModelServerError, "it failed on the provider's side: try again later"),
    (failures.ModelRequestTimeout, "it gave no answer in time: try again later"),
    (failures.ModelTimeoutError, "it gave no answer in time: try again later"),
    (failures.ModelConnectionError, "it can't be reached, or broke off: check the network"),
    (failures.ModelAPIError, "it rejected the request: check its name, or choose another model"),
    (failures.ContentFilterError, "its provider filtered the answer: word the task otherwise"),
    (failures.OutputTokenLimitExceeded, "its answer was cut off: ask for less at once"),
    (failures.UnexpectedModelBehavior, "no answer had the right form: choose another model"),
)


def may_pass(error: Exception) -> bool:
    """Whether the same request may succeed a little later."""
    if isinstance(error, ExceptionGroup):  # of a chain of models of which each failed
        return any(may_pass(one) for one in error.exceptions)
    return isinstance(error, _TRANSIENT)


def wait(error: Exception, tried: int) -> float:
    """Seconds to wait: what the provider asked for, or 1, 2, 4, … by the number of tries."""
    asked = getattr(error, "retry_after", None)
    return min(_LONGEST_WAIT, max(0.0, asked) if asked is not None else 2.0 ** (tried - 1))


def explain(error: Exception, role: Role, model: str, tries: int) -> AgentError:
    """The failure as one line for a person.

    Args:
        error: What the last try raised.
        role: Whose task it was.
        model: The model's name.
        tries: How often it was tried.
    """
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[-1]
    reason = next((text for kind, text in _KINDS if isinstance(error, kind)), None)
    if reason is None:
        reason = f"it broke off with {type(error).__name__}: try again"
    status = getattr(error, "status_code", None)
    times = f" in {tries} tries" if tries > 1 else ""
    code = f" (HTTP {status})" if status else ""
    return ModelError(f"{role.name} got nothing from {model}{times}{code}: {reason}")


def used_up(role: Role, usage: Usage, money: Decimal | None = None) -> BudgetError:
    """Which limit a task has met.

    Args:
        role: Whose task it was.
        usage: What the task has used.
        money: Most US dollars that it was to cost.
    """
    budget = role.budget
    if money is not None and usage.usd is not None and usage.usd > money:
        met = f"{usage.usd:.4f} USD, {float(money):.4f} were left"
    elif usage.requests >= budget.requests:
        met = f"{usage.requests} requests, its budget is {budget.requests}"
    else:
        spent = usage.input_tokens + usage.output_tokens
        met = f"{spent} tokens, its budget is {budget.tokens}"
    return BudgetError(f"{role.name} was stopped after {met}: raise it, or ask for less at once")
