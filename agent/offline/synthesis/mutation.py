"""Inputs that resemble the examples."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from agent.validation.examples import Example

_MOST = 60


def variations(examples: tuple[Example, ...]) -> list[tuple[Any, ...]]:
    """Inputs like those of the examples, the most natural first, none of them twice."""
    known = {repr(example.arguments) for example in examples}
    found: dict[str, tuple[Any, ...]] = {}
    for arguments in _inputs(examples):
        if repr(arguments) not in known:
            found.setdefault(repr(arguments), arguments)
        if len(found) >= _MOST:
            break
    return list(found.values())


def _inputs(examples: tuple[Example, ...]) -> Iterator[tuple[Any, ...]]:
    """Arguments of different examples combined, then one argument of each example changed."""
    columns = [[e.arguments[i] for e in examples] for i in range(len(examples[0].arguments))]
    yield from itertools.islice(itertools.product(*columns), _MOST // 3)
    streams = [_changed(e.arguments, columns) for e in examples]
    for row in itertools.zip_longest(*streams):
        yield from (arguments for arguments in row if arguments is not None)


def _changed(arguments: tuple[Any, ...], columns: list[list[Any]]) -> Iterator[tuple[Any, ...]]:
    streams = [
        ((*arguments[:i], new, *arguments[i + 1 :]) for new in mutations(value, columns[i]))
        for i, value in enumerate(arguments)
    ]
    for row in itertools.zip_longest(*streams):
        yield from (changed for changed in row if changed is not None)


def mutations(value: Any, others: list[Any]) -> Iterator[Any]:
    """Values like this one, built with pieces of the others."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value * 2, value + 3, value - 1, value * 10, -value, 0)
    elif isinstance(value, float):
        yield from (value + 1.0, value * 2, value / 4, -value, 0.0)
    elif isinstance(value, str):
        yield from _texts(value, [o for o in others if isinstance(o, str) and o != value])
    elif isinstance(value, (list, tuple)):
        yield from _sequences(value, [o for o in others if type(o) is type(value)])
    elif isinstance(value, dict):
        yield from (dict(list(value.items())[:n]) for n in range(len(value)))


def _texts(text: str, others: list[str]) -> Iterator[str]:
    words = text.split()
    for other in others:
        yield f"{text} {other}"
        yield " ".join([*words[:-1], *other.split()[-1:]])
    yield " ".join([*words, *words[:1]])
    yield from (text.upper(), text.lower(), text.swapcase())
    yield " ".join(reversed(words))
    if len(words) > 1:
        yield from (" ".join(words[1:]), " ".join(words[:-1]))
    yield from (text[1:], text[:-1], text[::-1], text + text[:1], f" {text} ", "")


def _sequences(items: Any, others: list[Any]) -> Iterator[Any]:
    kind = type(items)
    yield from (kind([*items, *other]) for other in others)
    yield kind(reversed(items))
    yield kind([*items, *items[:1]])
    yield from (items[1:], items[:-1])
    for item in items[:1]:
        yield from (kind([new, *items[1:]]) for new in mutations(item, list(items)))
    yield kind()
