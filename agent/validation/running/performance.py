"""The gate for time and memory: within the tier, and not growing out of hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from agent.validation.candidate import Candidate
from agent.validation.finding import Finding
from agent.validation.running.bench import Bench, NoAnswerError
from agent.validation.running.inputs import Arguments
from agent.validation.running.table import known_inputs

_FACTORS = (1, 4, 16, 64)
_LARGEST = 20_000  # members of an input
_MEASURABLE = 0.002  # seconds below which growth is noise
_STEEP = 2.5  # power of the size with which time may grow
_CALL_SECONDS = 0.3
_SHARE = 0.5  # of the tier's memory that one call may take


async def performance(candidate: Candidate, bench: Bench) -> Finding:
    """No call takes the tier's memory or time; growth beyond the square is told."""
    known = known_inputs(candidate)
    largest = max(known, key=lambda arguments: len(repr(arguments)), default=None)
    if largest is None:
        return Finding(signal="performance", success="no plain inputs to measure")
    sizes = [factor for factor in _FACTORS if _size(largest) * factor <= _LARGEST]
    sizes = sizes if _can_grow(largest) else [1]
    calls = [f"({grown(largest, factor)!r}, {{}})" for factor in sizes]
    try:
        told = await bench.ask("measure", candidate, calls=calls, seconds=_CALL_SECONDS)
    except NoAnswerError as error:
        problem = f"larger inputs end the kernel: {error}"
        return Finding(signal="performance", advice=(problem,), unsure=True)
    return _judged(sizes, told, bench)


def grown(arguments: Arguments, factor: int) -> Arguments:
    """The same arguments with texts and sequences that many times as long."""
    return tuple(a * factor if isinstance(a, (str, list, tuple)) else a for a in arguments)


def _judged(sizes: Sequence[int], told: list[Any], bench: Bench) -> Finding:
    seconds = [float(item[2]) for item in told if item[1]]
    peak = max((int(item[3]) for item in told if item[1]), default=0)
    allowed = bench.session.limits.memory * _SHARE if bench.session else math.inf
    problems = [f"one call takes {peak >> 20} MB"] if peak > allowed else []
    power = _power(sizes, seconds)
    advice = [f"time grows with the power {power:.1f} of the size"] if power > _STEEP else []
    if any(item[0] for item in told[1:]):
        advice = [f"{sizes[len(told) - 1]} times the size takes more than {_CALL_SECONDS} s"]
    success = f"{1000 * max(seconds, default=0):.1f} ms and {peak >> 10} KB at most"
    return Finding(
        signal="performance", problems=tuple(problems), advice=tuple(advice), success=success
    )


def _power(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """With which power of the size the time grows between the two largest sizes."""
    if len(seconds) < len("ab") or seconds[-1] < _MEASURABLE or seconds[-2] <= 0:
        return 0.0
    ratio = sizes[len(seconds) - 1] / sizes[len(seconds) - 2]
    return math.log(seconds[-1] / seconds[-2]) / math.log(ratio)


def _can_grow(arguments: Arguments) -> bool:
    return any(isinstance(a, (str, list, tuple)) and len(a) > 0 for a in arguments)


def _size(arguments: Arguments) -> int:
    return max((len(a) for a in arguments if isinstance(a, (str, list, tuple))), default=1)
