"""Components that count how often items occur."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one(
        "frequencies", "dict(Counter({0}))", "sized", 4,
        "frequency, count, occurrence, tally, counts, number of occurrences, each",
        guard="'dict' not in str(type({0}))", inside=False,
    ),
    one(
        "row_frequencies", "dict(Counter(map(tuple, {0})))", "rows", 6,
        "frequency, count, occurrence, list, tuple, dictionary", inside=False,
    ),
    one(
        "most_common", "Counter({0}).most_common(1)[0][0]", "ordered", 5,
        "common, frequent, mode, occurring, most frequent, maximum occurring, majority",
    ),
    one(
        "most_common_count", "Counter({0}).most_common(1)[0]", "ordered", 6,
        "common, frequent, mode, maximum, occurrence, and its",
    ),
    one(
        "highest_frequency", "max(Counter({0}).values())", "ordered", 6,
        "frequency, most, occurrence, times, maximum, highest",
    ),
    one(
        "lowest_frequency", "min(Counter({0}).values())", "ordered", 7,
        "frequency, least, times, minimum",
    ),
    one(
        "most_common_few", "Counter({0}).most_common({1})", "ordered int", 6,
        "common, most, top, frequent", guard="{1} >= 0", inside=False,
    ),
    one("rarest", "min({0}, key={0}.count)", "ordered", 7, "rare, least, least frequent"),
    one(
        "occurring_once", "[v for v in {0} if {0}.count(v) == 1]", "ordered", 5,
        "unique, once, non repeated, duplicate, single, remove duplicate, distinct",
        guard="len({0}) < 100", inside=False,
    ),
    one(
        "occurring_again", "[v for v in dict.fromkeys({0}) if {0}.count(v) > 1]", "ordered", 6,
        "duplicate, repeated, repeat, more than once", guard="len({0}) < 100", inside=False,
    ),
    one(
        "first_repeated", "next(v for i, v in enumerate({0}) if v in {0}[:i])", "ordered", 6,
        "first, repeat, duplicate, repeated", guard="len({0}) < 200",
    ),
    one(
        "first_unrepeated", "next(v for v in {0} if {0}.count(v) == 1)", "ordered", 6,
        "first, non repeated, unique, once, non repeating", guard="len({0}) < 200",
    ),
    one(
        "occurrences_dict", "{{v: {0}.count(v) for v in {1}}}", "ordered ordered", 7,
        "count, occurrence, frequency, dictionary",
        guard="len({0}) < 100 and all(not isinstance(x, (list, dict)) for x in {1})", inside=False,
    ),
)  # fmt: skip
