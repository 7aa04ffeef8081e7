"""How found terms behave on inputs like those of the examples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.offline.synthesis.evaluation import FailedError, TookTooLongError, outcome
from agent.validation.examples import Example
from agent.validation.running.inputs import like

_INPUTS = 48
_LONGEST = 300  # characters of an output that are compared
_FAILED = "!"


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What a function returns for inputs that it was not made for.

    Attributes:
        outputs: As source, in the order of the inputs; `!` where it fails.
        values: The same as values; None where it fails.
    """

    outputs: tuple[str, ...]
    values: tuple[Any, ...] = field(compare=False)

    @property
    def failing(self) -> float:
        """The share of inputs on which it fails."""
        return self.outputs.count(_FAILED) / len(self.outputs) if self.outputs else 0.0

    @property
    def is_constant(self) -> bool:
        """Whether it returns the same wherever it returns anything."""
        return len(set(self.outputs) - {_FAILED}) <= 1 < len(self.outputs)

    def at(self, index: int) -> str:
        """The output for one input as source; "" if it fails there."""
        text = self.outputs[index]
        return "" if text == _FAILED else text


def probes(examples: Sequence[Example]) -> list[tuple[Any, ...]]:
    """Inputs like those of the examples."""
    return like([example.arguments for example in examples], _INPUTS)


def behaviour(function: Callable[..., Any], inputs: Sequence[tuple[Any, ...]]) -> Behaviour:
    """What the function returns for the inputs; after one that takes too long it has failed."""
    outputs = [_FAILED] * len(inputs)
    values: list[Any] = [None] * len(inputs)
    for i, arguments in enumerate(inputs):
        try:
            values[i] = outcome(function, arguments)
            outputs[i] = repr(values[i])[:_LONGEST]
        except TookTooLongError:
            break
        except (FailedError, ValueError):  # or a number too long to be shown
            continue
    return Behaviour(outputs=tuple(outputs), values=tuple(values))
