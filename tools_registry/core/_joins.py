"""Two tables made one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from ._columns import find_column

if TYPE_CHECKING:
    from pandas import DataFrame

_How = Literal["inner", "left", "right", "outer"]
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
