"""Lines come out whole, however they arrive."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.kernel.lines import Lines, LineTooLongError

LONGEST = 50
whole_lines = st.lists(st.binary(max_size=LONGEST).map(lambda line: line.replace(b"\n", b"")))


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[a:b] for a, b in pairwise(places)]


def taken(lines: Lines) -> list[bytes]:
    found = []
    while (line := lines.next()) is not None:
        found.append(line)
    return found


@given(whole_lines, st.lists(st.integers(min_value=0)), st.booleans())
def test_lines_do_not_depend_on_how_they_are_cut(
    sent: list[bytes], cuts: list[int], eager: bool
) -> None:
    lines, found = Lines(LONGEST), []
    for piece in split(b"".join(line + b"\n" for line in sent), cuts):
        lines.add(piece)
        if eager:
            found += taken(lines)
    assert found + taken(lines) == sent


@given(st.lists(st.binary()), st.integers(min_value=0, max_value=5))
def test_whatever_comes_no_line_is_too_long_and_nothing_is_invented(
    pieces: list[bytes], longest: int
) -> None:
    lines, found = Lines(longest), []
    try:
        for piece in pieces:
            lines.add(piece)
            found += taken(lines)
    except LineTooLongError:
        assert any(len(part) > longest for part in b"".join(pieces).split(b"\n"))
    assert all(len(line) <= longest for line in found)
    assert b"".join(pieces).startswith(b"".join(line + b"\n" for line in found))


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_that_is_too_long_is_noticed_before_and_after_its_end(end: bytes) -> None:
    lines = Lines(LONGEST)
    lines.add(b"x" * (LONGEST + 1) + end)
    with pytest.raises(LineTooLongError):
        lines.next()
