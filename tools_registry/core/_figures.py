"""Figures without pyplot: no global state, and no window that anybody must close."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._writing import written_whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLOURS = (
    "#3b6fb6",
    "#e07b39",
    "#3c9a6b",
    "#b8559a",
    "#8a6fc7",
    "#c9a227",
    "#4fb0c6",
    "#a3473f",
    "#6b7a8f",
    "#7a9a2e",
)
MISSING = "#bbbbbb"
_DPI = 120
_LONGEST_NAME = 120  # bytes; file systems take 255
_LABEL_WIDTH = 24


def new_axes(title: str, x: str, y: str, *, wide: float = 7.0, high: float = 4.5) -> Axes:
    """Return empty axes with labels, in a figure of so many inches."""
    from matplotlib.figure import Figure

    axes = Figure(figsize=(wide, high), dpi=_DPI, layout="constrained").add_subplot()
    axes.set_title(textwrap.fill(title, 70), fontsize=12, pad=10)
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)
    axes.grid(visible=True, color="#e6e6e6", linewidth=0.8)
    return axes


def wrapped(label: object) -> str:
    """Break a long label into lines, and end it after the third."""
    lines = textwrap.wrap(str(label), _LABEL_WIDTH) or [str(label)]
    return "\n".join(lines if len(lines) <= 3 else [*lines[:2], lines[2][:-1] + "…"])


def add_legend(axes: Axes, title: str) -> None:
    """Put the legend to the right of the axes, where it hides nothing."""
    axes.legend(
        title=wrapped(title),
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        frameon=False,
        fontsize=9,
        labelspacing=0.7,
    )


def save_plot(axes: Axes, path: str | None, words: Iterable[object]) -> str:
    """Write the figure as PNG to `path` or a name made of `words`; show it in a notebook.

    Raises:
        ValueError: The path has a suffix other than .png.
        FileNotFoundError: Its folder does not exist.
    """
    target = Path(path or _file_name(words))
    if not target.suffix:
        target = target.with_suffix(".png")
    if target.suffix.lower() != ".png":
        msg = f"plots are written as PNG; name the file {target.with_suffix('.png')}"
        raise ValueError(msg)
    figure: Any = axes.figure
    _write(figure, target)
    _show(target)
    return str(target)


def _file_name(words: Iterable[object]) -> str:
    text = "_".join(str(word) for word in words).casefold()
    name = re.sub(r"[\W_]+", "_", text).strip("_").encode()[:_LONGEST_NAME]
    return name.decode(errors="ignore") + ".png"


def _write(figure: Figure, target: Path) -> None:
    with written_whole(target) as unfinished:
        figure.savefig(unfinished, format="png", dpi=_DPI)


def _show(target: Path) -> None:
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return
    from IPython.display import Image, display

    display(Image(data=target.read_bytes()))  # type: ignore[no-untyped-call]  # IPython's own
