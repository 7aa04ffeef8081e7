"""Components for dictionaries."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one("keys", "list({0})", "dict", 3, "key"),
    one("values", "list({0}.values())", "dict", 3, "value, sum, item, average"),
    one("entries", "list({0}.items())", "dict", 3, "item, dictionary, pair, tuple, filter, value"),
    one("looked_up", "{0}[{1}]", "dict any", 4, "value, key, get, lookup, access"),
    one("looked_up_or_none", "{0}.get({1})", "dict any", 6, "value, key, get, lookup"),
    one("has_key", "({0} in {1})", "atom dict", 4, "key, present, exist, contain, in"),
    one("nth_key", "list({0})[{1}]", "dict int", 5, "index, key, access"),
    one(
        "mapping", "dict({0})", "rows", 4, "dictionary, convert, map",
        guard="all(len(r) == 2 for r in {0})",
    ),
    one(
        "mapped", "dict(zip({0}, {1}))", "seq seq", 4, "dictionary, map, convert, two lists, key",
        guard="all(not isinstance(x, (list, dict, set)) for x in {0})", inside=False,
    ),
    one(
        "merged", "{{**{0}, **{1}}}", "dict dict", 4,
        "merge, combine, union, dictionary, dictionaries", inside=False,
    ),
    one(
        "merged_counts", "dict(Counter({0}) + Counter({1}))", "dict dict", 6,
        "combine, add, common keys, values",
        guard="all(isinstance(v, int) for v in (*{0}.values(), *{1}.values()))", inside=False,
    ),
    one(
        "inverted", "{{value: key for key, value in {0}.items()}}", "dict", 6,
        "invert, swap, reverse",
        guard="all(not isinstance(v, (list, dict, set)) for v in {0}.values())", inside=False,
    ),
    one(
        "keys_by_value", "sorted({0}, key=lambda key: {0}[key])", "dict", 6, "sort, value, key",
        inside=False,
    ),
    one(
        "best_key", "max({0}, key=lambda key: {0}[key])", "dict", 5,
        "maximum, largest, highest, key, most",
    ),
    one(
        "worst_key", "min({0}, key=lambda key: {0}[key])", "dict", 6,
        "minimum, smallest, lowest, key, least",
    ),
    one(
        "entries_by_value", "sorted({0}.items(), key=lambda entry: entry[1])", "dict", 6,
        "sort, value, increasing", inside=False,
    ),
    one(
        "entries_by_value_down", "sorted({0}.items(), key=lambda entry: entry[1], reverse=True)",
        "dict", 6, "sort, value, descending, decreasing, highest", inside=False,
    ),
    one("entries_by_key", "sorted({0}.items())", "dict", 6, "sort, key, order", inside=False),
    one(
        "without_none", "{{k: v for k, v in {0}.items() if v is not None}}", "dict", 5,
        "drop, empty, none, remove", inside=False,
    ),
    one(
        "all_values_are", "all(value == {1} for value in {0}.values())", "dict any", 5,
        "all values, same, value",
    ),
    one(
        "values_at_least", "{{k: v for k, v in {0}.items() if v >= {1}}}", "dict num", 6,
        "filter, greater, at least, value, above",
        guard="all(isinstance(v, (int, float)) for v in {0}.values())", inside=False,
    ),
    one(
        "number_of_values", "sum(len(value) for value in {0}.values())", "dict", 6,
        "count, number of, items, value",
        guard="all(isinstance(v, (list, tuple, str)) for v in {0}.values())",
    ),
    one(
        "value_lists", "[value for values in {0}.values() for value in values]", "dict", 6,
        "value, all, unique, flatten",
        guard="all(isinstance(v, (list, tuple)) for v in {0}.values())", inside=False,
    ),
)  # fmt: skip
