"""Plots of relations: what they show, and what they say when there is nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tools_registry.core import _figures
from tools_registry.core.relations import plot_correlations, plot_heatmap, plot_trend

FRAME = pd.DataFrame(
    {"x": [1, 2, 3, 4, None], "y": [3, 5, 7, 9, 11], "g": list("aabbb"), "h": list("xyxyx")}
)


@pytest.fixture
def axes(monkeypatch: pytest.MonkeyPatch) -> list[Axes]:
    made: list[Axes] = []
    write = _figures._write

    def keep(figure: Figure, target: Path) -> None:
        made.append(figure.axes[0])
        write(figure, target)

    monkeypatch.setattr(_figures, "_write", keep)
    return made


def test_a_trend_says_its_line(axes: list[Axes]) -> None:
    assert Path(plot_trend(FRAME, "x", "y")).read_bytes().startswith(b"\x89PNG")
    assert axes[0].get_legend_handles_labels()[1] == ["2 · x + 1, r² = 1.000"]


def test_cells_have_their_values(axes: list[Axes]) -> None:
    plot_heatmap(FRAME, "g", "h", "y", how="sum")
    assert sorted(text.get_text() for text in axes[0].texts) == ["18", "3", "5", "9"]
    plot_correlations(FRAME)
    assert {text.get_text() for text in axes[1].texts} == {"1"}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: plot_trend(FRAME.head(1), "x", "y"), "no line fits"),
        (lambda: plot_trend(FRAME, "g", "y"), "holds text"),
        (lambda: plot_heatmap(FRAME, "g", "g", "y"), "used twice"),
        (lambda: plot_heatmap(FRAME.head(0), "g", "h", "y"), "can't be shown"),
        (lambda: plot_correlations(FRAME[["g", "y"]]), "1 columns of numbers vary"),
    ],
)
def test_nothing_to_plot_says_so(call: Callable[[], str], said: str) -> None:
    before = set(Path().iterdir())
    with pytest.raises(ValueError, match=said):
        call()
    assert set(Path().iterdir()) == before
