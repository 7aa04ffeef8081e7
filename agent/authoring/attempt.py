"""One attempt at a function, as it is kept; and what kind of attempt comes when."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent.events import Approach, AttemptJudged
from sessions.saved import folder_of
from tools_registry.skills.skill import Evidence

MENDED = 3
"""The last attempt that mends; what three could not mend wants another approach."""

FILE = "attempts.jsonl"


@dataclass(frozen=True, kw_only=True)
class Tried:
    """An attempt that came to its end.

    Attributes:
        number: From 1.
        approach: How it went about it.
        name: The function; "" if nothing was written.
        source: Its code.
        tests: What it was judged by.
        accepted: Whether it may be kept.
        score: Weighted share of the gates that found nothing, 0 to 1.
        evidence: What each gate said.
        broken: How many tests it does not pass.
        failures: What is wrong with it, for the next attempt.
        seconds: How long it took.
    """

    number: int
    approach: Approach
    name: str = ""
    source: str = ""
    tests: str = ""
    accepted: bool = False
    score: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    broken: int = 0
    failures: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def merit(self) -> tuple[bool, float, int, int]:
        """What makes one attempt better than another."""
        return self.accepted, self.score, -self.broken, self.number

    @property
    def event(self) -> AttemptJudged:
        """As it is told while it happens."""
        return AttemptJudged(
            number=self.number,
            approach=self.approach,
            name=self.name,
            accepted=self.accepted,
            source=self.source,
            tests=self.tests,
            evidence=self.evidence,
            failures=self.failures,
            seconds=self.seconds,
        )


def approach_of(number: int) -> Approach:
    """The kind of an attempt, by its number from 1."""
    if number == 1:
        return "generate"
    return "mend" if number <= MENDED else "afresh"


class AttemptLog:
    """The attempts of a session, in its folder: a line of JSON for each.

    Args:
        workspace: The user's directory.
        session: The session's id.
    """

    def __init__(self, workspace: Path, session: str) -> None:
        self._workspace = workspace
        self._session = session

    def write(self, tried: Tried, task: str) -> None:
        """Add an attempt.

        Raises:
            OSError: If it can't be written.
            UsageError: If the session's folder is none.
        """
        line = json.dumps({"task": task, **asdict(tried)}) + "\n"
        file = folder_of(self._workspace, self._session) / FILE
        flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(file, flags, 0o600), "ab") as log:
            log.write(line.encode())

    def read(self) -> list[dict[str, Any]]:
        """The attempts so far, the oldest first."""
        file = folder_of(self._workspace, self._session) / FILE
        with file.open(encoding="utf-8") as log:
            return [json.loads(line) for line in log]
