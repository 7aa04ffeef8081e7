"""Dates put together by day, week, month, quarter or year."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._columns import as_dates

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_CODES = {"hour": "h", "day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}


def beginnings(frame: DataFrame, label: Any, period: str) -> Series[Any]:
    """The first moment of the period in which each date lies.

    Raises:
        ValueError: The column has no dates, or the period is unknown.
    """
    code = _CODES.get(period.strip().casefold())
    if code is None:
        msg = f"can't put dates together by {period!r}; use one of {', '.join(_CODES)}"
        raise ValueError(msg)
    dates = as_dates(frame[label])
    if dates is None:
        msg = f"column {label!r} has no dates that can be read in one way; parse them first"
        raise ValueError(msg)
    if dates.dt.tz is not None:
        dates = dates.dt.tz_localize(None)
    starts: Series[Any] = dates.dt.to_period(code).dt.start_time
    return starts
