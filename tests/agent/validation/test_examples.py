"""Examples are read from text, and nothing in them is evaluated."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.validation.comparison import same
from agent.validation.examples import find_examples, read_examples
from sessions.errors import UsageError


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("f(1, 'a') == 2", (1, "a"), 2),
        ("f('x') -> 'y'", ("x",), "y"),
        ("f(3) = 4.5", (3,), 4.5),
        ("f( [1,2], {'a': (1,)} ) == {1: [2]}", ([1, 2], {"a": (1,)}), {1: [2]}),
        ("f(')') == '('", (")",), "("),
        ("f(-1) == -2", (-1,), -2),
        ("f('it\\'s') returns True", ("it's",), True),
        ('f("a == b") == None', ("a == b",), None),
        ("f(b'x') == b'y'", (b"x",), b"y"),
        ("f({1, 2}) == set()", ({1, 2},), set()),
        ("f([5, 8]) ==> 12", ([5, 8],), 12),
        ("f(1) ==>0", (1,), 0),
        ("f(1) ➞ 2", (1,), 2),
        ("f(1) should return [2]", (1,), [2]),
    ],
)
def test_forms(text: str, arguments: tuple[Any, ...], expected: Any) -> None:
    (example,) = read_examples([text], "f")
    assert same(example.arguments, arguments)
    assert same(example.expected, expected)


@pytest.mark.parametrize(
    "text",
    [
        "f(x) == 1",
        "f(1) == y",
        "f(__import__('os')) == 1",
        "f(a=1) == 2",
        "f(1 == 2",
        "f(1)",
        "f(1) == 2; import os",
        "f(1) == 2 extra",
        "f" + "(" * 3000 + ")" * 3000 + " == 1",
        "",
    ],
)
def test_what_is_no_example(text: str) -> None:
    with pytest.raises(UsageError, match=r"can't be read|too long"):
        read_examples([text], "f")


def test_found_in_a_request() -> None:
    text = "f('a b') == 'AB', f('c, d') == 'CD': write f. It is not g(1) but h(2) == 3."
    found = find_examples(text)
    assert [(e.name, e.example.arguments, e.example.expected) for e in found] == [
        ("f", ("a b",), "AB"),
        ("f", ("c, d",), "CD"),
        ("h", (2,), 3),
    ]
    assert text[found[0].start : found[0].end] == "f('a b') == 'AB'"


def test_too_many() -> None:
    with pytest.raises(UsageError, match="too many"):
        read_examples([f"f({n}) == {n}" for n in range(51)], "f")


values = st.integers() | st.text(max_size=20) | st.lists(st.booleans() | st.text(max_size=5))


@given(st.lists(values, min_size=1, max_size=3), values)
def test_whatever_is_written_is_read_back(arguments: list[Any], expected: Any) -> None:
    text = f"f({', '.join(map(repr, arguments))}) == {expected!r}"
    (example,) = read_examples([text], "f")
    assert same(example.arguments, tuple(arguments))
    assert same(example.expected, expected)


@given(st.text(max_size=80))
def test_any_text_can_be_searched(text: str) -> None:
    found = find_examples(f"f({text}) == {text}")
    assert all(example.name == "f" or example.name in text for example in found)
