"""Polynomials in one whole number, with small coefficients, that the examples lie on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import lcm

from agent.validation.examples import Example

_LARGEST = 60
_LARGEST_DENOMINATOR = 6
_LONG_SHOT, _GUESS = 4, 7

Points = list[tuple[Fraction, Fraction]]


def fits(examples: Sequence[Example], name: str) -> Iterator[tuple[str, int]]:
    """Expressions for `name` with their costs; at least one example more than it has unknowns.

    With three examples a parabola through all has nothing left to confirm it: it counts only if
    its coefficients are very small, and then as a guess.
    """
    points = _points(examples)
    for powers in ((2, 1), (3, 2, 1), (2, 1, 0), (3, 1), (3, 2), (2, 0), (3, 0)):
        if len(points) < len(powers):
            continue
        cost = _LONG_SHOT if len(points) > len(powers) else _GUESS
        factors = _solved(points, powers)
        if factors and _is_small(factors, cost):
            yield _source(dict(zip(powers, factors, strict=True)), name), cost


def _points(examples: Sequence[Example]) -> Points:
    plain = all(
        len(e.arguments) == 1 and type(e.arguments[0]) is int and type(e.expected) is int
        for e in examples
    )
    if not plain:
        return []
    return sorted({(Fraction(e.arguments[0]), Fraction(e.expected)) for e in examples})


def _solved(points: Points, powers: Sequence[int]) -> list[Fraction]:
    """The factors of the powers that give every point, or nothing."""
    size = len(powers)
    rows = [[x**p for p in powers] + [y] for x, y in points[:size]]
    for i in range(size):
        pivot = next((r for r in range(i, size) if rows[r][i]), None)
        if pivot is None:
            return []
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for r in range(size):
            if r != i:
                rows[r] = [a - rows[r][i] * b for a, b in zip(rows[r], rows[i], strict=True)]
    factors = [row[-1] for row in rows]
    fitting = all(
        sum(f * x**p for f, p in zip(factors, powers, strict=True)) == y for x, y in points
    )
    return factors if fitting and all(factors) else []


def _is_small(factors: Sequence[Fraction], cost: int) -> bool:
    largest = _LARGEST if cost == _LONG_SHOT else _LARGEST // 5
    denominator = lcm(*(f.denominator for f in factors))
    return denominator <= _LARGEST_DENOMINATOR and all(
        abs(f * denominator) <= largest for f in factors
    )


def _source(factors: dict[int, Fraction], name: str) -> str:
    """For example `(3 * n**2 - n) // 2`."""
    denominator = lcm(*(f.denominator for f in factors.values()))
    text = ""
    for power, factor in factors.items():
        whole = int(factor * denominator)
        sign = (" - " if whole < 0 else " + ") if text else ("-" if whole < 0 else "")
        text += sign + _monomial(abs(whole), power, name)
    return f"(({text}) // {denominator})" if denominator > 1 else f"({text})"


def _monomial(factor: int, power: int, name: str) -> str:
    if power == 0:
        return str(factor)
    variable = name if power == 1 else f"{name} ** {power}"
    return variable if factor == 1 else f"{factor} * {variable}"
