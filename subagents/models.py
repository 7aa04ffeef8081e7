"""Which model a role gets if nobody decides it for us."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from sessions.errors import UsageError

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from subagents.role import Tier

Resolver = Callable[["Model | str | None", "Tier"], "Model"]
"""Makes a model of what the caller gave, which may be nothing, for a tier."""

_KEY = "ANTHROPIC_API_KEY"
_DEFAULTS: Mapping[str, str] = MappingProxyType(
    {"fast": "anthropic:claude-haiku-5-5", "strong": "anthropic:claude-opus-5-5"}
)


def resolve(model: Model | str | None, tier: Tier) -> Model:
    """The model itself, or the one of that name, or the usual one if there is a key for it.

    Args:
        model: A model, a name as `provider:model`, or None.
        tier: What the role needs; it decides only where nobody else did.

    Raises:
        UsageError: If there is none, or it can't be used.
    """
    from pydantic_ai.models import Model, infer_model

    if isinstance(model, Model):
        return model
    name = _name(model, tier)
    try:
        return infer_model(name)
    except Exception as error:  # each provider has its own way of saying what it lacks
        reason = str(error).partition("\n")[0].partition(". ")[0]
        msg = f"model {name[:80]!r} can't be used: {reason[:200]}"
        raise UsageError(msg) from None


def refuse_offline(name: str, tier: Tier) -> None:
    """Say no to the engine that needs no key: it answers no role's questions.

    Raises:
        UsageError: If the name is `offline`.
    """
    if name == "offline":
        msg = (
            "the offline engine can't play a sub-agent: give a model as provider:model, e.g. "
            f"{_DEFAULTS[tier]!r}, and set its provider's key"
        )
        raise UsageError(msg)


def _name(model: str | None, tier: Tier) -> str:
    if model:
        refuse_offline(model, tier)
        return f"anthropic:{model}" if model.startswith("claude-") else model
    if os.environ.get(_KEY):
        return _DEFAULTS[tier]
    msg = (
        f"there is no model for sub-agents: set {_KEY}, or name one with model='provider:model' "
        "and set its provider's key"
    )
    raise UsageError(msg)
