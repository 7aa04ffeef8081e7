"""Regular expressions come out of the words that speak of them."""

from __future__ import annotations

import re

import pytest

from agent.offline.synthesis.phrases import patterns_in


@pytest.mark.parametrize(
    ("description", "pattern"),
    [
        ("a string that has a p followed by zero or more q's", "pq*"),
        ("an 'x' followed by one or more 'y's", "xy+"),
        ("a k followed by zero or one m", "km?"),
        ("an 'x' followed by four 'y'", "xy{4}"),
        ("an x followed by two to five 'y'", "xy{2,5}"),
        ("a 'p' followed by anything, ending in 'q'", "p.*q$"),
        ("words that start with a vowel", "^[aeiouAEIOU]"),
        ("strings that end with a digit", r"\d$"),
        ("words of at least six characters", r"\b\w{6,}\b"),
        ("a number with a precision of 3", r"^\d+(\.\d{1,3})?$"),
        ("Lowercase letters joined with an underscore", "^[a-z]+_[a-z]+$"),
    ],
)
def test_a_description_spells_its_pattern(description: str, pattern: str) -> None:
    assert pattern in list(patterns_in(description))


def test_plain_descriptions_have_none() -> None:
    assert list(patterns_in("the sum of a list of prices")) == []


def test_every_pattern_compiles() -> None:
    text = (
        "an a followed by two to three b, ending with a letter, at least 4 characters, ip address"
    )
    assert all(re.compile(pattern) for pattern in patterns_in(text))
