"""Components for truth values: comparing, testing, choosing."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one("even", "({0} % 2 == 0)", "int", 3, "even"),
    one("odd", "({0} % 2 != 0)", "int", 3, "odd, uneven"),
    one(
        "divides", "({0} % {1} == 0)", "int int", 4,
        "divisible, divisor, multiple, factor, divides, divide",
    ),
    one("positive", "({0} > 0)", "num", 3, "positive, natural, above zero"),
    one("negative", "({0} < 0)", "num", 3, "negative"),
    one("equal", "({0} == {1})", "num num", 2, "equal, same, identical, match", symmetric=True),
    one(
        "equal_text", "({0} == {1})", "str str", 2, "equal, same, identical, match, palindrome",
        symmetric=True,
    ),
    one("equal_truth", "({0} == {1})", "bool bool", 4, "equal, same, both", symmetric=True),
    one(
        "unequal", "({0} != {1})", "num num", 3,
        "different, not, differ, unequal, distinct, except, remove", symmetric=True,
    ),
    one(
        "unequal_text", "({0} != {1})", "str str", 3,
        "different, not, differ, unequal, except, remove", symmetric=True,
    ),
    one(
        "less", "({0} < {1})", "num num", 3,
        "less, smaller, below, under, inversion, decreasing, lower",
    ),
    one(
        "at_most", "({0} <= {1})", "num num", 3,
        "at most, within, sorted, order, increasing, less than or equal",
    ),
    one("less_text", "({0} < {1})", "str str", 5, "alphabetical, lexicographical, order, before"),
    one(
        "at_most_text", "({0} <= {1})", "str str", 6,
        "alphabetical, lexicographical, order, sorted",
    ),
    one("greater_in_order", "({0} > {1})", "seq seq", 6, "greater, larger, bigger"),
    one("between", "({0} <= {1} <= {2})", "num num num", 5, "between, range, within, in range"),
    one("between_strictly", "({0} < {1} < {2})", "num num num", 6, "between, range, within"),
    one("both", "({0} and {1})", "bool bool", 3, "and, both, as well as", symmetric=True),
    one("either", "({0} or {1})", "bool bool", 4, "or, either, any", symmetric=True),
    one("negation", "(not {0})", "bool", 3, "not, no, without, non"),
    one("empty", "(not {0})", "measured", 5, "empty"),
    one(
        "chosen_number", "({1} if {0} else {2})", "bool num num", 5,
        "otherwise, else, if, or not, return",
    ),
    one(
        "chosen_text", "({1} if {0} else {2})", "bool str str", 5,
        "otherwise, else, if, or not, return",
    ),
    one("chosen_sequence", "({1} if {0} else {2})", "bool seq seq", 6, "otherwise, else, if"),
    one(
        "is_whole", "isinstance({0}, int)", "any", 5,
        "integer, type, int, number, mixed, data type",
    ),
    one(
        "is_number", "isinstance({0}, (int, float))", "any", 6,
        "number, numeric, type, mixed, data type",
    ),
    one("is_fraction", "isinstance({0}, float)", "any", 7, "float, decimal, type"),
    one("is_text", "isinstance({0}, str)", "any", 5, "string, type, mixed, data type, text"),
    one("is_list", "isinstance({0}, list)", "any", 6, "list, type, sublist, nested"),
    one("is_tuple", "isinstance({0}, tuple)", "any", 6, "tuple, nested, type"),
    one("is_dictionary", "isinstance({0}, dict)", "any", 7, "dictionary, type"),
    one(
        "same_type", "(type({0}) is type({1}))", "any any", 7, "type, data type, same type",
        symmetric=True,
    ),
    one("whole_valued", "{0}.is_integer()", "float", 5, "integer, whole, perfect, power"),
)  # fmt: skip
