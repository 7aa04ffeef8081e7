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


def test_a_push_is_a_step_that_can_t_be_run_again() -> None:
    history = _after("a", "b")
    history.add_pushed(["p"])
    history.add("c", ["a", "b", "p", "c"])
    assert (len(history), history.cells) == (4, 3)
    assert history.way_to(4, [3]) == (3, ("c",))
    assert history.way_to(2, [0]) == (0, ("a", "b"))
    history.require_way(4, [1, 3])
    history.require_way(2, [])
    for state, saved, kept in ((4, [2], 2), (4, [1], 1), (3, [], 0)):
        start, again = history.way_to(state, saved)
        assert start + len(again) == 2
        with pytest.raises(UsageError, match=f"values were pushed .* after cell {kept};"):
            history.require_way(state, saved)


def test_only_cells_are_undone_and_what_was_pushed_after_them() -> None:
    history = History()
    history.add_pushed(["p"])
    with pytest.raises(UsageError, match="nothing to undo"):
        history.before(1)
    history.add("a")
    history.add_pushed(["q"])
    history.add("b")
    history.add_pushed(["r"])
    history.add_pushed(["s"])
    assert [history.before(1), history.before(2)] == [3, 1]
    with pytest.raises(UsageError, match="there are 2"):
        history.before(3)


def test_what_was_pushed_is_lost_also_where_an_older_variable_has_its_name() -> None:
    history = _after("a")
    history.add_pushed(["a", "p"])
    history.add("b", ["a", "p", "b"])
    steps = history.steps
    assert history.lost(steps) == ()
    history.forget_after(2)
    assert history.lost(steps) == ("b",)
    assert history.lost(steps[:3]) == ()
    history.forget_after(1)
    assert history.lost(steps) == ("p", "b", "a")
    history.clear()
    assert history.lost(steps) == ("a", "p", "b")


_STEPS = st.lists(st.sampled_from(["cell", "push", "back"]), max_size=20)


@given(_STEPS, st.data())
def test_no_way_leads_across_a_push(steps: list[str], data: st.DataObject) -> None:
    history = History()
    for number, step in enumerate(steps):
        if step == "cell":
            history.add(str(number))
        elif step == "push":
            history.add_pushed([f"p{number}"])
        else:
            history.forget_after(data.draw(st.integers(0, len(history))))
    assert len(set(history.marks)) == len(history) + 1
    state = data.draw(st.integers(0, len(history)))
    saved = data.draw(st.sets(st.integers(0, len(history))))
    start, again = history.way_to(state, sorted(saved))
    passed = history.steps[start + 1 : state + 1]
    assert [step.code for step in passed[: len(again)]] == list(again)
    if all(step.is_cell for step in passed):
        history.require_way(state, sorted(saved))
        assert start + len(again) == state
    else:
        assert not passed[len(again)].is_cell
        with pytest.raises(UsageError, match="values were pushed"):
            history.require_way(state, sorted(saved))
