"""Where code and tests disagree, each in one small example."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.authoring.suite import stated
from agent.authoring.test_module import Place
from agent.validation.assertions import Claim, NotSimpleError, claims_of
from agent.validation.candidate import Candidate, Verdict
from agent.validation.running.bench import Bench, NoAnswerError
from agent.validation.running.values import CallFailedError, outcomes, shown_call
from agent.validation.static.syntax import test_functions
from sessions.errors import KernelError

_SHOWN = 200
_TESTS, _PROPERTIES = "tests", "properties"


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """One thing that a test demands and that the code does not do.

    Attributes:
        place: Where the tests demand it.
        demands: What is demanded, as source.
        gave: What the code did, e.g. `f(3) gave 6`.
        size: How long the arguments are: the smallest example says most.
        stated: Whether the person said it.
    """

    place: Place
    demands: str
    gave: str
    size: int
    stated: bool = False


async def disagreements(
    candidate: Candidate, verdict: Verdict, bench: Bench
) -> tuple[Disagreement, ...]:
    """What keeps a candidate from passing its tests and properties, the smallest first.

    Args:
        candidate: The function with its tests.
        verdict: What the gates said of it.
        bench: A kernel in which it may run once more.
    """
    problems = {f.signal: f.problems for f in verdict.findings if f.blocked}
    found = _of_properties(candidate, problems.get(_PROPERTIES, ()))
    if _TESTS in problems:
        found += await _of_tests(candidate, problems[_TESTS], bench)
    return tuple(sorted(found, key=lambda one: one.size))


async def _of_tests(
    candidate: Candidate, problems: Sequence[str], bench: Bench
) -> list[Disagreement]:
    tests = {test.name: test for test in test_functions(candidate.tests)}
    claims = [c for test in tests.values() for c in claims_of(test, candidate.name) or ()]
    found = await _broken(candidate, claims, bench)
    told = {one.place[0] for one in found}
    for problem in problems:
        name, _, gave = problem.partition(": ")
        if name in tests and name not in told:  # of what only the kernel can judge
            found.append(_whole(tests[name], gave))
    return found


async def _broken(
    candidate: Candidate, claims: Sequence[Claim], bench: Bench
) -> list[Disagreement]:
    calls = {call: arguments for claim in claims for call, arguments in claim.calls.items()}
    try:
        told = await outcomes(candidate, bench, list(calls.values())) if calls else []
    except (NoAnswerError, KernelError):
        return []
    values = dict(zip(calls, told, strict=True))
    found = (_of_claim(claim, values, candidate) for claim in claims)
    return [one for one in found if one is not None]


def _of_claim(
    claim: Claim, values: Mapping[ast.Call, Any], candidate: Candidate
) -> Disagreement | None:
    told = [values[call] for call in claim.calls]
    failed = any(isinstance(value, CallFailedError) for value in told)
    try:
        if not failed and claim.holds(values):
            return None
    except NotSimpleError:
        return None
    calls = [shown_call(candidate.name, arguments) for arguments in claim.calls.values()]
    gave = [f"{call} {_outcome(value)}" for call, value in zip(calls, told, strict=True)]
    return Disagreement(
        place=(claim.test, claim.text),
        demands=claim.text,
        gave=", ".join(gave),
        size=sum(map(len, calls)),
        stated=stated(claim, candidate.examples) is True,
    )


def _outcome(value: Any) -> str:
    return str(value) if isinstance(value, CallFailedError) else f"gave {value!r}"[:_SHOWN]


def _whole(test: ast.FunctionDef, gave: str) -> Disagreement:
    source = ast.unparse(test)
    return Disagreement(place=(test.name, ""), demands=source, gave=gave[:_SHOWN], size=len(source))


def _of_properties(candidate: Candidate, problems: Iterable[str]) -> list[Disagreement]:
    found = []
    for problem in problems:
        broken = next((r for r in candidate.relations if r in problem), None)
        if broken is not None:
            gave = problem[:_SHOWN]
            found.append(
                Disagreement(place=("", broken), demands=broken, gave=gave, size=len(problem))
            )
    return found
