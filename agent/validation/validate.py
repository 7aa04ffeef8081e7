"""All gates in order, the cheapest first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from agent.validation.behaviour import examples, tests
from agent.validation.candidate import Candidate, Verdict
from agent.validation.policy import policy
from agent.validation.syntax import evidence_given, syntax
from tools_registry.skills.skill import Evidence

if TYPE_CHECKING:
    from sessions.session import Session

Gate = Callable[[Candidate, "Session"], Awaitable[Evidence]]

GATES: tuple[Gate, ...] = (syntax, evidence_given, policy, examples, tests)


async def validate(candidate: Candidate, session: Session) -> Verdict:
    """Judge a candidate; it runs in the kernel of the session and nowhere else.

    Args:
        candidate: The function with its tests and examples.
        session: A session that nothing else depends on: the candidate may leave traces in its
            kernel, or end it.

    Returns:
        Accepted only if every gate passed and there were tests or examples.
    """
    found: list[Evidence] = []
    for gate in GATES:
        found.append(await gate(candidate, session))
        if not found[-1].passed:
            return Verdict(accepted=False, evidence=tuple(found))
    return Verdict(accepted=True, evidence=tuple(found))
