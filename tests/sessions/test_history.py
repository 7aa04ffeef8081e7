"""The cells that led to a state, and the way to an earlier one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import UsageError
from sessions.history import History


def _after(*codes: str) -> History:
    history = History()
    for code in codes:
        history.add(code, [code])
    return history


def test_names_are_those_of_the_last_cell_that_told_them() -> None:
    history = _after("a", "b")
    history.add("c")
    assert list(history.names) == ["b"]
    assert len(history) == 3
    history.add_pushed(["p"])
    assert list(history.names) == ["b", "p"]
    history.forget_after(1)
    assert list(history.names) == ["a"]
    assert len(history) == 1


@pytest.mark.parametrize("steps", [0, -1, 3])
def test_no_more_cells_can_be_undone_than_there_were(steps: int) -> None:
    with pytest.raises(UsageError, match="there are 2"):
        _after("a", "b").before(steps)


@given(st.lists(st.text(max_size=3), max_size=12), st.data())
def test_the_way_to_a_state_is_the_cells_since_the_nearest_one_kept(
    codes: list[str], data: st.DataObject
) -> None:
    history = _after(*codes)
    state = data.draw(st.integers(0, len(codes)))
    saved = data.draw(st.sets(st.integers(0, len(codes))))
    start, again = history.way_to(state, sorted(saved))
    assert start == max({0, *saved} & set(range(state + 1)))
    assert [*codes[:start], *again] == codes[:state]


def test_pushed_values_are_never_passed_by() -> None:
    history = _after("a", "b")
    history.add_pushed(["p"])
    history.add("c")
    for state, saved in ((3, [1]), (2, [1]), (3, [])):
        with pytest.raises(UsageError, match="values were pushed"):
            history.way_to(state, saved)
    assert history.way_to(3, [2]) == (2, ("c",))
    assert history.way_to(1, [0]) == (0, ("a",))
    history.forget_after(1)
    assert history.way_to(1, []) == (0, ("a",))
