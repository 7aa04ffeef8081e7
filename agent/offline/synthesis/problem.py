"""What is to be solved, and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
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
class Traits:
    """What speaks for a solution and against it.

    Attributes:
        cost: What it cost to find: its size, less for operations that the words name.
        words: How much of the description its operations account for, in bits.
        unused: How many parameters it doesn't use.
        unexplained: How many of its constants come from nowhere.
        support: How many solutions behave as it does on inputs like the examples, itself included.
        failing: On what share of such inputs it fails.
        constant: Whether it returns the same for all of them.
    """

    cost: int = 0
    words: float = 0.0
    unused: int = 0
    unexplained: int = 0
    support: int = 1
    failing: float = 0.0
    constant: bool = False


@dataclass(frozen=True, kw_only=True)
class Solution:
    """An expression over the parameters that meets every example.

    Attributes:
        expression: Python source.
        score: Lower is more plausible; above zero.
        traits: What the score is made of.
    """

    expression: str
    score: float
    traits: Traits = field(default_factory=Traits)


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
        solutions: Best first, one for each way to behave on inputs like the examples; empty if
            none was found.
        disagreement: Where the best of them differ, if they do.
        share: How much of all plausibility the best has, from 0 to 1.
    """

    solutions: tuple[Solution, ...] = ()
    disagreement: Disagreement | None = None
    share: float = 0.0

    @property
    def survivors(self) -> int:
        """How many ways to behave are left."""
        return len(self.solutions)
