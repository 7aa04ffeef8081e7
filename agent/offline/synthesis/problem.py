"""What is to be solved, and what was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agent.validation.examples import Example


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A function to be found.

    Attributes:
        description: What it does, in words; may be empty.
        name: What it will be called; its words count too.
        parameters: Names of its parameters.
        examples: Two or more, all with as many arguments as there are parameters.
        seconds: Time for the search, about; it is counted in steps, so that the same problem has
            the same solutions.
    """

    description: str
    name: str
    parameters: tuple[str, ...]
    examples: tuple[Example, ...]
    seconds: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Solution:
    """An expression over the parameters that meets every example.

    Attributes:
        expression: Python source.
        score: Lower is more plausible.
    """

    expression: str
    score: float


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """An input on which plausible solutions differ.

    Attributes:
        arguments: The input.
        outputs: What the solutions return for it, best solution first, each value once.
    """

    arguments: tuple[Any, ...]
    outputs: tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Everything a search brought.

    Attributes:
        solutions: Best first; empty if none was found.
        disagreement: Where the best of them differ, if they do.
    """

    solutions: tuple[Solution, ...] = ()
    disagreement: Disagreement | None = None
