"""What runs have cost, noted for the person: a line of JSON for each role of each run.

It lies in the person's data directory, for no workspace is to be believed about money. It holds
figures and names of models and roles, and nothing of what was asked.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from agent.events import Cost
from tools_registry.own_files import data_path

_log = logging.getLogger("agent")


@dataclass(frozen=True, kw_only=True)
class Spent:
    """What one role used in one run.

    Attributes:
        time: When the run ended, in seconds since the epoch.
        session: Id of the session.
        model: The main model of the run; sub-agents may have had another.
        role: `coordinator`, or the name of a sub-agent.
        cost: Tokens and money.
    """

    time: float
    session: str
    model: str
    role: str
    cost: Cost


class Spending:
    """The notes; several processes may write at once.

    Args:
        file: Where they are; made when there is something to note.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def of_user(cls) -> Self:
        """Those of the person."""
        return cls(data_path("spending.jsonl"))

    def note(self, session: str, model: str, costs: Mapping[str, Cost]) -> None:
        """Add what a run has cost; that it can't be written ends no run."""
        now = time.time()
        spent = [
            Spent(time=now, session=session, model=model, role=role, cost=cost)
            for role, cost in costs.items()
        ]
        text = "".join(json.dumps(asdict(entry)) + "\n" for entry in spent)
        if not text:
            return
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(self._file, flags, 0o600), "ab", buffering=0) as log:
                log.write(text.encode())  # in one piece, so that lines of others stay whole
        except OSError as error:
            _log.warning("what a run has cost can't be noted: %s", error)

    def read(self) -> list[Spent]:
        """All notes, the oldest first; lines that make no sense are left out.

        Raises:
            OSError: If they can't be read.
        """
        if not self._file.exists():
            return []
        lines = self._file.read_text("utf-8", errors="replace").splitlines()
        return [entry for line in lines if (entry := _read(line))]


def _read(line: str) -> Spent | None:
    try:
        told = json.loads(line)
        return Spent(**{**told, "cost": Cost(**told["cost"])})
    except (ValueError, TypeError, KeyError):
        return None
