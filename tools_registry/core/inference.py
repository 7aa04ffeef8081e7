"""From samples to statements: how sure a value is, whether groups differ, whether ranks agree.

Random numbers come from a seed, so that results repeat.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

_STATISTICS = ("mean", "median", "std", "sum")
_MOST_DRAWS = 50_000_000


def bootstrap_interval(
    numbers: Iterable[float],
    of: str = "mean",
    percent: float = 95,
    rounds: int = 2000,
    seed: int = 0,
) -> tuple[float, float]:
    """Calculate a bootstrap confidence interval of the mean, median or deviation of a sample.

    Args:
        numbers: Two numbers or more.
        of: mean, median, std (of a sample) or sum.
        percent: Confidence, between 0 and 100.
        rounds: How often the sample is drawn anew, 100 or more.
        seed: Another seed draws otherwise.

    Returns:
        Lower and upper end, in the unit of the numbers (percentile method).

    Raises:
        ValueError: There are too few numbers, one is missing, or an option is out of range.

    Examples:
        >>> low, high = bootstrap_interval([10, 12, 11, 13, 12, 11, 14, 10], of="median")
        >>> 10 <= low <= 11.5 <= high <= 14
        True
        >>> bootstrap_interval([5, 5, 5])
        (5.0, 5.0)
    """
    import numpy as np

    values = _sample(numbers)
    if of not in _STATISTICS or not 0 < percent < 100 or rounds < 100:
        msg = f"give of as one of {', '.join(_STATISTICS)}, percent between 0 and 100, rounds ≥ 100"
        raise ValueError(msg)
    _require_few(rounds, len(values))
    draws = np.random.default_rng(seed).choice(values, (rounds, len(values)))
    found = draws.std(axis=1, ddof=1) if of == "std" else getattr(np, of)(draws, axis=1)
    low, high = np.percentile(found, [50 - percent / 2, 50 + percent / 2])
    return float(low), float(high)


def permutation_test(
    first: Iterable[float], second: Iterable[float], rounds: int = 5000, seed: int = 0
) -> dict[str, float]:
    """Test whether the means of two groups differ by more than chance (A/B test, p-value, t-test).

    Args:
        first: Numbers of one group, two or more.
        second: Numbers of the other, two or more.
        rounds: How often the numbers are dealt out anew, 100 or more.
        seed: Another seed deals otherwise.

    Returns:
        `difference` (mean of the first minus mean of the second), `p` (how often chance alone
        makes one as large, two-sided; below 0.05 is commonly called significant).

    Raises:
        ValueError: There are too few numbers, one is missing, or `rounds` is out of range.

    Examples:
        >>> permutation_test([5, 6, 7, 6, 5], [1, 2, 1, 2, 1])["p"] < 0.05
        True
        >>> permutation_test([1, 2, 3], [1, 2, 3])
        {'difference': 0.0, 'p': 1.0}
    """
    import numpy as np

    one, other = _sample(first), _sample(second)
    if rounds < 100:
        msg = f"rounds is {rounds}; give 100 or more"
        raise ValueError(msg)
    _require_few(rounds, len(one) + len(other))
    both = np.array([*one, *other], dtype=float)
    difference = float(both[: len(one)].mean() - both[len(one) :].mean())
    dealt = np.random.default_rng(seed).permuted(np.tile(both, (rounds, 1)), axis=1)
    by_chance = dealt[:, : len(one)].mean(axis=1) - dealt[:, len(one) :].mean(axis=1)
    extreme = int((np.abs(by_chance) >= abs(difference) - 1e-12 * np.abs(both).max()).sum())
    return {"difference": difference, "p": (extreme + 1) / (rounds + 1)}


def rank_correlation(x: Iterable[float], y: Iterable[float]) -> float:
    """Correlate the ranks of two lists of numbers: Spearman's rho, for curved relations too.

    Args:
        x: Two numbers or more, not all equal.
        y: As many numbers.

    Returns:
        The coefficient, -1 … 1; 1 if one always grows with the other.

    Raises:
        ValueError: The lists differ in length, are too short, constant, or miss a value.

    Examples:
        >>> rank_correlation([1, 2, 3, 4], [1, 4, 9, 16])
        1.0
        >>> round(rank_correlation([1, 2, 3], [3, 3, 1]), 3)
        -0.866
    """
    across, up = _sample(x), _sample(y)
    if len(across) != len(up):
        msg = f"x has {len(across)} numbers and y {len(up)}; give pairs"
        raise ValueError(msg)
    first, second = _ranks(across), _ranks(up)
    mean = (len(across) + 1) / 2
    spread = math.prod(sum((rank - mean) ** 2 for rank in ranks) for ranks in (first, second))
    if not spread:
        msg = "x or y is constant, so there are no ranks; give at least two different numbers"
        raise ValueError(msg)
    shared = sum((a - mean) * (b - mean) for a, b in zip(first, second, strict=True))
    return min(1.0, max(-1.0, shared / math.sqrt(spread)))


def _sample(numbers: Iterable[Any]) -> list[float]:
    listed = getattr(numbers, "tolist", None)
    values = list(numbers if listed is None else listed())
    if any(value is None or not math.isfinite(value) for value in values):
        msg = "a value is missing or infinite; leave such values out first"
        raise ValueError(msg)
    if len(values) < 2:
        msg = f"{len(values)} numbers given; at least 2 needed"
        raise ValueError(msg)
    return values


def _require_few(rounds: int, numbers: int) -> None:
    if rounds * numbers > _MOST_DRAWS:
        msg = f"{rounds} rounds of {numbers} numbers are too many; take fewer rounds or a sample"
        raise ValueError(msg)


def _ranks(values: list[float]) -> list[float]:
    """Places by size, from 1; equal values share the mean of theirs."""
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    begin = 0
    while begin < len(order):
        end = begin
        while end < len(order) and values[order[end]] == values[order[begin]]:
            end += 1
        for place in order[begin:end]:
            ranks[place] = (begin + 1 + end) / 2
        begin = end
    return ranks
