"""Tests are taken apart where that says the same, and left whole where it would not."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.validation.assertions import Claim, NotSimpleError, claims_of
from agent.validation.plain import NotPlainError, decoded
from agent.validation.running import inside


def claims(body: str) -> list[Claim] | None:
    (function,) = ast.parse(f"def test_it():\n    {body}\n").body
    assert isinstance(function, ast.FunctionDef)
    return claims_of(function, "f")


def held(body: str, value: Any) -> bool:
    found = claims(body)
    assert found is not None
    return all(claim.holds(dict.fromkeys(claim.calls, value)) for claim in found)


@pytest.mark.parametrize(
    ("body", "right", "wrong"),
    [
        ("assert f(1) == 2", 2, 3),
        ("assert 2 == f(1)", 2.0, "2"),
        ("assert f(1)", [0], []),
        ("assert not f(1)", 0, 1),
        ("assert f(1) is None", None, 0),
        ("assert f(1) is True", True, 1),
        ("assert set(f(1)) == set((4, 5))", [5, 4, 4], [4]),
        ("assert sorted(f(x=1)) == [1, 2]", (2, 1), (2,)),
        ("assert abs(f(1) - 0.3) < 1e-9", 0.1 + 0.2, 0.4),
        ("assert math.isclose(f(1), 0.3, rel_tol=0.01)", 0.301, 0.4),
        ("assert len(f(1)) == 2 and f(1)[0] == 'a'", "ab", "ba"),
        ("assert isinstance(f(1), (int, float))", 1, "1"),
        ("assert 1 < f(1) <= 3", 3, 1),
        ("assert f(1) in (1, 2), 'message'", 2, 3),
        ("given = [1]\n    assert f(given) == {'a': given}", {"a": [1]}, {"a": 1}),
        ("value = f(1)\n    assert value == 2", 2, 3),
    ],
)
def test_claims_are_judged_as_python_would(body: str, right: Any, wrong: Any) -> None:
    assert held(body, right)
    assert not held(body, wrong)


@pytest.mark.parametrize(
    "body",
    [
        "for n in (1, 2):\n        assert f(n) == n",
        "with pytest.raises(ValueError):\n        f(1)",
        "assert f(f(1)) == 2",
        "assert f(object()) == 2",
        "assert f(*given) == 2",
        "assert list(map(f, [1])) == [2]",
        "assert True",
        "import os\n    assert f(1) == 2",
        "f = lambda n: 2\n    assert f(1) == 2",
    ],
)
def test_what_says_more_is_left_whole(body: str) -> None:
    assert claims(body) is None


def test_a_test_that_takes_fixtures_or_decorators_is_left_whole() -> None:
    for head in ("def test_it(tmp_path):", "@slow\ndef test_it():"):
        (function,) = ast.parse(f"{head}\n    assert f(1) == 2\n").body
        assert isinstance(function, ast.FunctionDef)
        assert claims_of(function, "f") is None


@pytest.mark.parametrize(
    "body",
    [
        "assert f(1) * 'a' == 2",
        "assert f(1) == open('x')",
        "assert f(1) ** 99999 == 2",
        "assert f(1).real == 2",
        "assert f(1) < 'a'",
    ],
)
def test_what_can_not_be_judged_here_is_said(body: str) -> None:
    found = claims(body)
    assert found
    with pytest.raises(NotSimpleError):
        found[0].holds(dict.fromkeys(found[0].calls, 2))


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.complex_numbers(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.frozensets(st.integers() | st.text(max_size=3), max_size=3)
        | st.sets(st.integers(), max_size=3)
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    told = ast.literal_eval(repr(inside.tagged(value, 50)))
    again = decoded(told)
    assert again == value
    assert type(again) is type(value)


@pytest.mark.parametrize(
    "told",
    [
        ["d", [[["l", []], 1]]],
        ["?", 1],
        ["s", [["l", []]]],
        {"a": 1},
        1.5,
        ["f", "x"],
        ["l"],
        ["d", [1]],
    ],
)
def test_what_the_kernel_makes_up_is_refused(told: Any) -> None:
    with pytest.raises(NotPlainError):
        decoded(told)


def test_nesting_without_end_is_refused() -> None:
    told: Any = 1
    for _ in range(100):
        told = ["l", [told]]
    with pytest.raises(NotPlainError):
        decoded(told)
