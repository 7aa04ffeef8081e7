"""Requests are cut into tokens of the right kinds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.offline.requests import Reading, read_request
from sessions.errors import UsageError


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("mean of x.csv", ["word", "word", "file"]),
        ("data/x-1.csv and y.png.", ["file", "word", "file", "mark"]),
        ("on 2024-01-31, 3.5 and -2", ["word", "date", "mark", "number", "word", "number"]),
        ("3,000 > 2", ["number", "sign", "number"]),
        ("say 'it is' and \"so\"", ["word", "text", "word", "text"]),
        ("what's new", ["word", "word"]),
        ("mass >= 4000", ["word", "sign", "number"]),
    ],
)
def test_kinds(text: str, kinds: list[str]) -> None:
    assert [token.kind for token in read_request(text).tokens] == kinds


def test_examples_are_no_tokens() -> None:
    request = read_request("f('a b') == 'AB': write f")
    assert [token.text for token in request.tokens] == [":", "write", "f"]
    assert len(request.examples) == 1


def test_fillers_need_no_explanation_and_the_rest_does() -> None:
    reading = Reading(read_request("please show me the mean of 3 frogs"))
    reading.take({"mean"})
    assert reading.unexplained() == ["3", "frogs"]


def test_what_is_too_long_is_refused_not_cut() -> None:
    with pytest.raises(UsageError, match="too long"):
        read_request("mean " * 1000)


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    for token in read_request(text).tokens:
        assert token.end > token.start
