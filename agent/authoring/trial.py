"""One candidate before all gates, and before the person if there is one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.authoring.disagreement import Disagreement, disagreements
from agent.authoring.interview import Interview
from agent.validation.cache import VerdictCache
from agent.validation.candidate import Candidate, Verdict
from agent.validation.finding import Finding
from agent.validation.gate import Rules
from agent.validation.running.bench import Bench
from agent.validation.validate import validate
from sessions.session import Session


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What came of one candidate.

    Attributes:
        candidate: What was judged.
        verdict: What the gates said.
        disagreements: Between code and tests, the smallest first.
        wants_tests: Whether a reviewer found nothing but the tests wanting.
    """

    candidate: Candidate
    verdict: Verdict
    disagreements: tuple[Disagreement, ...] = ()
    wants_tests: bool = False

    @property
    def blocked(self) -> frozenset[str]:
        """The gates that keep it out."""
        return frozenset(f.signal for f in self.verdict.findings if f.blocked)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Where candidates are judged.

    Attributes:
        session: A kernel that nothing else depends on.
        rules: What blocks.
        cache: Remembers verdicts without a review.
    """

    session: Session
    rules: Rules
    cache: VerdictCache | None

    async def hold(self, candidate: Candidate) -> Judged:
        """What the gates say, and if they say no, where exactly code and tests disagree."""
        verdict = await validate(candidate, self.session, self.rules, self.cache)
        found = () if verdict.accepted else await disagreements(candidate, verdict, self._bench)
        return Judged(candidate=candidate, verdict=verdict, disagreements=found)

    async def question(self, judged: Judged, interview: Interview) -> Judged:
        """The same after the person was asked what tells it from functions like it."""
        finding = await interview.hold(judged.candidate, self._bench)
        if finding is None:
            return judged
        blocked = bool(finding.problems)
        return replace(judged, verdict=with_finding(judged.verdict, finding, blocked=blocked))

    async def confirm(self, judged: Judged, candidate: Candidate) -> Judged:
        """The same with more examples, which all other gates are asked about, too."""
        rules = replace(self.rules, review=None)
        verdict = await validate(candidate, self.session, rules, self.cache)
        there = {finding.signal for finding in verdict.findings}
        for finding in judged.verdict.findings:
            if finding.signal not in there:
                verdict = with_finding(verdict, finding, blocked=finding.blocked)
        return Judged(candidate=candidate, verdict=verdict)

    @property
    def _bench(self) -> Bench:
        return Bench(self.session, self.rules.seconds)


def refused(candidate: Candidate, signal: str, problem: str) -> Judged:
    """A candidate that no gate needs to see."""
    finding = Finding(signal=signal, problems=(problem,))
    return Judged(
        candidate=candidate, verdict=with_finding(Verdict(accepted=False), finding, blocked=True)
    )


def with_finding(verdict: Verdict, finding: Finding, *, blocked: bool = False) -> Verdict:
    """A verdict with one more finding."""
    found = replace(finding, blocked=blocked)
    return replace(
        verdict,
        accepted=verdict.accepted and not blocked,
        evidence=(*verdict.evidence, found.evidence()),
        findings=(*verdict.findings, found),
    )
