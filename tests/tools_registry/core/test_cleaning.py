"""Tables get cleaner, and lose nothing on the way."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.core.cleaning import (
    bin_column,
    clean_column_names,
    fill_missing,
    join_fuzzy,
    outlier_rows,
    remove_duplicates,
    unpivot_table,
)
from tools_registry.core.data import json_to_table
from tools_registry.core.periods import change_over_time, resample_table
from tools_registry.core.summaries import correlation_table

FRAME = pd.DataFrame({"a": [1.0, None, 3.0], "b": ["x", None, "x"], "c": [[1], [1], [2]]})


@given(values=st.lists(st.integers(-50, 50), min_size=1, max_size=30), bins=st.integers(1, 9))
def test_every_number_is_in_one_range(values: list[int], bins: int) -> None:
    found = bin_column(pd.DataFrame({"n": values}), "n", bins)
    assert found["count"].sum() == len(values)
    assert len(found) == bins
    assert found["from"].iloc[0] <= min(values)
    assert found["to"].iloc[-1] >= max(values)


@given(values=st.lists(st.integers(0, 3), max_size=12))
def test_each_row_stays_once_and_first(values: list[int]) -> None:
    frame = pd.DataFrame({"n": values, "place": range(len(values))})
    kept = remove_duplicates(frame, ["n"])
    assert kept["n"].tolist() == list(dict.fromkeys(values))
    assert kept["place"].tolist() == [values.index(value) for value in kept["n"]]


def test_duplicates_of_what_has_no_hash() -> None:
    assert len(remove_duplicates(FRAME, ["c"])) == 2
    assert len(remove_duplicates(FRAME)) == 3


@pytest.mark.parametrize(
    ("how", "filled"),
    [
        ("mean", 2.0),
        ("median", 2.0),
        ("previous", 1.0),
        ("next", 3.0),
        ("linear", 2.0),
        ("mode", 1.0),
    ],
)
def test_gaps_are_filled_and_the_table_stays(how: str, filled: float) -> None:
    before = FRAME.copy()
    assert fill_missing(FRAME, "a", how)["a"].tolist() == [1.0, filled, 3.0]
    assert fill_missing(FRAME, "b", "Mode")["b"].tolist() == ["x", "x", "x"]
    pd.testing.assert_frame_equal(FRAME, before)


@given(names=st.lists(st.text(max_size=6), min_size=1, max_size=6))
def test_names_become_clean_and_differ(names: list[str]) -> None:
    frame = pd.DataFrame([range(len(names))], columns=names)
    cleaned = list(clean_column_names(frame).columns)
    assert len(set(cleaned)) == len(names)
    assert all(name and name == name.casefold() and " " not in name for name in cleaned)


def test_outliers_of_a_table_are_its_rows() -> None:
    frame = pd.DataFrame({"n": [10, 12, 11, 13, 12, 95, None]}, index=list("abcdefg"))
    assert outlier_rows(frame, "N").index.tolist() == ["f"]


def test_wide_tables_become_long_and_keep_their_values() -> None:
    wide = pd.DataFrame({"id": [1, 2], "x": [3, 4], "y": [5, 6]})
    long = unpivot_table(wide, ["ID"])
    assert (
        long.pivot(index="id", columns="variable", values="value").reset_index().values.tolist()
        == wide.values.tolist()
    )


def test_a_fuzzy_join_keeps_each_row_of_the_left() -> None:
    left = pd.DataFrame(
        {"name": ["Jon Smith", None, "Zoe", "smith, john"], "n": range(4)}, index=[5, 5, 7, 8]
    )
    right = pd.DataFrame(
        {"NAME": ["John Smith", "john smith", None], "n": [10, 20, 30], "age": [40, 50, 60]}
    )
    found = join_fuzzy(left, right, "name")
    assert found.index.tolist() == [5, 5, 7, 8]
    assert list(found.columns) == ["name", "n", "match", "similarity", "n_right", "age"]
    assert found["age"].astype("Float64").tolist()[0] == 40
    assert found["match"].notna().tolist() == [True, False, False, True]


def test_a_fuzzy_join_of_too_many_is_refused() -> None:
    many = pd.DataFrame({"name": [f"name {i}" for i in range(3000)]})
    with pytest.raises(ValueError, match="too many to compare"):
        join_fuzzy(many, many, "name")


@pytest.mark.parametrize(
    ("period", "first"),
    [
        ("day", "2024-02-29"),
        ("week", "2024-02-26"),
        ("month", "2024-02-01"),
        ("quarter", "2024-01-01"),
        ("Year", "2024-01-01"),
        ("hour", "2024-02-29"),
    ],
)
def test_periods_begin_where_people_say(period: str, first: str) -> None:
    frame = pd.DataFrame({"when": ["2024-02-29", "2024-03-03", None], "n": [1, 2, 4]})
    found = resample_table(frame, "when", "n", period, "sum")
    assert str(found["when"].iloc[0].date()) == first
    assert found["n"].sum() == 3


def test_change_is_told_in_order_and_never_by_zero() -> None:
    frame = pd.DataFrame({"when": ["2024-03-01", "2024-01-01", "2024-02-01"], "n": [-5, 0, 10]})
    found = change_over_time(frame, "when", "n")
    assert found["change"].tolist()[1:] == [10, -15]
    assert found["percent"].isna().tolist() == [True, True, False]
    assert found["percent"].iloc[2] == -150


def test_correlations_need_rows_with_both() -> None:
    frame = pd.DataFrame({"a": [1, 2, None], "b": [None, 2, 3], "c": [1, 2, 3], "d": [7, 7, 7]})
    found = correlation_table(frame)
    assert found[["first", "second", "rows"]].values.tolist() == [["a", "c", 2], ["b", "c", 2]]


def test_records_of_different_shape_make_one_table() -> None:
    found = json_to_table([{"a": {"b": 1}}, {"a": 2, "c": []}, {}])
    assert found.shape == (3, 3)
    assert json_to_table([]).empty


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: fill_missing(FRAME, "a", "magic"), "can't fill by 'magic'"),
        (lambda: fill_missing(pd.DataFrame({"a": [None]}), "a"), "no value to fill"),
        (lambda: fill_missing(FRAME, "b"), "holds text such as 'x'"),
        (lambda: outlier_rows(FRAME, "a", -1), "factor is -1"),
        (lambda: outlier_rows(FRAME, "a", float("nan")), "factor is nan"),
        (lambda: bin_column(FRAME, "a", 0), "bins is 0"),
        (lambda: bin_column(pd.DataFrame({"a": [None]}), "a"), "no numbers"),
        (lambda: unpivot_table(FRAME, ["nothing"]), "no column 'nothing'"),
        (lambda: unpivot_table(pd.DataFrame({"value": [1]}), ["value"]), "there twice"),
        (lambda: resample_table(FRAME, "b", "a"), "no dates that can be read"),
        (lambda: resample_table(FRAME, "b", "a", "decade"), "use one of hour, day"),
        (lambda: remove_duplicates(FRAME, ["z"]), "no column 'z'"),
    ],
)
def test_what_is_said_of_wrong_input(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
