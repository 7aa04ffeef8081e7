"""Equality that no type can talk its way around."""

from __future__ import annotations

from typing import Any

import pytest

from agent.validation.comparison import same


class Liar(int):
    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = int.__hash__


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, 1),
        (0.1 + 0.2, 0.3),
        (float("nan"), float("nan")),
        ([1, (2, "a")], [1, (2, "a")]),
        ({"a": 0.1 + 0.2, "b": 1}, {"b": 1, "a": 0.3}),
        ({1, 2}, {2, 1}),
        (None, None),
    ],
)
def test_same(value: Any, expected: Any) -> None:
    assert same(value, expected)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, 1),
        (1, 1.0),
        (1, "1"),
        ([1], (1,)),
        ([True], [1]),
        ({1: "a"}, {True: "a"}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ([1, 2], [1]),
        (Liar(5), 7),
        ([Liar(5)], [7]),
        (0.3001, 0.3),
    ],
)
def test_different(value: Any, expected: Any) -> None:
    assert not same(value, expected)
