"""Components for numbers and truth values."""

from __future__ import annotations

import math
import operator

from agent.offline.synthesis.component import Component, component, within

_BIG = 10**9
_LONGEST = 300


def _moderate(a: float, b: float) -> bool:
    return abs(a) < _BIG and abs(b) < _BIG


def _small_power(a: float, b: int) -> bool:
    return abs(a) < 10**6 and 0 <= b < 40


def _range_from_one(n: int) -> list[int]:
    return list(range(1, n + 1))


def _range_inclusive(a: int, b: int) -> list[int]:
    return list(range(a, b + 1))


def _divisors(n: int) -> list[int]:
    return [d for d in range(1, n + 1) if n % d == 0]


def _is_prime(n: int) -> bool:
    return n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))


ARITHMETIC: tuple[Component, ...] = (
    component("add", "({0} + {1})", "num num", operator.add, 2, "sum add plus total more"),
    component(
        "subtract", "({0} - {1})", "num num", operator.sub, 2, "difference subtract minus left less"
    ),
    component(
        "multiply",
        "({0} * {1})",
        "num num",
        within(operator.mul, _moderate),
        2,
        "product multiply times area volume perimeter",
    ),
    component(
        "divide",
        "({0} / {1})",
        "num num",
        operator.truediv,
        3,
        "divide average mean ratio per share fraction percent",
    ),
    component(
        "floor_divide", "({0} // {1})", "int int", operator.floordiv, 3, "quotient half whole"
    ),
    component(
        "modulo", "({0} % {1})", "int int", operator.mod, 3, "remainder modulo divisible last digit"
    ),
    component(
        "power",
        "({0} ** {1})",
        "num int",
        within(operator.pow, _small_power),
        3,
        "power square cube squared cubed exponent",
    ),
    component(
        "square", "({0} ** 2)", "num", within(lambda a: a * a, lambda a: abs(a) < _BIG), 3, "square"
    ),
    component("next", "({0} + 1)", "int", lambda a: a + 1, 2, "next successor"),
    component("previous", "({0} - 1)", "int", lambda a: a - 1, 2, "previous"),
    component("negate", "(-{0})", "num", operator.neg, 3, "negative opposite"),
    component("absolute", "abs({0})", "num", abs, 3, "absolute difference distance"),
    component(
        "root",
        "math.sqrt({0})",
        "num",
        math.sqrt,
        4,
        "root sqrt hypotenuse distance diagonal length",
    ),
    component("whole_root", "math.isqrt({0})", "int", math.isqrt, 5, "root perfect square"),
    component("ceiling", "math.ceil({0})", "float", math.ceil, 4, "ceil up"),
    component("floor", "math.floor({0})", "float", math.floor, 4, "floor down"),
    component("round", "round({0})", "float", round, 4, "round nearest"),
    component(
        "round_to",
        "round({0}, {1})",
        "float int",
        within(round, lambda _, b: 0 <= b < 12),
        4,
        "round decimal digit place",
    ),
    component("larger", "max({0}, {1})", "num num", max, 3, "maximum largest larger bigger most"),
    component(
        "smaller", "min({0}, {1})", "num num", min, 3, "minimum smallest smaller least clamp"
    ),
    component("gcd", "math.gcd({0}, {1})", "int int", math.gcd, 4, "gcd greatest common divisor"),
    component("lcm", "math.lcm({0}, {1})", "int int", math.lcm, 4, "lcm least common multiple"),
    component(
        "factorial",
        "math.factorial({0})",
        "int",
        within(math.factorial, lambda n: 0 <= n < 25),
        5,
        "factorial ways arrangement",
    ),
    component(
        "choose",
        "math.comb({0}, {1})",
        "int int",
        within(math.comb, lambda n, k: 0 <= n < 60 and 0 <= k < 60),
        5,
        "binomial choose combination coefficient",
    ),
)

CONVERSIONS: tuple[Component, ...] = (
    component("as_int", "int({0})", "numstr", int, 3, "integer number convert whole"),
    component("as_float", "float({0})", "numstr", float, 4, "float decimal convert number"),
    component("as_text", "str({0})", "num", str, 3, "string text digit convert palindrome"),
    component(
        "digits",
        "[int(d) for d in str({0})]",
        "int",
        lambda n: [int(d) for d in str(n)],
        4,
        "digit",
    ),
    component("binary", "bin({0})[2:]", "int", lambda n: bin(n)[2:], 5, "binary bit"),
    component("hexadecimal", "hex({0})[2:]", "int", lambda n: hex(n)[2:], 6, "hexadecimal hex"),
    component(
        "range",
        "list(range({0}))",
        "int",
        within(lambda n: list(range(n)), lambda n: n <= _LONGEST),
        3,
        "range first natural",
    ),
    component(
        "range_from_one",
        "list(range(1, {0} + 1))",
        "int",
        within(_range_from_one, lambda n: n <= _LONGEST),
        3,
        "range first natural divisor factor series",
    ),
    component(
        "range_inclusive",
        "list(range({0}, {1} + 1))",
        "int int",
        within(_range_inclusive, lambda a, b: b - a <= _LONGEST),
        5,
        "range between",
    ),
    component(
        "divisors",
        "[d for d in range(1, {0} + 1) if {0} % d == 0]",
        "int",
        within(_divisors, lambda n: n <= 2000),
        6,
        "divisor factor",
    ),
    component(
        "is_prime",
        "({0} > 1 and all({0} % d for d in range(2, math.isqrt({0}) + 1)))",
        "int",
        within(_is_prime, lambda n: n <= 10**6),
        7,
        "prime",
    ),
)

COMPARISONS: tuple[Component, ...] = (
    component("even", "({0} % 2 == 0)", "int", lambda a: a % 2 == 0, 3, "even"),
    component("odd", "({0} % 2 == 1)", "int", lambda a: a % 2 == 1, 3, "odd"),
    component("divides", "({0} % {1} == 0)", "int int", lambda a, b: a % b == 0, 4, "divisible"),
    component("equal", "({0} == {1})", "num num", operator.eq, 2, "equal same identical"),
    component("equal_text", "({0} == {1})", "str str", operator.eq, 2, "equal same identical"),
    component("unequal", "({0} != {1})", "num num", operator.ne, 3, "different not differ"),
    component("unequal_text", "({0} != {1})", "str str", operator.ne, 3, "different not differ"),
    component("less", "({0} < {1})", "num num", operator.lt, 3, "less smaller below under"),
    component("at_most", "({0} <= {1})", "num num", operator.le, 3, "most within"),
    component(
        "greater", "({0} > {1})", "num num", operator.gt, 3, "greater larger above over positive"
    ),
    component("at_least", "({0} >= {1})", "num num", operator.ge, 3, "least from"),
    component("both", "({0} and {1})", "bool bool", lambda a, b: a and b, 3, "and both"),
    component("either", "({0} or {1})", "bool bool", lambda a, b: a or b, 4, "or either"),
    component("negation", "(not {0})", "bool", operator.not_, 3, "not no without"),
)

COMPONENTS = ARITHMETIC + CONVERSIONS + COMPARISONS
