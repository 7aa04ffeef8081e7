"""What differs is found, what is alike too."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.core.comparison import (
    closest_matches,
    compare_tables,
    compare_texts,
    text_similarity,
)

lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=8).map("\n".join)
words = st.text(alphabet="abc é-Ü", max_size=12)


@given(old=lines, new=lines)
def test_a_difference_is_empty_only_where_nothing_differs(old: str, new: str) -> None:
    found = compare_texts(old, new)
    assert bool(found) == (old.splitlines() != new.splitlines())
    kept = [line[1:] for line in found.splitlines() if line.startswith("+")]
    assert set(kept) <= set(new.splitlines())


@given(first=words, second=words)
def test_similarity_has_no_direction_and_no_case(first: str, second: str) -> None:
    score = text_similarity(first, second)
    assert 0 <= score <= 1
    assert score == text_similarity(second, first) == text_similarity(first.upper(), second)
    assert text_similarity(first, first) == 1


@pytest.mark.parametrize(
    ("wanted", "choices", "found"),
    [
        ("jon smith", ["Smith, John", "Jane Smith", "Paul"], "Smith, John"),
        ("Koln", ["Bonn", "Köln", "Kiel"], "Köln"),
        ("Sao Paulo", ["São Paulo (BR)", "San Paolo"], "São Paulo (BR)"),
    ],
)
def test_the_closest_match_is_the_one_people_mean(
    wanted: str, choices: list[str], found: str
) -> None:
    assert closest_matches(wanted, choices, limit=1)[0][0] == found
    assert closest_matches(wanted, choices, limit=0) == []


tables = st.dictionaries(
    st.integers(0, 5), st.tuples(st.integers(0, 2), st.none() | st.text("ab", max_size=1))
)


@given(old=tables, new=tables)
def test_every_difference_of_tables_is_told_once(old: dict[int, Any], new: dict[int, Any]) -> None:
    def frame(rows: dict[int, Any]) -> pd.DataFrame:
        records = [(key, *row) for key, row in rows.items()]
        return pd.DataFrame(records, columns=["id", "n", "t"]).astype({"id": object, "t": object})

    found = compare_tables(frame(old), frame(new), "ID")
    told = {(row.id, row.change, row.column) for row in found.itertuples()}
    assert len(told) == len(found)
    expected: set[tuple[int, str, str | None]]
    expected = {(key, "removed", None) for key in old.keys() - new.keys()}
    expected |= {(key, "added", None) for key in new.keys() - old.keys()}
    for key in old.keys() & new.keys():
        pairs = zip(("n", "t"), old[key], new[key], strict=True)
        expected |= {(key, "changed", name) for name, one, other in pairs if one != other}
    assert told == expected


@pytest.mark.parametrize(
    ("ids", "said"), [([1, 1], "has 1 twice"), ([1, None], "is missing in row 1")]
)
def test_a_key_that_names_no_row_says_so(ids: list[object], said: str) -> None:
    wrong = pd.DataFrame({"id": ids})
    with pytest.raises(ValueError, match=said):
        compare_tables(wrong, wrong, "id")
    with pytest.raises(ValueError, match="context is -1"):
        compare_texts("a", "b", context=-1)
