"""What is drawn into a plot: points in groups, bars, lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._aggregates import aggregate_groups
from ._columns import as_dates, is_whole, numbers, plain_type, plain_values
from ._figures import COLOURS, MISSING, new_axes, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame, Series

_MOST_BARS = 25
_MOST_STANDING = 8


def scatter_groups(
    axes: Axes, x: Series[Any], y: Series[Any], frame: DataFrame, color: Any
) -> None:
    """Draw the points, in one colour, by a scale of numbers, or by the groups of a column."""
    if not (x.notna() & y.notna()).any():
        msg = f"columns {x.name!r} and {y.name!r} have no row with both to plot"
        raise ValueError(msg)
    style: dict[str, Any] = {"s": 26, "alpha": 0.75, "linewidths": 0}
    if color is None:
        axes.scatter(x, y, color=COLOURS[0], **style)
    elif _is_scale(frame[color]):
        points = axes.scatter(x, y, c=frame[color].astype("float64"), cmap="viridis", **style)
        axes.figure.colorbar(points, ax=axes, label=str(color))
    else:
        for name, colour, rows in _groups(frame[color]):
            axes.scatter(x[rows], y[rows], color=colour, label=wrapped(name), **style)


def _is_scale(series: Series[Any]) -> bool:
    import pandas as pd

    numeric = pd.api.types.is_numeric_dtype(series.dtype)
    return numeric and not pd.api.types.is_bool_dtype(series.dtype) and series.nunique() > 6


def _groups(series: Series[Any]) -> list[tuple[str, str, Any]]:
    """The most common values with a colour each; then what is left, then what is missing."""
    import pandas as pd

    names = pd.Series(plain_values(series), series.index, dtype=object).map(str, na_action="ignore")
    common = names.value_counts().index[: len(COLOURS) - 1]
    groups = [(name, COLOURS[i], names == name) for i, name in enumerate(sorted(common))]
    others = names.notna() & ~names.isin(common)
    if others.any():
        groups.append(("other", COLOURS[-1], others))
    if names.isna().any():
        groups.append(("(missing)", MISSING, names.isna()))
    return groups


def bars(frame: DataFrame, column: Any, group: Any, how: str) -> Series[Any]:
    """Return the heights of the bars by name: counts, largest first, or the groups in order."""
    import pandas as pd

    if group is None:
        values = pd.Series([v for v in plain_values(frame[column]) if v is not None], dtype=object)
        heights: Series[Any] = values.value_counts(sort=False)
        heights = heights.sort_values(ascending=False, kind="stable")
    else:
        heights = aggregate_groups(frame, [group], column, how).dropna()
    if heights.empty:
        msg = f"column {column!r} has no values to plot"
        raise ValueError(msg)
    return heights


def draw_bars(heights: Series[Any], title: str, names: str, measure: str) -> Axes:
    """Draw standing bars, or lying ones where many names would run into each other."""
    from matplotlib.ticker import MaxNLocator

    if len(heights) > _MOST_BARS:
        title += f" (the {_MOST_BARS} largest of {len(heights)})"
        heights = heights.nlargest(_MOST_BARS)
    labels, sizes = [wrapped(name) for name in heights.index], heights.to_list()
    places = range(len(sizes))
    lying = len(labels) > _MOST_STANDING
    if lying:
        axes = new_axes(title, measure, names, high=1.5 + 0.36 * len(labels))
        drawn = axes.barh(places, sizes, tick_label=labels, color=COLOURS[0], height=0.7)
        axes.invert_yaxis()
    else:
        axes = new_axes(title, names, measure)
        drawn = axes.bar(places, sizes, tick_label=labels, color=COLOURS[0], width=0.65)
    axes.grid(visible=False, axis="y" if lying else "x")
    whole = is_whole(heights)
    axes.bar_label(drawn, fmt="{:,.0f}" if whole else "{:,.4g}", padding=3, fontsize=9)
    if whole:
        (axes.xaxis if lying else axes.yaxis).set_major_locator(MaxNLocator(integer=True))
    axes.margins(x=0.1 if lying else None, y=None if lying else 0.1)
    return axes


def line_points(frame: DataFrame, x: Any, y: Any) -> tuple[Series[Any], bool]:
    """Return the means of y by x, and whether any x occurs more than once."""
    across, up = _along(frame[x]), numbers(frame, y).astype("float64")
    both = across.notna() & up.notna()
    across, up = across[both], up[both]
    if up.empty:
        msg = f"columns {x!r} and {y!r} have no row with both to plot"
        raise ValueError(msg)
    ordered = across.dtype.kind in "iufM"
    points: Series[Any] = up.groupby(across, sort=ordered).mean()
    return points, len(points) < len(up)


def _along(series: Series[Any]) -> Series[Any]:
    """Dates as dates, numbers as numbers, all else as names."""
    import pandas as pd

    series = plain_type(series)
    dates = as_dates(series)
    if dates is not None:
        return dates
    if pd.api.types.is_numeric_dtype(series.dtype):
        return series.astype("float64")
    return series.map(str, na_action="ignore").astype(object)
