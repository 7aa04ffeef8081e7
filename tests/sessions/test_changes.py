"""What a cell may have changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.changes import changed_names


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("x = y", {"x"}),
        ("x, (y, *z) = w", {"x", "y", "z"}),
        ("x += 1", {"x"}),
        ("x: int = 1", {"x"}),
        ("if (x := y): pass", {"x"}),
        ("del x", {"x"}),
        ("x.a = 1", {"x"}),
        ("x[0].a[1] = 1", {"x"}),
        ("del x[0]", {"x"}),
        ("x.append(y)", {"x"}),
        ("x['a'].b.update(y)", {"x"}),
        ("def x(): pass", {"x"}),
        ("async def x(): pass", {"x"}),
        ("class x: pass", {"x"}),
        ("import x.y", {"x"}),
        ("import y.z as x", {"x"}),
        ("from y import z as x", {"x"}),
        ("for x in y: pass", {"x"}),
        ("with y as x: pass", {"x"}),
        ("print(x, y[0], z.w)", set()),
        ("%time x = 1", set()),
        ("x = (", set()),
        ("x = '\0'", set()),
    ],
)
def test_the_names_of_what_changes(code: str, changed: set[str]) -> None:
    assert changed_names(code) == changed


@given(st.text())
def test_of_any_text_names_are_told(code: str) -> None:
    assert all(name and name in code for name in changed_names(code) if name.isascii())


@pytest.mark.parametrize(
    "code", ["x = " + "(" * 10_000 + ")" * 10_000, "x = " + "-" * 100_000 + "1"]
)
def test_of_nesting_beyond_measure_nothing_is_told(code: str) -> None:
    assert changed_names(code) == frozenset()
