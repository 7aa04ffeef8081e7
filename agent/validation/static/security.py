"""The gate against dangerous code: ruff's security rules and checks of our own."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.static.checkers import CheckerError
from agent.validation.static.dangers import dangers
from agent.validation.static.injection import injections
from agent.validation.static.lint import ruff, told

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench

_HINTS = (
    *("S101", "S108", "S110", "S112", "S113", "S311", "S324", "S403", "S404", "S603", "S607"),
    *("S404", "S405", "S406", "S408", "S411", "S606"),
)
"""Rules that often fire on harmless code; where it does harm, the checks of our own say so."""

_SECRETS = ("S105", "S106", "S107")  # the gate for secrets asks for these


async def dangerous_code(candidate: Candidate, bench: Bench) -> Finding:
    """No dangerous call and no pattern of injection that the tree shows; costs no process."""
    tree = ast.parse(candidate.source)
    found = sorted({*dangers(tree), *injections(tree)})
    problems = tuple(f"line {line}: {text}" for line, text in found)
    return Finding(signal="dangers", problems=problems, success="no dangerous calls")


async def security(candidate: Candidate, bench: Bench) -> Finding:
    """Nothing that ruff's security rules forbid."""
    try:
        found = await ruff(candidate.source, ("S",), _SECRETS)
    except CheckerError as error:
        return Finding(signal="security", problems=(str(error),), unsure=True)
    problems = [told(item) for item in found if item["code"] not in _HINTS]
    advice = [told(item) for item in found if item["code"] in _HINTS]
    return Finding(
        signal="security",
        problems=tuple(problems),
        advice=tuple(advice),
        success="no dangerous patterns",
    )
