"""What a handler takes is what its signature says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import UsageError
from sessions.handlers import Handler, fits

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (1, int, True),
        (True, int, False),
        (1, bool, False),
        (1, float, True),
        (1.5, float, True),
        (True, float, False),
        ("1", float, False),
        ("a", str, True),
        (None, str, False),
        (None, None, True),
        (None, str | None, True),
        (None, Optional[int], True),  # noqa: UP045 -- written so by others
        (0, None, False),
        (["a"], list[str], True),
        (["a", 1], list[str], False),
        ("ab", Sequence[str], False),
        ([], list, True),
        ({"a": 1}, dict[str, int], True),
        ({"a": "1"}, Mapping[str, int], False),
        ([], dict, False),
        ("a", Literal["a", "b"], True),
        ("c", Literal["a", "b"], False),
        (True, Literal[1], False),
        ([[1], [None]], list[list[int | None]], True),
    ],
)
def test_plain_data_fits_its_type(value: object, kind: object, expected: bool) -> None:
    assert fits(value, kind) is expected


@given(PLAIN)
def test_anything_fits_any_and_nothing_fits_two_kinds(value: Any) -> None:
    kinds = (None, bool, int, str, list, dict)
    assert fits(value, Any)
    assert sum(fits(value, kind) for kind in kinds) == (0 if isinstance(value, float) else 1)


async def typed(a: int, *, b: Literal["x", "y"] = "x") -> None:
    """Do.

    More.
    """


def test_a_signature_is_told_as_it_is_written() -> None:
    handler = Handler.of(typed)
    assert handler.signature == "(a: int, *, b: Literal['x', 'y'] = 'x') -> None"
    assert handler.summary == "Do."
    handler.check({"a": 1, "b": "y"})
    with pytest.raises(UsageError, match="must be"):
        handler.check({"a": 1, "b": "z"})


async def bare(a) -> None: ...  # type: ignore[no-untyped-def]  # the mistake under test
async def path(a: Path) -> None: ...
async def pairs(a: tuple[int, int]) -> None: ...
async def numbered(a: dict[int, str]) -> None: ...
async def many(*a: int) -> None: ...
async def named(**a: int) -> None: ...
async def positional(a: int, /) -> None: ...
async def deep(a: list[Path | None]) -> None: ...


@pytest.mark.parametrize("function", [bare, path, pairs, numbered, many, named, positional, deep])
def test_what_json_has_no_form_for_is_no_parameter(function: Any) -> None:
    with pytest.raises(TypeError, match=function.__name__):
        Handler.of(function)
