"""One number for many: how the values of a column are put together."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ._columns import is_whole, numbers

if TYPE_CHECKING:
    from pandas import DataFrame, Series

HOWS = ("mean", "median", "sum", "min", "max", "std", "count", "unique", "missing")
_SYNONYMS = {
    "average": "mean",
    "avg": "mean",
    "total": "sum",
    "minimum": "min",
    "smallest": "min",
    "maximum": "max",
    "largest": "max",
    "standard deviation": "std",
    "distinct": "unique",
    "nunique": "unique",
}
_STAYS_WHOLE = ("sum", "min", "max")


def aggregation(how: str) -> str:
    """Return the one name of this way to aggregate.

    Raises:
        ValueError: It is none.
    """
    name = _SYNONYMS.get(how.strip().casefold(), how.strip().casefold())
    if name not in HOWS:
        msg = f"can't aggregate by {how!r}; use one of {', '.join(HOWS)}"
        raise ValueError(msg)
    return name


def aggregate(frame: DataFrame, column: Any, how: str) -> float:
    """Return one plain number for the whole column.

    Raises:
        ValueError: The column has no numbers, or too few.
    """
    counted = _count(frame[column], how)
    if counted is not None:
        return counted
    found = numbers(frame, column)
    result = getattr(found, how)() if found.notna().any() else math.nan
    if math.isnan(result):
        msg = f"column {column!r} has too few values for a {how}"
        raise ValueError(msg)
    return int(result) if how in _STAYS_WHOLE and is_whole(found) else float(result)


def _count(series: Series[Any], how: str) -> int | None:
    if how == "count":
        return int(series.notna().sum())
    if how == "unique":
        return int(series.nunique())
    return int(series.isna().sum()) if how == "missing" else None


def aggregate_groups(frame: DataFrame, keys: list[Any], column: Any, how: str) -> Series[Any]:
    """Return one number for each combination of values of the `keys`, in their order."""
    groups = [_group(frame[key]) for key in keys]
    if how == "missing":
        missing: Series[Any] = frame[column].isna().groupby(groups, observed=True).sum()
        return missing
    if how in ("count", "unique"):
        values = frame[column].groupby(groups, observed=True)
        counted: Series[Any] = values.count() if how == "count" else values.nunique()
        return counted
    found = numbers(frame, column)
    result: Series[Any] = found.groupby(groups, observed=True).agg(how)
    if how in _STAYS_WHOLE and is_whole(found) and result.notna().all():
        return result.astype("int64")
    return result


def _group(series: Series[Any]) -> Series[Any]:
    """The year 2007 stays 2007 also where other years are missing."""
    return series.astype("Int64") if is_whole(series) else series
