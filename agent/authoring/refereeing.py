"""The referee step: where code and tests disagree, the request decides which is wrong."""

from __future__ import annotations

from collections.abc import Sequence

from agent.authoring.asker import Door
from agent.authoring.disagreement import Disagreement
from agent.authoring.drafting import Drafting
from agent.authoring.suite import Suite, claim_of, stated
from agent.authoring.test_module import Place
from agent.authoring.trial import Judged
from agent.authoring.work import Work
from agent.authoring.workshop import Workshop
from agent.events import TestsCorrected
from subagents.outputs import Decision
from subagents.referee import Referee
from subagents.requests import Dispute, Disputed

_MOST = 5
"""Disagreements in one dispute, the smallest first."""

_WEAK = frozenset({"mutation", "evidence", "syntax"})


class Refereeing:
    """Has wrong tests put right; what the person said is never in dispute.

    Args:
        workshop: What to work with.
        drafting: Has tests written anew if too few are left.
        door: Where it is told.
    """

    def __init__(self, workshop: Workshop, drafting: Drafting, door: Door) -> None:
        self._referee = Referee(workshop.model, runner=workshop.runner)
        self._drafting = drafting
        self._door = door

    async def settle(self, work: Work, judged: Judged) -> bool:
        """Whether the tests of the work are others now, so that the code is to be judged again.

        Raises:
            ModelError: If a model failed.
            BudgetError: If a budget was reached.
        """
        suite = work.suite
        if suite is None:
            return False
        if judged.wants_tests:
            await self._drafting.extend(work)
            self._tell(work, [work.suite.notes[-1]] if work.suite else [])
            return True
        if self._is_weak(suite, judged):
            return await self._renew(work)
        disputed = self._disputed(work, judged)
        if not disputed:
            return False
        changed = self._changed(work, suite, disputed, await self._decide(work, disputed))
        if changed is None:
            return False
        if changed.is_thin:
            return await self._renew(work)
        work.suite = changed
        self._tell(work, changed.notes[len(suite.notes) :])
        return True

    def _disputed(self, work: Work, judged: Judged) -> Sequence[Disagreement]:
        """What may be decided: neither what the person said, nor what was decided already."""
        if "examples" in judged.blocked:
            return ()
        found = (d for d in judged.disagreements if not d.stated and d.demands not in work.rulings)
        return list(found)[:_MOST]

    async def _decide(self, work: Work, disputed: Sequence[Disagreement]) -> Sequence[Decision]:
        dispute = Dispute(
            task=work.commission.task,
            name=work.commission.name,
            tests=tuple(Disputed(test=d.demands, gave=d.gave) for d in disputed),
            examples=work.commission.examples,
            answers=work.commission.answers,
        )
        ruling = await self._referee.run(dispute)
        return sorted(ruling.decisions, key=lambda decision: decision.number)

    def _changed(
        self,
        work: Work,
        suite: Suite,
        disputed: Sequence[Disagreement],
        decisions: Sequence[Decision],
    ) -> Suite | None:
        """The tests after a ruling; None if they are as before."""
        changes: dict[Place, str] = {}
        notes: list[str] = []
        for disagreement, decision in zip(disputed, decisions, strict=True):
            if decision.wrong == "code" or _is_void(work, decision):
                work.rulings[disagreement.demands] = _because(decision)
                continue
            changes[disagreement.place] = decision.correct if decision.wrong == "test" else ""
            notes.append(_noted(disagreement, decision))
            work.open += [f"{disagreement.demands}: {decision.why}"] * (decision.wrong == "open")
        return suite.changed(changes, notes) if changes else None

    async def _renew(self, work: Work) -> bool:
        """Have the tests written anew, once; the ruling that left too few of them is void."""
        if work.renewed:
            return False
        before = len(work.suite.notes) if work.suite else 0
        await self._drafting.renew(work)
        self._tell(work, work.suite.notes[before:] if work.suite else ())
        return True

    def _is_weak(self, suite: Suite, judged: Judged) -> bool:
        """Whether nothing but the tests stands in the way, some of which were taken out."""
        return suite.struck > 0 and bool(judged.blocked) and judged.blocked <= _WEAK

    def _tell(self, work: Work, changes: Sequence[str]) -> None:
        source = work.suite.source if work.suite else ""
        self._door.emit(TestsCorrected(number=work.number, changes=tuple(changes), source=source))


def _is_void(work: Work, decision: Decision) -> bool:
    """Whether a correction would have the tests contradict the person."""
    claim = claim_of(decision.correct, work.commission.name) if decision.correct else None
    return claim is not None and stated(claim, work.commission.examples) is False


def _because(decision: Decision) -> str:
    return f'{decision.why} ("{decision.quote}")'


def _noted(disagreement: Disagreement, decision: Decision) -> str:
    if decision.wrong == "open":
        return f"`{disagreement.demands}` went, the request does not decide it: {decision.why}"
    became = f"became `{decision.correct}`" if decision.correct else "went"
    return f"`{disagreement.demands}` {became}: {_because(decision)}"
