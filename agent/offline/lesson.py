"""What is to be learned, what is asked about it, and what came of it."""

from __future__ import annotations

import ast
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from agent.offline.examples import read_example
from agent.offline.faults import fault_of_value
from agent.offline.rendering import call
from agent.validation.examples import Example
from agent.validation.questions import sentence
from sessions.errors import UsageError

SKIP = "?"
"""The answer of a person who can't say, or doesn't mind."""

_VARIED = 4  # examples
_DIFFERENT = 3  # results, for what is not a truth value
_YES = {"yes": True, "y": True, "true": True, "no": False, "n": False, "false": False}


@dataclass(frozen=True, kw_only=True)
class LearnRequest:
    """What is to be learned.

    Attributes:
        description: What the function does, in words.
        name: What it will be called.
        examples: Texts such as `f(1, "a") == 2`.
        answers: Replies to questions, in the order in which they were asked: plain values, whole
            examples such as `f(2) == 3`, or `?` for what nobody can say.
        seconds: Time for one search, about.
    """

    description: str
    name: str
    examples: tuple[str, ...]
    answers: tuple[str, ...] = ()
    seconds: float = 2.0


@dataclass(frozen=True, kw_only=True)
class LearnQuestion:
    """An input whose output tells plausible functions apart, or the best one from a wrong one.

    Attributes:
        name: The function.
        arguments: Those of the call.
        options: What the plausible functions return, as source, the likeliest first.
        kinds: The types that results have in the examples.
    """

    name: str
    arguments: tuple[Any, ...]
    options: tuple[str, ...]
    kinds: frozenset[type]

    @property
    def call(self) -> str:
        """The call in question, as source."""
        return call(self.name, self.arguments)

    @property
    def text(self) -> str:
        """As a sentence."""
        return sentence(self.call, self.options)

    def is_about(self, example: Example) -> bool:
        """Whether an example is about the input in question."""
        return repr(example.arguments) == repr(self.arguments)

    def example(self, answer: str) -> Example:
        """The example that an answer makes.

        Args:
            answer: A value, or a whole example, which may be one with other arguments.

        Raises:
            UsageError: If it is neither.
        """
        text = answer.strip()
        if text.startswith(f"{self.name}("):
            return read_example(text, self.name, "the answer")
        value = self._value(text)
        if fault := fault_of_value(value):
            msg = f"the answer {text[:60]!r} can't be used: it {fault}"
            raise UsageError(msg)
        return Example(arguments=self.arguments, expected=value)

    def _value(self, text: str) -> Any:
        """The value that a text gives, of a type that results have if that is possible."""
        if self.kinds == {bool} and text.lower() in _YES:
            return _YES[text.lower()]
        try:
            value = ast.literal_eval(text)
        except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
            value = None if text == "None" else text
            if str not in self.kinds:
                msg = f"{text[:60]!r} can't be the answer to: {self.text} Give a plain value"
                raise UsageError(msg) from None
        return _as_one_of(self.kinds, value, text)


def _as_one_of(kinds: Collection[type], value: Any, text: str) -> Any:
    """The value as people mean it: 3 for 3.0 where all results are floats, and the like."""
    if kinds == {float} and type(value) is int:
        return float(value)
    if kinds == {int} and type(value) is float and value.is_integer():
        return int(value)
    if kinds == {bool} and type(value) is int and value in (0, 1):
        return bool(value)
    if kinds == {str} and not isinstance(value, str):
        return text
    return value


Asking = Callable[[LearnQuestion], Awaitable[str | None]]
"""Puts a question to a person; None if nobody is there."""


def are_varied(examples: Sequence[Example]) -> bool:
    """Whether examples are enough, and differ enough in their results, to build on them."""
    results = [repr(example.expected) for example in examples]
    if all(isinstance(example.expected, bool) for example in examples):
        return min(results.count("True"), results.count("False")) * 2 >= _VARIED
    return len(results) >= _VARIED and len(set(results)) >= _DIFFERENT


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A function found, not validated yet; or why there is none.

    Attributes:
        name: Name of the function.
        source: Its module; "" if there is none to be shown.
        tests: Its tests.
        examples: What it was made from, answers included, as texts.
        answered: How many questions were answered.
        varied: Whether the examples are many and differ in their results.
        doubt: How doubtful it is that it is what was meant, see `confidence`.
        question: What should be asked before it is kept.
        rests_on: The examples and answers behind it, in words.
        reason: Why there is no source; "" if there is.
    """

    name: str
    source: str = ""
    tests: str = ""
    examples: tuple[str, ...] = ()
    answered: int = 0
    varied: bool = False
    doubt: float = 1.0
    question: LearnQuestion | None = None
    rests_on: str = ""
    reason: str = ""

    @property
    def trust(self) -> str:
        """What a person who reviews it should know, in a phrase."""
        if self.answered and self.varied:
            return "they are varied enough to build on it"
        return f"build on it only after {_VARIED} varied examples and one answered question"
