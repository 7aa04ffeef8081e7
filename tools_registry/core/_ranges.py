"""How many numbers lie in ranges of equal width."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._columns import numbers

if TYPE_CHECKING:
    from pandas import DataFrame


def counted_ranges(frame: DataFrame, label: Any, bins: int) -> DataFrame:
    """One row a range: where it begins and ends, and how many values are in it.

    Raises:
        ValueError: The column has no numbers.
    """
    import numpy as np
    import pandas as pd

    values = numbers(frame, label).astype("float64").dropna()
    values = values[np.isfinite(values)]
    if values.empty:
        msg = f"column {label!r} has no numbers to count"
        raise ValueError(msg)
    counts, edges = np.histogram(values, bins=bins)
    return pd.DataFrame({"from": edges[:-1], "to": edges[1:], "count": counts})
