"""What makes a sub-agent: a few values, no behaviour."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from pydantic import BaseModel

    from subagents.prompt import Prompt

Tier = Literal["fast", "strong"]
"""How able a model the role needs; which model that is, the resolver knows."""


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What one task of a role may take.

    Attributes:
        requests: Most requests to the model that are answered.
        tokens: Most tokens, in and out together, over all requests and tries.
        context: Most tokens of the context it is given, estimated as characters / 4.
        history: Most tokens of its conversation that are sent; what is older is summarised.
    """

    requests: int = 6
    tokens: int = 120_000
    context: int = 6_000
    history: int = 40_000


@dataclass(frozen=True, kw_only=True)
class Role:
    """One kind of sub-agent.

    Attributes:
        name: What its cost is counted to.
        prompt: Its instructions, from a file of their own.
        tier: How able a model it needs.
        tools: Names of the tools it may use; the runner must have them.
        budget: What one task may take.
        output: What it hands back, as a pydantic model.
    """

    name: str
    prompt: Prompt
    tier: Tier = "strong"
    tools: tuple[str, ...] = ()
    budget: Budget = field(default_factory=Budget)
    output: type[BaseModel]
