"""Statistics of a list of numbers; for columns of a table see summarize_column and group_by."""

from __future__ import annotations

import math
import statistics as standard
from collections.abc import Iterable
from typing import Any


def describe_numbers(numbers: Iterable[float]) -> dict[str, float]:
    """Describe a list of numbers: summary statistics with mean, median, quartiles and deviation.

    Args:
        numbers: One number or more.

    Returns:
        count, mean, std (of a sample; 0 for one number), min, q1, median, q3, max and sum.

    Raises:
        ValueError: There is no number.

    Examples:
        >>> describe_numbers([1, 2, 3, 4])["mean"]
        2.5
        >>> list(describe_numbers([5]).values())
        [1, 5, 0.0, 5, 5, 5, 5, 5, 5]
    """
    values = _at_least(1, numbers)
    return {
        "count": len(values),
        "mean": standard.mean(values),
        "std": standard.stdev(values) if len(values) > 1 else 0.0,
        "min": min(values),
        "q1": percentile_of(values, 25),
        "median": standard.median(values),
        "q3": percentile_of(values, 75),
        "max": max(values),
        "sum": sum(values),
    }


def percentile_of(numbers: Iterable[float], percent: float) -> float:
    """Find a percentile or quantile: the value that so many percent of the numbers lie below.

    Args:
        numbers: One number or more.
        percent: 0 to 100; 50 is the median, 25 and 75 the quartiles.

    Returns:
        The value, interpolated between the two nearest numbers.

    Raises:
        ValueError: There is no number, or `percent` is out of range.

    Examples:
        >>> percentile_of([1, 2, 3, 4, 5], 50)
        3
        >>> percentile_of([10, 20], 75)
        17.5
    """
    values = sorted(_at_least(1, numbers))
    if not 0 <= percent <= 100:
        msg = f"percent is {percent}; give a number from 0 to 100"
        raise ValueError(msg)
    place = (len(values) - 1) * percent / 100
    low, high = values[math.floor(place)], values[math.ceil(place)]
    return low if low == high else low + (high - low) * (place - math.floor(place))


def most_frequent(values: Iterable[object]) -> list[object]:
    """Find the mode: the most frequent value or values of a list.

    Args:
        values: Numbers, texts or anything hashable.

    Returns:
        All values that occur most often, in order of appearance; none for an empty list.

    Examples:
        >>> most_frequent([3, 1, 3, 2, 1])
        [3, 1]
        >>> most_frequent(["Dream", "Biscoe", "Dream"])
        ['Dream']
    """
    return standard.multimode(_plain(values))


def z_scores(numbers: Iterable[float]) -> list[float]:
    """Standardize numbers to z-scores: how many standard deviations each is from the mean.

    Args:
        numbers: Two numbers or more, not all equal.

    Returns:
        A score for each number, with the standard deviation of a sample.

    Raises:
        ValueError: There are fewer than two numbers, or all are equal.

    Examples:
        >>> z_scores([1, 2, 3])
        [-1.0, 0.0, 1.0]
        >>> z_scores([10, 30, 50, 10])[2] > 1
        True
    """
    values = _at_least(2, numbers)
    mean, deviation = standard.fmean(values), standard.stdev(values)
    if deviation == 0:
        msg = "all numbers are equal, so none deviates; give numbers that differ"
        raise ValueError(msg)
    return [(value - mean) / deviation for value in values]


def find_outliers(numbers: Iterable[float], factor: float = 1.5) -> list[float]:
    """Find the outliers in a list of numbers: values far outside the quartiles (IQR rule).

    Args:
        numbers: One number or more.
        factor: How many interquartile ranges beyond the quartiles a number may lie.

    Returns:
        The numbers that lie further out, in order.

    Raises:
        ValueError: There is no number.

    Examples:
        >>> find_outliers([10, 12, 11, 13, 12, 95])
        [95]
        >>> find_outliers([1, 2, 3])
        []
    """
    values = _at_least(1, numbers)
    low, high = percentile_of(values, 25), percentile_of(values, 75)
    margin = factor * (high - low)
    return [value for value in values if not low - margin <= value <= high + margin]


def linear_fit(x: Iterable[float], y: Iterable[float]) -> tuple[float, float]:
    """Fit a straight line by least squares: linear regression, a trend of slope * x + intercept.

    Args:
        x: Two numbers or more, not all equal.
        y: As many numbers.

    Returns:
        Slope (in units of y for each unit of x) and intercept (in units of y).

    Raises:
        ValueError: The lists differ in length, are too short, or x is constant.

    Examples:
        >>> linear_fit([0, 1, 2], [1, 3, 5])
        (2.0, 1.0)
        >>> linear_fit([1, 2, 3], [2, 2, 2])
        (0.0, 2.0)
    """
    across, up = _at_least(2, x), _at_least(2, y)
    if len(across) != len(up):
        msg = f"x has {len(across)} numbers and y {len(up)}; give pairs"
        raise ValueError(msg)
    if len(set(across)) < 2:
        msg = "x is constant, so no line fits; give at least two different x"
        raise ValueError(msg)
    slope, intercept = standard.linear_regression(across, up)
    return slope, intercept


def moving_average(numbers: Iterable[float], window: int) -> list[float]:
    """Smooth numbers with a moving average (rolling mean) over a window.

    Args:
        numbers: The numbers in order.
        window: How many neighbours make one average, 1 or more.

    Returns:
        The averages; `window - 1` fewer than the numbers, none if these are too few.

    Raises:
        ValueError: The window is below 1, or a value is missing.

    Examples:
        >>> moving_average([1, 2, 3, 4], window=2)
        [1.5, 2.5, 3.5]
        >>> moving_average([1, 2], window=3)
        []
    """
    if window < 1:
        msg = f"window is {window}; give 1 or more"
        raise ValueError(msg)
    values = _at_least(0, numbers)
    starts = range(len(values) - window + 1)
    return [standard.fmean(values[start : start + window]) for start in starts]


def confidence_interval(numbers: Iterable[float], percent: float = 95) -> tuple[float, float]:
    """Calculate the confidence interval of the mean of a sample (normal approximation).

    Args:
        numbers: Two numbers or more; 30 or more for the approximation to be good.
        percent: Confidence, between 0 and 100.

    Returns:
        Lower and upper end, in the unit of the numbers.

    Raises:
        ValueError: There are fewer than two numbers, or `percent` is out of range.

    Examples:
        >>> low, high = confidence_interval([10, 12, 11, 13, 12, 11])
        >>> round(low, 2), round(high, 2)
        (10.66, 12.34)
        >>> confidence_interval([5, 5, 5], percent=99)
        (5.0, 5.0)
    """
    values = _at_least(2, numbers)
    if not 0 < percent < 100:
        msg = f"percent is {percent}; give a number between 0 and 100"
        raise ValueError(msg)
    factor = standard.NormalDist().inv_cdf(0.5 + percent / 200)
    mean = standard.fmean(values)
    margin = factor * standard.stdev(values) / math.sqrt(len(values))
    return mean - margin, mean + margin


def _at_least(count: int, numbers: Iterable[float]) -> list[float]:
    values = _plain(numbers)
    if any(value is None or math.isnan(value) for value in values):
        msg = "a value is missing (None or NaN); leave missing values out first"
        raise ValueError(msg)
    if len(values) < count:
        msg = f"{len(values)} numbers given; at least {count} needed"
        raise ValueError(msg)
    return values


def _plain(values: Iterable[Any]) -> list[Any]:
    """Python's own values, also from an array or a column, whose numbers are of other types."""
    listed = getattr(values, "tolist", None)
    return list(values if listed is None else listed())
