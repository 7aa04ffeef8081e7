"""Two tables made one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ._columns import find_column
from ._similarity import best, simplified

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_How = Literal["inner", "left", "right", "outer"]
_MOST_PAIRS = 5_000_000
_HOWS: dict[str, _How] = {"inner": "inner", "left": "left", "right": "right", "outer": "outer"}


def join_frames(left: DataFrame, right: DataFrame, on: str, how: str) -> DataFrame:
    """Join on a column that both have; pandas alone would match missing keys with each other.

    Raises:
        ValueError: A column or `how` is unknown, or the keys are of different kinds.
    """
    import pandas as pd

    kind = _HOWS.get(how)
    if kind is None:
        msg = f"can't join by {how!r}; use one of {', '.join(_HOWS)}"
        raise ValueError(msg)
    key = find_column(left, on)
    right = right.rename(columns={find_column(right, on): key})
    joined = _merge(left.dropna(subset=[key]), right.dropna(subset=[key]), key, kind)
    loose = []
    if kind in ("left", "outer"):
        loose.append(left[left[key].isna()])
    if kind in ("right", "outer"):
        unmatched = right[right[key].isna()]
        loose.append(unmatched.rename(columns=_renamed(left, right, key)))
    loose = [part for part in loose if len(part)]
    return pd.concat([joined, *loose], ignore_index=True) if loose else joined


def _merge(left: DataFrame, right: DataFrame, key: Any, kind: _How) -> DataFrame:
    try:
        return left.merge(right, on=key, how=kind, suffixes=("", "_right"))
    except ValueError as error:
        msg = f"column {key!r} can't be joined: {str(error).splitlines()[0]}"
        raise ValueError(msg) from error


def _renamed(left: DataFrame, right: DataFrame, key: Any) -> dict[Any, str]:
    return {name: f"{name}_right" for name in right.columns if name in left and name != key}


def join_alike(left: DataFrame, right: DataFrame, on: str, least: float) -> DataFrame:
    """Join on the names in `right` most like those in `left`.

    Raises:
        ValueError: A column is unknown, or there are too many pairs.
    """
    import pandas as pd

    key, other = find_column(left, on), find_column(right, on)
    names = _first_rows(right[other])
    wanted = [simplified(name) if isinstance(name, str) else None for name in left[key]]
    if len(set(wanted)) * len(names) > _MOST_PAIRS:
        msg = f"{len(set(wanted))} by {len(names)} names are too many to compare; filter them first"
        raise ValueError(msg)
    matches = {name: best(name, names, least) for name in set(wanted) if name is not None}
    found = [matches.get(name) if name is not None else None for name in wanted]
    rows = pd.array([names[match[0]] if match else None for match in found], dtype="Int64")
    columns = right.rename(columns=_renamed(left, right, other)).rename(columns={other: "match"})
    joined = columns.reset_index(drop=True).reindex(pd.Index(rows)).set_index(left.index)
    joined.insert(1, "similarity", [round(match[1], 2) if match else None for match in found])
    return pd.concat([left, joined], axis="columns")


def _first_rows(series: Series[Any]) -> dict[str, int]:
    """The first place of each name, simplified."""
    rows: dict[str, int] = {}
    for place, name in enumerate(series):
        if isinstance(name, str):
            rows.setdefault(simplified(name), place)
    return rows
