"""Components for lists, tuples, sets and dictionaries."""

from __future__ import annotations

import itertools
import math
import operator
import statistics
from collections import Counter
from collections.abc import Sequence
from typing import Any

from agent.offline.synthesis.component import Component, component, within

_LONGEST = 400


def _short(items: Sequence[Any], *_: Any) -> bool:
    return len(items) < _LONGEST


def _chunks(items: Sequence[Any], size: int) -> list[Any]:
    return [items[i : i + size] for i in range(0, len(items), size)]


def _transpose(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=False)]


def _slices(takes: str, suffix: str) -> tuple[Component, ...]:
    """Ways of cutting a piece out of text or of a sequence."""
    return (
        component("first" + suffix, "{0}[0]", takes, lambda a: a[0], 3, "first initial start"),
        component("last" + suffix, "{0}[-1]", takes, lambda a: a[-1], 3, "last end final"),
        component("at" + suffix, "{0}[{1}]", takes + " int", operator.getitem, 4, "index nth kth"),
        component(
            "from" + suffix, "{0}[{1}:]", takes + " int", lambda a, b: a[b:], 4, "last after skip"
        ),
        component(
            "until" + suffix,
            "{0}[:{1}]",
            takes + " int",
            lambda a, b: a[:b],
            4,
            "first before take",
        ),
        component(
            "slice" + suffix,
            "{0}[{1}:{2}]",
            takes + " int int",
            lambda a, b, c: a[b:c],
            5,
            "slice between range part",
        ),
        component("rest" + suffix, "{0}[1:]", takes, lambda a: a[1:], 4, "rest except remove"),
        component("but_last" + suffix, "{0}[:-1]", takes, lambda a: a[:-1], 4, "except remove"),
        component(
            "every" + suffix,
            "{0}[::{1}]",
            takes + " int",
            within(lambda a, b: a[::b], lambda _, b: b != 0),
            5,
            "every alternate step other",
        ),
    )


AGGREGATES: tuple[Component, ...] = (
    component("length", "len({0})", "measured", len, 2, "length count number size many how"),
    component("sum", "sum({0})", "numbers", sum, 3, "sum total add average"),
    component(
        "product",
        "math.prod({0})",
        "numbers",
        within(math.prod, lambda a: len(a) < 40),
        4,
        "product multiply",
    ),
    component("largest", "max({0})", "numbers", max, 3, "maximum largest max highest biggest"),
    component("smallest", "min({0})", "numbers", min, 3, "minimum smallest min lowest"),
    component("greatest", "max({0})", "group", max, 6, "maximum largest max last alphabetical"),
    component("least", "min({0})", "group", min, 6, "minimum smallest min first alphabetical"),
    component(
        "mean", "(sum({0}) / len({0}))", "numbers", lambda a: sum(a) / len(a), 5, "average mean"
    ),
    component("median", "statistics.median({0})", "numbers", statistics.median, 6, "median middle"),
    component("every_true", "all({0})", "bools", all, 3, "all every each"),
    component("any_true", "any({0})", "bools", any, 3, "any some"),
    component(
        "most_common",
        "Counter({0}).most_common(1)[0][0]",
        "sized",
        lambda a: Counter(a).most_common(1)[0][0],
        5,
        "common frequent mode occurring",
    ),
    component(
        "frequencies",
        "dict(Counter({0}))",
        "sized",
        lambda a: dict(Counter(a)),
        4,
        "frequency count occurrence tally",
    ),
    component(
        "index_of", "{0}.index({1})", "seq any", lambda a, b: a.index(b), 4, "index position"
    ),
    component(
        "count_of",
        "{0}.count({1})",
        "seq any",
        lambda a, b: a.count(b),
        4,
        "count occurrence frequency times",
    ),
)

