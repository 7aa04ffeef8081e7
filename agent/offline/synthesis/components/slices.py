"""Components that take pieces out of text and of sequences, or put pieces together."""

from __future__ import annotations

from dataclasses import replace

from agent.offline.synthesis.component import Component
from agent.offline.synthesis.component import component as one

_CUTS = (
    one("first", "{0}[0]", "seq", 3, "first, initial, start, head"),
    one("second", "{0}[1]", "seq", 5, "second"),
    one("last", "{0}[-1]", "seq", 3, "last, end, final, kth"),
    one("at", "{0}[{1}]", "seq int", 3, "index, nth, kth, position, element, column, item, n th"),
    one("before_index", "{0}[{1} - 1]", "seq int", 6, "kth, nth, n th, position, k th"),
    one("from", "{0}[{1}:]", "seq int", 4, "last, after, skip, rotate, from, remove, upto, up to"),
    one(
        "until", "{0}[:{1}]", "seq int", 4,
        "first, before, take, rotate, first n, until, first k, upto, up to",
    ),
    one("last_few", "{0}[-{1}:]", "seq int", 5, "last n, last, right, rear", guard="{1} > 0"),
    one(
        "without_last_few", "{0}[:-{1}]", "seq int", 6, "remove last, except last", guard="{1} > 0",
    ),
    one("slice", "{0}[{1}:{2}]", "seq int int", 5, "slice, between, range, part, sublist, sub"),
    one(
        "slice_inclusive", "{0}[{1} : {2} + 1]", "seq int int", 6,
        "range, between, inclusive, sublist, index, indices",
    ),
    one("without_slice", "{0}[:{1}] + {0}[{2}:]", "seq int int", 7, "remove, delete"),
    one(
        "without_index", "{0}[:{1}] + {0}[{1} + 1 :]", "seq int", 6,
        "remove, delete, index, position, kth, nth", guard="{1} >= 0",
    ),
    one(
        "without_place", "{0}[: {1} - 1] + {0}[{1}:]", "seq int", 7, "remove, delete, kth, nth",
        guard="{1} > 0",
    ),
    one("rest", "{0}[1:]", "seq", 4, "rest, except, remove first, first"),
    one("but_last", "{0}[:-1]", "seq", 4, "except, remove last, last"),
    one("inner", "{0}[1:-1]", "seq", 5, "inner, middle, between, first and last"),
    one(
        "every", "{0}[::{1}]", "seq int", 5, "every, alternate, step, other, nth, every nth",
        guard="{1} != 0",
    ),
    one(
        "every_from", "{0}[{1} - 1 :: {1}]", "seq int", 7, "every nth, nth, every kth, specified",
        guard="{1} > 0",
    ),
    one(
        "even_places", "{0}[::2]", "seq", 5,
        "even, alternate, every other, even index, even position",
    ),
    one(
        "odd_places", "{0}[1::2]", "seq", 5, "odd, alternate, every other, odd index, odd position",
    ),
    one(
        "rotated_left", "{0}[{1}:] + {0}[:{1}]", "seq int", 5,
        "rotate, left, rotation, add the first, split",
    ),
    one(
        "rotated_right", "{0}[-{1}:] + {0}[:-{1}]", "seq int", 6, "rotate, right, rotation",
        guard="{1} > 0",
    ),
    one("halves_first", "{0}[: len({0}) // 2]", "seq", 6, "half, first half, middle"),
    one("halves_second", "{0}[len({0}) // 2 :]", "seq", 6, "half, second half, middle"),
    one(
        "swapped_ends", "{0}[-1:] + {0}[1:-1] + {0}[:1]", "seq", 6,
        "swap, interchange, exchange, first and last", guard="len({0}) > 1",
    ),
    one(
        "chunks", "[{0}[i : i + {1}] for i in range(0, len({0}), {1})]", "seq int", 6,
        "chunk, group, split, every, batch, divide", guard="{1} > 0",
    ),
    one(
        "strides", "[{0}[i::{1}] for i in range({1})]", "seq int", 7,
        "split, every nth, nth, alternate", guard="0 < {1} <= 50",
    ),
    one(
        "windows", "[{0}[i : i + {1}] for i in range(len({0}) - {1} + 1)]", "seq int", 6,
        "window, consecutive, contiguous, subarray, sublist, substring, size k",
        guard="0 < {1} <= 300",
    ),
)  # fmt: skip

_CUTS_OF_TEXT = tuple(
    replace(cut, name=f"{cut.name}_of_text", takes=("str", *cut.takes[1:])) for cut in _CUTS
)


SEQUENCES = (
    one(
        "joined", "({0} + {1})", "seq seq", 3,
        "concatenate, merge, combine, append, extend, join, add", guard="len({0}) + len({1}) < 400",
    ),
    one(
        "repeated", "({0} * {1})", "seq int", 5, "repeat, times",
        guard="0 <= {1} < 60 and len({0}) < 60",
    ),
    one("appended", "({0} + [{1}])", "list any", 5, "append, add, insert", inside=False),
    one(
        "prepended", "([{1}] + {0})", "list any", 6, "prepend, front, insert, before", inside=False,
    ),
    one("appended_to_tuple", "({0} + ({1},))", "tuple any", 6, "append, add, tuple", inside=False),
    one("single", "[{0}]", "any", 5, "list, nested, sublist, individual"),
    one("single_tuple", "({0},)", "any", 6, "tuple"),
    one("pair", "({0}, {1})", "any any", 5, "pair, tuple, both, and, minimum and maximum"),
    one("pair_list", "[{0}, {1}]", "any any", 6, "list, both, and, pair"),
    one("triple", "({0}, {1}, {2})", "any any any", 7, "tuple, triple", inside=False),
    one(
        "copies", "[{0} for _ in range({1})]", "any int", 6,
        "repeat, copies, times, create a list, n", guard="0 <= {1} < 60",
    ),
    one(
        "inserted_before_each", "[w for v in {0} for w in ({1}, v)]", "seq any", 6,
        "insert, before each, before every", inside=False,
    ),
    one(
        "inserted_between", "[w for v in {0} for w in (v, {1})][:-1]", "seq any", 6,
        "insert, between, intersperse, delimiter", inside=False,
    ),
    one(
        "with_first_replaced", "[{1}] + {0}[1:]", "list any", 7, "replace, first, change",
        inside=False,
    ),
    one(
        "with_last_replaced", "{0}[:-1] + [{1}]", "list any", 7, "replace, last, change",
        inside=False,
    ),
    one(
        "spliced", "{0}[:-1] + {1}", "list list", 5, "replace the last, last element, replace",
        inside=False,
    ),
    one(
        "dropped", "[v for v in {0} if v != {1}]", "seq any", 4,
        "remove, remove all, occurrence, delete, except", inside=False,
    ),
)  # fmt: skip

COMPONENTS: tuple[Component, ...] = (*_CUTS, *_CUTS_OF_TEXT, *SEQUENCES)
