"""Values leave the kernel as plain data or not at all."""

from __future__ import annotations

import datetime
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.kernel.values import NotPlain, plain

_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
)
_JSON = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(_JSON)
def test_plain_data_stays_as_it_is(value: object) -> None:
    assert plain(value) == value
    assert json.loads(json.dumps(plain(value))) == value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.int64(3), 3),
        (np.float64(0.1), 0.1),
        (np.array([[1, 2]]), [[1, 2]]),
        (pd.Series([1.5], index=["a"]), {"a": 1.5}),
        (pd.DataFrame({"a": [1, None]}), [{"a": 1.0}, {"a": None}]),
        (pd.Timestamp("2024-01-02"), "2024-01-02T00:00:00"),
        (datetime.date(2024, 1, 2), "2024-01-02"),
        ((1, {2}), [1, [2]]),
        (math.nan, None),
        ({1: pd.NA}, {"1": None}),
    ],
)
def test_values_of_libraries_have_a_plain_form(value: object, expected: object) -> None:
    assert plain(value) == expected


class _Disguised(int):
    pass


@pytest.mark.parametrize(
    "value",
    [object(), _Disguised(3), b"bytes", range(3), list(range(5000)), "x" * 70_000, np.zeros(9999)],
    ids=["object", "subclass", "bytes", "range", "long", "long text", "large array"],
)
def test_everything_else_has_none(value: object) -> None:
    with pytest.raises(NotPlain):
        plain(value)


def test_endless_nesting_has_none() -> None:
    knot: list[object] = []
    knot.append(knot)
    with pytest.raises(NotPlain):
        plain(knot)
