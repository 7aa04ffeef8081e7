"""Cells in colours, with their values in them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from ._figures import new_axes, wrapped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from pandas import DataFrame

_MOST = 40
_MOST_WRITTEN = 150  # cells


def draw_heat(
    cells: DataFrame,
    title: str,
    labels: tuple[str, str],
    limits: tuple[float, float] | None = None,
) -> Axes:
    """Draw a table of numbers; with `limits` on a scale of two colours that meet between them.

    Raises:
        ValueError: There are no cells, or too many rows or columns.
    """
    import numpy as np

    values = cells.to_numpy(dtype=float, na_value=np.nan)
    if not 0 < max(values.shape) <= _MOST or np.isnan(values).all():
        msg = (
            f"{values.shape[0]} by {values.shape[1]} cells can't be shown; 1 to {_MOST} a side can"
        )
        raise ValueError(msg)
    high, wide = (1.8 + 0.5 * side for side in values.shape)
    axes = new_axes(title, *labels, wide=max(5.0, wide + 1.5), high=max(3.5, high))
    low, top = limits or (np.nanmin(values), np.nanmax(values))
    colours = "coolwarm" if limits else "viridis"
    image = axes.imshow(values, cmap=colours, vmin=low, vmax=top, aspect="auto")
    axes.set_xticks(
        range(values.shape[1]), [wrapped(n) for n in cells.columns], rotation=40, ha="right"
    )
    axes.set_yticks(range(values.shape[0]), [wrapped(n) for n in cells.index])
    axes.grid(visible=False)
    axes.figure.colorbar(image, ax=axes)
    if values.size <= _MOST_WRITTEN:
        _write_values(axes, values, float(low), float(top), both_dark=limits is not None)
    return axes


def _write_values(axes: Axes, values: Any, low: float, top: float, *, both_dark: bool) -> None:
    """Write each value into its cell, so that it can be read on its colour."""
    for row, line in enumerate(values.tolist()):
        for column, value in enumerate(line):
            if math.isnan(value):
                continue
            share = (value - low) / (top - low) if top > low else 0.0
            dark = abs(share - 0.5) > 0.3 if both_dark else share < 0.5
            ink = "white" if dark else "black"
            axes.text(column, row, _short(value), ha="center", va="center", color=ink, fontsize=9)


def _short(value: float) -> str:
    return f"{value:,.0f}" if 1000 <= abs(value) < 1e9 else f"{value:.3g}"
