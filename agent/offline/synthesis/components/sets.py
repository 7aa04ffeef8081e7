"""Components for sets, and for lists taken as sets."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one(
        "united_set", "(set({0}) | set({1}))", "ordered ordered", 5,
        "union, unique, combine, merge", symmetric=True,
    ),
    one(
        "unshared_set", "(set({0}) ^ set({1}))", "ordered ordered", 5,
        "dissimilar, symmetric, different, uncommon, not common", symmetric=True,
    ),
    one(
        "difference_set", "(set({0}) - set({1}))", "ordered ordered", 5,
        "difference, not, remove, missing",
    ),

    one(
        "shared", "[v for v in {0} if v in {1}]", "ordered group", 4,
        "common, intersection, shared, both, present, similar, same",
    ),
    one(
        "missing", "[v for v in {0} if v not in {1}]", "ordered group", 4,
        "remove, difference, missing, not, present, dissimilar, not present",
    ),
    one(
        "intersection", "({0} & {1})", "set set", 4, "common, intersection, shared, similar",
        symmetric=True,
    ),
    one(
        "union", "({0} | {1})", "set set", 4, "union, either, unique, combine, merge",
        symmetric=True,
    ),
    one("set_difference", "({0} - {1})", "set set", 4, "difference, not, remove"),
    one(
        "either_not_both", "({0} ^ {1})", "set set", 4,
        "dissimilar, symmetric, different, uncommon", symmetric=True,
    ),
    one("subset", "({0} <= {1})", "set set", 4, "subset, contain, all, every"),
    one(
        "overlap", "(not {0}.isdisjoint({1}))", "set set", 5,
        "common, overlap, intersect, at least one", symmetric=True,
    ),
    one("disjoint", "{0}.isdisjoint({1})", "set set", 6, "disjoint, no common", symmetric=True),
    one("all_in", "all(v in {1} for v in {0})", "ordered group", 5, "subset, all, every, contain"),
    one(
        "any_in", "any(v in {1} for v in {0})", "ordered group", 5,
        "any, common, at least one, contain, some, present",
    ),
    one(
        "shared_set", "(set({0}) & set({1}))", "ordered ordered", 5,
        "common, shared, intersection, similar", symmetric=True,
    ),
    one(
        "symmetric_sorted", "sorted(set({0}) ^ set({1}))", "seq seq", 6,
        "dissimilar, different, uncommon, not common", symmetric=True,
    ),
    one(
        "united_sorted", "sorted(set({0}) | set({1}))", "seq seq", 6,
        "union, unique, sorted, combine", symmetric=True,
    ),
)  # fmt: skip
