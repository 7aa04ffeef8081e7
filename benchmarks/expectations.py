"""Whether an answer is the expected one, in the sense of `request_data/README.md`."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent import Result

Expectation = Mapping[str, Any]


def is_right(expect: Expectation, result: Result, pictures: Sequence[str]) -> bool:
    """Whether a run that ended well gave what was expected.

    Args:
        expect: Kind, value and how far an answer may differ.
        result: Of the run.
        pictures: Names of the pictures that it wrote.
    """
    kind = expect["kind"]
    if kind == "picture":
        return bool(pictures)
    check: Callable[[Expectation, Any], bool] | None = _CHECKS.get(kind)
    return check is not None and check(expect, result.value)


def _number(expect: Expectation, value: Any) -> bool:
    found = _as_number(_single(value))
    if found is None:
        return False
    wanted = [expect["value"], *expect.get("accept", ())]
    tolerance = expect.get("tolerance", 0.0)
    near = any(_near(found, number, tolerance) for number in wanted)
    in_percent = expect.get("unit") == "share"
    return near or (in_percent and any(_near(found / 100, n, tolerance) for n in wanted))


def _near(found: float, wanted: float, tolerance: float) -> bool:
    return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=tolerance + 1e-9)


def _single(value: Any) -> Any:
    """The one cell of a table or list that has one."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.values()))
    return value


def _as_number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None


def _text(expect: Expectation, value: Any) -> bool:
    wanted = {str(text).strip() for text in (expect["value"], *expect.get("accept", ()))}
    one_row = value[0] if isinstance(value, list) and len(value) == 1 else value
    if isinstance(one_row, dict):
        cells = list(one_row.values())
    else:
        pair = isinstance(one_row, list) and len(one_row) == 2
        cells = one_row if pair and {type(c) for c in one_row} != {str} else [one_row]
    return bool({_plain(cell) for cell in cells} & wanted)


def _plain(cell: Any) -> str:
    """A cell as text; a date without its midnight."""
    return re.sub(r"[T ]00:00:00$", "", str(cell)).strip()


def _list(expect: Expectation, value: Any) -> bool:
    if not isinstance(value, list):
        return False
    found = [_plain(_first_text(item)) for item in value]
    wanted = [_plain(item) for item in expect["value"]]
    return found == wanted if expect.get("ordered") else sorted(found) == sorted(wanted)


def _first_text(item: Any) -> Any:
    """The text of a row that tells more, such as how often it occurs."""
    cells = list(item.values()) if isinstance(item, dict) else item
    if not isinstance(cells, list):
        return item
    texts = [cell for cell in cells if isinstance(cell, str)]
    return texts[0] if len(texts) == 1 else item


def _table(expect: Expectation, value: Any) -> bool:
    wanted = expect["value"]
    if isinstance(wanted, Mapping):
        return _pairs(expect, wanted, value)
    rows = _rows(value)
    if rows is None or len(rows) != len(wanted):
        return False
    if expect.get("ordered"):
        return all(_has(row, cells, expect) for row, cells in zip(rows, wanted, strict=True))
    return _matched([list(row) for row in rows], [dict(row) for row in wanted], expect)


def _rows(value: Any) -> list[list[Any]] | None:
    """The cells of each row."""
    if isinstance(value, dict):
        return [[key, cell] for key, cell in value.items()]
    if not isinstance(value, list):
        return None
    rows = [list(row.values()) if isinstance(row, dict) else row for row in value]
    return [row if isinstance(row, list) else [row] for row in rows]


def _matched(rows: list[list[Any]], wanted: list[dict[str, Any]], expect: Expectation) -> bool:
    for cells in wanted:
        fitting = next((row for row in rows if _has(row, cells, expect)), None)
        if fitting is None:
            return False
        rows.remove(fitting)
    return True


def _has(row: Sequence[Any], cells: Mapping[str, Any], expect: Expectation) -> bool:
    """Whether a row holds all these cells, each once."""
    left = list(row)
    for wanted in cells.values():
        place = next((i for i, cell in enumerate(left) if _same(cell, wanted, expect)), None)
        if place is None:
            return False
        del left[place]
    return True


def _same(cell: Any, wanted: Any, expect: Expectation) -> bool:
    number = _as_number(cell)
    if isinstance(wanted, int | float) and not isinstance(wanted, bool):
        return number is not None and _near(number, wanted, expect.get("tolerance", 0.0))
    return _plain(cell) in {_plain(wanted), *expect.get("aliases", {}).get(str(wanted), ())}


def _pairs(expect: Expectation, wanted: Mapping[str, Any], value: Any) -> bool:
    rows = _rows(value)
    if rows is None or len(rows) != len(wanted):
        return False
    listed = [{"key": key, "cell": cell} for key, cell in wanted.items()]
    if expect.get("ordered"):
        return all(_has(row, cells, expect) for row, cells in zip(rows, listed, strict=True))
    return _matched(rows, listed, expect)


_CHECKS: Mapping[str, Callable[[Expectation, Any], bool]] = {
    "number": _number,
    "text": _text,
    "list": _list,
    "table": _table,
}
