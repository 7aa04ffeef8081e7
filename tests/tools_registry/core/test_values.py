"""Tools for single values: what holds for all inputs, and what is said of wrong ones."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tools_registry.core
from tools_registry.core import data, dates, files, maths, statistics, text

words = st.text(max_size=12)
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))
samples = st.lists(st.integers(-1000, 1000), min_size=2, max_size=30)
structures = st.recursive(
    st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
)


def test_the_package_works_under_its_name_in_the_kernel(tmp_path: Path) -> None:
    """With nothing else of the product there, and nothing heavy before it is needed."""
    (tmp_path / "agent_tools").symlink_to(Path(tools_registry.core.__file__).parent)
    code = f"""
import importlib, pathlib, sys
sys.path.insert(0, {str(tmp_path)!r})
for file in pathlib.Path({str(tmp_path)!r}, "agent_tools").glob("*.py"):
    importlib.import_module(f"agent_tools.{{file.stem}}")
print([name for name in ("numpy", "pandas", "matplotlib", "tools_registry") if name in sys.modules])
from agent_tools.summaries import summarize_column
print(summarize_column("penguins.csv", "body mass"))
"""
    done = subprocess.run(
        [sys.executable, "-B", "-I", "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["[]", "4090.0"]


@given(first=words, second=words)
def test_edit_distance_is_a_distance(first: str, second: str) -> None:
    distance = text.edit_distance(first, second)
    assert distance == text.edit_distance(second, first)
    assert (distance == 0) == (first == second)
    assert abs(len(first) - len(second)) <= distance <= max(len(first), len(second))


@given(title=st.text())
def test_names_are_made_of_plain_letters_and_stay_when_made_again(title: str) -> None:
    slug = text.slugify(title)
    assert slug == "-".join(part for part in slug.split("-") if part.isascii() and part.isalnum())
    assert text.slugify(slug) == slug
    assert text.snake_case(text.snake_case(title)) == text.snake_case(title)


@given(numbers=st.lists(st.integers(-(10**9), 10**9)))
def test_numbers_come_out_of_text_as_they_went_in(numbers: list[int]) -> None:
    assert text.extract_numbers(" and ".join(map(str, numbers))) == numbers


@given(number=st.integers(1, 3999))
def test_roman_numerals_there_and_back(number: int) -> None:
    assert maths.from_roman(maths.to_roman(number)) == number


@given(number=st.integers(1, 10**7))
def test_prime_factors_are_prime_and_make_the_number(number: int) -> None:
    product = 1
    for factor in maths.prime_factors(number):
        assert maths.is_prime(factor)
        product *= factor
    assert product == number


def test_primes_found_one_by_one_and_all_at_once() -> None:
    assert [n for n in range(-2, 5000) if maths.is_prime(n)] == maths.primes_up_to(4999)
    assert not maths.is_prime(3215031751)
    assert maths.is_prime(2**61 - 1)
    assert maths.primes_up_to(-5) == []


@given(
    value=st.floats(-1e6, 1e6),
    pair=st.sampled_from([("mile", "km"), ("C", "F"), ("GiB", "MB"), ("year", "s"), ("lb", "g")]),
)
def test_units_there_and_back(value: float, pair: tuple[str, str]) -> None:
    one, other = pair
    there = maths.convert_units(value, one, other)
    assert maths.convert_units(there, other, one) == pytest.approx(value, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "unit", "to", "result"),
    [
        (0.1, "km", "m", 100),
        (36.6, "°C", "fahrenheit", 97.88),
        (1, "Miles", "km", 1.609344),
        (100, "km/h", "m/s", 100 / 3.6),
        (8, "Mb", "MB", 1),
        (1, "nautical mile", "m", 1852),
        (-40, "F", "C", -40),
    ],
)
def test_units(value: float, unit: str, to: str, result: float) -> None:
    assert maths.convert_units(value, unit, to) == result


@given(number=st.integers(0, 10**15 - 1))
def test_every_number_has_words_of_its_own(number: int) -> None:
    spoken = maths.number_to_words(number)
    assert spoken.replace(" ", "").replace("-", "").isalpha()
    assert number == 10**15 - 1 or maths.number_to_words(number + 1) != spoken


@given(day=days)
def test_dates_are_read_as_they_are_written(day: date) -> None:
    for form in ("%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "%d.%m.%Y"):
        assert dates.parse_date(day.strftime(form)) == day
    assert dates.parse_date(day.strftime("%m/%d/%Y"), day_first=False) == day


@given(start=days, length=st.integers(0, 400))
def test_working_days_are_those_that_are_counted(start: date, length: int) -> None:
    end = start + timedelta(days=length)
    listed = dates.date_range(start, end)
    assert len(listed) == dates.days_between(start, end) + 1
    assert dates.working_days_between(start, end) == sum(day.weekday() < 5 for day in listed)


@given(day=days, months=st.integers(-600, 600))
def test_months_lead_to_the_right_month(day: date, months: int) -> None:
    moved = dates.add_months(day, months)
    assert moved.year * 12 + moved.month == day.year * 12 + day.month + months
    assert moved.day == day.day or (moved + timedelta(days=1)).day == 1


@given(numbers=samples)
def test_statistics_agree_with_each_other(numbers: list[int]) -> None:
    described = statistics.describe_numbers(numbers)
    ordered = [described[name] for name in ("min", "q1", "median", "q3", "max")]
    assert ordered == sorted(ordered)
    assert described["median"] == pytest.approx(statistics.percentile_of(numbers, 50))
    low, high = statistics.confidence_interval(numbers)
    assert low <= described["mean"] + 1e-9
    assert high >= described["mean"] - 1e-9
    assert len(statistics.moving_average(numbers, 2)) == len(numbers) - 1
    assert not set(statistics.find_outliers(numbers)) & {described["q1"], described["q3"]}


def test_statistics_of_a_column() -> None:
    import pandas as pd

    column = pd.Series([1, 2, 2, 3])
    assert repr(statistics.describe_numbers(column)["mean"]) == "2"
    assert repr(statistics.most_frequent(column)) == "[2]"
    assert statistics.linear_fit(column, column * 2) == (2.0, 0.0)


@given(nested=structures, other=structures)
def test_structures_differ_only_where_they_differ(nested: Any, other: Any) -> None:
    assert not any(data.compare_json(nested, nested).values())
    assert any(data.compare_json(nested, other).values()) == (nested != other)


@given(items=st.lists(st.integers()), size=st.integers(1, 5))
def test_chunks_make_the_list(items: list[int], size: int) -> None:
    chunks = data.chunk_list(items, size)
    assert [item for chunk in chunks for item in chunk] == items
    assert all(len(chunk) == size for chunk in chunks[:-1])


def test_flat_paths_reach_the_values() -> None:
    nested = {"a": [{"b": 1}, {"c": [2, {"d": None}]}], "e": {}}
    for path, value in data.flatten_json(nested).items():
        assert data.deep_get(nested, path, default="nothing") == value


def test_hidden_files_and_those_that_are_not_text_are_left_out(working_directory: Path) -> None:
    (working_directory / ".git").mkdir()
    (working_directory / ".git" / "config").write_text("Torgersen")
    (working_directory / "picture.bin").write_bytes(b"\0Torgersen")
    (working_directory / "deep").mkdir()
    (working_directory / "deep" / "old.txt").write_bytes("Torgersen, größer".encode("cp1252"))
    found = {path for path, _, _ in files.search_files("torgersen")}
    assert found == {"deep/old.txt", "islands.json", "notes.txt", "penguins.csv"}
    assert files.read_text("deep/old.txt").endswith("größer")
    assert ".git/config" not in files.list_files(recursive=True)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: maths.to_roman(0), "no Roman numeral"),
        (lambda: maths.from_roman("IIII"), "not a Roman numeral"),
        (lambda: maths.from_roman(""), "not a Roman numeral"),
        (lambda: maths.is_prime(10**30), "too large"),
        (lambda: maths.prime_factors(0), "from 1 to"),
        (lambda: maths.fibonacci_numbers(-1), "count from 0"),
        (lambda: maths.fibonacci_numbers(2.5), "not an integer"),  # type: ignore[arg-type]  # wrong
        (lambda: maths.primes_up_to(10**9), "too large"),
        (lambda: maths.convert_units(1, "kg", "m"), "measures mass and m length"),
        (lambda: maths.convert_units(1, "mb", "B"), "did you mean Mb, MB"),
        (lambda: maths.convert_units(float("inf"), "m", "km"), "finite"),
        (lambda: maths.percent_change(0, 1), "from 0"),
        (lambda: maths.round_significant(1, 0), "1 or more"),
        (lambda: maths.number_to_words(10**15), "15 digits"),
        (lambda: dates.parse_date("03/04/2024"), "2024-03-04 or 2024-04-03"),
        (lambda: dates.parse_date("2024-02-30"), "not a date that exists"),
        (lambda: dates.add_days("2024-01-01", 10**7), "out of the years"),
        (lambda: dates.add_months("2024-01-01", 10**6), "out of the years"),
        (lambda: dates.age_in_years("2024-01-02", "2024-01-01"), "swap the dates"),
        (lambda: dates.working_days_between("2024-01-02", "2024-01-01"), "swap the dates"),
        (lambda: dates.date_range("2024-01-01", "2024-02-01", "hour"), "use one of day"),
        (lambda: dates.date_range("0001-01-01", "9999-12-31"), "take a longer step"),
        (lambda: statistics.describe_numbers([]), "at least 1"),
        (lambda: statistics.describe_numbers([1, float("nan")]), "missing"),
        (lambda: statistics.percentile_of([1], 101), "from 0 to 100"),
        (lambda: statistics.z_scores([1, 1]), "all numbers are equal"),
        (lambda: statistics.linear_fit([1, 2, 3], [1, 2]), "give pairs"),
        (lambda: statistics.linear_fit([1, 1], [1, 2]), "constant"),
        (lambda: statistics.moving_average([1], 0), "1 or more"),
        (lambda: statistics.confidence_interval([1, 2], 100), "between 0 and 100"),
        (lambda: data.chunk_list([1], 0), "1 or more"),
        (lambda: data.sort_records([{"a": 1}, {"a": "b"}], "a"), "no common order"),
        (lambda: files.file_hash("notes.txt", "rot13"), "use sha256"),
        (lambda: files.list_files(pattern="../*"), "leads out"),
        (lambda: files.read_json("notes.txt"), "line 1, column 1"),
        (lambda: files.save_table("penguins.csv", "penguins.xls"), "not a known kind"),
    ],
)
def test_what_is_said_of_wrong_input(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: files.read_text("note.txt"),
        lambda: files.list_files("nowhere"),
        lambda: files.save_table("penguins.csv", "nowhere/penguins.json"),
        lambda: files.count_lines("."),
    ],
)
def test_what_is_not_there(call: Callable[[], object]) -> None:
    with pytest.raises(FileNotFoundError, match="no f"):
        call()
