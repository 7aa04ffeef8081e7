"""Polynomials are found where examples lie on them, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.offline.synthesis.fits import fits
from agent.validation.examples import Example


def examples_of(outputs: dict[int, int]) -> list[Example]:
    return [Example(arguments=(n,), expected=value) for n, value in outputs.items()]


def test_a_parabola_through_nought_is_confirmed_by_a_third_example() -> None:
    triangular = {n: n * (n + 1) // 2 for n in (3, 5, 8)}
    assert ("((n ** 2 + n) // 2)", 4) in list(fits(examples_of(triangular), "n"))


def test_what_lies_on_none_has_none() -> None:
    assert list(fits(examples_of({1: 17, 2: 431, 3: 5, 4: 9999}), "n")) == []


def test_other_kinds_of_examples_are_passed_over() -> None:
    pair = Example(arguments=(1, 2), expected=3)
    text = Example(arguments=("a",), expected=1)
    assert list(fits([pair, pair], "n")) == []
    assert list(fits([text, text], "n")) == []


@given(st.integers(-5, 5).filter(bool), st.integers(-5, 5).filter(bool))
def test_every_fit_gives_every_example(a: int, b: int) -> None:
    outputs = {n: a * n**2 + b * n for n in (2, 3, 7, 11)}
    found = list(fits(examples_of(outputs), "n"))
    assert found
    for source, _ in found:
        assert [eval(source, {"n": n}) for n in outputs] == list(outputs.values())


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_examples_fit_nothing(count: int) -> None:
    outputs = dict(list({2: 40, 3: 77}.items())[:count])
    assert all(cost > 4 for _, cost in fits(examples_of(outputs), "n"))
