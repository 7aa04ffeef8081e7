"""What the author of the next attempt is told: the smallest thing that shows what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent.authoring.disagreement import Disagreement
from agent.validation.candidate import Verdict
from agent.validation.finding import Finding
from subagents.data import one_line

_LONGEST = 500
_SAID = 3
_BEHAVIOUR = frozenset({"examples", "tests", "properties"})


def feedback(
    verdict: Verdict, disagreements: Sequence[Disagreement], rulings: Mapping[str, str]
) -> tuple[str, ...]:
    """What is to be mended; empty if the candidate was accepted.

    Of what the code gives for an input only the smallest example is told, of any other gate its
    findings; never a log.

    Args:
        verdict: What the gates said.
        disagreements: Between code and tests, the smallest first.
        rulings: Why the code is wrong, by what is demanded.
    """
    blocked = [finding for finding in verdict.findings if finding.blocked]
    if disagreements:
        return (_smallest(disagreements, rulings),)
    return tuple(text for finding in blocked[:1] for text in _told(finding))


def _smallest(disagreements: Sequence[Disagreement], rulings: Mapping[str, str]) -> str:
    one = disagreements[0]
    parts = [f"{one.gave}; demanded is {one.demands}"]
    if why := rulings.get(one.demands):
        parts.append(why)
    if more := len(disagreements) - 1:
        parts.append(f"{more} more like this")
    return one_line(" · ".join(parts), _LONGEST)


def _told(finding: Finding) -> list[str]:
    if finding.signal in _BEHAVIOUR:
        smallest = min(finding.problems, key=len)
        return [one_line(smallest, _LONGEST)]
    return [one_line(f"{finding.signal}: {text}", _LONGEST) for text in finding.problems[:_SAID]]
