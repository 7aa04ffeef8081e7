"""Cleaning and reshaping tables: duplicates, gaps, names, outliers, ranges, inexact joins.

A `source` is a path relative to the working directory (csv, tsv, json, jsonl, parquet) or a
DataFrame, which is never changed. Columns are found as the tools for tables find them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ._columns import find_column, numbers
from ._frames import read_frame
from ._gaps import filled
from ._joins import join_alike
from ._ranges import counted_ranges
from .text import snake_case

if TYPE_CHECKING:
    from pandas import DataFrame


def remove_duplicates(source: str | DataFrame, columns: Sequence[str] = ()) -> DataFrame:
    """Remove duplicate rows from a table (deduplicate): keep the first of equal rows.

    Args:
        source: Path of the file, or a DataFrame.
        columns: Columns that must be equal; all if left out.

    Returns:
        The rows that stay, with their row labels.

    Raises:
        ValueError: A column is unknown.

    Examples:
        >>> remove_duplicates("penguins.csv", columns=["Island"])["Island"].tolist()
        ['Torgersen', 'Biscoe']
        >>> len(remove_duplicates("penguins.csv"))
        6
    """
    frame = read_frame(source)
    chosen = [find_column(frame, column) for column in columns] or list(frame.columns)
    keys = frame[chosen].map(repr)  # also lists and dictionaries, which have no hash
    return frame[~keys.duplicated()]


def fill_missing(source: str | DataFrame, column: str, how: str = "median") -> DataFrame:
    """Fill the missing values of a column (impute NaN): by median, mean, mode, previous or next.

    Args:
        source: Path of the file, or a DataFrame.
        column: Column with gaps.
        how: median, mean, mode (the most frequent value), previous, next, or linear (between
            the neighbours, evenly).

    Returns:
        The whole table; a gap at the edge that has no neighbour stays.

    Raises:
        ValueError: The column or `how` is unknown, or there is nothing to fill the gaps from.

    Examples:
        >>> fill_missing("penguins.csv", "body mass")["Body Mass (g)"].tolist()
        [3750.0, 3800.0, 3250.0, 3800.0, 4500.0, 5150.0]
        >>> fill_missing("penguins.csv", "sex", how="previous")["Sex"].tolist()[3]
        'FEMALE'
    """
    frame = read_frame(source)
    label = find_column(frame, column)
    return frame.assign(**{label: filled(frame, label, how.strip().casefold())})


def clean_column_names(source: str | DataFrame) -> DataFrame:
    """Clean or rename the columns of a table: snake_case, without spaces and punctuation.

    Args:
        source: Path of the file, or a DataFrame.

    Returns:
        The table with names such as body_mass_g, each once; what has no letter is column_1, …

    Examples:
        >>> list(clean_column_names("penguins.csv").columns)
        ['species', 'island', 'date_egg', 'body_mass_g', 'sex']
        >>> list(clean_column_names("islands.json").columns)
        ['island', 'area_km2']
    """
    frame = read_frame(source)
    names: list[str] = []
    for place, column in enumerate(frame.columns, 1):
        name = wanted = snake_case(str(column)) or f"column_{place}"
        number = 2
        while name in names:
            name, number = f"{wanted}_{number}", number + 1
        names.append(name)
    return frame.set_axis(names, axis="columns")


def outlier_rows(source: str | DataFrame, column: str, factor: float = 1.5) -> DataFrame:
    """Find the rows of a table that are outliers: a value far outside the quartiles (IQR rule).

    Args:
        source: Path of the file, or a DataFrame.
        column: Column of numbers; rows where it is missing are no outliers.
        factor: How many interquartile ranges beyond the quartiles a value may lie, 0 or more.

    Returns:
        The rows that lie further out, with their row labels.

    Raises:
        ValueError: The column is unknown or has no numbers, or `factor` is negative.

    Examples:
        >>> outlier_rows("islands.json", "area", factor=0.5)["Island"].tolist()
        ['Biscoe']
        >>> len(outlier_rows("penguins.csv", "body mass"))
        0
    """
    if not factor >= 0:
        msg = f"factor is {factor}; give 0 or more"
        raise ValueError(msg)
    frame = read_frame(source)
    values = numbers(frame, find_column(frame, column)).astype("float64")
    low, high = values.quantile(0.25), values.quantile(0.75)
    margin = factor * (high - low)
    return frame[(values < low - margin) | (values > high + margin)]


def bin_column(source: str | DataFrame, column: str, bins: int = 10) -> DataFrame:
    """Bin a column of numbers: count the values in ranges (buckets, intervals) of equal width.

    Args:
        source: Path of the file, or a DataFrame.
        column: Column of numbers; missing values are left out.
        bins: Number of ranges, 1 or more.

    Returns:
        One row a range: `from` (included), `to` (included in the last range alone), `count`.

    Raises:
        ValueError: The column is unknown or has no numbers, or `bins` is below 1.

    Examples:
        >>> bin_column("penguins.csv", "body mass", bins=2).values.tolist()
        [[3250.0, 4200.0, 3.0], [4200.0, 5150.0, 2.0]]
        >>> bin_column("islands.json", "area", bins=3)["count"].tolist()
        [2, 0, 1]
    """
    if bins < 1:
        msg = f"bins is {bins}; give 1 or more"
        raise ValueError(msg)
    frame = read_frame(source)
    return counted_ranges(frame, find_column(frame, column), bins)


def unpivot_table(source: str | DataFrame, keep: Sequence[str]) -> DataFrame:
    """Unpivot (melt) a table from wide to long: a row for each value of the columns not kept.

    Args:
        source: Path of the file, or a DataFrame.
        keep: Columns that are repeated in each row.

    Returns:
        The columns of `keep`, then `variable` (which column) and `value`.

    Raises:
        ValueError: A column is unknown, or one kept is called variable or value.

    Examples:
        >>> import pandas as pd
        >>> wide = pd.DataFrame({"nest": ["N1", "N2"], "2007": [1, 2], "2008": [2, 0]})
        >>> unpivot_table(wide, keep=["nest"]).values.tolist()
        [['N1', '2007', 1], ['N2', '2007', 2], ['N1', '2008', 2], ['N2', '2008', 0]]
        >>> unpivot_table("islands.json", keep=["island"]).columns.tolist()
        ['Island', 'variable', 'value']
    """
    frame = read_frame(source)
    kept = [find_column(frame, column) for column in keep]
    taken = {"variable", "value"} & set(map(str, kept))
    if taken:
        msg = f"column {taken.pop()!r} would be there twice; rename it first"
        raise ValueError(msg)
    return frame.melt(id_vars=kept, var_name="variable", value_name="value")


def join_fuzzy(
    left: str | DataFrame, right: str | DataFrame, on: str, least: float = 0.8
) -> DataFrame:
    """Join two tables by names that are alike but not equal: a fuzzy (inexact) match or lookup.

    Args:
        left: Path of a file, or a DataFrame; each of its rows stays once.
        right: Path of a file, or a DataFrame; of equal names the first row counts. Its other
            columns that are also in `left` get `_right` added to their names.
        on: The column of text that both have.
        least: Similarity from 0 to 1 that a match must have; see text_similarity.

    Returns:
        The rows of `left`, with `match` (the name in `right`), `similarity` and what `right` has;
        missing where nothing is alike.

    Raises:
        ValueError: The column is unknown, or there are over 5 million pairs to compare.

    Examples:
        >>> import pandas as pd
        >>> seen = pd.DataFrame({"island": ["torgerson", "Biscoe Island", "Dream"]})
        >>> join_fuzzy(seen, "islands.json", on="Island", least=0.6)["match"].tolist()
        ['Torgersen', 'Biscoe', 'Dream']
        >>> join_fuzzy(seen, "islands.json", on="Island")["similarity"].tolist()
        [0.89, nan, 1.0]
    """
    return join_alike(read_frame(left), read_frame(right), on, least)
