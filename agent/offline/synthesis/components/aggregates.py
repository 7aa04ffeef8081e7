"""Components that make one value of a collection."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one(
        "index_or_none", "({0}.index({1}) if {1} in {0} else -1)", "seq any", 5,
        "index, position, first occurrence, find",
    ),

    one(
        "length", "len({0})", "measured", 2,
        "length, count, number of, size, how many, total, number",
    ),
    one("sum", "sum({0})", "numbers", 3, "sum, total, add, average, cumulative"),
    one(
        "product", "math.prod({0})", "numbers", 4, "product, multiply, multiplication",
        guard="len({0}) < 40",
    ),
    one(
        "largest", "max({0})", "numbers", 3,
        "maximum, largest, max, highest, biggest, longest, most, greatest",
    ),
    one(
        "smallest", "min({0})", "numbers", 3,
        "minimum, smallest, min, lowest, shortest, least, fewest",
    ),
    one(
        "greatest", "max({0})", "group", 5,
        "maximum, largest, max, last, alphabetical, highest, kth",
    ),
    one("least", "min({0})", "group", 5, "minimum, smallest, min, first, alphabetical, lowest"),
    one("longest", "max({0}, key=len)", "rows", 4, "longest, maximum length, max length, length"),
    one("shortest", "min({0}, key=len)", "rows", 4, "shortest, minimum length, min length, length"),
    one("longest_text", "max({0}, key=len)", "strings", 4, "longest, maximum length, length"),
    one("shortest_text", "min({0}, key=len)", "strings", 4, "shortest, minimum length, length"),
    one("mean", "(sum({0}) / len({0}))", "numbers", 4, "average, mean"),
    one("median", "statistics.median({0})", "numbers", 6, "median, middle"),
    one(
        "spread", "(max({0}) - min({0}))", "numbers", 5,
        "difference, range, largest and smallest, maximum difference, smallest and largest",
    ),
    one(
        "extremes_sum", "(max({0}) + min({0}))", "numbers", 6,
        "sum, largest and smallest, smallest and largest",
    ),
    one(
        "deviation", "statistics.stdev({0})", "numbers", 7, "standard deviation, deviation",
        guard="len({0}) > 1",
    ),
    one("square_sum", "sum(v * v for v in {0})", "numbers", 6, "sum of squares, square, magnitude"),
    one("every_true", "all({0})", "bools", 3, "all, every, each, check, whether, both"),
    one("any_true", "any({0})", "bools", 3, "any, some, check, at least one, whether"),
    one("how_many_true", "sum({0})", "bools", 4, "count, number of, how many"),
    one(
        "xor_all", "functools.reduce(operator.xor, {0})", "ints", 6,
        "xor, odd number of times, once, single",
    ),
    one("and_all", "functools.reduce(operator.and_, {0})", "ints", 7, "bitwise and, bit"),
    one("or_all", "functools.reduce(operator.or_, {0})", "ints", 7, "bitwise or, bit"),
    one("index_of", "{0}.index({1})", "seq any", 4, "index, position, first occurrence, find"),
    one(
        "index_from_end", "(len({0}) - 1 - {0}[::-1].index({1}))", "seq any", 6,
        "last occurrence, last position, last index",
    ),
    one(
        "count_of", "{0}.count({1})", "seq any", 4,
        "count, occurrence, frequency, times, number of, occur",
    ),
    one(
        "member", "({0} in {1})", "atom group", 3,
        "contain, present, in, member, exist, element, check",
    ),
    one("row_member", "({0} in {1})", "seq rows", 4, "contain, present, in, sublist, member"),
    one(
        "not_member", "({0} not in {1})", "atom group", 4,
        "missing, absent, not, remove, not present",
    ),
    one(
        "ascending", "({0} == sorted({0}))", "list", 5,
        "sort, ascending, order, increasing, sorted or not",
    ),
    one("all_equal", "(len(set({0})) == 1)", "ordered", 5, "all, same, equal, identical"),
    one(
        "all_different", "(len(set({0})) == len({0}))", "ordered", 5,
        "distinct, unique, duplicate, different",
    ),
    one(
        "has_repeats", "(len(set({0})) != len({0}))", "ordered", 5,
        "duplicate, repeat, twice, repeated",
    ),
    one(
        "same_items", "({0} == {1})", "group group", 3,
        "equal, same, palindrome, identical, anagram", symmetric=True,
    ),
    one(
        "different_items", "({0} != {1})", "group group", 5, "different, not equal", symmetric=True,
    ),
    one(
        "same_order", "(sorted({0}) == sorted({1}))", "ordered ordered", 5,
        "anagram, permutation, same, identical, ignoring order", symmetric=True,
    ),
    one(
        "contiguous_part",
        "any({0}[i : i + len({1})] == {1} for i in range(len({0}) - len({1}) + 1))", "seq seq", 6,
        "sublist, subarray, sub, contain, part",
    ),
    one(
        "insertion_right", "bisect.bisect_right({0}, {1})", "numbers num", 5,
        "insertion, insert, position, sorted, right, count, bisect, smaller than",
    ),
    one(
        "insertion_left", "bisect.bisect_left({0}, {1})", "numbers num", 5,
        "insertion, insert, position, sorted, left, bisect, smaller than",
    ),
    one(
        "best_contiguous_sum", "max(itertools.accumulate({0}, lambda s, v: max(s + v, v)))",
        "numbers", 6, "contiguous, subarray, sublist, consecutive, maximum sum, largest sum",
    ),
)  # fmt: skip
