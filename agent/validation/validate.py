"""A candidate before all gates: side by side where they can be, and no further than a block."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from agent.validation.candidate import Candidate, Verdict
from agent.validation.finding import Finding
from agent.validation.gate import MEDIUM, Gate, Rules
from agent.validation.gates import GATES
from agent.validation.running.bench import Bench
from sessions.errors import AgentError

if TYPE_CHECKING:
    from agent.validation.cache import VerdictCache
    from sessions.session import Session

_AT_ONCE = 5.0  # milliseconds below which a gate is not worth a task of its own


async def validate(
    candidate: Candidate,
    session: Session | None,
    rules: Rules | None = None,
    cache: VerdictCache | None = None,
) -> Verdict:
    """Judge a candidate; it runs in the kernel of the session and nowhere else.

    Args:
        candidate: The function with its tests and examples.
        session: A session that nothing else depends on: the candidate may leave traces in its
            kernel, or end it. Without one its text alone is judged, and it is never accepted.
        rules: What blocks and what is advice; the safe defaults if None.
        cache: Remembers verdicts, so that the same candidate is not judged twice.

    Returns:
        Accepted only if no gate that blocks found a problem, and there were tests or examples.
    """
    rules = rules or Rules()
    known = cache.get(candidate, rules) if cache else None
    if known is not None:
        return known
    verdict = _verdict(await _findings(candidate, Bench(session, rules.seconds), rules), rules)
    if cache and not any(finding.unsure for finding in verdict.findings):
        cache.put(candidate, rules, verdict)
    return verdict


async def _findings(candidate: Candidate, bench: Bench, rules: Rules) -> list[Finding]:
    """What the gates say, up to the first block."""
    trial = _Trial(candidate, bench, rules)
    ordered = sorted(GATES, key=lambda gate: gate.cost)
    await trial.in_turn(gate for gate in ordered if gate.cost <= _AT_ONCE)
    later = [gate for gate in ordered if gate.cost > _AT_ONCE]
    await trial.side_by_side(
        [
            trial.in_turn(gate for gate in later if gate.needs_kernel),
            *(trial.in_turn([gate]) for gate in later if not gate.needs_kernel),
        ]
    )
    if rules.review and not trial.blocked:
        trial.note(await rules.review(candidate))
    return trial.found


class _Trial:
    """One candidate on its way through the gates."""

    def __init__(self, candidate: Candidate, bench: Bench, rules: Rules) -> None:
        self._candidate, self._bench, self._rules = candidate, bench, rules
        self.found: list[Finding] = []

    @property
    def blocked(self) -> bool:
        return any(finding.blocked for finding in self.found)

    def note(self, finding: Finding) -> None:
        blocks = bool(finding.problems) and self._rules.block(finding.signal)
        self.found.append(replace(finding, blocked=blocks))

    async def in_turn(self, gates: Iterable[Gate]) -> None:
        for gate in gates:
            if not self.blocked:
                started = time.perf_counter()
                finding = await self._asked(gate)
                self.note(replace(finding, seconds=time.perf_counter() - started))

    async def _asked(self, gate: Gate) -> Finding:
        try:
            return await gate.judge(self._candidate, self._bench)
        except AgentError as error:  # of the kernel: says nothing of the candidate
            problem = f"it could not be run: {error}"
            return Finding(signal=gate.signal, problems=(problem,), not_run=True, unsure=True)

    async def side_by_side(self, ways: Sequence[Coroutine[None, None, None]]) -> None:
        """Until all are done or one blocks; whatever is left then is cancelled."""
        tasks = {asyncio.ensure_future(way) for way in ways}
        try:
            waiting = tasks
            while waiting and not self.blocked:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _verdict(findings: list[Finding], rules: Rules) -> Verdict:
    order = [gate.signal for gate in GATES]
    found = sorted(
        findings, key=lambda f: order.index(f.signal) if f.signal in order else len(order)
    )
    weights = {gate.signal: gate.weight for gate in GATES}
    clean = sum(weights.get(finding.signal, MEDIUM) for finding in found if finding.clean)
    asked = sum(weights.values()) + MEDIUM * bool(rules.review)
    validated = not any(finding.not_run for finding in found)
    return Verdict(
        accepted=validated and not any(finding.blocked for finding in found),
        evidence=tuple(finding.evidence() for finding in found),
        findings=tuple(found),
        score=round(clean / asked, 3),
        validated=validated,
    )
