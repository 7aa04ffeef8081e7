"""Plots of tables, written as PNG files and shown where the code runs in a notebook.

A `source` is a path relative to the working directory (csv, tsv, json, jsonl, parquet) or a
DataFrame. Columns are found as the tools for tables find them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._aggregates import aggregation
from ._columns import find_column, numbers
from ._figures import COLOURS, add_legend, new_axes, save_plot, wrapped
from ._frames import read_frame
from ._marks import bars, draw_bars, line_points, scatter_groups

if TYPE_CHECKING:
    from pandas import DataFrame


def plot_histogram(
    source: str | DataFrame, column: str, bins: int = 20, path: str | None = None
) -> str:
    """Plot a histogram: the distribution of the numbers in a column, saved as a PNG chart.

    Args:
        source: Path of the file, or a DataFrame.
        column: Column of numbers; missing values are left out.
        bins: Number of bars, 1 or more.
        path: PNG file to write; `histogram_COLUMN.png` if left out.

    Returns:
        The path of the file.

    Raises:
        ValueError: The column is unknown or has no numbers, or `bins` is below 1.

    Examples:
        >>> plot_histogram("penguins.csv", "Body Mass (g)")
        'histogram_body_mass_g.png'
        >>> plot_histogram("islands.json", "area", bins=5, path="areas.png")
        'areas.png'
    """
    if bins < 1:
        msg = f"bins is {bins}; give 1 or more"
        raise ValueError(msg)
    frame = read_frame(source)
    label = find_column(frame, column)
    values = numbers(frame, label).astype("float64").dropna()
    if values.empty:
        msg = f"column {label!r} has no values to plot"
        raise ValueError(msg)
    axes = new_axes(f"Distribution of {label}", str(label), "count")
    axes.hist(values, bins=bins, color=COLOURS[0], edgecolor="white", linewidth=0.8)
    axes.axvline(values.mean(), color=COLOURS[1], linestyle="--", label=f"mean {values.mean():.4g}")
    axes.legend(frameon=False)
    return save_plot(axes, path, ["histogram", label])


def plot_scatter(
    source: str | DataFrame, x: str, y: str, color: str | None = None, path: str | None = None
) -> str:
    """Plot a scatter chart of two columns: points of y against x, coloured by a third column.

    Args:
        source: Path of the file, or a DataFrame.
        x: Column of numbers across; rows where x or y is missing are left out.
        y: Column of numbers up.
        color: Column that colours the points, with a legend; none if left out.
        path: PNG file to write; `scatter_X_Y.png` if left out.

    Returns:
        The path of the file.

    Raises:
        ValueError: A column is unknown, or x or y has no numbers.

    Examples:
        >>> import pandas as pd
        >>> sizes = pd.DataFrame({"Length (mm)": [39, 46, 50], "Mass (g)": [3750, 4500, 5150]})
        >>> plot_scatter(sizes, "Length (mm)", "Mass (g)")
        'scatter_length_mm_mass_g.png'
        >>> plot_scatter(sizes, "length", "mass", color="mass", path="sizes.png")
        'sizes.png'
    """
    frame = read_frame(source)
    across, up = find_column(frame, x), find_column(frame, y)
    groups = None if color is None else find_column(frame, color)
    wide = 7.0 if groups is None else 8.5
    axes = new_axes(f"{up} by {across}", str(across), str(up), wide=wide)
    scatter_groups(axes, numbers(frame, across), numbers(frame, up), frame, groups)
    if axes.get_legend_handles_labels()[1]:
        add_legend(axes, str(groups))
    return save_plot(axes, path, ["scatter", across, up])


def plot_bar(
    source: str | DataFrame,
    column: str,
    by: str | None = None,
    how: str = "mean",
    path: str | None = None,
) -> str:
    """Plot a bar chart: how often each value of a column occurs, or an aggregate for each group.

    Args:
        source: Path of the file, or a DataFrame.
        column: Column whose values are counted; with `by`, the column that is aggregated.
        by: Column whose values make the groups.
        how: With `by`: mean, median, sum, min, max, std, count, unique or missing.
        path: PNG file to write; `bar_COLUMN.png` or `bar_HOW_COLUMN_by_BY.png` if left out.

    Returns:
        The path of the file; of more than 25 bars it shows the largest.

    Raises:
        ValueError: A column is unknown or has no numbers, or `how` is unknown.

    Examples:
        >>> plot_bar("penguins.csv", "Island")
        'bar_island.png'
        >>> plot_bar("penguins.csv", "body mass", by="Sex", how="max")
        'bar_max_body_mass_g_by_sex.png'
    """
    frame = read_frame(source)
    label = find_column(frame, column)
    group = None if by is None else find_column(frame, by)
    kind = aggregation(how)
    if group is None:
        title, measure, words = f"Rows by {label}", "count", ["bar", label]
    else:
        title, measure = f"{kind} {label} by {group}", f"{kind} {label}"
        words = ["bar", kind, label, "by", group]
    heights = bars(frame, label, group, kind)
    axes = draw_bars(heights, title[0].upper() + title[1:], str(group or label), measure)
    return save_plot(axes, path, words)


def plot_line(source: str | DataFrame, x: str, y: str, path: str | None = None) -> str:
    """Plot a line chart: how a column of numbers runs over time or along another column.

    Args:
        source: Path of the file, or a DataFrame.
        x: Column across: dates, numbers or names; sorted unless they are names.
        y: Column of numbers up; where an x occurs more than once, their mean is drawn.
        path: PNG file to write; `line_X_Y.png` if left out.

    Returns:
        The path of the file.

    Raises:
        ValueError: A column is unknown, or y has no numbers.

    Examples:
        >>> plot_line("penguins.csv", "Date Egg", "Body Mass (g)")
        'line_date_egg_body_mass_g.png'
        >>> plot_line("islands.json", "Island", "area", path="areas.png")
        'areas.png'
    """
    frame = read_frame(source)
    across, up = find_column(frame, x), find_column(frame, y)
    points, averaged = line_points(frame, across, up)
    axes = new_axes(f"{'Mean ' if averaged else ''}{up} by {across}", str(across), str(up))
    marker = "o" if len(points) <= 60 else ""
    axes.plot(points.index, points, color=COLOURS[0], marker=marker, markersize=4, linewidth=1.6)
    if points.index.dtype.kind == "M":
        axes.tick_params(axis="x", rotation=30)
    return save_plot(axes, path, ["line", across, up])


def plot_box(source: str | DataFrame, column: str, by: str, path: str | None = None) -> str:
    """Plot a box plot: median, quartiles and outliers of a column for each group.

    Args:
        source: Path of the file, or a DataFrame.
        column: Column of numbers; missing values are left out.
        by: Column whose values make the groups, 25 at most.
        path: PNG file to write; `box_COLUMN_by_BY.png` if left out.

    Returns:
        The path of the file.

    Raises:
        ValueError: A column is unknown or has no numbers, or there are too many groups.

    Examples:
        >>> plot_box("penguins.csv", "Body Mass (g)", by="Sex")
        'box_body_mass_g_by_sex.png'
        >>> plot_box("islands.json", "area", "Island", path="areas.png")
        'areas.png'
    """
    frame = read_frame(source)
    label, group = find_column(frame, column), find_column(frame, by)
    values = numbers(frame, label).astype("float64").dropna()
    groups = {str(name): part for name, part in values.groupby(frame[group], observed=True)}
    if not 0 < len(groups) <= 25:
        msg = f"column {group!r} makes {len(groups)} groups; box plots take 1 to 25"
        raise ValueError(msg)
    axes = new_axes(f"{label} by {group}", str(group), str(label), wide=max(7, len(groups)))
    drawn = axes.boxplot(
        list(groups.values()), tick_labels=[wrapped(name) for name in groups], patch_artist=True
    )
    for box, line in zip(drawn["boxes"], drawn["medians"], strict=True):
        box.set(facecolor="#c9d9ee", edgecolor=COLOURS[0])
        line.set(color=COLOURS[1], linewidth=2)
    return save_plot(axes, path, ["box", label, "by", group])
