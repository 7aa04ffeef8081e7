"""The review as a gate: a second pair of eyes on what all other gates let through."""

from __future__ import annotations

from agent.authoring.commission import Commission
from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from sessions.errors import AgentError
from subagents.outputs import Remark
from subagents.outputs import Review as Reviewed
from subagents.requests import ReviewRequest
from subagents.reviewer import Reviewer

_BLOCKING = frozenset({"blocker", "major"})
_PASSED = ("all other gates have let it through",)


class Review:
    """Asks a reviewer; has the signature of `Rules.review`.

    Args:
        reviewer: The second pair of eyes.
        wanted: What the person asked for, stated and answered.
        final: Whether the tests are as they will be; then what is said of them is advice.

    Attributes:
        failure: Why there was no review; the code is not to blame.
        wants_tests: Whether nothing but the tests is wrong.
    """

    def __init__(self, reviewer: Reviewer, wanted: Commission, *, final: bool = False) -> None:
        self._reviewer = reviewer
        self._wanted = wanted
        self._final = final
        self.failure: AgentError | None = None
        self.wants_tests = False

    async def __call__(self, candidate: Candidate) -> Finding:
        """What the reviewer found."""
        request = ReviewRequest(
            task=self._wanted.task,
            source=candidate.source,
            tests=candidate.tests,
            evidence=_PASSED,
            examples=self._wanted.examples,
            answers=self._wanted.answers,
        )
        try:
            review = await self._reviewer.run(request)
        except AgentError as error:
            self.failure = error
            return Finding(
                signal="review", problems=(f"there was no review: {error}",), unsure=True
            )
        return self._judged(review)

    def _judged(self, review: Reviewed) -> Finding:
        wrong = [r for r in review.findings if r.severity in _BLOCKING]
        minor = [r for r in review.findings if r.severity not in _BLOCKING]
        if review.verdict != "approve" and not wrong:
            wrong, minor = minor, []
        in_code = [r for r in wrong if r.about == "code" or review.verdict == "reject"]
        self.wants_tests = bool(wrong) and not in_code and not self._final
        blocking = in_code or (wrong if self.wants_tests else [])
        advice = [r for r in (*wrong, *minor) if r not in blocking]
        return Finding(
            signal="review",
            problems=tuple(map(_told, blocking)),
            advice=tuple(map(_told, advice)),
            success=review.summary,
        )


def _told(remark: Remark) -> str:
    where = f"line {remark.line}: " if remark.line else ""
    return f"{where}{remark.what} ({remark.why}); {remark.fix}"
