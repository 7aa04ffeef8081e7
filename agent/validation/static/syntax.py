"""Gates that look at the shape of the code."""

from __future__ import annotations

import ast
import keyword
import re
from typing import TYPE_CHECKING

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench

_LONGEST = 64 * 1024
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


async def syntax(candidate: Candidate, bench: Bench) -> Finding:
    """Code and tests parse, and the code defines the function once."""
    problem = _problem(candidate)
    success = f"defines {candidate.name} once"
    return Finding(signal="syntax", problems=(problem,) if problem else (), success=success)


async def evidence_given(candidate: Candidate, bench: Bench) -> Finding:
    """There is something to judge the candidate by."""
    tests = test_functions(candidate.tests)
    if not candidate.examples and not tests:
        problem = "neither tests nor examples: give at least one test function or two examples"
        return Finding(signal="evidence", problems=(problem,))
    given = f"{len(candidate.examples)} examples, {len(tests)} tests"
    return Finding(signal="evidence", success=given)


def test_functions(source: str) -> list[ast.FunctionDef]:
    """The test functions of a module, in order."""
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
    for test in test_functions(candidate.tests):
        names = {node.id for node in ast.walk(test) if isinstance(node, ast.Name)}
        if candidate.name not in names:
            return f"{test.name} doesn't use {candidate.name}"
    return ""
