"""Which examples something can be learned from."""

from __future__ import annotations

from collections.abc import Iterable

from agent.validation.comparison import same
from agent.validation.examples import Example, read_examples
from sessions.errors import UsageError


def telling_examples(texts: Iterable[str], name: str) -> tuple[Example, ...]:
    """The examples of one function, each input once.

    Args:
        texts: One example each, e.g. `f(1, "a") == 2`.
        name: The function they must call.

    Raises:
        UsageError: If one can't be read or calls another function; if there are fewer than two
            different ones, they contradict each other, take different numbers of arguments, or
            all have the same result.
    """
    examples = _without_repeats(read_examples(texts, name))
    if len(examples) < 2:
        _refuse("one example fits almost any function: give two different ones or more")
    if len({len(e.arguments) for e in examples}) > 1:
        _refuse("the examples differ in their number of arguments: give each the same")
    if not examples[0].arguments:
        _refuse("a function without arguments has nothing to learn: give examples with arguments")
    if all(same(e.expected, examples[0].expected) for e in examples):
        _refuse(f"every example gives {examples[0].expected!r}: add one with another result")
    return examples


def _without_repeats(examples: tuple[Example, ...]) -> tuple[Example, ...]:
    kept: dict[str, Example] = {}
    for example in examples:
        first = kept.setdefault(repr(example.arguments), example)
        if not same(first.expected, example.expected):
            call = ", ".join(map(repr, example.arguments))
            _refuse(
                f"the examples contradict each other: for ({call}) one gives {first.expected!r}, "
                f"another {example.expected!r}"
            )
    return tuple(kept.values())


def _refuse(message: str) -> None:
    raise UsageError(message)
