"""Constants a solution may need, taken from the words and from the examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from agent.offline.synthesis.phrases import patterns_in
from agent.offline.synthesis.problem import Problem
from agent.offline.synthesis.words import NUMBERS, words_of
from agent.validation.examples import Example

_LIKELY = 2
_USUAL = 3
_LONG_SHOT = 4
_LARGEST = 10**9
_LINE_POINTS = 3
_NAMED_TEXT = {
    "vowel": ("aeiou", "aeiouAEIOU"),
    "consonant": ("aeiou", "aeiouAEIOU"),
    "underscore": ("_",),
    "snake": ("_",),
    "space": (" ",),
    "comma": (",",),
    "dot": (".",),
    "colon": (":",),
    "hyphen": ("-",),
    "dash": ("-",),
    "slug": ("-",),
    "newline": ("\n",),
}
_NAMED_NUMBERS: dict[str, tuple[float, ...]] = {
    "percent": (100,),
    "percentage": (100,),
    "hour": (60, 24),
    "minute": (60,),
    "fahrenheit": (32, 1.8),
    "celsius": (32, 1.8),
    "triangle": (180,),
    "angle": (180,),
}
_ROUND = frozenset(
    {
        *("circle", "circular", "sphere", "cylinder", "cone", "circumference", "radius", "ellipse"),
        *("torus", "radian", "degree", "arc", "semicircle", "pi", "diameter", "disk", "ball"),
    }
)
_PIS = {"math.pi": 1, "3.14": 2, "3.1415": 2, "3.14159": 2, "(22 / 7)": 2}


@dataclass(frozen=True, kw_only=True)
class Constants:
    """Constants with their costs.

    Attributes:
        values: Plain values.
        captures: Regular expressions with one group.
        patterns: Regular expressions to search for.
        pis: What may be meant by the number pi, as source.
    """

    values: dict[Any, int] = field(default_factory=dict)
    captures: dict[str, int] = field(default_factory=dict)
    patterns: dict[str, int] = field(default_factory=dict)
    pis: dict[str, int] = field(default_factory=dict)


def constants_for(problem: Problem) -> Constants:
    """The constants for a problem, each with the lowest cost anything gives it."""
    words = words_of(f"{problem.description} {problem.name}")
    costs: dict[tuple[type, Any], int] = {}
    for value, cost in _candidates(problem, words):
        key = (type(value), value)
        costs[key] = min(cost, costs.get(key, cost))
    texts = _mentions_text(problem.examples)
    return Constants(
        values={value: cost for (_, value), cost in costs.items()},
        captures=dict.fromkeys(_captures(problem.examples), _LIKELY),
        patterns=dict.fromkeys(patterns_in(problem.description), _LIKELY) if texts else {},
        pis=_PIS if words & _ROUND else {},
    )


def explained_numbers(problem: Problem) -> frozenset[Any]:
    """The numbers that the words name, or that lie behind the examples: no accident."""
    words = words_of(f"{problem.description} {problem.name}")
    derived = [value for value, _ in (*_described(problem.description), *_line(problem.examples))]
    pis = (3.14, 3.1415, 3.14159, 22, 7, 4, 180) if words & _ROUND else ()
    return frozenset([*_named(words), *derived, *pis])


def _named(words: frozenset[str]) -> Iterator[float]:
    for word in sorted(words):
        yield from _NAMED_NUMBERS.get(word, ())
        if word in NUMBERS:
            yield NUMBERS[word]


def _candidates(problem: Problem, words: frozenset[str]) -> Iterator[tuple[Any, int]]:
    yield from ((0, _LIKELY), (1, _LIKELY), (2, _LIKELY), (-1, _USUAL), (3, _USUAL), (10, _USUAL))
    yield from _described(problem.description)
    yield from ((number, _LIKELY) for number in _named(words))
    if _mentions_text(problem.examples):
        yield from ((" ", _USUAL), ("", _USUAL))
        yield from ((t, _LIKELY) for word in sorted(words) for t in _NAMED_TEXT.get(word, ()))
        yield from _separators(problem.examples)
        yield from ((key, _USUAL - (key in words)) for key in _keys(problem.examples))
    yield from _line(problem.examples)


def _keys(examples: tuple[Example, ...]) -> list[str]:
    """Texts that are keys of a dictionary in every example."""
    return sorted(set.intersection(*(set(_keys_in(e.arguments)) for e in examples)))


def _keys_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (key for key in value if isinstance(key, str))
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _keys_in(item)


def _described(description: str) -> Iterator[tuple[Any, int]]:
    """Numbers and quoted text in the description."""
    for number in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", description):
        value = float(number) if "." in number else int(number)
        if abs(value) < _LARGEST:
            yield value, _LIKELY
    for mark in re.findall(r"(?<=\s)[^\w\s.,;:()-](?=\s|$|[.,])", description):
        yield mark, _LIKELY
    for single, double in re.findall(r"'([^']{1,12})'|\"([^\"]{1,12})\"", description):
        yield single or double, _LIKELY


def _mentions_text(examples: tuple[Example, ...]) -> bool:
    return any(True for _ in _texts_in([(e.arguments, e.expected) for e in examples]))


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts_in(list(value.items()))
    elif isinstance(value, (list, tuple, set)):
        for item in value:
            yield from _texts_in(item)


def _marks(value: Any) -> set[str]:
    """Characters in the texts of a value that are neither letters nor digits."""
    return {c for text in _texts_in(value) for c in text if not c.isalnum() and c != " "}


def _separators(examples: tuple[Example, ...]) -> Iterator[tuple[str, int]]:
    """Marks that every input has (to split at) or that only every output has (to join with)."""
    inputs = set.intersection(*(_marks(e.arguments) for e in examples))
    outputs = set.intersection(*(_marks(e.expected) for e in examples))
    yield from ((mark, _USUAL) for mark in sorted(inputs))
    for mark in sorted(outputs - inputs):
        yield mark, _LIKELY
        if all(f"{mark} " in text for e in examples for text in _texts_in(e.expected)):
            yield f"{mark} ", _LIKELY
    some = set().union(*(_marks(e.expected) for e in examples))
    known = set().union(*(_marks(e.arguments) for e in examples))
    yield from ((mark, _LONG_SHOT) for mark in sorted(some - known - outputs))
    yield from ((affix, _USUAL) for affix in _affixes(examples) if affix not in inputs)


def _affixes(examples: tuple[Example, ...]) -> Iterator[str]:
    """What every output begins or ends with."""
    outputs = [e.expected for e in examples]
    if len(set(map(repr, outputs))) == 1 or not all(isinstance(o, str) for o in outputs):
        return
    yield from filter(
        None, (_shared_start(outputs), _shared_start([o[::-1] for o in outputs])[::-1])
    )


def _shared_start(texts: list[str]) -> str:
    shortest = min(texts, key=len)
    for end, character in enumerate(shortest):
        if any(text[end] != character for text in texts):
            return shortest[:end]
    return shortest


def _captures(examples: tuple[Example, ...]) -> Iterator[str]:
    """Patterns for what stands between the same two marks in every example."""
    for position in range(len(examples[0].arguments)):
        edges = {_edges(e.arguments[position], e.expected) for e in examples}
        if len(edges) == 1 and (edge := edges.pop()) is not None and any(edge):
            before, after = map(_escaped, edge)
            yield f"{before}(.*?){after or '$'}" if before else f"^(.*?){after}"


def _edges(text: Any, part: Any) -> tuple[str, str] | None:
    """The characters around a part of a text, if it occurs once."""
    if not (isinstance(text, str) and isinstance(part, str) and part and text.count(part) == 1):
        return None
    start = text.index(part)
    around = text[max(start - 1, 0) : start], text[start + len(part) :][:1]
    return None if any(mark.isalnum() for mark in around) else around


def _escaped(mark: str) -> str:
    return re.escape(mark) if mark in ".^$*+?{}[]\\|()" else mark


def _line(examples: tuple[Example, ...]) -> Iterator[tuple[float, int]]:
    """Slope and offset, if three examples of one number or more lie on a line."""
    points = sorted({(e.arguments[0], e.expected) for e in examples if _is_point(e)})
    if len(points) < _LINE_POINTS or len(points) < len(examples):
        return
    exact = [(Fraction(str(x)), Fraction(str(y))) for x, y in points]
    (x0, y0), (x1, y1) = exact[0], exact[-1]
    if x0 == x1:
        return
    slope = (y1 - y0) / (x1 - x0)
    if all(y - y0 == slope * (x - x0) for x, y in exact):
        yield from ((_plain(n), _LONG_SHOT) for n in (slope, y0 - slope * x0) if n)


def _is_point(example: Example) -> bool:
    numbers = (*example.arguments, example.expected)
    return len(numbers) == 2 and all(type(n) in (int, float) for n in numbers)


def _plain(number: Fraction) -> float:
    return number.numerator if number.denominator == 1 else float(number)
