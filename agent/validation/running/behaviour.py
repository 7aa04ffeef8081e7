"""Gates that hold the candidate to its examples and its tests.

Nothing the candidate says of itself counts. The kernel only tells values, and they are compared
here; what is expected never goes there. Tests that can't be taken apart run in the kernel beside
the candidate: a random word must come back, a broken promise must fail, and the evidence says
that this judgement is weaker.
"""

from __future__ import annotations

import ast
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from agent.validation.assertions import KNOWN, MEANT, Claim, NotSimpleError, claims_of
from agent.validation.candidate import Candidate
from agent.validation.comparison import same
from agent.validation.examples import Example, read_with_tables
from agent.validation.finding import Finding
from agent.validation.running.bench import Bench, NoAnswerError
from agent.validation.running.mutants import is_documentation
from agent.validation.running.values import CallFailedError, outcomes, shown_call
from agent.validation.static.names import imported
from agent.validation.static.syntax import test_functions
from agent.validation.tables import built
from sessions.errors import UsageError

_SHOWN = 120
_PLANTED = ("conftest.py", "sitecustomize.py", "usercustomize.py", "pytest.ini", "tox.ini")
_OVERLOADED = frozenset({"__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__", "__bool__"})


async def examples(candidate: Candidate, bench: Bench) -> Finding:
    """Every example holds, in type and value."""
    try:
        wanted = read_with_tables(candidate.examples, candidate.name)
    except UsageError as error:
        return Finding(signal="examples", problems=(str(error),))
    if not wanted:
        return Finding(signal="examples", success="none given")
    try:
        told = await outcomes(candidate, bench, [(e.arguments, ()) for e in wanted])
    except NoAnswerError as error:
        return _unanswered("examples", error)
    pairs = zip(wanted, told, strict=True)
    problems = tuple(p for pair in pairs if (p := _mismatch(candidate, *pair)))
    late = any(isinstance(value, CallFailedError) and value.late for value in told)
    success = f"{len(wanted)} of {len(wanted)} hold"
    return Finding(signal="examples", problems=problems, success=success, unsure=late)


async def tests(candidate: Candidate, bench: Bench) -> Finding:
    """Every test function holds: judged here if its values can travel, else beside the code."""
    functions = test_functions(candidate.tests)
    if not functions:
        return Finding(signal="tests", success="none given")
    apart = _is_plain_module(candidate)
    taken = {f.name: claims_of(f, candidate.name) if apart else None for f in functions}
    claims = [claim for found in taken.values() for claim in found or ()]
    planted = _planted(bench)
    try:
        problems, untold = await _judged_here(candidate, bench, claims)
        others = [name for name, found in taken.items() if found is None or name in untold]
        problems += await _judged_inside(candidate, bench, others) if others else []
    except NoAnswerError as error:
        return _unanswered("tests", error)
    problems += [f"it writes {name}" for name in _planted(bench) if name not in planted]
    success = f"{len(functions)} of {len(functions)} passed"
    unsure = any("too long" in problem for problem in problems)
    return Finding(
        signal="tests",
        problems=tuple(problems),
        success=success,
        weaker=bool(others),
        unsure=unsure,
    )


def _is_plain_module(candidate: Candidate) -> bool:
    """Whether the tests stand for themselves: no name in them means something else than it says."""
    tree = ast.parse(candidate.tests)
    quiet = (ast.Import, ast.ImportFrom, ast.Assign, ast.FunctionDef)
    body = [node for node in tree.body if not is_documentation(node)]
    means = imported(tree)
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and _is_bound(node)}
    named |= {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    skill = means.pop(candidate.name, "")
    other = {name for name in means.keys() & KNOWN if means[name] != MEANT.get(name)}
    changed = (named & {*KNOWN, candidate.name}) | other
    is_it = skill == f"learned_skills.{candidate.name}.{candidate.name}"
    return is_it and not changed and all(isinstance(node, quiet) for node in body)


def _is_bound(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


async def _judged_here(
    candidate: Candidate, bench: Bench, claims: Sequence[Claim]
) -> tuple[list[str], set[str]]:
    """Problems, and the tests that can't be judged here after all."""
    calls = {call: arguments for claim in claims for call, arguments in claim.calls.items()}
    told = await outcomes(candidate, bench, list(calls.values())) if calls else []
    values = dict(zip(calls, told, strict=True))
    problems, untold = [], set()
    for claim in claims:
        try:
            problems += _broken(claim, values, candidate.name)
        except NotSimpleError:
            untold.add(claim.test)
    return problems, untold


def _broken(claim: Claim, outcomes: Mapping[ast.Call, Any], name: str) -> list[str]:
    """Why a claim does not hold, at most one reason."""
    for call, arguments in claim.calls.items():
        told = outcomes[call]
        if isinstance(told, CallFailedError):
            if told.known:
                raise NotSimpleError
            return [f"{claim.test}: {shown_call(name, arguments)} {told}"]
    if claim.holds(outcomes):
        return []
    gave = [f"{shown_call(name, a)} gave {outcomes[c]!r}"[:_SHOWN] for c, a in claim.calls.items()]
    return [f"{claim.test}: {claim.text[:_SHOWN]} does not hold: {', '.join(gave)}"]


async def _judged_inside(candidate: Candidate, bench: Bench, names: list[str]) -> list[str]:
    """Problems of tests that run in the candidate's own process."""
    if overloads := _overloads(candidate.source):
        return [f"it defines {overloads}, so its tests can't be believed"]
    sentinel = secrets.token_hex(16)
    answer = await bench.ask(
        "run_tests", candidate, tests=candidate.tests, names=names, sentinel=sentinel
    )
    match answer:
        case [word, canary, list(changed), list(outcomes)] if word == sentinel:
            if not str(canary).startswith("AssertionError"):
                return ["it keeps tests from failing"]
            if changed:
                return [f"it replaces {', '.join(map(str, changed))}"]
            if [name for name, _ in outcomes] == names:
                return [f"{name}: {problem}" for name, problem in outcomes if problem]
    return ["the tests did not run to their end"]


def _overloads(source: str) -> str:
    """A method by which comparisons could lie, or ""."""
    names = [getattr(node, "name", "") for node in ast.walk(ast.parse(source))]
    return next((name for name in names if name in _OVERLOADED), "")


def _mismatch(candidate: Candidate, example: Example, told: Any) -> str:
    """What is wrong with the outcome of one call, or ""."""
    call = shown_call(candidate.name, (example.arguments, ()))
    if isinstance(told, CallFailedError):
        return f"{call} {told}"
    try:
        expected = built(example.expected)
    except (ValueError, TypeError) as error:
        return f"{example.expected!r} can't be made: {error}"[:_SHOWN]
    if same(told, expected):
        return ""
    return f"{call} gave {told!r}"[: 2 * _SHOWN] + f", not {example.expected!r}"[:_SHOWN]


def _planted(bench: Bench) -> list[str]:
    """Files in the workspace by which test runners are configured."""
    workspace = bench.session.workspace if bench.session else None
    return [name for name in _PLANTED if workspace and (workspace / name).exists()]


def _unanswered(signal: str, error: NoAnswerError) -> Finding:
    return Finding(signal=signal, problems=(str(error),), unsure=error.ended)
