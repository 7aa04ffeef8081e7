"""Calendars, time zones and durations; money and samples, which run along them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.core import dates, inference, money, times

days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


@given(
    day=days, weekday=st.sampled_from(["Monday", "tue", "WEDNESDAY", "Thu", "fri", "sat", "Sunday"])
)
def test_the_next_weekday_is_within_a_week(day: date, weekday: str) -> None:
    found = times.next_weekday(day, weekday)
    assert 1 <= (found - day).days <= 7
    assert dates.weekday_name(found).casefold().startswith(weekday.casefold())


@given(day=days, count=st.integers(1, 400))
def test_working_days_are_added_as_they_are_counted(day: date, count: int) -> None:
    later = times.add_working_days(day, count)
    assert later.weekday() < 5
    assert dates.working_days_between(day + timedelta(1), later) == count
    assert times.add_working_days(day, 0) == day
    earlier = times.add_working_days(day, -count)
    assert dates.working_days_between(earlier, day - timedelta(1)) == count


def test_holidays_do_not_count() -> None:
    assert times.add_working_days("2024-05-01", -1, ["2024-04-30"]) == date(2024, 4, 29)


@given(day=days)
def test_dates_are_found_as_they_are_written(day: date) -> None:
    for form in ("%Y-%m-%d", "%d %B %Y", "%b %d, %Y", "%d.%m.%Y"):
        assert times.extract_dates(f"On {day.strftime(form)}, or so") == [day]


@given(text=st.text(alphabet="0123456789-/. JanFebMr,", max_size=50))
def test_any_text_has_dates_or_none(text: str) -> None:
    assert all(isinstance(day, date) for day in times.extract_dates(text))


@pytest.mark.parametrize(
    "text", ["1.2.3", "2024-13-01", "v2024-01-011", "Marching 5 2024x", "id 12024-01-01"]
)
def test_what_is_no_date_is_not_found(text: str) -> None:
    assert times.extract_dates(text) == []


@given(
    moment=st.datetimes(datetime(1980, 1, 1), datetime(2037, 1, 1)),
    zone=st.sampled_from(["Europe/Berlin", "Asia/Kolkata", "America/New_York"]),
)
def test_a_moment_stays_the_same_in_every_zone(moment: datetime, zone: str) -> None:
    there = times.convert_timezone(moment, "UTC", zone)
    assert there == moment.replace(tzinfo=UTC)
    assert (
        times.convert_timezone(there.isoformat(), "Asia/Tokyo", "UTC").replace(tzinfo=None)
        == moment
    )


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (-0.001, "0 s"),
        (0.256, "0.26 s"),
        (59.99, "59.99 s"),
        (59.999, "1 min"),
        (60, "1 min"),
        (3599.6, "1 h"),
        (86_400, "1 d"),
        (-5400, "-1 h 30 min"),
        (61, "1 min 1 s"),
    ],
)
def test_durations(seconds: float, shown: str) -> None:
    assert times.format_duration(seconds) == shown


@given(amount=st.floats(1, 1e6), rate=st.floats(0, 20), years=st.integers(1, 40))
def test_a_loan_is_paid_back_by_its_payments(amount: float, rate: float, years: int) -> None:
    payment = money.loan_payment(amount, rate, years)
    left = amount
    for _ in range(12 * years):
        left = left * (1 + rate / 1200) - payment
    assert left == pytest.approx(0, abs=1e-6 * amount * (1 + rate / 1200) ** (12 * years))


@given(first=st.floats(1, 1e6), rate=st.floats(-90, 90), years=st.floats(0.5, 20))
def test_growth_and_interest_undo_each_other(first: float, rate: float, years: float) -> None:
    last = money.compound_interest(first, rate, years)
    assert money.growth_rate(first, last, years) == pytest.approx(rate, abs=1e-6)


samples = st.lists(st.integers(-100, 100), min_size=2, max_size=15)


@given(values=samples, percent=st.sampled_from([50, 90, 99]))
def test_a_bootstrap_repeats_and_lies_within_the_sample(values: list[int], percent: float) -> None:
    low, high = inference.bootstrap_interval(values, percent=percent, rounds=200)
    assert min(values) <= low <= high <= max(values)
    assert (low, high) == inference.bootstrap_interval(values, percent=percent, rounds=200)


@given(first=samples, second=samples)
def test_a_permutation_test_has_no_direction(first: list[int], second: list[int]) -> None:
    one = inference.permutation_test(first, second, rounds=100)
    other = inference.permutation_test(second, first, rounds=100)
    assert 0 < one["p"] <= 1
    assert one["difference"] == pytest.approx(-other["difference"])


def test_a_permutation_test_tells_groups_apart() -> None:
    assert inference.permutation_test(range(20, 40), range(10, 30))["p"] < 0.01
    assert inference.permutation_test([1, 2, 3, 4], [1, 2, 3, 5])["p"] > 0.5


@given(values=st.lists(st.integers(-100, 100), min_size=2, max_size=15, unique=True))
def test_ranks_agree_with_any_growing_function(values: list[int]) -> None:
    assert inference.rank_correlation(values, [value**3 for value in values]) == 1
    assert inference.rank_correlation(values, [-value for value in values]) == -1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: times.next_weekday("2024-01-01", "Caturday"), "no day of the week"),
        (lambda: times.next_weekday("9999-12-31", "Monday"), "out of the years"),
        (lambda: times.add_working_days("2024-01-01", 10**9), "too many"),
        (lambda: times.add_working_days("9999-12-30", 99), "out of the years"),
        (lambda: times.convert_timezone("noon", "UTC", "UTC"), "no date and time"),
        (
            lambda: times.convert_timezone("2024-01-01", "UTC", "Mars/Base"),
            "no time zone 'Mars/Base'",
        ),
        (lambda: times.convert_timezone("2024-01-01", "../etc/passwd", "UTC"), "no time zone"),
        (lambda: money.compound_interest(1, 5, -1), "out of range"),
        (lambda: money.compound_interest(1, -100, 1), "out of range"),
        (lambda: money.loan_payment(1, 5, 0), "out of range"),
        (lambda: money.growth_rate(0, 1, 1), "out of range"),
        (lambda: inference.bootstrap_interval([1]), "at least 2"),
        (lambda: inference.bootstrap_interval([1, 2], of="mode"), "mean, median"),
        (lambda: inference.bootstrap_interval([1.0, float("nan")]), "missing"),
        (lambda: inference.bootstrap_interval(range(10**5), rounds=10**6), "too many"),
        (lambda: inference.permutation_test([1, 2], [1, 2], rounds=1), "rounds is 1"),
        (lambda: inference.rank_correlation([1, 2], [1, 2, 3]), "give pairs"),
        (lambda: inference.rank_correlation([1, 1], [1, 2]), "constant"),
    ],
)
def test_what_is_said_of_wrong_input(call: Callable[[], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        call()
