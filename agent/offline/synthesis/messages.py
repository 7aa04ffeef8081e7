"""What goes to the synthesiser's process and what comes back."""

from __future__ import annotations

import json
from dataclasses import asdict

from agent.offline.synthesis.problem import Disagreement, Findings, Problem, Solution, Traits
from agent.offline.synthesis.wire import decode, encode
from agent.validation.examples import Example


def write_problem(problem: Problem) -> str:
    """The problem as JSON."""
    return json.dumps(
        {
            "description": problem.description,
            "name": problem.name,
            "parameters": problem.parameters,
            "examples": [[encode(e.arguments), encode(e.expected)] for e in problem.examples],
            "seconds": problem.seconds,
        }
    )


def read_problem(text: str) -> Problem:
    """The problem that `write_problem` was given."""
    data = json.loads(text)
    examples = [Example(arguments=decode(a), expected=decode(e)) for a, e in data["examples"]]
    return Problem(
        description=data["description"],
        name=data["name"],
        parameters=tuple(data["parameters"]),
        examples=tuple(examples),
        seconds=data["seconds"],
    )


def write_findings(findings: Findings) -> str:
    """The findings as JSON, on one line."""
    rivals = findings.disagreement
    return json.dumps(
        {
            "solutions": [[s.expression, s.score, asdict(s.traits)] for s in findings.solutions],
            "disagreement": rivals and [encode(rivals.arguments), encode(rivals.outputs)],
            "share": findings.share,
        }
    )


def read_findings(text: str) -> Findings:
    """The findings that `write_findings` was given."""
    data = json.loads(text)
    rivals = data["disagreement"]
    return Findings(
        solutions=tuple(
            Solution(expression=e, score=s, traits=Traits(**t)) for e, s, t in data["solutions"]
        ),
        disagreement=rivals
        and Disagreement(arguments=decode(rivals[0]), outputs=decode(rivals[1])),
        share=data["share"],
    )
