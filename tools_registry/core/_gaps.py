"""Missing values, filled from those that are there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._columns import numbers

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_HOWS = ("median", "mean", "mode", "previous", "next", "linear")


def filled(frame: DataFrame, label: Any, how: str) -> Series[Any]:
    """The column without its gaps.

    Raises:
        ValueError: `how` is unknown, or the column is empty or has no numbers where it needs them.
    """
    if how not in _HOWS:
        msg = f"can't fill by {how!r}; use one of {', '.join(_HOWS)}"
        raise ValueError(msg)
    values: Series[Any] = frame[label]
    if values.isna().all():
        msg = f"column {label!r} has no value to fill its gaps from"
        raise ValueError(msg)
    if how in ("previous", "next"):
        return values.ffill() if how == "previous" else values.bfill()
    if how == "mode":
        return _with_most_frequent(values)
    found: Series[Any] = numbers(frame, label).astype("float64")
    if how == "linear":
        return found.interpolate(limit_area="inside")
    return found.fillna(found.median() if how == "median" else found.mean())


def _with_most_frequent(values: Series[Any]) -> Series[Any]:
    filled: Series[Any] = values.fillna(values.mode().iloc[0])
    return filled
