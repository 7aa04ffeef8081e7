"""The review as a gate: a second pair of eyes on what all other gates let through."""

from __future__ import annotations

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from sessions.errors import AgentError
from subagents.outputs import Remark
from subagents.requests import ReviewRequest
from subagents.reviewer import Reviewer

_BLOCKING = frozenset({"blocker", "major"})
_PASSED = ("all other gates have let it through",)


class Review:
    """Asks a reviewer; has the signature of `Rules.review`.

    Args:
        reviewer: The second pair of eyes.
        task: What the person asked for.

    Attributes:
        failure: Why there was no review; the code is not to blame.
    """

    def __init__(self, reviewer: Reviewer, task: str) -> None:
        self._reviewer = reviewer
        self._task = task
        self.failure: AgentError | None = None

    async def __call__(self, candidate: Candidate) -> Finding:
        """What the reviewer found."""
        request = ReviewRequest(
            task=self._task, source=candidate.source, tests=candidate.tests, evidence=_PASSED
        )
        try:
            review = await self._reviewer.run(request)
        except AgentError as error:
            self.failure = error
            return Finding(
                signal="review", problems=(f"there was no review: {error}",), unsure=True
            )
        blocking = tuple(_told(r) for r in review.findings if r.severity in _BLOCKING)
        minor = tuple(_told(r) for r in review.findings if r.severity not in _BLOCKING)
        if review.verdict != "approve" and not blocking:
            blocking, minor = minor or (review.summary,), ()
        return Finding(signal="review", problems=blocking, advice=minor, success=review.summary)


def _told(remark: Remark) -> str:
    where = f"line {remark.line}: " if remark.line else ""
    return f"{where}{remark.what} ({remark.why}); {remark.fix}"
