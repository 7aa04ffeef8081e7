"""Text in columns for people."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence

from agent.render import safe


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows as lines with aligned columns, cut at the edge if stdout is a terminal."""
    edge = shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize
    clean = [[safe(one_line(cell)) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*clean, strict=True)]
    return [_cut(_aligned(row, widths), edge) for row in clean]


def one_line(text: str) -> str:
    """A text without its ends of lines: what a stranger wrote must not look like lines of ours."""
    return " ".join(text.splitlines())


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _cut(line: str, edge: int) -> str:
    return line if len(line) <= edge else f"{line[: edge - 1]}…"
