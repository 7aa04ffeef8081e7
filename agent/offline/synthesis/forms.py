"""Ways to use functions of one item: comprehensions, filters, keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from agent.offline.synthesis.shapes import element_of, is_sequence
from agent.offline.synthesis.term import Term


@dataclass(frozen=True, kw_only=True)
class Form:
    """A way to use a function of one item.

    Attributes:
        template: `{0}` is the collection, `{1}` the function's body, `{2}` a second body and
            `{x}` the item's name.
        cost: On top of the collection's and the bodies'.
        build: From the items and the values of the bodies for them, for one example.
        fits: Whether the form makes sense, by the body and the shape of the collection.
        about: Phrases of a description that make it more likely, separated by commas.
    """

    template: str
    cost: int
    build: Callable[..., Any]
    fits: Callable[[Term, str], bool]
    about: str = ""


def _sorted_by(items: Sequence[Any], keys: Sequence[Any], *, reverse: bool = False) -> list[Any]:
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    return [items[i] for i in order]


def _chosen(items: Sequence[Any], wanted: Sequence[bool]) -> list[Any]:
    return [item for item, keep in zip(items, wanted, strict=True) if keep]


def _extreme(items: Sequence[Any], keys: Sequence[Any], pick: Callable[..., int]) -> Any:
    return items[pick(range(len(items)), key=keys.__getitem__)]


def _always(body: Term, collection: str) -> bool:
    return True


def _is_text(body: Term, collection: str) -> bool:
    return body.shape == "str"


def _is_test(body: Term, collection: str) -> bool:
    return body.shape == "bool"


def _tests_text(body: Term, collection: str) -> bool:
    return body.shape == "bool" and collection == "str"


def _tests_tuple(body: Term, collection: str) -> bool:
    return body.shape == "bool" and collection.startswith("tuple")


def _is_key(body: Term, collection: str) -> bool:
    return body.shape in ("int", "float", "str") or is_sequence(body.shape)


def _is_hashable_item(body: Term, collection: str) -> bool:
    if not is_sequence(collection) or body.cost > 4:
        return False
    return not element_of(collection).startswith(("list", "dict", "set", "any"))


def _maps_pairs(body: Term, collection: str) -> bool:
    return body.cost <= 5 and is_sequence(collection) and is_sequence(element_of(collection))


def _paired(items: Sequence[Any], bodies: Sequence[Any]) -> dict[Any, Any]:
    return {key: body for (key, _), body in zip(items, bodies, strict=True)}


def _groups(body: Term, collection: str) -> bool:
    return body.cost <= 3 and body.shape in ("int", "str", "bool")


def _grouped(items: Sequence[Any], keys: Sequence[Any]) -> dict[Any, list[Any]]:
    groups: dict[Any, list[Any]] = {}
    for key, item in zip(keys, items, strict=True):
        groups.setdefault(key, []).append(item)
    return groups


def _form(
    template: str,
    cost: int,
    build: Callable[..., Any],
    fits: Callable[[Term, str], bool],
    about: str = "",
) -> Form:
    return Form(template=template, cost=cost, build=build, fits=fits, about=about)


FORMS = (
    _form("[{1} for {x} in {0}]", 1, lambda items, body: list(body), _always),
    _form('"".join({1} for {x} in {0})', 2, lambda items, body: "".join(body), _is_text),
    _form("[{x} for {x} in {0} if {1}]", 1, _chosen, _is_test),
    _form(
        '"".join({x} for {x} in {0} if {1})',
        2,
        lambda items, wanted: "".join(_chosen(items, wanted)),
        _tests_text,
    ),
    _form(
        "tuple({x} for {x} in {0} if {1})",
        2,
        lambda items, wanted: tuple(_chosen(items, wanted)),
        _tests_tuple,
    ),
    _form(
        "next({x} for {x} in {0} if {1})",
        3,
        lambda items, wanted: _chosen(items, wanted)[0],
        _is_test,
        "first, nearest, next, smallest",
    ),
    _form(
        "next(({x} for {x} in {0} if {1}), None)",
        4,
        lambda items, wanted: next(iter(_chosen(items, wanted)), None),
        _is_test,
        "first, nearest, next, smallest, none",
    ),
    _form(
        "sum(1 for {x} in {0} if {1})",
        3,
        lambda items, wanted: len(_chosen(items, wanted)),
        _is_test,
        "count, number of, how many",
    ),
    _form(
        "max({0}, key=lambda {x}: {1})",
        3,
        lambda items, keys: _extreme(items, keys, max),
        _is_key,
        "longest, largest, most, maximum, highest, biggest",
    ),
    _form(
        "min({0}, key=lambda {x}: {1})",
        3,
        lambda items, keys: _extreme(items, keys, min),
        _is_key,
        "shortest, smallest, least, minimum, lowest, nearest",
    ),
    _form("sorted({0}, key=lambda {x}: {1})", 3, _sorted_by, _is_key, "sort, order by, ascending"),
    _form(
        "sorted({0}, key=lambda {x}: {1}, reverse=True)",
        4,
        lambda items, keys: _sorted_by(items, keys, reverse=True),
        _is_key,
        "descending, decreasing, reverse, highest, largest",
    ),
    _form(
        "{{{x}: {1} for {x} in {0}}}",
        4,
        lambda items, body: dict(zip(items, body, strict=True)),
        _is_hashable_item,
        "dictionary, map, frequency, count",
    ),
    _form(
        "{{{x}[0]: {1} for {x} in {0}}}",
        4,
        _paired,
        _maps_pairs,
        "dictionary, map, value, each",
    ),
    _form(
        "{{k: [{x} for {x} in {0} if {1} == k] for k in dict.fromkeys({1} for {x} in {0})}}",
        6,
        _grouped,
        _groups,
        "group, classify, categorize, dictionary",
    ),
)
SELECTION = _form(
    "[{2} for {x} in {0} if {1}]", 2, lambda items, keep, body: _chosen(body, keep), _always
)
REPLACEMENT = _form(
    "[{2} if {1} else {x} for {x} in {0}]",
    3,
    lambda items, keep, body: [
        y if wanted else x for x, wanted, y in zip(items, keep, body, strict=True)
    ],
    _always,
    "replace, change, instead",
)


def pairs(
    tests: Sequence[Term], bodies: Sequence[Term], item: str
) -> Iterator[tuple[Form, Term, Term]]:
    """Forms of a test and another body, with both."""
    for test in tests:
        yield from ((SELECTION, test, body) for body in bodies)
    yield from replacements(tests, bodies, item)


def replacements(
    tests: Sequence[Term], bodies: Sequence[Term], item: str
) -> Iterator[tuple[Form, Term, Term]]:
    """Replacements of those items for which a test holds, by bodies of the same shape."""
    for test in tests:
        yield from ((REPLACEMENT, test, body) for body in bodies if body.shape == item)
