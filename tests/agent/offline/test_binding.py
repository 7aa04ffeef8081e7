"""Arguments come from the request by type, and only a whole fit counts."""

from __future__ import annotations

import pytest

from agent.offline.binding import Binding, best, bind, values_in
from agent.offline.plan import Plan, Refusal, UnclearError
from agent.offline.requests import read_request
from tools_registry.registry import Registry


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("3 and 2.5", ["int", "float"]),
        ("of [1, 2, 3]", ["list"]),
        ("'x' on 2024-01-01 in a.txt", ["str", "date", "file"]),
        ("[1, x]", ["int"]),
        ("1,000", ["int"]),
        ("1,2,3", ["int", "int", "int"]),
        ("10,5", ["int", "int"]),
        ("1,234,567.5 and -2e3 and 1_000", ["float", "float", "int"]),
        ("5km", ["int"]),
        ("1,234,5", ["int", "int", "int"]),
        ("nothing", []),
    ],
)
def test_values(text: str, kinds: list[str]) -> None:
    assert [value.kind for value in values_in(read_request(text))] == kinds


@pytest.mark.parametrize(
    ("text", "call"),
    [
        ("percent change from 50 to 62.5", "percent_change(50, 62.5)"),
        ("percent change to 62.5 from 50", "percent_change(50, 62.5)"),
        ("age in years on 2024-05-01 born 1990-01-01", "age_in_years('1990-01-01', '2024-05-01')"),
        ("round 3.14159 to 3 significant digits", "round_significant(3.14159, 3)"),
        ("z-scores of the numbers 3, 5 and 10", "z_scores([3, 5, 10])"),
        (
            "how many days between 01.02.2024 and 2024-02-03",
            "days_between('2024-02-01', '2024-02-03')",
        ),
        ("add 10 days to 2024-02-25", "add_days('2024-02-25', 10)"),
        ("percent_change 50 60", "percent_change(50, 60)"),
        ("find outliers in [1, 2, 3, 90]", "find_outliers([1, 2, 3, 90])"),
        ("is 2024 a leap year", "is_leap_year(2024)"),
        ("convert 'HelloWorld' to snake case", "snake_case('HelloWorld')"),
        ("count the words in 'it isn\\'t so'", 'word_count("it isn\'t so")'),
    ],
)
def test_bound(registry: Registry, text: str, call: str) -> None:
    plan = bind(read_request(text), registry, ())
    assert isinstance(plan, Plan), plan
    assert plan.code.endswith(call)


@pytest.mark.parametrize(
    "text",
    [
        "is 'abc' prime",
        "is 97 prime and 3 odd",
        "days between 2024-01-01",
        "slugify 'a' and 'b' and 'c'",
        "is 97 purple",
        "10 percent of 250",  # no percent_change
        "what percent is 30 of 120",
        "round 3.14159 to 2 digits",  # no significant ones
        "factors of 12",
        "3 * 97 prime",
        "97",
    ],
)
def test_not_bound(registry: Registry, text: str) -> None:
    assert isinstance(bind(read_request(text), registry, ()), Refusal)


def test_equal_fits_are_the_persons_choice(registry: Registry) -> None:
    fits = [
        Binding(tool=registry.get(name), arguments=("'a'",), score=0.8, ignored=())
        for name in ("read_text", "count_lines")
    ]
    with pytest.raises(UnclearError) as caught:
        best(fits, ())
    options = caught.value.inquiry.options
    assert [option.partition(":")[0] for option in options] == ["read_text", "count_lines"]
    assert best(fits, (options[1],)) is fits[1]
