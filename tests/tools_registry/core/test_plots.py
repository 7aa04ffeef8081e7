"""Plots: a PNG that is whole, where and only where it was asked for."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import tools_registry
from tools_registry.core import _figures
from tools_registry.core.plots import plot_bar, plot_box, plot_histogram, plot_line, plot_scatter

FRAME = pd.DataFrame(
    {
        "x (m)": range(30),
        "y": [value % 7 for value in range(30)],
        "name": [f"a rather long name of thing number {value}" for value in range(30)],
        "day": [f"2024-01-{value + 1:02}" for value in range(30)],
        "group": ["a", "b", None] * 10,
        "none": [None] * 30,
    }
)


@pytest.fixture
def axes(monkeypatch: pytest.MonkeyPatch) -> list[Axes]:
    """The axes of every plot made meanwhile."""
    made = []
    write = _figures._write

    def keep(figure: Figure, target: Path) -> None:
        made.append(figure.axes[0])
        write(figure, target)

    monkeypatch.setattr(_figures, "_write", keep)
    return made


def test_the_file_is_a_png_and_alone() -> None:
    before = set(Path().iterdir())
    path = plot_scatter(FRAME, "x", "y", color="group")
    assert Path(path).read_bytes().startswith(b"\x89PNG\r\n")
    assert set(Path().iterdir()) - before == {Path("scatter_x_m_y.png")}


def test_a_notebook_shows_the_plot(tmp_path: Path) -> None:
    code = f"""
import subprocess
import sys
sys.path.insert(0, {str(Path(tools_registry.__file__).parents[1])!r})
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from tools_registry.core.plots import plot_bar
plot_bar("penguins.csv", "Island")
InteractiveShell.instance()
with capture_output() as shown:
    plot_bar("penguins.csv", "Island")
print([sorted(output.data) for output in shown.outputs])
"""
    done = subprocess.run(
        [sys.executable, "-I", "-c", code],
        env={"IPYTHONDIR": str(tmp_path / "ipython"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "[['image/png', 'text/plain']]"


def test_pyplot_is_left_alone() -> None:
    plot_histogram(FRAME, "y")
    pyplot = sys.modules.get("matplotlib.pyplot")
    assert pyplot is None or pyplot.get_fignums() == []


@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        ("plot.svg", ValueError, "name the file plot.png"),
        ("nowhere/plot.png", FileNotFoundError, "create it first"),
    ],
)
def test_paths_that_cant_be_written(path: str, error: type[Exception], said: str) -> None:
    before = set(Path().iterdir())
    with pytest.raises(error, match=said):
        plot_bar(FRAME, "group", path=path)
    assert set(Path().iterdir()) == before


def test_a_failed_write_leaves_the_old_plot(monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(plot_bar(FRAME, "group", path="kept"))
    old = path.read_bytes()
    monkeypatch.setattr(Path, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        plot_bar(FRAME, "y", path="kept")
    assert path.read_bytes() == old
    assert not list(Path().glob(".*kept*"))


def test_labels_say_what_is_shown(axes: list[Axes]) -> None:
    plot_scatter(FRAME, "x", "y", color="group")
    legend = axes[0].get_legend()
    assert (axes[0].get_xlabel(), axes[0].get_ylabel()) == ("x (m)", "y")
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "(missing)"]


def test_many_groups_share_a_colour_and_numbers_a_scale(axes: list[Axes]) -> None:
    plot_scatter(FRAME, "x", "y", color="name")
    plot_scatter(FRAME, "x", "y", color="x")
    legend = axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][-1] == "other"
    assert [len(drawn.figure.axes) for drawn in axes] == [1, 2]


def test_of_many_bars_the_largest_are_shown(axes: list[Axes]) -> None:
    plot_bar(FRAME, "x", by="name", how="sum")
    assert axes[0].get_title() == "Sum x (m) by name (the 25 largest of 30)"
    assert len(axes[0].patches) == 25


def test_names_that_are_alike_when_shortened_keep_their_bars(axes: list[Axes]) -> None:
    long = [f"{'the same words again and again ' * 4}{end}" for end in "abc"]
    plot_bar(pd.DataFrame({"long": long}), "long")
    assert len({patch.get_x() for patch in axes[0].patches}) == 3  # type: ignore[attr-defined]  # rectangles


def test_lines_run_over_dates_and_average_repeats(axes: list[Axes]) -> None:
    twice = pd.concat([FRAME, FRAME.assign(y=FRAME["y"] + 2)]).sample(frac=1, random_state=0)
    plot_line(twice, "day", "y")
    [line] = axes[0].get_lines()
    assert axes[0].get_title() == "Mean y by day"
    assert list(line.get_ydata()) == [value % 7 + 1 for value in range(30)]  # type: ignore[arg-type]  # an array


@pytest.mark.parametrize(
    "draw",
    [
        lambda: plot_histogram(FRAME, "none"),
        lambda: plot_scatter(FRAME, "x", "none"),
        lambda: plot_bar(FRAME, "none"),
        lambda: plot_line(FRAME, "none", "y"),
        lambda: plot_box(FRAME, "y", by="none"),
        lambda: plot_box(FRAME, "y", by="name"),
        lambda: plot_histogram(FRAME, "y", bins=0),
        lambda: plot_histogram(FRAME, "name"),
    ],
)
def test_nothing_to_plot_says_so(draw: Callable[[], str]) -> None:
    before = set(Path().iterdir())
    with pytest.raises(ValueError, match=r"column|bins"):
        draw()
    assert set(Path().iterdir()) == before
