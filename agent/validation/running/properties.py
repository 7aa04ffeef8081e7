"""The gate that tries relations on many inputs, made after the examples by hypothesis."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.running.bench import NoAnswerError
from agent.validation.running.inputs import Arguments
from agent.validation.running.table import known_inputs
from agent.validation.static.policy import refusals
from agent.validation.tables import Made

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench

_TRIES = 40
_SECONDS = 1.0  # for all properties together


async def properties(candidate: Candidate, bench: Bench) -> Finding:
    """Relations that were stated hold for any input; what is usual but not stated is advice."""
    known = [arguments for arguments in known_inputs(candidate) if _is_plain(arguments)]
    for relation in candidate.relations:
        if problem := _unusable(relation):
            return Finding(signal="properties", problems=(f"{relation}: {problem}",))
    if not known:
        advice = ("not tried: no plain inputs to learn from",) * bool(candidate.relations)
        return Finding(signal="properties", advice=advice, success="none")
    try:
        stated, usual = await bench.ask(
            "try_properties",
            candidate,
            parameters=_parameters(candidate),
            relations=list(candidate.relations),
            known=[repr(arguments) for arguments in known],
            tries=_TRIES,
            budget=_SECONDS,
        )
    except (NoAnswerError, ValueError) as error:
        return Finding(signal="properties", advice=(f"not tried: {error}",), unsure=True)
    return Finding(
        signal="properties",
        problems=tuple(map(str, stated)),
        advice=tuple(map(str, usual)),
        success=f"{len(candidate.relations)} stated relations hold",
        weaker=bool(candidate.relations),
    )


def _is_plain(arguments: Arguments) -> bool:
    return not any(isinstance(argument, Made) for argument in arguments)


def _unusable(relation: str) -> str:
    """Why a relation can't be tried, or ""."""
    try:
        tree = ast.parse(relation, mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return "this is no expression"
    return next(iter(refusals(ast.Module([ast.Expr(tree.body)], []), frozenset())), "")


def _parameters(candidate: Candidate) -> list[str]:
    body = ast.parse(candidate.source).body
    functions = [n for n in body if isinstance(n, ast.FunctionDef) and n.name == candidate.name]
    return [argument.arg for argument in functions[-1].args.args]
