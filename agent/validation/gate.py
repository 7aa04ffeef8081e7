"""The one protocol of all gates, and the rules by which they count."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from agent.gate_names import BLOCKING, INDISPENSABLE
from agent.validation.candidate import Candidate
from agent.validation.finding import Finding

if TYPE_CHECKING:
    from agent.validation.running.bench import Bench

HIGH, MEDIUM, LOW = 3, 2, 1
"""Weights of signals in the score."""

Review = Callable[[Candidate], Awaitable[Finding]]
"""A second pair of eyes; it returns a finding with the signal `review`."""


class Judge(Protocol):
    """A gate as a function; it raises nothing for what a candidate does."""

    async def __call__(self, candidate: Candidate, bench: Bench) -> Finding:
        """What is found in the candidate; the bench has the kernel."""


@dataclass(frozen=True, kw_only=True)
class Gate:
    """A judge, and when to ask it.

    Attributes:
        signal: Name in the evidence.
        judge: The gate itself.
        cost: Milliseconds it usually takes; the cheapest is asked first.
        needs_kernel: Whether it runs the candidate. Such gates wait for each other, all others
            run beside them.
        weight: What it counts in the score.
        version: Counts up when the gate judges otherwise, so that old verdicts are forgotten.
    """

    signal: str
    judge: Judge
    cost: float
    needs_kernel: bool = False
    weight: int = MEDIUM
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What counts in which way; the defaults are the safe ones.

    Attributes:
        blocking: Signals whose problems keep a candidate out; those of other gates are advice.
        seconds: Most seconds of one call of the candidate, and of one test.
        review: Judges what all other gates let through; no review if None.
        kernel: Which kernel judges, in a word: a verdict of one is none of another.
    """

    blocking: frozenset[str] = BLOCKING
    seconds: float = 5.0
    review: Review | None = None
    kernel: str = ""

    def block(self, signal: str) -> bool:
        """Whether problems of this gate keep a candidate out."""
        return signal in self.blocking or signal in INDISPENSABLE
