"""Plots of how columns go together, written as PNG files and shown in a notebook.

A `source` is a path relative to the working directory (csv, tsv, json, jsonl, parquet) or a
DataFrame. Columns are found as the tools for tables find them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._aggregates import aggregate_groups, aggregation
from ._columns import find_column, numbers
from ._figures import COLOURS, new_axes, save_plot
from ._frames import read_frame
from ._heat import draw_heat

if TYPE_CHECKING:
    from pandas import DataFrame

_MOST_COLUMNS = 40


def plot_trend(source: str | DataFrame, x: str, y: str, path: str | None = None) -> str:
    """Plot a scatter chart with a fitted line (linear regression, trend) and its equation.

    Args:
        source: Path of the file, or a DataFrame.
        x: Column of numbers across; rows where x or y is missing are left out.
        y: Column of numbers up.
        path: PNG file to write; `trend_X_Y.png` if left out.

    Returns:
        The path of the file; the legend has slope, intercept and r².

    Raises:
        ValueError: A column is unknown or has no numbers, or x has fewer than two different ones.

    Examples:
        >>> import pandas as pd
        >>> sizes = pd.DataFrame({"Length (mm)": [39, 46, 50], "Mass (g)": [3750, 4500, 5150]})
        >>> plot_trend(sizes, "Length (mm)", "Mass (g)")
        'trend_length_mm_mass_g.png'
        >>> plot_trend(sizes, "length", "mass", path="trend.png")
        'trend.png'
    """
    import numpy as np

    frame = read_frame(source)
    across, up = find_column(frame, x), find_column(frame, y)
    first, second = (numbers(frame, label).astype("float64") for label in (across, up))
    both = np.isfinite(first) & np.isfinite(second)
    first, second = first[both], second[both]
    if first.nunique() < 2:
        msg = f"no line fits: column {across!r} needs two different values beside one in {up!r}"
        raise ValueError(msg)
    slope, intercept = np.polyfit(first, second, 1)
    r = float(first.corr(second)) if second.nunique() > 1 else 1.0
    axes = new_axes(f"{up} by {across}", str(across), str(up))
    axes.scatter(first, second, color=COLOURS[0], s=26, alpha=0.75, linewidths=0)
    ends = np.array([first.min(), first.max()])
    sign = "+" if intercept >= 0 else "−"  # noqa: RUF001 -- the sign of mathematics
    label = f"{slope:.4g} · x {sign} {abs(intercept):.4g}, r² = {r * r:.3f}"
    axes.plot(ends, slope * ends + intercept, color=COLOURS[1], linewidth=2, label=label)
    axes.legend(frameon=False)
    return save_plot(axes, path, ["trend", across, up])


def plot_heatmap(
    source: str | DataFrame,
    rows: str,
    columns: str,
    values: str,
    how: str = "mean",
    path: str | None = None,
) -> str:
    """Plot a heat map: an aggregate for each combination of two columns, as coloured cells.

    Args:
        source: Path of the file, or a DataFrame.
        rows: Column whose values become the rows, 40 at most.
        columns: Column whose values become the columns, 40 at most.
        values: Column that is aggregated in the cells.
        how: mean, median, sum, min, max, std, count, unique or missing.
        path: PNG file to write; `heatmap_VALUES_by_ROWS_COLUMNS.png` if left out.

    Returns:
        The path of the file.

    Raises:
        ValueError: A column is unknown, has no numbers or too many values, or `how` is unknown.

    Examples:
        >>> plot_heatmap("penguins.csv", "Island", "Sex", "Body Mass (g)")
        'heatmap_body_mass_g_by_island_sex.png'
        >>> plot_heatmap("penguins.csv", "sex", "island", "species", "count", path="counts.png")
        'counts.png'
    """
    frame = read_frame(source)
    down, across = find_column(frame, rows), find_column(frame, columns)
    label, kind = find_column(frame, values), aggregation(how)
    if down == across:
        msg = f"column {down!r} is used twice; choose two columns"
        raise ValueError(msg)
    cells = aggregate_groups(frame, [down, across], label, kind).unstack()
    axes = draw_heat(cells, f"{kind.capitalize()} {label}", (str(across), str(down)))
    return save_plot(axes, path, ["heatmap", label, "by", down, across])


def plot_correlations(source: str | DataFrame, path: str | None = None) -> str:
    """Plot the correlation matrix of a table: Pearson's r of all columns of numbers as a heat map.

    Args:
        source: Path of the file, or a DataFrame; constant columns are left out.
        path: PNG file to write; `correlations.png` if left out.

    Returns:
        The path of the file.

    Raises:
        ValueError: There are fewer than two columns of numbers, or more than 40.

    Examples:
        >>> import pandas as pd
        >>> sizes = pd.DataFrame({"a": [1, 2, 3], "b": [3, 1, 2], "c": [1, 2, 4]})
        >>> plot_correlations(sizes)
        'correlations.png'
        >>> plot_correlations(sizes, path="r.png")
        'r.png'
    """
    frame = read_frame(source).select_dtypes("number").astype("float64")
    kept = frame[[column for column in frame.columns if frame[column].nunique() > 1]]
    if not 2 <= len(kept.columns) <= _MOST_COLUMNS:
        msg = f"{len(kept.columns)} columns of numbers vary; give a table with 2 to {_MOST_COLUMNS}"
        raise ValueError(msg)
    axes = draw_heat(kept.corr(), "Correlation (Pearson's r)", ("", ""), limits=(-1, 1))
    return save_plot(axes, path, ["correlations"])
