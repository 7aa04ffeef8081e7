"""Inputs that resemble those of examples: the most natural first, none of them twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Any

from agent.validation import tables
from agent.validation.tables import Made

Arguments = tuple[Any, ...]
_LARGEST = 2_000  # characters of an input as source


def like(examples: Sequence[Arguments], most: int) -> list[Arguments]:
    """Inputs like those of examples, which are not among them.

    Args:
        examples: Positional arguments of calls that are known to be sensible.
        most: How many to return at most.
    """
    known = {repr(arguments) for arguments in examples}
    lengths = _lengths(examples)
    found: dict[str, Arguments] = {}
    for changed in itertools.islice(_inputs(examples), 20 * most):
        arguments = _with_lengths(changed, lengths)
        text = repr(arguments)
        if text not in known and len(text) < _LARGEST:
            found.setdefault(text, arguments)
        if len(found) >= most:
            break
    return list(found.values())


def _lengths(examples: Sequence[Arguments]) -> dict[int, int]:
    """The arguments that are the length of another one in all examples: their places."""
    if len(examples) < 2 or len({len(arguments) for arguments in examples}) > 1:
        return {}
    places = itertools.permutations(range(len(examples[0])), 2)
    return {i: j for i, j in places if all(_is_length(a[i], a[j]) for a in examples)}


def _is_length(number: Any, items: Any) -> bool:
    return type(number) is int and isinstance(items, (str, list, tuple)) and number == len(items)


def _with_lengths(arguments: Arguments, lengths: dict[int, int]) -> Arguments:
    """The same, with every length as long as what it is the length of."""
    fitting = {i: len(arguments[j]) for i, j in lengths.items()}
    return tuple(fitting.get(i, argument) for i, argument in enumerate(arguments))


def _inputs(examples: Sequence[Arguments]) -> Iterator[Arguments]:
    """One argument changed, in turn with arguments of different examples combined."""
    if not examples or not examples[0]:
        return
    same = [arguments for arguments in examples if len(arguments) == len(examples[0])]
    columns = [list(column) for column in zip(*same, strict=True)]
    changed = _in_turn([_changed(arguments, columns) for arguments in same])
    combined = (row for row in itertools.product(*columns) if len(row) > 1)
    yield from _in_turn([changed, combined, _swapped(same)])
    yield from _random(same, columns)


def _changed(arguments: Arguments, columns: list[list[Any]]) -> Iterator[Arguments]:
    return _in_turn(
        [_put(arguments, i, near(value, columns[i])) for i, value in enumerate(arguments)]
    )


def _swapped(examples: Sequence[Arguments]) -> Iterator[Arguments]:
    """Two arguments of one type in the other order."""
    for arguments in examples:
        for i, j in itertools.combinations(range(len(arguments)), 2):
            if type(arguments[i]) is type(arguments[j]):
                yield (
                    *arguments[:i],
                    arguments[j],
                    *arguments[i + 1 : j],
                    arguments[i],
                    *arguments[j + 1 :],
                )


def _put(items: Any, index: int, values: Iterable[Any]) -> Iterator[Any]:
    """Sequences of the same kind with another member at one place."""
    for value in values:
        yield type(items)([*items[:index], value, *items[index + 1 :]])


def near(value: Any, others: Sequence[Any]) -> Iterator[Any]:
    """Values like this one, built with pieces of the others."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from _integers(value)
    elif isinstance(value, float):
        yield from (value + 1.0, value * 2, value / 4, value - 0.5, -value, 0.0)
    elif isinstance(value, str):
        yield from _texts(value, [o for o in others if isinstance(o, str) and o != value])
    elif isinstance(value, (list, tuple)):
        yield from _sequences(value, [o for o in others if type(o) is type(value)])
    elif isinstance(value, dict):
        items = list(value.items())
        yield from (dict(items[:n]) for n in range(len(items) - 1, -1, -1))
        yield from (value | {k: new} for k, v in items for new in itertools.islice(near(v, []), 3))
    elif isinstance(value, (set, frozenset)):
        yield from (type(value)(items) for items in _sequences(sorted(value, key=repr), []))
    elif isinstance(value, Made):
        yield from tables.near(value, lambda data: near(data, []))


def _integers(value: int) -> Iterator[int]:
    small = (value + 1, value + 2, max(value - 1, 0), value + 3, value * 2, max(value - 2, 1))
    yield from small
    yield from (value * 2 + 1, value + 5, value + 7, value // 2, value * 3, value + 10, 1, 2, 3)
    yield from (value * 10, 0, -value)


def _texts(text: str, others: Sequence[str]) -> Iterator[str]:
    words = text.split()
    yield text + text[:1]
    yield from (text[1:], text[:-1], text[::-1])
    for other in others:
        yield from (text + other, f"{text} {other}", text[: len(text) // 2] + other)
    yield from (text.upper(), text.lower(), text.swapcase(), text + text)
    if len(words) > 1:
        yield from (" ".join(words[1:]), " ".join(words[:-1]), " ".join(reversed(words)))
    for i in range(min(len(text), 6)):
        yield text[:i] + text[i + 1 :]
        yield text[:i] + text[i] + text[i:]
        yield text[:i] + text[-1] + text[i + 1 :]
    yield from (f"{text}1", f"{text}a", f"{text}A", f"{text}!", f" {text} ", f"{text} {text}", "")


def _sequences(items: Any, others: Sequence[Any]) -> Iterator[Any]:
    kind, plain = type(items), list(items)
    yield from (kind(plain[::-1]), kind([*plain, *plain[:1]]), kind(plain[1:]), kind(plain[:-1]))
    yield from (kind([*plain, *other]) for other in others)
    streams = [_put(plain, i, near(item, plain)) for i, item in enumerate(plain[:6])]
    yield from (kind(changed) for changed in itertools.islice(_in_turn(streams), 40))
    yield from (kind([*plain[:i], *plain[i + 1 :]]) for i in range(1, min(len(plain), 6)))
    yield from (kind([*plain[:i], plain[0], *plain[i:]]) for i in range(1, min(len(plain), 5)))
    if all(isinstance(item, (int, float)) for item in plain):
        yield from (kind(sorted(plain)), kind(sorted(plain)[::-1]), kind([-n for n in plain]))
    yield from (kind(plain[:1]), kind())


def _random(examples: Sequence[Arguments], columns: list[list[Any]]) -> Iterator[Arguments]:
    """Several changes at once."""
    random = Random(0)
    for _ in range(1000):
        arguments = random.choice(examples)
        for _ in range(random.randint(2, 4)):
            i = random.randrange(len(arguments))
            choices = list(itertools.islice(near(arguments[i], columns[i]), 60))
            if choices:
                arguments = (*arguments[:i], random.choice(choices), *arguments[i + 1 :])
        yield arguments


def _in_turn(streams: Iterable[Iterable[Any]]) -> Iterator[Any]:
    """One of each in turn."""
    waiting = [iter(stream) for stream in streams]
    while waiting:
        left = []
        for stream in waiting:
            for item in itertools.islice(stream, 1):
                yield item
                left.append(stream)
        waiting = left
