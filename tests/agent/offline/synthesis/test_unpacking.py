"""Items of a known width get names for their parts; others are left alone."""

from __future__ import annotations

import pytest

from agent.offline.synthesis.hoisting import hoisted
from agent.offline.synthesis.simplify import simplified

CASES = [
    ("[x[0] * x[1] for x in list(zip(a, b))]", "[left * right for left, right in zip(a, b)]"),
    ("[x[1] for x in enumerate(a) if x[0] % 2]", "[item for i, item in enumerate(a) if i % 2]"),
    ("[x[1] for x in enumerate(a)]", "[item for _i, item in enumerate(a)]"),
    ("{x[0]: x[1] / 2 for x in list(d.items())}", "{key: item / 2 for key, item in d.items()}"),
    ("[x for x in zip(a, b) if x[0]]", "[x for x in zip(a, b) if x[0]]"),
    ("[x[0] for x in rows]", "[x[0] for x in rows]"),
    ("[x[0] for x in zip(*rows)]", "[x[0] for x in zip(*rows)]"),
    ("[x[-1] for x in zip(a, b)]", "[x[-1] for x in zip(a, b)]"),
    ("[x[0] + left for x in zip(a, b)]", "[x[0] + left for x in zip(a, b)]"),
    (
        "[x[0] for x in itertools.combinations(a, 2) if x[1]]",
        "[left for left, right in itertools.combinations(a, 2) if right]",
    ),
]


@pytest.mark.parametrize(("source", "wanted"), CASES)
def test_unpacked(source: str, wanted: str) -> None:
    assert simplified(source) == wanted


def test_what_is_computed_twice_gets_a_name() -> None:
    assignments, rest = hoisted("text.split()[0] + text.split()[-1]", ["text"])
    assert assignments == [("words", "text.split()")]
    assert rest == "words[0] + words[-1]"


def test_names_that_are_taken_are_not_given_again() -> None:
    ((name, _),), _ = hoisted("words.split()[0] + words.split()[-1]", ["words"])
    assert name not in ("words", "")


@pytest.mark.parametrize(
    "expression",
    [
        "max(items) + max(items) if items else 0",  # an empty list would fail before the test
        "[x for x in items if x == max(items) or x == max(items) - 1]",
        "[x.lower() + x.lower() for x in items]",
        "a + b",
    ],
)
def test_what_may_not_be_computed_is_left_where_it_is(expression: str) -> None:
    assert hoisted(expression, ["items"]) == ([], expression)
