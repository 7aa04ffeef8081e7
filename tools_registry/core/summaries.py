"""Summaries of tables: profiles, counts, totals and averages, by group or as a whole.

A `source` is a path relative to the working directory (csv, tsv, json, jsonl, parquet) or a
DataFrame, which is never changed. A column may be named as written, in any case, or without
punctuation and the unit in parentheses, as long as only one column fits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._aggregates import aggregate, aggregate_groups, aggregation
from ._columns import find_column, numbers, plain_values
from ._frames import read_frame
from ._profiles import profile_column

if TYPE_CHECKING:
    from pandas import DataFrame


def profile_table(source: str | DataFrame) -> DataFrame:
    """Profile, describe or give an overview of a table: what is in each of its columns.

    Args:
        source: Path of the file, or a DataFrame.

    Returns:
        One row a column, with the columns `column`, `type` (integer, number, date, yes/no, text
        or empty), `missing` and `unique` (counts), `example`, `min`, `max` and `mean`.

    Examples:
        >>> profile_table("penguins.csv")[["column", "type", "missing"]]
                  column     type  missing
        0        Species     text        0
        1         Island     text        0
        2       Date Egg     date        0
        3  Body Mass (g)  integer        1
        4            Sex     text        1
        >>> profile_table("islands.json")["max"].tolist()
        [None, 11.8]
    """
    import pandas as pd

    frame = read_frame(source)
    facts = [profile_column(str(name), frame.iloc[:, i]) for i, name in enumerate(frame.columns)]
    names = ["column", "type", "missing", "unique", "example", "min", "max", "mean"]
    profile = pd.DataFrame(facts, columns=names, dtype=object)
    counts = {"missing": "int64", "unique": "int64", "mean": "float64"}
    return profile.astype(counts)


def missing_values(source: str | DataFrame) -> DataFrame:
    """Count the missing values (empty cells, NaN, NA, null) in each column of a table.

    Args:
        source: Path of the file, or a DataFrame.

    Returns:
        One row a column, most missing first: `column`, `missing` (count), `percent` (0…100).

    Examples:
        >>> missing_values("penguins.csv").head(2)["column"].tolist()
        ['Body Mass (g)', 'Sex']
        >>> missing_values("islands.json")["missing"].tolist()
        [0, 0]
    """
    import pandas as pd

    frame = read_frame(source)
    missing = frame.isna().sum().to_numpy()
    share = 100 * missing / max(len(frame), 1)
    names = frame.columns.astype(str)
    table = pd.DataFrame({"column": names, "missing": missing, "percent": share})
    return table.sort_values("missing", ascending=False, kind="stable", ignore_index=True)


def value_counts(source: str | DataFrame, column: str) -> DataFrame:
    """Count how often each value of a column occurs: frequencies, most common first.

    Args:
        source: Path of the file, or a DataFrame.
        column: Name of the column.

    Returns:
        One row a value: the column and `count` (`rows` if the column itself is called count);
        missing values are left out.

    Raises:
        ValueError: The column is unknown.

    Examples:
        >>> value_counts("penguins.csv", "Island")
              Island  count
        0  Torgersen      4
        1     Biscoe      2
        >>> value_counts("penguins.csv", "sex").values.tolist()
        [['MALE', 3], ['FEMALE', 2]]
    """
    import pandas as pd

    frame = read_frame(source)
    label = find_column(frame, column)
    values = pd.Series([value for value in plain_values(frame[label]) if value is not None])
    counts = values.value_counts(sort=False).sort_values(ascending=False, kind="stable")
    name = "count" if label != "count" else "rows"
    return counts.rename_axis(label).reset_index(name=name)


def summarize_column(source: str | DataFrame, column: str, how: str = "mean") -> float:
    """Summarize a column as one number: mean (average), median, sum (total), min, max, std, count.

    Args:
        source: Path of the file, or a DataFrame.
        column: Name of the column.
        how: mean, median, sum, min, max, std (of a sample), count (values that are there),
            unique (different values) or missing. Missing values are left out.

    Returns:
        The number in the unit of the column, unrounded.

    Raises:
        ValueError: The column is unknown or has no numbers, or `how` is unknown.

    Examples:
        >>> summarize_column("penguins.csv", "Body Mass (g)")
        4090.0
        >>> summarize_column("penguins.csv", "Island", how="unique")
        2
    """
    frame = read_frame(source)
    return aggregate(frame, find_column(frame, column), aggregation(how))


def group_by(source: str | DataFrame, by: str, column: str, how: str = "mean") -> DataFrame:
    """Group a table and aggregate: the average, total or count of a column for each group.

    Args:
        source: Path of the file, or a DataFrame.
        by: Column whose values make the groups; rows where it is missing are left out.
        column: Column to aggregate.
        how: mean, median, sum, min, max, std, count, unique or missing.

    Returns:
        One row a group, in order of the groups: columns `by` and `column`.

    Raises:
        ValueError: A column is unknown or has no numbers, or `how` is unknown.

    Examples:
        >>> group_by("penguins.csv", by="Island", column="Body Mass (g)")
              Island  Body Mass (g)
        0     Biscoe         4825.0
        1  Torgersen         3600.0
        >>> group_by("penguins.csv", "sex", "body mass", how="max").values.tolist()
        [['FEMALE', 4500], ['MALE', 5150]]
    """
    frame = read_frame(source)
    group, values = find_column(frame, by), find_column(frame, column)
    result = aggregate_groups(frame, [group], values, aggregation(how))
    return result.reset_index(name=values if values != group else aggregation(how))


def pivot_table(
    source: str | DataFrame, rows: str, columns: str, values: str, how: str = "mean"
) -> DataFrame:
    """Pivot or cross-tabulate a table: one column's values down, another's across.

    Args:
        source: Path of the file, or a DataFrame.
        rows: Column whose values become the rows.
        columns: Column whose values become the columns.
        values: Column that is aggregated in the cells.
        how: mean, median, sum, min, max, std, count, unique or missing.

    Returns:
        First the column `rows`, then a column for each value of `columns`; NaN where a
        combination does not occur.

    Raises:
        ValueError: A column is unknown, has no numbers or is used twice, or `how` is unknown.

    Examples:
        >>> pivot_table("penguins.csv", "Island", "Sex", "Body Mass (g)")
              Island  FEMALE    MALE
        0     Biscoe  4500.0  5150.0
        1  Torgersen  3250.0  3775.0
        >>> list(pivot_table("penguins.csv", "Sex", "Island", "Species", "unique").columns)
        ['Sex', 'Biscoe', 'Torgersen']
    """
    frame = read_frame(source)
    down, across = find_column(frame, rows), find_column(frame, columns)
    if down == across:
        msg = f"rows and columns are both {down!r}; choose two columns, or use group_by"
        raise ValueError(msg)
    cells = aggregate_groups(frame, [down, across], find_column(frame, values), aggregation(how))
    return cells.unstack().rename_axis(columns=None).reset_index()


def correlation_table(source: str | DataFrame) -> DataFrame:
    """Correlate all columns of numbers with each other: a correlation matrix of Pearson's r.

    Args:
        source: Path of the file, or a DataFrame; columns that are constant or hold no numbers are
            left out, and for each pair the rows where either is missing.

    Returns:
        One row a pair of columns, strongest first: `first`, `second`, `r` (-1 … 1), `rows` (how
        many it rests on).

    Examples:
        >>> import pandas as pd
        >>> sizes = pd.DataFrame({"a": [1, 2, 3], "b": [3, 2, 1], "c": [1, 3, 2], "d": list("xyz")})
        >>> correlation_table(sizes)[["first", "second", "r"]].values.tolist()
        [['a', 'b', -1.0], ['a', 'c', 0.5], ['b', 'c', -0.5]]
        >>> len(correlation_table("penguins.csv"))
        0
    """
    import pandas as pd

    frame = read_frame(source).select_dtypes("number").astype("float64")
    kept = [column for column in frame.columns if frame[column].nunique() > 1]
    found: list[tuple[object, object, float, int]] = []
    for place, first in enumerate(kept):
        for second in kept[place + 1 :]:
            both = frame[[first, second]].dropna()
            if (both.nunique() > 1).all():
                r = float(both[first].corr(both[second]))
                found.append((first, second, min(1.0, max(-1.0, round(r, 12))), len(both)))
    found.sort(key=lambda pair: -abs(pair[2]))
    return pd.DataFrame(found, columns=["first", "second", "r", "rows"])


def correlation(source: str | DataFrame, x: str, y: str) -> float:
    """Correlate two columns of numbers: Pearson's r, how strongly they are related.

    Args:
        source: Path of the file, or a DataFrame.
        x: One column.
        y: The other column. Rows where either is missing are left out.

    Returns:
        The coefficient, -1 … 1.

    Raises:
        ValueError: A column is unknown or has no numbers, there are fewer than two rows with
            both, or a column is constant.

    Examples:
        >>> import pandas as pd
        >>> correlation(pd.DataFrame({"a": [1, 2, 3], "b": [6, 4, 2]}), "a", "b")
        -1.0
        >>> round(correlation(pd.DataFrame({"a": [1, 2, 3], "b": [1, 3, 2]}), "a", "b"), 3)
        0.5
    """
    frame = read_frame(source)
    labels = [find_column(frame, x), find_column(frame, y)]
    first, second = (numbers(frame, label).astype("float64") for label in labels)
    both = first.notna() & second.notna()
    first, second = first[both], second[both]
    if first.nunique() < 2 or second.nunique() < 2:
        msg = f"no correlation of {labels[0]!r} and {labels[1]!r}: each needs two different values"
        raise ValueError(msg)
    return min(1.0, max(-1.0, float(first.corr(second))))
