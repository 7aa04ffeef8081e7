"""What a role's work has cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pydantic_ai.usage import RunUsage


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Tokens, requests and money.

    Attributes:
        requests: Requests that were answered.
        input_tokens: Tokens sent, those from the cache included.
        output_tokens: Tokens received.
        cache_read_tokens: Tokens sent that the provider had in its cache.
        usd: US dollars; None if the price of a model is not known.
    """

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    usd: float | None = 0.0

    @classmethod
    def of(cls, usage: RunUsage) -> Self:
        """What pydantic-ai counted."""
        priced = usage.cost is not None or not (usage.input_tokens + usage.output_tokens)
        return cls(
            requests=usage.requests,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cache_read_tokens=usage.cache_read_tokens,
            usd=float(usage.cost or 0) if priced else None,
        )

    def __add__(self, other: Usage) -> Usage:
        unknown = self.usd is None or other.usd is None
        return Usage(
            requests=self.requests + other.requests,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cache_read_tokens=self.cache_read_tokens + other.cache_read_tokens,
            usd=None if unknown else (self.usd or 0) + (other.usd or 0),
        )


class Tally:
    """Usage by role; tasks that failed or were cancelled count, too."""

    def __init__(self) -> None:
        self._roles: dict[str, Usage] = {}

    def add(self, role: str, usage: Usage) -> None:
        """Count what a task of this role has used."""
        self._roles[role] = self.of(role) + usage

    def merge(self, other: Tally) -> None:
        """Count all that another has counted."""
        for role, usage in other.by_role.items():
            self.add(role, usage)

    def of(self, role: str) -> Usage:
        """What a role has used so far."""
        return self._roles.get(role, Usage())

    @property
    def by_role(self) -> Mapping[str, Usage]:
        """Each role that has used anything."""
        return MappingProxyType(dict(self._roles))

    @property
    def total(self) -> Usage:
        """All roles together."""
        return sum(self._roles.values(), Usage())
