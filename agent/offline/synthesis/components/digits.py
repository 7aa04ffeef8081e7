"""Components for the digits of numbers and for number systems."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one("digits", "[int(d) for d in str({0})]", "int", 4, "digit, armstrong", guard="{0} >= 0"),
    one("last_digit", "({0} % 10)", "int", 4, "last digit, rightmost, unit, ones"),
    one("without_last_digit", "({0} // 10)", "int", 5, "remove last digit, ten"),
    one("first_digit", "int(str({0})[0])", "int", 5, "first digit, leading", guard="{0} >= 0"),
    one(
        "digit_count", "len(str({0}))", "int", 4,
        "digit, length of, number of digits, count, armstrong", guard="{0} >= 0",
    ),
    one(
        "digit_sum", "sum(int(d) for d in str({0}))", "int", 5,
        "sum of digits, digit sum, digit, sum of the digits", guard="{0} >= 0",
    ),
    one(
        "digit_product", "math.prod(int(d) for d in str({0}))", "int", 6,
        "product of digits, digit, multiply", guard="{0} >= 0",
    ),
    one(
        "reversed_number", "int(str({0})[::-1])", "int", 5,
        "reverse, reverse of, palindrome, digit", guard="{0} >= 0",
    ),
    one(
        "from_digits", 'int("".join(map(str, {0})))', "ints", 5,
        "integer, number, single, digit, join, convert, multiple",
        guard="len({0}) < 17 and all(d >= 0 for d in {0})",
    ),
    one("binary", "bin({0})[2:]", "int", 5, "binary, bit, decimal to binary", guard="{0} >= 0"),
    one("binary_marked", "bin({0})", "int", 6, "binary, bit"),
    one("octal", "oct({0})[2:]", "int", 6, "octal", guard="{0} >= 0"),
    one("hexadecimal", "hex({0})[2:]", "int", 6, "hexadecimal, hex", guard="{0} >= 0"),
    one(
        "from_base", "int({0}, {1})", "str int", 5, "binary, hexadecimal, octal, base, decimal",
        guard="2 <= {1} <= 36",
    ),
    one(
        "digits_as_binary", "int(str({0}), 2)", "int", 5,
        "binary to decimal, binary, decimal equivalent", guard="{0} >= 0",
    ),
    one(
        "binary_as_digits", "int(bin({0})[2:])", "int", 6, "binary, decimal to binary",
        guard="0 <= {0} < 2**16",
    ),
    one("octal_as_digits", "int(oct({0})[2:])", "int", 6, "octal", guard="0 <= {0} < 2**40"),
)  # fmt: skip
