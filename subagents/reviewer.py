"""A second pair of eyes."""

from __future__ import annotations

from typing import ClassVar

from subagents.outputs import Review
from subagents.prompt import packaged
from subagents.requests import ReviewRequest
from subagents.role import Role
from subagents.specialist import Specialist


class Reviewer(Specialist[ReviewRequest, Review]):
    """Judges code against the request that it answers; it has written none of it.

    `await Reviewer(model=None, session=None).run(request, context=None) -> Review`; the request is
    a `ReviewRequest`, or text that holds request and code. A `Review` has

    - `verdict`: `approve`, `change` (it can be mended) or `reject`,
    - `findings`: each with `severity` (`blocker`, `major`, `minor`), `line` (0 for the whole),
      `what`, `why` and `fix`, the worst first,
    - `summary`: one or two sentences.
    """

    name: ClassVar[str] = "reviewer"
    wants = ReviewRequest

    def _role(self) -> Role:
        return Role(name=self.name, prompt=packaged(self.name), output=Review)

    def _asked(self, task: str) -> ReviewRequest:
        return ReviewRequest(task=task)

    def _objection(self, request: ReviewRequest, output: Review) -> str:
        lines = len(request.source.splitlines())
        beyond = [remark.line for remark in output.findings if remark.line > lines]
        if request.source and beyond:
            return f"line {beyond[0]} is not there: the code has {lines} lines"
        severities = {remark.severity for remark in output.findings}
        if output.verdict == "approve" and severities & {"blocker", "major"}:
            return "it can't be approved with a blocker or major finding"
        if output.verdict != "approve" and not output.findings:
            return f"the verdict {output.verdict!r} needs at least one finding that says why"
        return ""
