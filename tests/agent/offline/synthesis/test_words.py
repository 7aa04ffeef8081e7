"""Words of a description make the components cheaper that they name."""

from __future__ import annotations

import pytest

from agent.offline.synthesis.words import Description, phrases, root


@pytest.mark.parametrize(
    ("word", "relative"),
    [
        ("sorted", "sorting"),
        ("divisible", "divisors"),
        ("multiply", "multiplied"),
        ("maximum", "max"),
    ],
)
def test_relatives_share_a_root(word: str, relative: str) -> None:
    assert root(word)[:6] == root(relative)[:6]


def test_phrases_are_found_whole() -> None:
    words = Description("Count the number of vowels.", "tally")
    assert words.hits("number of") == frozenset(phrases("number of"))
    assert not words.hits("of number")


def test_the_name_counts_but_runs_into_nothing() -> None:
    words = Description("the largest", "of_list")
    assert words.hits("largest")
    assert words.hits("of list")
    assert not words.hits("largest of")


def test_what_is_named_is_cheaper_and_never_free() -> None:
    words = Description("sort the words and reverse them", "f")
    assert words.cost(4, "shuffle") == 4
    assert words.cost(4, "sort") == 2
    assert words.cost(4, "sort, reverse") == 1
    assert words.cost(1, "sort, reverse") == 1


def test_addresses_say_nothing() -> None:
    assert not Description("f. https://example.org/sort-list", "f").hits("sort")
