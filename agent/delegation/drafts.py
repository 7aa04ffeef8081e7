"""The drafts of an agent, told and kept as they come."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from agent.authoring.attempt import Tried
from sessions.errors import AgentError

if TYPE_CHECKING:
    from agent.authoring.workshop import Log
    from agent.delegation.writer import Written
    from agent.run import Run

_log = logging.getLogger("agent")


class Drafts:
    """What was written of an agent so far.

    Args:
        run: Where it is told.
        keep: Keeps each as an attempt at the request.
        request: What the agent is to do.

    Attributes:
        last: The newest; None before there is any.
    """

    def __init__(self, run: Run, keep: Log, request: str) -> None:
        self._run = run
        self._keep = keep
        self._request = request
        self._since = time.perf_counter()
        self.last: Written | None = None

    def note(self, written: Written) -> None:
        """Take in a draft that was judged."""
        now = time.perf_counter()
        tried = _tried(written, now - self._since)
        self.last, self._since = written, now
        self._run.drafts += 1
        self._run.emit(tried.event)
        try:
            self._keep(tried, self._request)
        except (OSError, AgentError):  # a full disk takes nothing from what was written
            _log.warning("a draft was not kept in the session", exc_info=True)


def _tried(written: Written, seconds: float) -> Tried:
    verdict = written.verdict
    return Tried(
        number=written.attempts,
        approach="generate" if written.attempts == 1 else "mend",
        name=written.draft.name,
        source=written.draft.source,
        accepted=written.accepted,
        score=verdict.score if verdict else 0.0,
        evidence=verdict.evidence if verdict else (),
        failures=written.failures,
        seconds=round(seconds, 3),
    )
