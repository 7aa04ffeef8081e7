"""What all benchmarks share: options, progress, and the JSON object at the end."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median


def options(description: str) -> argparse.ArgumentParser:
    """A parser with the options every benchmark has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object, last, on stdout"
    )
    parser.add_argument("--rows", type=Path, help="write one JSON line per item to this file")
    parser.add_argument("--seed", type=int, default=0, help="fixes every random choice")
    return parser


def progress(text: str) -> None:
    """Tell a person what is going on, on standard error."""
    print(f"  {text}", file=sys.stderr, flush=True)


def milliseconds(started: float) -> float:
    """Milliseconds since a reading of `time.perf_counter`."""
    return (time.perf_counter() - started) * 1000


def summary(times: Sequence[float]) -> float | None:
    """The median, to a hundredth; None if nothing was measured."""
    return round(median(times), 2) if times else None


def finish(figures: Mapping[str, object], *, as_json: bool) -> None:
    """Print the figures: as one JSON object, or as lines for a person."""
    if as_json:
        print(json.dumps(figures))
        return
    width = max(map(len, figures))
    for name, value in figures.items():
        print(f"{name:<{width}}  {'-' if value is None else value}")