ARRANGEMENTS: tuple[Component, ...] = (
    component(
        "sorted", "sorted({0})", "measured", sorted, 3, "sort sorted ascending order anagram"
    ),
    component(
        "sorted_down",
        "sorted({0}, reverse=True)",
        "measured",
        lambda a: sorted(a, reverse=True),
        4,
        "descending sort largest decreasing",
    ),
    component("reversed", "{0}[::-1]", "seq", lambda a: a[::-1], 3, "reverse reversed backward"),
    component(
        "unique",
        "list(dict.fromkeys({0}))",
        "sized",
        lambda a: list(dict.fromkeys(a)),
        5,
        "unique duplicate distinct once",
    ),
    component("as_set", "set({0})", "sized", set, 3, "unique distinct duplicate set common"),
    component("as_list", "list({0})", "notlist", list, 3, "list"),
    component("as_tuple", "tuple({0})", "sized", tuple, 3, "tuple"),
    component(
        "joined",
        "({0} + {1})",
        "seq seq",
        within(operator.add, _short),
        3,
        "concatenate merge combine append extend join",
    ),
    component(
        "repeated",
        "({0} * {1})",
        "seq int",
        within(operator.mul, lambda a, n: 0 <= n < 60 and len(a) < 60),
        5,
        "repeat times",
    ),
    component("appended", "({0} + [{1}])", "list any", lambda a, b: [*a, b], 5, "append add"),
    component("pair", "({0}, {1})", "any any", lambda a, b: (a, b), 5, "pair tuple both"),
    component(
        "zipped",
        "list(zip({0}, {1}))",
        "seq seq",
        lambda a, b: list(zip(a, b, strict=False)),
        4,
        "zip pair corresponding elementwise two",
    ),
    component(
        "neighbours",
        "list(zip({0}, {0}[1:]))",
        "seq",
        lambda a: list(itertools.pairwise(a)),
        4,
        "consecutive adjacent neighbour next difference",
    ),
    component(
        "numbered",
        "list(enumerate({0}))",
        "ordered",
        lambda a: list(enumerate(a)),
        5,
        "index position number",
    ),
    component(
        "flattened",
        "[y for x in {0} for y in x]",
        "rows",
        lambda a: [y for x in a for y in x],
        4,
        "flatten nested all",
    ),
    component(
        "transposed",
        "[list(column) for column in zip(*{0})]",
        "rows",
        _transpose,
        5,
        "transpose column matrix",
    ),
    component(
        "running_total",
        "list(itertools.accumulate({0}))",
        "numbers",
        lambda a: list(itertools.accumulate(a)),
        5,
        "cumulative running prefix",
    ),
    component(
        "pairs",
        "list(itertools.combinations({0}, 2))",
        "ordered",
        within(lambda a: list(itertools.combinations(a, 2)), lambda a: len(a) <= 20),
        6,
        "pair combination two",
    ),
    component(
        "chunks",
        "[{0}[i : i + {1}] for i in range(0, len({0}), {1})]",
        "ordered int",
        within(_chunks, lambda _, n: n > 0),
        6,
        "chunk group split every batch",
    ),
    component(
        "runs",
        "[list(run) for _, run in itertools.groupby({0})]",
        "ordered",
        lambda a: [list(run) for _, run in itertools.groupby(a)],
        6,
        "consecutive run group pack",
    ),
)

SELECTIONS: tuple[Component, ...] = (
    component(
        "shared",
        "[x for x in {0} if x in {1}]",
        "ordered sized",
        lambda a, b: [x for x in a if x in b],
        4,
        "common intersection shared both",
    ),
    component(
        "missing",
        "[x for x in {0} if x not in {1}]",
        "ordered sized",
        lambda a, b: [x for x in a if x not in b],
        4,
        "remove difference missing not",
    ),
    component("member", "({0} in {1})", "atom group", lambda a, b: a in b, 3, "contain present in"),
    component("same_items", "({0} == {1})", "group group", operator.eq, 3, "equal same palindrome"),
    component("intersection", "({0} & {1})", "set set", operator.and_, 4, "common intersection"),
    component("union", "({0} | {1})", "set set", operator.or_, 4, "union either"),
    component("set_difference", "({0} - {1})", "set set", operator.sub, 4, "difference"),
    component("subset", "({0} <= {1})", "set set", operator.le, 4, "subset contain all"),
)

MAPPINGS: tuple[Component, ...] = (
    component("keys", "list({0})", "dict", list, 3, "key name"),
    component("values", "list({0}.values())", "dict", lambda a: list(a.values()), 3, "value"),
    component("entries", "list({0}.items())", "dict", lambda a: list(a.items()), 3, "item pair"),
    component("lookup", "{0}[{1}]", "dict any", operator.getitem, 4, "value key of"),
    component(
        "mapping",
        "dict(zip({0}, {1}))",
        "seq seq",
        lambda a, b: dict(zip(a, b, strict=False)),
        5,
        "dictionary map",
    ),
    component("as_dict", "dict({0})", "rows", dict, 5, "dictionary convert"),
    component(
        "merged", "({0} | {1})", "dict dict", operator.or_, 4, "merge combine dictionary update"
    ),
)

COMPONENTS = (
    AGGREGATES
    + ARRANGEMENTS
    + SELECTIONS
    + MAPPINGS
    + _slices("seq", "_item")
    + _slices("str", "_character")
)
