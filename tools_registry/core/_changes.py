"""What differs between two tables whose rows have names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._columns import plain_values

if TYPE_CHECKING:
    from pandas import DataFrame

_Row = dict[Any, Any]


def changes(old: DataFrame, new: DataFrame, key: Any) -> DataFrame:
    """One row a difference; in the order of the old rows, then of the added ones.

    Raises:
        ValueError: A key is missing, or occurs twice.
    """
    import pandas as pd

    before, after = _by_key(old, key), _by_key(new, key)
    shared = [column for column in old.columns if column in set(new.columns) and column != key]
    found: list[list[Any]] = []
    for name, row in before.items():
        if name not in after:
            found.append([name, "removed", None, None, None])
            continue
        found += [
            [name, "changed", column, row[column], after[name][column]]
            for column in shared
            if row[column] != after[name][column]
        ]
    found += [[name, "added", None, None, None] for name in after if name not in before]
    return pd.DataFrame(found, columns=[key, "change", "column", "old", "new"], dtype=object)


def _by_key(frame: DataFrame, key: Any) -> dict[Any, _Row]:
    names = plain_values(frame[key])
    if None in names:
        msg = f"column {key!r} is missing in row {names.index(None)}; leave such rows out first"
        raise ValueError(msg)
    columns = {column: plain_values(frame[column]) for column in frame.columns}
    rows: dict[Any, _Row] = {}
    for place, name in enumerate(names):
        if name in rows:
            msg = f"column {key!r} has {name!r} twice; choose a column that names each row once"
            raise ValueError(msg)
        rows[name] = {column: values[place] for column, values in columns.items()}
    return rows
