"""Gates that run the candidate in the guarded kernel and judge what comes back.

Nothing the candidate says of itself counts. For examples the kernel only tells the value, and the
comparison is made here; for tests a random word that the candidate never sees must come back with
a report for every test.
"""

from __future__ import annotations

import ast
import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.validation.candidate import Candidate
from agent.validation.comparison import same
from agent.validation.examples import Example, read_examples
from agent.validation.syntax import test_names
from sessions.errors import UsageError
from sessions.execution import Execution
from tools_registry.skills.skill import Evidence

if TYPE_CHECKING:
    from sessions.session import Session

_SECONDS = 15.0
_INSIDE = Path(__file__).with_name("inside.py")
_SHOWN = 120


async def examples(candidate: Candidate, session: Session) -> Evidence:
    """Every example holds, in type and value."""
    try:
        wanted = read_examples(candidate.examples, candidate.name)
    except UsageError as error:
        return _verdict("examples", [str(error)], "")
    if not wanted:
        return _verdict("examples", [], "none given")
    arguments = [repr(example.arguments) for example in wanted]
    outcomes = await _ask(session, "values_of", candidate, arguments)
    if isinstance(outcomes, str):
        return _verdict("examples", [outcomes], "")
    if len(outcomes) != len(wanted):
        return _verdict("examples", ["the kernel left examples out"], "")
    problems = [_mismatch(candidate.name, *pair) for pair in zip(wanted, outcomes, strict=True)]
    return _verdict("examples", problems, f"{len(wanted)} of {len(wanted)} hold")


async def tests(candidate: Candidate, session: Session) -> Evidence:
    """Every test function runs to its end."""
    names = test_names(candidate.tests)
    if not names:
        return _verdict("tests", [], "none given")
    sentinel = secrets.token_hex(16)
    outcomes = await _ask(session, "run_tests", candidate, [candidate.tests, list(names), sentinel])
    if isinstance(outcomes, str):
        return _verdict("tests", [outcomes], "")
    if outcomes[:1] != [sentinel] or [name for name, _ in outcomes[1:]] != list(names):
        return _verdict("tests", ["the tests did not run to their end"], "")
    problems = [f"{name}: {problem}" if problem else "" for name, problem in outcomes[1:]]
    return _verdict("tests", problems, f"{len(names)} of {len(names)} passed")


def _verdict(signal: str, problems: list[str], success: str) -> Evidence:
    found = [problem for problem in problems if problem]
    return Evidence(signal=signal, passed=not found, detail="; ".join(found[:3]) or success)


async def _ask(session: Session, task: str, candidate: Candidate, details: list[Any]) -> Any:
    """Run a function of `inside.py` in the kernel.

    Returns:
        What it returned; or, as text, why nothing came back.
    """
    inside = _INSIDE.read_text(encoding="utf-8")
    payload = json.dumps([candidate.name, candidate.source, details])
    code = (
        f"(lambda space: (exec({inside!r}, space), space[{task!r}]({payload!r}))[1])"
        "({'__name__': 'agent_gate'})"
    )
    execution = await session.execute(code, timeout=_SECONDS)
    return _answer(execution)


def _answer(execution: Execution) -> Any:
    if execution.status in ("killed", "timeout"):
        limits = f" ({', '.join(execution.limits_hit)})" if execution.limits_hit else ""
        return f"the kernel ended it: {execution.status}{limits}"
    if not execution.ok or execution.result is None:
        error = execution.error
        return f"{error.name}: {error.message}"[:_SHOWN] if error else "it gave no result"
    try:
        answer = ast.literal_eval(ast.literal_eval(execution.result))
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return "it gave something else than the kernel was asked for"
    return answer if isinstance(answer, list) else "it gave something else than a list"


def _mismatch(name: str, example: Example, outcome: Any) -> str:
    """What is wrong with the outcome of one call, or ""."""
    call = f"{name}({', '.join(map(repr, example.arguments))})"[:_SHOWN]
    if not (isinstance(outcome, list) and len(outcome) == 2 and isinstance(outcome[1], str)):
        return f"{call} gave no outcome"
    kind, text = outcome
    if kind != "value":
        return f"{call} {text}"[: 2 * _SHOWN]
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return f"{call} gave no plain value"
    if same(value, example.expected):
        return ""
    return f"{call} gave {text[:_SHOWN]}, not {example.expected!r}"[: 3 * _SHOWN]
