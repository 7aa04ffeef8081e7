"""Every line of JSON is one that any reader takes."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent.cli.jsonlines import dumps, plain
from agent.events import Cost

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.complex_numbers()
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.integers() | st.text(), inner)
)


def refuse_constants(name: str) -> None:
    raise AssertionError(name)


@given(VALUES)
def test_any_value_is_one_line_of_strict_json(value: Any) -> None:
    line = dumps(value)
    assert "\n" not in line
    assert json.loads(line, parse_constant=refuse_constants) == plain(value)


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_full_precision(number: float) -> None:
    assert json.loads(dumps({"value": number})) == {"value": number}


def test_what_json_can_not_say_becomes_null_or_text() -> None:
    class Broken:
        def __str__(self) -> str:
            raise ValueError

    assert plain([math.nan, math.inf, {1: {2}}, Broken()]) == [None, None, {"1": [2]}, "<Broken>"]


def test_a_value_of_ours_becomes_an_object() -> None:
    assert plain(Cost(input_tokens=3))["input_tokens"] == 3


def test_half_a_surrogate_pair_can_be_printed() -> None:
    assert dumps("\ud800").isascii()
