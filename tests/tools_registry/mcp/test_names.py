"""Names of strangers become names of Python, always the same."""

from __future__ import annotations

import keyword
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.mcp.names import FUNCTIONS, LONGEST, identifiers


@pytest.mark.parametrize(
    ("name", "python"),
    [
        ("get-user", "get_user"),
        ("getUser", "getUser"),
        ("class", "class_"),
        ("print", "print_"),
        ("__init__", "init"),
        ("1st", "tool_1st"),
        ("", "tool"),
        ("漢字", "tool"),
        ("../../etc/passwd", "etc_passwd"),
        ("x' + evil() + '", "x_evil"),
    ],
)
def test_a_name(name: str, python: str) -> None:
    assert identifiers([name], FUNCTIONS, "tool") == {name: python}


def test_names_that_would_be_alike_are_told_apart_in_any_order() -> None:
    names = ["a-b", "a_b", "a b", "a.b"]
    found = identifiers(names, FUNCTIONS, "tool")
    assert found["a_b"] == "a_b"
    assert len(set(found.values())) == 4
    assert identifiers(names[::-1], FUNCTIONS, "tool") == found


@given(st.lists(st.text() | st.sampled_from(["a-b", "a b", "a_b", "if", "A", "a"]), unique=True))
def test_names_are_public_identifiers_and_unique(names: list[str]) -> None:
    found = identifiers(names, FUNCTIONS, "tool")
    random.Random(0).shuffle(names)
    assert identifiers(names, FUNCTIONS, "tool") == found
    assert len(set(found.values())) == len(names)
    for name in found.values():
        assert name.isidentifier()
        assert name.isascii()
        assert not name.startswith("_")
        assert not keyword.iskeyword(name)
        assert name not in FUNCTIONS
        assert len(name) <= LONGEST
