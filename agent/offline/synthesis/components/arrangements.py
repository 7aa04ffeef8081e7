"""Components that arrange, pair and group the items of collections."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one(
        "sorted", "sorted({0})", "measured", 3,
        "sort, ascending, order, anagram, arrange, increasing, smallest, kth, median",
    ),
    one(
        "sorted_down", "sorted({0}, reverse=True)", "measured", 4,
        "descending, sort, largest, decreasing, reverse",
    ),
    one("sorted_by_length", "sorted({0}, key=len)", "rows", 5, "length, sort, shortest"),
    one("sorted_texts_by_length", "sorted({0}, key=len)", "strings", 5, "length, sort, shortest"),
    one("sorted_rows", "[sorted(v) for v in {0}]", "rows", 5, "sort each, sublist, sort, each"),
    one("reversed", "{0}[::-1]", "seq", 3, "reverse, backward, last, backwards"),
    one(
        "unique", "list(dict.fromkeys({0}))", "sized", 4,
        "unique, duplicate, distinct, once, remove duplicate",
    ),
    one("ordered_set", "list({0})", "intset", 5, "list, unique, element"),
    one("set_as_tuple", "tuple({0})", "intset", 5, "tuple, unique, element"),
    one(
        "zipped", "list(zip({0}, {1}))", "ordered ordered", 4,
        "zip, pair, corresponding, elementwise, two, element wise, two lists, merge, each, both",
        inside=False,
    ),
    one(
        "zipped_three", "list(zip({0}, {1}, {2}))", "ordered ordered ordered", 6,
        "three, zip, interleave, three lists", inside=False,
    ),
    one(
        "neighbours", "list(zip({0}, {0}[1:]))", "ordered", 4,
        (
            "consecutive, adjacent, neighbour, next, difference, pairs of, sorted, order, "
            "monotonic, pair"
        ),
        inside=False,
    ),
    one(
        "numbered", "list(enumerate({0}))", "ordered", 4,
        "index, position, indices, even index, odd index, place, number", inside=False,
    ),
    one(
        "numbered_from_one", "list(enumerate({0}, 1))", "ordered", 6, "index, position, rank",
        inside=False,
    ),
    one("indices", "list(range(len({0})))", "ordered", 5, "index, position, indices", inside=False),
    one(
        "flattened", "[w for v in {0} for w in v]", "rows", 4,
        "flatten, nested, all, list of lists, tuple list, matrix, elements",
    ),
    one(
        "running_totals", "list(itertools.accumulate({0}))", "numbers", 5,
        "cumulative, running, prefix", inside=False,
    ),
    one(
        "running_maxima", "list(itertools.accumulate({0}, max))", "numbers", 7,
        "rolling, running, maximum so far", inside=False,
    ),
    one(
        "running_products", "list(itertools.accumulate({0}, operator.mul))", "numbers", 7,
        "cumulative product, running product", guard="len({0}) < 40", inside=False,
    ),
    one(
        "differences", "[w - v for v, w in zip({0}, {0}[1:])]", "numbers", 5,
        "difference, consecutive, adjacent, arithmetic", inside=False,
    ),
    one(
        "elementwise_sums", "[v + w for v, w in zip({0}, {1})]", "numbers numbers", 6,
        "add, sum, two lists, element wise, corresponding", inside=False,
    ),
    one(
        "elementwise_products", "[v * w for v, w in zip({0}, {1})]", "numbers numbers", 6,
        "multiply, product, dot, two lists, corresponding", inside=False,
    ),
    one(
        "pairs", "list(itertools.combinations({0}, 2))", "ordered", 5,
        "pair, combination, two, unordered, inversion", guard="len({0}) <= 20", inside=False,
    ),
    one(
        "triples", "list(itertools.combinations({0}, 3))", "ordered", 7, "triplet, three, triple",
        guard="len({0}) <= 12", inside=False,
    ),
    one(
        "combinations", "list(itertools.combinations({0}, {1}))", "ordered int", 6,
        "combination, subset, choose, size", guard="0 <= {1} < 5 and len({0}) <= 12", inside=False,
    ),
    one(
        "combinations_with_repeats", "list(itertools.combinations_with_replacement({0}, {1}))",
        "ordered int", 7, "combination, repetition, replacement, repeat",
        guard="0 <= {1} < 5 and len({0}) <= 8", inside=False,
    ),
    one(
        "permutations", "list(itertools.permutations({0}))", "ordered", 6,
        "permutation, arrangement", guard="len({0}) <= 5", inside=False,
    ),
    one(
        "text_permutations", '["".join(p) for p in itertools.permutations({0})]', "str", 7,
        "permutation, arrangement, anagram", guard="len({0}) <= 5", inside=False,
    ),
    one(
        "product_pairs", "list(itertools.product({0}, {1}))", "ordered ordered", 6,
        "cartesian, product, every pair, all pairs, combination",
        guard="len({0}) * len({1}) <= 200", inside=False,
    ),
    one(
        "subsets", "[list(c) for n in range(len({0}) + 1) for c in itertools.combinations({0}, n)]",
        "ordered", 7, "subset, power set, subsequence, combination, all possible",
        guard="len({0}) <= 8", inside=False,
    ),
    one(
        "sublists", "[{0}[i:j] for i in range(len({0})) for j in range(i + 1, len({0}) + 1)]",
        "seq", 6, "sublist, subarray, contiguous, sub array", guard="len({0}) <= 12", inside=False,
    ),
    one(
        "runs", "[list(run) for _, run in itertools.groupby({0})]", "ordered", 6,
        "consecutive, run, group, pack, duplicate", inside=False,
    ),
    one(
        "run_starts", "[key for key, _ in itertools.groupby({0})]", "ordered", 5,
        "consecutive, duplicate, remove, run", inside=False,
    ),
    one(
        "run_lengths", "[[len(list(run)), key] for key, run in itertools.groupby({0})]", "ordered",
        7, "run length, encode, consecutive, encoding", inside=False,
    ),
    one(
        "keyed_run_lengths", "[(key, len(list(run))) for key, run in itertools.groupby({0})]",
        "ordered", 7, "run length, encode, consecutive", inside=False,
    ),
    one(
        "most_largest", "heapq.nlargest({1}, {0})", "numbers int", 5,
        "largest, heap, queue, top, n largest", guard="0 <= {1} < 100", inside=False,
    ),
    one(
        "most_smallest", "heapq.nsmallest({1}, {0})", "numbers int", 5,
        "smallest, heap, queue, n smallest", guard="0 <= {1} < 100", inside=False,
    ),
    one("merged_in_order", "sorted({0} + {1})", "list list", 6, "merge, sorted, combine, union"),
    one(
        "grouped_by_first", "{{k: [b for a, b in {0} if a == k] for k, _ in {0}}}", "rows", 6,
        "group, dictionary, map, tuple, key",
        guard="all(len(r) == 2 and not isinstance(r[0], list) for r in {0})", inside=False,
    ),
    one(
        "interleaved", "[v for pair in zip({0}, {1}) for v in pair]", "seq seq", 6,
        "interleave, alternate, merge", inside=False,
    ),
)  # fmt: skip
