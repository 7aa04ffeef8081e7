"""How sure the offline engine is of a plan: whether it may answer where a model is at hand."""

from __future__ import annotations

from agent.offline.interpret import Scene, read_alone
from agent.offline.plan import Plan, UnclearError
from agent.offline.requests import Request, read_request
from sessions.errors import AgentError

SURE = 0.95
"""Certainty from which a plan needs no model."""

_DOUBT = 0.1  # for each thing that was assumed
_REFERRING = frozenset(
    """
    it that this them they those these previous again same instead too
    """.split()  # noqa: SIM905 -- as in the lexicon
)
"""Words that may speak of what was said before, which the engine does not know."""


def assess(text: str, scene: Scene) -> float:
    """How sure the engine is that it understands a request on its own, 0 to 1.

    Args:
        text: What the person said.
        scene: What it is read against.

    Returns:
        0 if there is no plan, or a question would have to be asked first.
    """
    try:
        request = read_request(text)
        plan = None if request.examples else read_alone(request, scene)
    except (UnclearError, AgentError):
        return 0.0
    return 0.0 if plan is None else certainty(plan, request)


def certainty(plan: Plan, request: Request) -> float:
    """How sure a plan is, 0 to 1: less for each assumption, and if it may refer to what was said.

    Args:
        plan: What would be done.
        request: What it is for.
    """
    if {token.word for token in request.tokens} & _REFERRING:
        return 0.0
    return max(0.0, plan.confidence - _DOUBT * len(plan.assumptions))
