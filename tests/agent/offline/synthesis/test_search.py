"""The search finds what people mean by a few examples."""

from __future__ import annotations

from typing import Any

import pytest

from agent.offline.rendering import parameter_names
from agent.offline.synthesis.evaluation import compiled
from agent.offline.synthesis.problem import Problem
from agent.offline.synthesis.search import solve
from agent.validation.examples import Example

Pairs = list[tuple[tuple[Any, ...], Any]]

CASES: list[tuple[str, str, Pairs, Pairs]] = [
    (
        "initials",
        "first letters of a name in capitals",
        [(("Ada Lovelace",), "AL"), (("grace brewster hopper",), "GBH")],
        [(("a b c d",), "ABCD")],
    ),
    (
        "latin_name",
        "the Latin name between the parentheses",
        [
            (("Adelie Penguin (Pygoscelis adeliae)",), "Pygoscelis adeliae"),
            (("Gentoo penguin (Pygoscelis papua)",), "Pygoscelis papua"),
        ],
        [(("Cat (Felis catus), tame",), "Felis catus")],
    ),
    (
        "slug",
        "lower case with hyphens",
        [(("Hello World",), "hello-world"), (("A b C",), "a-b-c")],
        [(("One Two",), "one-two")],
    ),
    (
        "domain",
        "domain of an email address",
        [(("a@b.com",), "b.com"), (("me@x.org",), "x.org")],
        [(("you@home.example",), "home.example")],
    ),
    (
        "extension",
        "file extension",
        [(("a.txt",), "txt"), (("b.tar.gz",), "gz")],
        [(("c.csv",), "csv")],
    ),
    ("area", "area of a rectangle", [((2, 3), 6), ((4, 5), 20)], [((7, 8), 56)]),
    (
        "mean",
        "mean of three numbers",
        [((1, 2, 3), 2.0), ((4, 4, 7), 5.0)],
        [((3, 6, 12), 7.0)],
    ),
    (
        "fahrenheit",
        "celsius to fahrenheit",
        [((0,), 32.0), ((100,), 212.0), ((37,), 98.6)],
        [((10,), 50.0)],
    ),
    (
        "evens",
        "keep the even numbers",
        [(([1, 2, 3, 4],), [2, 4]), (([5, 6],), [6])],
        [(([8, 9, 10],), [8, 10])],
    ),
    (
        "squares",
        "sum of squares",
        [(([1, 2, 3],), 14), (([2, 5],), 29)],
        [(([1, 1],), 2)],
    ),
    (
        "longest",
        "longest word",
        [(("the quick brown",), "quick"), (("a bbb cc",), "bbb")],
        [(("one three",), "three")],
    ),
    (
        "vowels",
        "count the vowels",
        [(("hello",), 2), (("education",), 5)],
        [(("aaa",), 3)],
    ),
    (
        "parity",
        "",
        [((1,), "odd"), ((2,), "even"), ((7,), "odd"), ((10,), "even")],
        [((12,), "even")],
    ),
    (
        "unique",
        "remove duplicates",
        [(([1, 1, 2],), [1, 2]), (([3, 2, 3],), [3, 2])],
        [(([5, 5],), [5])],
    ),
]


def problem(name: str, description: str, pairs: Pairs) -> Problem:
    examples = tuple(Example(arguments=a, expected=e) for a, e in pairs)
    return Problem(
        name=name,
        description=description,
        parameters=parameter_names(examples, name),
        examples=examples,
    )


@pytest.mark.parametrize(
    ("name", "description", "pairs", "unseen"), CASES, ids=[c[0] for c in CASES]
)
def test_best_solution_generalises(
    name: str, description: str, pairs: Pairs, unseen: Pairs
) -> None:
    posed = problem(name, description, pairs)
    best = solve(posed)[0]
    function = compiled(best.expression, posed.parameters)
    assert [function(*arguments) for arguments, _ in unseen] == [value for _, value in unseen]


def test_every_solution_meets_the_examples() -> None:
    posed = problem("f", "", [((1, 2), 3), ((5, 5), 10)])
    solutions = solve(posed)
    assert solutions
    for solution in solutions:
        function = compiled(solution.expression, posed.parameters)
        assert [function(1, 2), function(5, 5)] == [3, 10]


def test_solutions_use_every_argument_before_constants() -> None:
    best = solve(problem("f", "", [((2, 3), 6), ((3, 4), 12)]))[0]
    assert "a" in best.expression
    assert "b" in best.expression


def test_nothing_is_found_where_nothing_fits() -> None:
    pairs: Pairs = [(("k",), "qzv81"), (("m",), "0x!pp"), (("n",), "wrt~4")]
    assert solve(problem("f", "", pairs)) == ()
