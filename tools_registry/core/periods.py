"""Tables along time: totals and averages by period, changes from one to the next.

A `source` is a path relative to the working directory (csv, tsv, json, jsonl, parquet) or a
DataFrame, which is never changed. Columns are found as the tools for tables find them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._aggregates import aggregate_groups, aggregation
from ._columns import find_column, numbers
from ._frames import read_frame
from ._periods import beginnings

if TYPE_CHECKING:
    from pandas import DataFrame


def resample_table(
    source: str | DataFrame, date: str, column: str, period: str = "month", how: str = "mean"
) -> DataFrame:
    """Resample a table over time (time series): monthly, weekly or yearly totals, means, counts.

    Args:
        source: Path of the file, or a DataFrame.
        date: Column of dates; rows where it is missing are left out.
        column: Column to aggregate.
        period: hour, day, week (from Monday), month, quarter or year.
        how: mean, median, sum, min, max, std, count, unique or missing.

    Returns:
        One row a period that occurs, in order: its first moment, and the aggregate.

    Raises:
        ValueError: A column, period or `how` is unknown, or a column has no dates or numbers.

    Examples:
        >>> resample_table("penguins.csv", "Date Egg", "body mass", period="year")
            Date Egg  Body Mass (g)
        0 2007-01-01         3825.0
        1 2008-01-01         5150.0
        >>> resample_table("penguins.csv", "date egg", "sex", "month", "count")["Sex"].tolist()
        [4, 1]
    """
    frame = read_frame(source)
    when, values = find_column(frame, date), find_column(frame, column)
    grouped = frame.assign(**{when: beginnings(frame, when, period)})
    kind = aggregation(how)
    result = aggregate_groups(grouped, [when], values, kind)
    return result.reset_index(name=values if values != when else kind)


def change_over_time(source: str | DataFrame, date: str, column: str) -> DataFrame:
    """Calculate the change of a column from one date to the next: difference and percent growth.

    Args:
        source: Path of the file, or a DataFrame.
        date: Column of dates.
        column: Column of numbers; rows where either is missing are left out.

    Returns:
        The rows in order of the dates: date, column, `change` (in its unit) and `percent` of the
        value before; missing in the first row, and `percent` also after 0.

    Raises:
        ValueError: A column is unknown, or has no dates or numbers.

    Examples:
        >>> import pandas as pd
        >>> nests = pd.DataFrame({"year": ["2008-01-01", "2007-01-01"], "nests": [60, 50]})
        >>> change_over_time(nests, "year", "nests")["percent"].tolist()
        [nan, 20.0]
        >>> change_over_time(nests, "year", "nests")["nests"].tolist()
        [50, 60]
    """
    frame = read_frame(source)
    when, label = find_column(frame, date), find_column(frame, column)
    moments, values = beginnings(frame, when, "hour"), numbers(frame, label)
    ordered = frame.assign(**{when: moments, label: values})[[when, label]]
    ordered = ordered.dropna().sort_values(when, kind="stable", ignore_index=True)
    before = ordered[label].shift()
    change = ordered[label] - before
    percent = 100 * change / before.abs().where(before != 0)
    return ordered.assign(change=change, percent=percent)
