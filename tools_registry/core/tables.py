"""Tables: read, filter, sort, change and join them.

A `source` is a path relative to the working directory (csv, tsv, json, jsonl, parquet) or a
DataFrame, which is never changed. A column may be named as written, in any case, or without
punctuation and the unit in parentheses, as long as only one column fits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._columns import as_dates, find_column, plain_values
from ._conditions import rows_where
from ._frames import read_frame
from ._joins import join_frames

if TYPE_CHECKING:
    from pandas import DataFrame


def read_table(source: str | DataFrame) -> DataFrame:
    """Read, load or open a table from a file: csv, tsv, json, jsonl or parquet as a DataFrame.

    Args:
        source: Path of the file, or a DataFrame, which is returned as it is.

    Returns:
        The table; missing values (empty, NA, null) are NaN, dates stay as written.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is of an unknown kind, empty or damaged.

    Examples:
        >>> len(read_table("penguins.csv"))
        6
        >>> list(read_table("islands.json").columns)
        ['Island', 'Area (km2)']
    """
    return read_frame(source)


def count_rows(source: str | DataFrame, where: str | None = None) -> int:
    """Count the rows of a table, or how many rows (records) meet a condition.

    Args:
        source: Path of the file, or a DataFrame.
        where: Condition, as in `filter_rows`; all rows if left out.

    Returns:
        The number of rows.

    Raises:
        ValueError: The condition can't be read, or names an unknown column.

    Examples:
        >>> count_rows("penguins.csv")
        6
        >>> count_rows("penguins.csv", "Body Mass (g) > 4000 and Island != 'Dream'")
        2
    """
    frame = read_frame(source)
    return len(frame) if where is None else int(rows_where(frame, where).sum())


def filter_rows(source: str | DataFrame, where: str) -> DataFrame:
    """Filter a table: select the rows where a condition holds (a query such as SQL's WHERE).

    Args:
        source: Path of the file, or a DataFrame.
        where: Comparisons (==, !=, <, <=, >, >=, `is missing`, `is not missing`, `contains`,
            `in (…)`) joined by and, or, not and parentheses. Columns bare or in backticks, text
            in quotes. Text that equals nothing exactly is compared ignoring case; a missing
            value equals nothing, so that `!=` holds for it.

    Returns:
        The rows that fit, with their row labels.

    Raises:
        ValueError: The condition can't be read, or names an unknown column.

    Examples:
        >>> filter_rows("penguins.csv", "Sex is missing or `Date Egg` < 2007-11-12").index.tolist()
        [0, 3]
        >>> filter_rows("penguins.csv", "Island in ('Biscoe', 'Dream') and not Sex == 'MALE'").shape
        (1, 5)
    """
    frame = read_frame(source)
    return frame[rows_where(frame, where)]


def sort_rows(
    source: str | DataFrame, by: str, descending: bool = False, limit: int | None = None
) -> DataFrame:
    """Sort or order a table by a column, and keep the top rows: highest, lowest, latest, first.

    Args:
        source: Path of the file, or a DataFrame.
        by: Column to sort by; text that holds dates is sorted by date, missing values come last.
        descending: Largest or latest first.
        limit: Keep so many rows; all if left out.

    Returns:
        The sorted rows, with their row labels; rows that are equal keep their order.

    Raises:
        ValueError: The column is unknown or the limit negative.

    Examples:
        >>> sort_rows("penguins.csv", "Body Mass", descending=True, limit=2)["Island"].tolist()
        ['Biscoe', 'Biscoe']
        >>> sort_rows("islands.json", by="Island")["Island"].tolist()
        ['Biscoe', 'Dream', 'Torgersen']
    """
    if limit is not None and limit < 0:
        msg = f"limit is {limit}; give the number of rows to keep, 0 or more"
        raise ValueError(msg)
    frame = read_frame(source)
    values = frame[find_column(frame, by)]
    dates = as_dates(values)
    keys = values if dates is None else dates
    try:
        order = keys.reset_index(drop=True).sort_values(ascending=not descending, kind="stable")
    except TypeError as error:
        msg = f"column {values.name!r} mixes kinds that have no common order: {error}"
        raise ValueError(msg) from error
    return frame.iloc[order.index[:limit]]


def column_values(source: str | DataFrame, column: str) -> list[Any]:
    """Get the values of a column of a table as a list, in order of the rows.

    Args:
        source: Path of the file, or a DataFrame.
        column: Name of the column.

    Returns:
        Plain Python values; None where one is missing.

    Raises:
        ValueError: The column is unknown.

    Examples:
        >>> column_values("penguins.csv", "body mass")
        [3750, 3800, 3250, None, 4500, 5150]
        >>> column_values("islands.json", "Island")
        ['Torgersen', 'Dream', 'Biscoe']
    """
    frame = read_frame(source)
    return plain_values(frame[find_column(frame, column)])


def map_column(source: str | DataFrame, column: str, function: Callable[[Any], Any]) -> DataFrame:
    """Apply a Python function to each value of a column: map, transform or convert a column.

    Args:
        source: Path of the file, or a DataFrame.
        column: Name of the column.
        function: Takes one plain Python value; it is not called for missing values.

    Returns:
        Two columns, the column and the results (named like the function); missing stays missing.

    Raises:
        ValueError: The column is unknown, or the function failed; says on which value.

    Examples:
        >>> map_column("islands.json", "Island", str.upper)
              Island      upper
        0  Torgersen  TORGERSEN
        1      Dream      DREAM
        2     Biscoe     BISCOE
        >>> map_column("penguins.csv", "body mass", lambda grams: grams / 1000)["result"].tolist()
        [3.75, 3.8, 3.25, nan, 4.5, 5.15]
    """
    import pandas as pd

    frame = read_frame(source)
    label = find_column(frame, column)
    name = getattr(function, "__name__", "result").replace("<lambda>", "result")
    results = [
        None if value is None else _apply(function, name, value)
        for value in plain_values(frame[label])
    ]
    mapped = pd.Series(results, index=frame.index, dtype=object)
    if mapped.notna().all() or pd.api.types.infer_dtype(mapped, skipna=True) == "floating":
        mapped = mapped.infer_objects()
    name = name if name != label else f"{name}_result"
    return pd.DataFrame({label: frame[label], name: mapped})


def _apply(function: Callable[[Any], Any], name: str, value: Any) -> Any:
    try:
        return function(value)
    except Exception as error:
        msg = f"{name} failed on {value!r}: {type(error).__name__}: {error}"
        raise ValueError(msg) from error


def join_tables(
    left: str | DataFrame, right: str | DataFrame, on: str, how: str = "inner"
) -> DataFrame:
    """Join or merge two tables on a common column (a key), as SQL's JOIN and lookups do.

    Args:
        left: Path of a file, or a DataFrame.
        right: Path of a file, or a DataFrame; its other columns that are also in `left` get
            `_right` added to their names.
        on: The column that both have; a missing value matches nothing.
        how: inner (rows with a match), left, right (all of that side) or outer (all of both).

    Returns:
        The joined rows.

    Raises:
        ValueError: A column or `how` is unknown, or the keys are text here and numbers there.

    Examples:
        >>> join_tables("penguins.csv", "islands.json", on="Island")["Area (km2)"].tolist()
        [0.4, 0.4, 0.4, 0.4, 11.8, 11.8]
        >>> len(join_tables("penguins.csv", "islands.json", on="Island", how="outer"))
        7
    """
    return join_frames(read_frame(left), read_frame(right), on, how)
