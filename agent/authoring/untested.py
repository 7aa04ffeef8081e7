"""What can be said of a draft whose tests could not be had."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

from agent.authoring.trial import Judged, with_finding
from agent.authoring.work import Work
from agent.authoring.workshop import Workshop
from agent.validation.candidate import Candidate, Verdict
from agent.validation.finding import Finding
from agent.validation.validate import validate
from sessions.errors import IsolationError, KernelError

_OF_TESTS = frozenset({"tests", "evidence", "mutation", "properties"})
_NONE = Finding(signal="tests", problems=("none were written",))
_PRESENT = """from learned_skills.{name} import {name}


def test_it_is_there():
    assert callable({name})
"""
"""Stands in for tests, without which no gate looks at a candidate."""


async def untested(workshop: Workshop, work: Work) -> Judged | None:
    """What the gates say that need no tests; it is never accepted. None if nothing was written."""
    draft = work.draft if work.is_written else None
    if draft is None:
        return None
    candidate = Candidate(
        name=draft.name,
        source=draft.source,
        tests=_PRESENT.format(name=draft.name),
        examples=work.commission.examples,
        skills=await asyncio.to_thread(workshop.shelf.needed_by, draft.source),
    )
    verdict = _without_tests(await _verdict(workshop, candidate))
    return Judged(candidate=replace(candidate, tests=""), verdict=verdict)


async def _verdict(workshop: Workshop, candidate: Candidate) -> Verdict:
    """No cache and no review: neither is for a candidate that can't be accepted."""
    rules = replace(workshop.validator.rules, review=None)
    async with AsyncExitStack() as stack:
        try:
            session = await stack.enter_async_context(workshop.validator.fresh_session())
        except (KernelError, IsolationError):
            return await validate(candidate, None, rules)
        return await validate(candidate, session, rules)


def _without_tests(verdict: Verdict) -> Verdict:
    found = Verdict(accepted=False)
    for finding in verdict.findings:
        if finding.signal not in _OF_TESTS:
            found = with_finding(found, finding, blocked=finding.blocked)
    return with_finding(found, _NONE, blocked=True)
