"""Judges candidates for a workspace as the person's settings say, and remembers verdicts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from agent.settings import Settings
from agent.validation.cache import VerdictCache
from agent.validation.candidate import Candidate, Verdict
from agent.validation.gate import Review, Rules
from agent.validation.validate import validate

if TYPE_CHECKING:
    from sessions.session import Session


@dataclass(frozen=True, kw_only=True)
class Validator:
    """What every door asks before something is kept.

    Attributes:
        rules: What blocks and what is advice.
        cache: Verdicts that were reached before; None where cells could have written them.
        fresh_session: Makes a kernel that nothing else depends on.
    """

    rules: Rules
    cache: VerdictCache | None
    fresh_session: Callable[[], Session]

    async def judge(self, candidate: Candidate, review: Review | None = None) -> Verdict:
        """The verdict on a candidate; no kernel is started for one that was judged before.

        Args:
            candidate: The function with its tests and examples.
            review: Judges what all gates let through; such a verdict is not remembered.

        Raises:
            IsolationError: If this machine can't isolate code and the settings require it.
            KernelError: If the kernel does not start.
        """
        rules = replace(self.rules, review=review) if review else self.rules
        if self.cache:
            known = await asyncio.to_thread(self.cache.get, candidate, rules)
            if known is not None:
                return known
        async with self.fresh_session() as session:
            return await validate(candidate, session, rules, self.cache)


def rules_of(settings: Settings, workspace: Path) -> Rules:
    """The rules for candidates of a workspace."""
    policy = (sorted(settings.allow), sorted(settings.refuse), settings.strict)
    kernel = (settings.tier, settings.isolation, policy, _installed(workspace))
    return Rules(blocking=settings.blocking, seconds=settings.gates_seconds, kernel=repr(kernel))


def _installed(workspace: Path) -> list[tuple[str, int]]:
    """The installations that a kernel of the workspace sees; none of them ever changes."""
    found = workspace.resolve().glob(".agent/environments/*/site-packages/*")
    return sorted((str(layer), layer.stat().st_ino) for layer in found)
