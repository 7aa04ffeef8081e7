"""Components for reckoning with numbers."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

_MODERATE = "abs({0}) < 10**9 and abs({1}) < 10**9"

COMPONENTS = (
    one(
        "add", "({0} + {1})", "num num", 2, "sum, add, plus, total, more, increase", symmetric=True,
    ),
    one(
        "subtract", "({0} - {1})", "num num", 2,
        "difference, subtract, minus, left, less, remaining",
    ),
    one(
        "multiply", "({0} * {1})", "num num", 2,
        "product, multiply, times, area, volume, perimeter, rectangle, multiple", guard=_MODERATE,
        symmetric=True,
    ),
    one(
        "divide", "({0} / {1})", "num num", 3,
        "divide, average, mean, ratio, per, share, fraction, percent",
    ),
    one(
        "floor_divide", "({0} // {1})", "int int", 3,
        "quotient, half, divide, floor, middle, whole",
    ),
    one(
        "modulo", "({0} % {1})", "int int", 3,
        "remainder, modulo, mod, divisible, last digit, rightmost",
    ),
    one(
        "power", "({0} ** {1})", "num int", 3, "power, square, cube, exponent, raised",
        guard="abs({0}) < 10**6 and 0 <= {1} <= 128",
    ),
    one(
        "square", "{0} ** 2", "num", 3, "square, area, hypotenuse, sphere, circle",
        guard="abs({0}) < 10**9",
    ),
    one("cube", "{0} ** 3", "num", 4, "cube, cubic, volume, sphere", guard="abs({0}) < 10**6"),
    one("next", "({0} + 1)", "int", 2, "next, successor, natural"),
    one("previous", "({0} - 1)", "int", 2, "previous, predecessor"),
    one("half", "({0} // 2)", "int", 3, "half, middle, triangular"),
    one("double", "({0} * 2)", "num", 3, "double, twice, even"),
    one("negate", "(-{0})", "num", 3, "negative, opposite, sign"),
    one("absolute", "abs({0})", "num", 3, "absolute, difference, distance, non negative"),
    one(
        "root", "math.sqrt({0})", "num", 4,
        "root, sqrt, hypotenuse, distance, diagonal, magnitude, length", guard="{0} >= 0",
    ),
    one("whole_root", "math.isqrt({0})", "int", 5, "root, perfect square, sqrt", guard="{0} >= 0"),
    one("ceiling", "math.ceil({0})", "float", 4, "ceil, round up, up"),
    one("floor", "math.floor({0})", "float", 4, "floor, round down, down"),
    one("round", "round({0})", "float", 4, "round, nearest"),
    one(
        "round_to", "round({0}, {1})", "num int", 4, "round, decimal, place, digit, nearest",
        guard="-9 <= {1} < 12",
    ),
    one(
        "larger", "max({0}, {1})", "num num", 3, "maximum, largest, larger, bigger, most, greatest",
        symmetric=True,
    ),
    one(
        "smaller", "min({0}, {1})", "num num", 3,
        "minimum, smallest, smaller, least, clamp, fewest", symmetric=True,
    ),
    one("largest_of_three", "max({0}, {1}, {2})", "num num num", 5, "maximum, largest, biggest"),
    one("smallest_of_three", "min({0}, {1}, {2})", "num num num", 5, "minimum, smallest, lowest"),
    one(
        "bit_and", "({0} & {1})", "int int", 4, "bit, bitwise, bitwise and, binary, set bit",
        symmetric=True,
    ),
    one("bit_or", "({0} | {1})", "int int", 5, "bit, bitwise, bitwise or, set bit", symmetric=True),
    one(
        "bit_xor", "({0} ^ {1})", "int int", 5, "bit, xor, bitwise, differ, toggle, flip, invert",
        symmetric=True,
    ),
    one(
        "shift_left", "({0} << {1})", "int int", 5, "shift, rotate, bit, left",
        guard="0 <= {1} < 40 and abs({0}) < 10**12",
    ),
    one(
        "shift_right", "({0} >> {1})", "int int", 5, "shift, rotate, bit, right",
        guard="0 <= {1} < 200",
    ),
    one("bit_count", "{0}.bit_count()", "int", 5, "bit, set bit, count set, ones, binary"),
    one(
        "bit_length", "{0}.bit_length()", "int", 5,
        "bit, length, significant, binary, power of two",
    ),
    one("sign", "(({0} > 0) - ({0} < 0))", "num", 6, "sign, opposite sign"),
    one("natural_logarithm", "math.log({0})", "num", 6, "logarithm, log", guard="{0} > 0"),
    one(
        "logarithm_to", "math.log({0}, {1})", "num num", 6, "logarithm, log, power",
        guard="{0} > 0 and {1} > 1",
    ),
    one("exponential", "math.exp({0})", "num", 7, "exponential", guard="abs({0}) < 40"),
)  # fmt: skip
