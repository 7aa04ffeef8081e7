"""Which examples something can be learned from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.offline.faults import fault_of_text, fault_of_value
from agent.validation.comparison import same
from agent.validation.examples import Example, find_examples
from sessions.errors import UsageError

_MOST = 50
_LONGEST = 4_000  # characters of one example
_MOST_ARGUMENTS = 8
_SHOWN = 60


def telling_examples(texts: Sequence[str], name: str) -> tuple[Example, ...]:
    """The examples of one function, each input once.

    Args:
        texts: One example each, e.g. `f(1, "a") == 2`.
        name: The function they must call.

    Raises:
        UsageError: If one can't be read, is no plain data or calls another function; if there are
            too many or fewer than two different ones, they contradict each other, take different
            numbers of arguments, or all have the same result. It names the example at fault.
    """
    if not texts:
        _refuse(f"there are no examples: give two or more, each like {name}(1, 'a') == 2")
    if len(texts) > _MOST:
        _refuse(f"{len(texts)} examples are too many: give the {_MOST} most telling ones")
    read = [read_example(text, name, f"example {i}") for i, text in enumerate(texts, 1)]
    _check_arguments(read)
    examples = tuple(_without_repeats(read))
    if len(examples) < 2:
        _refuse("one example fits almost any function: give two different ones or more")
    if all(same(e.expected, examples[0].expected) for e in examples):
        _refuse(
            f"every example gives {_brief(repr(examples[0].expected))}: add one with another result"
        )
    return examples


def read_example(text: str, name: str, label: str) -> Example:
    """One example.

    Args:
        text: As it was typed.
        name: The function it must call.
        label: What it is called in messages.

    Raises:
        UsageError: If it can't be read as one call of the function and its result.
    """
    if len(text) > _LONGEST:
        _refuse(
            f"{label} has {len(text)} characters, at most {_LONGEST} are read: "
            f"give a smaller one ({_brief(text)})"
        )
    stripped = re.sub(r"^assert\s+", "", text.strip())
    found = find_examples(stripped)
    whole = len(found) == 1 and (found[0].start, found[0].end) == (0, len(stripped))
    if not whole or found[0].name != name:
        fault = fault_of_text(stripped, name)
        _refuse(f"{label} can't be read, {_brief(text)}: it {fault}")
    example = found[0].example
    if fault := fault_of_value((*example.arguments, example.expected)):
        _refuse(f"{label} can't be used, {_brief(text)}: it {fault}")
    return example


def contradiction(examples: Sequence[Example], new: Example) -> Example | None:
    """The example that gives another result for the same arguments."""
    for example in examples:
        if repr(example.arguments) == repr(new.arguments):
            return None if same(example.expected, new.expected) else example
    return None


def _without_repeats(examples: Sequence[Example]) -> Iterator[Example]:
    first: dict[str, int] = {}
    for number, example in enumerate(examples, 1):
        before = first.setdefault(repr(example.arguments), number)
        other = examples[before - 1]
        if before == number:
            yield example
        elif not same(other.expected, example.expected):
            call = _brief(", ".join(map(repr, example.arguments)))
            _refuse(
                f"examples {before} and {number} contradict each other: for ({call}) one gives "
                f"{_brief(repr(other.expected))}, the other {_brief(repr(example.expected))}: "
                "leave one out"
            )


def _check_arguments(examples: Sequence[Example]) -> None:
    counts = [len(example.arguments) for example in examples]
    for number, count in enumerate(counts, 1):
        if count != counts[0]:
            _refuse(
                f"the examples differ in their number of arguments: example 1 has {counts[0]}, "
                f"example {number} has {count}; give each the same"
            )
    if not counts[0]:
        _refuse("a function without arguments has nothing to learn: give examples with arguments")
    if counts[0] > _MOST_ARGUMENTS:
        _refuse(f"{counts[0]} arguments are too many: give {_MOST_ARGUMENTS} at most, or a list")


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…") or "''"


def _refuse(message: str) -> None:
    raise UsageError(message)
