"""Lists, dictionaries and JSON: reach into, group, compare and reshape them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame


def flatten_json(nested: Any, separator: str = ".") -> dict[str, Any]:
    """Flatten nested JSON (dictionaries and lists) to one level, with paths such as a.b.0 as keys.

    Args:
        nested: Dictionaries and lists in each other.
        separator: What joins the parts of a path.

    Returns:
        Each value by its path; empty dictionaries and lists stay as values.

    Examples:
        >>> flatten_json({"nest": {"id": 7, "eggs": [1, 2]}})
        {'nest.id': 7, 'nest.eggs.0': 1, 'nest.eggs.1': 2}
        >>> flatten_json({"a": {"b": {}}}, separator="/")
        {'a/b': {}}
    """
    flat: dict[str, Any] = {}
    for key, value in _children(nested):
        if _children(value):
            inner = flatten_json(value, separator)
            flat |= {f"{key}{separator}{path}": leaf for path, leaf in inner.items()}
        else:
            flat[str(key)] = value
    return flat


def json_to_table(records: Iterable[Mapping[str, Any]]) -> DataFrame:
    """Turn nested JSON (a list of dictionaries) into a flat table: a DataFrame of records.

    Args:
        records: Dictionaries, with dictionaries and lists in them.

    Returns:
        One row a record, one column for each path such as nest.id or eggs.0, in order of
        appearance; missing where a record has no such path.

    Examples:
        >>> json_to_table([{"nest": {"id": 7}, "eggs": [1, 2]}, {"nest": {"id": 8}}])
           nest.id  eggs.0  eggs.1
        0        7     1.0     2.0
        1        8     NaN     NaN
        >>> json_to_table([{"a": {"b": 1}}]).columns.tolist()
        ['a.b']
    """
    import pandas as pd

    return pd.DataFrame([flatten_json(record) for record in records])


def deep_get(nested: Any, path: str, default: Any = None) -> Any:
    """Get a value from nested JSON (dictionaries and lists) by its path, such as user.tags.0.

    Args:
        nested: Dictionaries and lists in each other.
        path: Keys and list positions (from 0, or negative from the end), joined by dots.
        default: What to return where there is nothing.

    Returns:
        The value at that path.

    Examples:
        >>> deep_get({"nest": {"eggs": [{"mass": 90}]}}, "nest.eggs.0.mass")
        90
        >>> deep_get({"nest": {}}, "nest.eggs", default=[])
        []
    """
    for step in path.split("."):
        try:
            nested = nested[int(step) if isinstance(nested, list | tuple) else step]
        except (KeyError, IndexError, TypeError, ValueError):
            return default
    return nested


def group_records(
    records: Iterable[Mapping[str, Any]], key: str | Callable[[Mapping[str, Any]], Any]
) -> dict[Any, list[Mapping[str, Any]]]:
    """Group a list of dictionaries (records) by the value of a key.

    Args:
        records: Dictionaries.
        key: Name of the key, or a function that returns the group of a record.

    Returns:
        The records of each group, in order of appearance; None for those without the key.

    Examples:
        >>> group_records([{"sex": "F", "g": 1}, {"sex": "M", "g": 2}], "sex")
        {'F': [{'sex': 'F', 'g': 1}], 'M': [{'sex': 'M', 'g': 2}]}
        >>> list(group_records([{"g": 10}, {"g": 25}], lambda record: record["g"] > 20))
        [False, True]
    """
    groups: dict[Any, list[Mapping[str, Any]]] = {}
    for record in records:
        group = key(record) if callable(key) else record.get(key)
        groups.setdefault(group, []).append(record)
    return groups


def sort_records(
    records: Iterable[Mapping[str, Any]], key: str, descending: bool = False
) -> list[Mapping[str, Any]]:
    """Sort a list of dictionaries (records) by the value of a key.

    Args:
        records: Dictionaries.
        key: Name of the key to sort by.
        descending: Largest first.

    Returns:
        The records in order; those where the value is missing come last.

    Raises:
        ValueError: The values have no common order, such as text and numbers.

    Examples:
        >>> sort_records([{"g": 2}, {"g": 1}], "g")
        [{'g': 1}, {'g': 2}]
        >>> sort_records([{}, {"g": 1}, {"g": 3}], "g", descending=True)
        [{'g': 3}, {'g': 1}, {}]
    """
    listed = list(records)
    there = [record for record in listed if record.get(key) is not None]
    missing = [record for record in listed if record.get(key) is None]
    try:
        return sorted(there, key=lambda record: record[key], reverse=descending) + missing
    except TypeError as error:
        msg = f"the values of {key!r} have no common order: {error}"
        raise ValueError(msg) from error


def unique_items(items: Iterable[Any]) -> list[Any]:
    """Remove duplicates from a list and keep the order: the unique (distinct) items.

    Args:
        items: Anything, also lists and dictionaries.

    Returns:
        Each item once, where it first appeared.

    Examples:
        >>> unique_items([3, 1, 3, 2, 1])
        [3, 1, 2]
        >>> unique_items([{"a": 1}, {"a": 1}])
        [{'a': 1}]
    """
    listed = list(items)
    try:
        return list(dict.fromkeys(listed))
    except TypeError:
        return [item for place, item in enumerate(listed) if item not in listed[:place]]


def chunk_list(items: Sequence[Any], size: int) -> list[list[Any]]:
    """Split a list into chunks (batches, pages) of so many items.

    Args:
        items: The list.
        size: Items in each chunk, 1 or more; the last may have fewer.

    Returns:
        The chunks in order.

    Raises:
        ValueError: `size` is below 1.

    Examples:
        >>> chunk_list([1, 2, 3, 4, 5], 2)
        [[1, 2], [3, 4], [5]]
        >>> chunk_list([], 3)
        []
    """
    if size < 1:
        msg = f"size is {size}; give 1 or more"
        raise ValueError(msg)
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def merge_dicts(first: Mapping[str, Any], second: Mapping[str, Any]) -> dict[str, Any]:
    """Merge two dictionaries deeply: nested ones are merged too, such as settings over defaults.

    Args:
        first: One dictionary, such as defaults.
        second: The other, whose values win.

    Returns:
        A new dictionary; the two stay as they are.

    Examples:
        >>> merge_dicts({"plot": {"bins": 20, "dpi": 120}}, {"plot": {"bins": 10}})
        {'plot': {'bins': 10, 'dpi': 120}}
        >>> merge_dicts({"a": 1}, {"b": 2})
        {'a': 1, 'b': 2}
    """
    merged = dict(first)
    for key, value in second.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            value = merge_dicts(old, value)
        merged[key] = value
    return merged


def compare_json(old: Any, new: Any) -> dict[str, list[str]]:
    """Compare two JSON structures (dictionaries, lists): the difference (diff) by path.

    Args:
        old: The structure before.
        new: The structure after.

    Returns:
        Paths such as a.b.0 that were `added`, `removed` and `changed`; the path of the whole
        is empty.

    Examples:
        >>> compare_json({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}, "d": 4})
        {'added': ['d'], 'removed': [], 'changed': ['b.c']}
        >>> compare_json([1, 2], [1])
        {'added': [], 'removed': ['1'], 'changed': []}
    """
    found: dict[str, list[str]] = {"added": [], "removed": [], "changed": []}
    _compare(old, new, "", found)
    return found


def _compare(old: Any, new: Any, path: str, found: dict[str, list[str]]) -> None:
    before, after = dict(_children(old)), dict(_children(new))
    if _shape(old) != _shape(new) or _shape(old) == "value":
        found["changed"] += [path.lstrip(".")] if old != new else []
        return
    for key in unique_items([*before, *after]):
        inner = f"{path}.{key}"
        if key in before and key in after:
            _compare(before[key], after[key], inner, found)
        else:
            found["removed" if key in before else "added"].append(inner.lstrip("."))


def _children(value: Any) -> list[tuple[Any, Any]]:
    if isinstance(value, Mapping):
        return list(value.items())
    return list(enumerate(value)) if isinstance(value, list | tuple) else []


def _shape(value: Any) -> str:
    if isinstance(value, Mapping):
        return "mapping"
    return "list" if isinstance(value, list | tuple) else "value"
