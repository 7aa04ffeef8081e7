"""What the engine may decide to do next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A cell to run, and what to say of it.

    Attributes:
        code: The cell; its last expression is the result.
        sentence: What the result is, for the person; no full stop.
        assumptions: What was assumed on the way, each a sentence without a full stop.
        confidence: 0…1, how sure the engine is that this is meant.
        about: What the plan is about, if it is several tables.
    """

    code: str
    sentence: str
    assumptions: tuple[str, ...] = ()
    confidence: float = 1.0
    about: str = ""


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """A question to the person, because several readings fit equally.

    Attributes:
        question: One sentence.
        options: Answers to choose from; empty if any text will do.
        context: What the person needs to know.
    """

    question: str
    options: tuple[str, ...] = ()
    context: str = ""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """The engine can't do it.

    Attributes:
        reason: Why, and what the person can do, in plain words.
        nearest: Names of the tools that come nearest.
    """

    reason: str
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Call:
    """A tool of the coordinator to be called.

    Attributes:
        tool: Its name.
        arguments: By parameter name.
    """

    tool: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Say:
    """The answer that ends the run."""

    text: str


class UnclearError(Exception):
    """A reading needs an answer first."""

    def __init__(self, inquiry: Inquiry) -> None:
        super().__init__(inquiry.question)
        self.inquiry = inquiry


class UnboundError(Exception):
    """A reading fits, but something it needs is missing; the text says what."""
