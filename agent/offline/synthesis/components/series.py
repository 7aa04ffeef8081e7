"""Components for ranges and for sequences of numbers that are known by a rule."""

from __future__ import annotations

from agent.offline.synthesis.component import Component
from agent.offline.synthesis.component import component as one

_SHORT = "{0} <= 300"


def _linear(name: str, factors: tuple[int, int], first: tuple[int, int], about: str) -> Component:
    """The n-th number of a sequence, each the sum of the two before it, weighted."""
    recent, older = (
        f"{f} * s[{1 - i}]" if f != 1 else f"s[{1 - i}]" for i, f in enumerate(factors)
    )
    step = f"lambda s, _: (s[1], {recent} + {older})"
    template = f"functools.reduce({step}, range({{0}}), {first})[0]"
    return one(name, template, "int", 6, about, guard="0 <= {0} <= 80", inside=False)


RANGES = (
    one("range", "list(range({0}))", "int", 3, "range, first, natural, index, whole", guard=_SHORT),
    one(
        "range_from_one", "list(range(1, {0} + 1))", "int", 3,
        "range, first, natural, divisor, factor, series, sequence, from 1 to, n th, nth",
        guard=_SHORT,
    ),
    one(
        "range_from_to", "list(range({0}, {1}))", "int int", 5, "range, between",
        guard="{1} - {0} <= 300",
    ),
    one(
        "range_inclusive", "list(range({0}, {1} + 1))", "int int", 4,
        "range, between, from, within", guard="{1} - {0} <= 300",
    ),
    one(
        "range_stepped", "list(range({0}, {1}, {2}))", "int int int", 6,
        "range, step, between, multiple", guard="{2} != 0 and abs({1} - {0}) <= 300",
    ),
    one(
        "countdown", "list(range({0}, 0, -1))", "int", 6, "descending, down, decreasing",
        guard=_SHORT,
    ),
    one(
        "odd_numbers", "list(range(1, 2 * {0}, 2))", "int", 5, "odd, odd natural, first",
        guard=_SHORT, inside=False,
    ),
    one(
        "even_numbers", "list(range(2, 2 * {0} + 1, 2))", "int", 5, "even, even natural, first",
        guard=_SHORT, inside=False,
    ),
    one(
        "multiples", "[{0} * i for i in range(1, {1} + 1)]", "int int", 6,
        "multiple, table, multiplication", guard="{1} <= 300", inside=False,
    ),
    one(
        "sum_to", "({0} * ({0} + 1) // 2)", "int", 4,
        (
            "triangular, sum of the first, sum of first, natural, sum of n, tetrahedral, "
            "triangle, sum of numbers"
        ),
    ),
)  # fmt: skip

SEQUENCES = (
    _linear("fibonacci", (1, 1), (0, 1), "fibonacci, sequence"),
    _linear("lucas", (1, 1), (2, 1), "lucas, sequence"),
    _linear("tiles", (1, 1), (1, 1), "fibonacci, ways, tile, stair, sequence"),
    _linear("jacobsthal", (1, 2), (0, 1), "jacobsthal, sequence"),
    _linear("jacobsthal_lucas", (1, 2), (2, 1), "jacobsthal, lucas, sequence"),
    _linear("pell", (2, 1), (0, 1), "pell, sequence"),
    _linear("mersenne", (3, -2), (0, 1), "mersenne, sequence"),
)

COMPONENTS = RANGES + SEQUENCES
