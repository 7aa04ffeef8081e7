"""What a column is, in one row of a profile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._columns import as_dates, is_dates, is_whole, plain_type

if TYPE_CHECKING:
    from pandas import Series

_EXAMPLE_LENGTH = 40


def profile_column(name: str, series: Series[Any]) -> dict[str, Any]:
    """Return the facts of one column; smallest, largest and mean only where they mean something."""
    series = plain_type(series)
    kind, ordered = _kind(series)
    facts: dict[str, Any] = {
        "column": name,
        "type": kind,
        "missing": int(series.isna().sum()),
        "unique": _unique(series),
        "example": _example(series),
        "min": None,
        "max": None,
        "mean": None,
    }
    return facts | _range(ordered, kind) if ordered is not None else facts


def _kind(series: Series[Any]) -> tuple[str, Series[Any] | None]:
    """Name the type, and give the values in a form that has an order, if they have one."""
    import pandas as pd

    if series.isna().all():
        return "empty", None
    if pd.api.types.infer_dtype(series.dropna()) == "boolean":
        return "yes/no", None
    if pd.api.types.is_numeric_dtype(series.dtype):
        return ("integer" if is_whole(series) else "number"), series
    dates = as_dates(series)
    if is_dates(series) or dates is not None:
        return "date", dates
    return "text", None


def _range(series: Series[Any], kind: str) -> dict[str, Any]:
    if kind == "date":
        return {"min": _day(series.min()), "max": _day(series.max())}
    cast = int if kind == "integer" else float
    return {"min": cast(series.min()), "max": cast(series.max()), "mean": float(series.mean())}


def _day(moment: Any) -> str:
    day, _, time = str(moment.isoformat()).partition("T")
    return day if time.startswith("00:00:00") else f"{day} {time}"


def _unique(series: Series[Any]) -> int:
    try:
        return int(series.nunique())
    except TypeError:  # lists and dictionaries, which have no hash
        return int(series.dropna().map(repr).nunique())


def _example(series: Series[Any]) -> str | None:
    present = series.dropna().head(1)
    if present.empty:
        return None
    whole = is_whole(series)
    text = " ".join(str(int(present.iloc[0]) if whole else present.iloc[0]).split())
    return text if len(text) <= _EXAMPLE_LENGTH else text[: _EXAMPLE_LENGTH - 1] + "…"
