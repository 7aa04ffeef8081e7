"""Gates that look at the shape of the code."""

from __future__ import annotations

import ast
import keyword
import re
from typing import TYPE_CHECKING

from agent.validation.candidate import Candidate
from tools_registry.skills.skill import Evidence

if TYPE_CHECKING:
    from sessions.session import Session

_LONGEST = 64 * 1024
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


async def syntax(candidate: Candidate, session: Session) -> Evidence:
    """Code and tests parse, and the code defines the function once."""
    problem = _problem(candidate)
    return Evidence(
        signal="syntax", passed=not problem, detail=problem or f"defines {candidate.name} once"
    )


async def evidence_given(candidate: Candidate, session: Session) -> Evidence:
    """There is something to judge the candidate by."""
    given = f"{len(candidate.examples)} examples, {len(test_names(candidate.tests))} tests"
    if not candidate.examples and not test_names(candidate.tests):
        detail = "neither tests nor examples: give at least one test function or two examples"
        return Evidence(signal="evidence", passed=False, detail=detail)
    return Evidence(signal="evidence", passed=True, detail=given)


def test_names(source: str) -> tuple[str, ...]:
    """The test functions of a module, in order."""
    return tuple(node.name for node in _test_functions(source))


def _test_functions(source: str) -> list[ast.FunctionDef]:
    nodes = ast.parse(source).body
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
    return [function for function in functions if function.name.startswith("test_")]


def _problem(candidate: Candidate) -> str:
    """What is wrong with the code, or ""."""
    if not _NAME.fullmatch(candidate.name) or keyword.iskeyword(candidate.name):
        return f"{candidate.name!r} can't be the name of a skill: use lower_case_words"
    for what, source in (("code", candidate.source), ("tests", candidate.tests)):
        if len(source) > _LONGEST:
            return f"the {what} exceed {_LONGEST // 1024} KB"
        if problem := _unparsable(source):
            return f"the {what}: {problem}"
    return _misdefined(candidate) or _vacuous(candidate)


def _unparsable(source: str) -> str:
    try:
        compile(source, "<candidate>", "exec", flags=ast.PyCF_ONLY_AST, dont_inherit=True)
    except SyntaxError as error:
        return f"{error.msg} (line {error.lineno})"
    except (ValueError, MemoryError, RecursionError) as error:
        return f"can't be parsed ({error})"
    return ""


def _misdefined(candidate: Candidate) -> str:
    body = ast.parse(candidate.source).body
    names = [node.name for node in body if isinstance(node, ast.FunctionDef)]
    count = names.count(candidate.name)
    return "" if count == 1 else f"defines {candidate.name} {count} times, not once"


def _vacuous(candidate: Candidate) -> str:
    """A test that never calls the function says nothing of it."""
    for test in _test_functions(candidate.tests):
        names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        if candidate.name not in names:
            return f"{test.name} doesn't use {candidate.name}"
    return ""
