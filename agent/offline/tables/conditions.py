"""Conditions on rows: from the words of a request to what the table tools read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agent.offline.plan import UnboundError
from agent.offline.tables.clock import between_clocks, compared_clock
from agent.offline.tables.condition import OPPOSITE, Condition, Found, literal, quoted
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study, chosen
from agent.offline.tables.time_conditions import in_period, is_date, since
from agent.offline.tables.value_conditions import (
    compared_text,
    contains,
    has_value,
    lacking,
    present,
    state,
    yes_no,
)

_IS = "CMP/=="
_MORE = "CMP/>|CMP/<|CMP/>=|CMP/<="


def take_conditions(study: Study) -> None:
    """Put everything the request says of which rows are meant into the cell.

    Raises:
        UnboundError: If a condition can't be read.
        UnclearError: If a column in it is ambiguous.
    """
    conditions = read_conditions(study)
    study.negated = any("!=" in c.text or " not " in c.text for c in conditions)
    study.cell.where = joined_conditions(study, conditions)


def read_conditions(study: Study) -> list[Condition]:
    """All conditions of a request, in order."""
    found: list[Condition] = []
    for patterns, build in _GRAMMAR:
        for matched in study.pieces.all(*patterns):
            place = next(piece.start for piece in matched if piece is not None)
            found += build(study, matched, place)
    return sorted(found, key=lambda c: c.place)


def joined_conditions(study: Study, conditions: Sequence[Condition]) -> str:
    """All conditions as one; those with `or` between them belong together."""
    groups: list[list[Condition]] = []
    for condition in conditions:
        either = groups and _or_between(study, groups[-1][-1], condition)
        if groups and not either and _same(groups[-1], condition):
            study.several = condition.column
        if groups and (either or _same(groups[-1], condition)):
            groups[-1].append(condition)
        else:
            groups.append([condition])
    texts = [" or ".join(dict.fromkeys(c.text for c in group)) for group in groups]
    if len(texts) > 1:
        texts = [f"({text})" if " or " in text else text for text in texts]
    return " and ".join(dict.fromkeys(texts))


def _same(group: Sequence[Condition], condition: Condition) -> bool:
    """Two values of one column can't both hold: `Dream and Biscoe` are either."""
    return condition.is_value and all(c.is_value and c.column == condition.column for c in group)


def _or_between(study: Study, first: Condition, second: Condition) -> bool:
    between = [
        piece
        for piece in study.pieces.items
        if piece.concept == "OR" and first.place < piece.start < second.place
    ]
    study.pieces.use(between)
    return bool(between)


def _between(study: Study, found: Found, place: int) -> list[Condition]:
    piece = next((p for p in found if p is not None and p.kind == "column"), None)
    low, high = [p for p in found if p is not None and p.kind in ("number", "period")]
    if low.period and high.period and not (piece and study.is_number(piece)):
        column = study.column(piece, "date") if piece else study.dates()
        return [
            *since(study, column, ">=", low.period, place),
            *since(study, column, "<=", high.period, place),
        ]
    column = _number_column(study, piece, max(low, high, key=lambda p: len(p.text.split())))
    text = f"{quoted(column)} >= {low.number} and {quoted(column)} <= {high.number}"
    return [Condition(text=text, column=column, place=place)]


def _number_column(study: Study, piece: Piece | None, number: Piece) -> str:
    """The column that a number is compared with."""
    if piece is not None:
        return study.number(piece)
    money = any(
        sign in number.text.lower() for sign in ("$", "€", "£", "euro", "dollar", "eur", "usd")
    )
    if money and (hinted := study.hinted("total", "amount", "price", "cost", "salary", "revenue")):
        column = hinted[0]
        study.assume(f"{number.text} was compared with the column {column!r}")
        return study.cell.number(column)
    numbers = study.columns_of("number")
    if not numbers:
        msg = f"{study.table.label} has no column of numbers to compare with {number.text}"
        raise UnboundError(msg)
    column = numbers[0]
    if len(numbers) > 1:
        column = chosen(f"Which column is compared with {number.text}?", numbers, study.answers)
    return study.cell.number(column)


def _compared(study: Study, found: Found, place: int) -> list[Condition]:
    """`age > 40`, `age over 40`, `older than 40`, `40 or more`."""
    onwards = found[0] is not None and found[0].text.lower() == "from"
    others = ">=" if onwards else "=="
    sign = next((p.sense for p in found if p is not None and p.sense in OPPOSITE), others)
    if any(p is not None and p.concept == "NOT" for p in found):
        sign = OPPOSITE[sign]
    piece = _compared_column(study, found)
    rest = [p for p in found if p is not None and p.kind != "column" and not p.columns]
    value = next((p for p in reversed(rest) if not p.sense), piece)
    if value is None:
        return []
    plain = value.number and (study.is_number(piece) if piece else not study.columns_of("date"))
    if value.period is not None and not plain:
        return _compared_date(study, piece, sign, value, place)
    if value.period is not None and sign in ("==", "!=") and piece is not None:
        return in_period(study, found, place)
    if value.kind in ("text", "value", "word"):
        return _compared_value(study, piece, sign, value, place)
    return [_compared_number(study, piece, sign, value, place)]


def _compared_column(study: Study, found: Found) -> Piece | None:
    """The column that is compared; one that only counts, as in `over 300 pages`, is let go."""
    named = [p for p in found if p is not None and p.columns]
    numeric = [p for p in named if study.may_be_number(p)]
    counted = any(p is not None and p.number and p.kind != "concept" for p in found)
    piece = next(iter(numeric if numeric and counted else named), None)
    for other in named:
        if piece is not None and not set(other.columns) & set(piece.columns):
            study.pieces.release(other)
    return piece


def _compared_date(
    study: Study, piece: Piece | None, sign: str, value: Piece, place: int
) -> list[Condition]:
    if piece is not None and not is_date(study, piece):
        study.pieces.release(piece)
        piece = None
    column = study.column(piece, "date") if piece else study.dates()
    assert value.period is not None
    return since(study, column, sign, value.period, place)


def _compared_value(
    study: Study, piece: Piece | None, sign: str, value: Piece, place: int
) -> list[Condition]:
    """A value of another column stands for itself: `what year was Mort published`."""
    elsewhere = piece is not None and not dict(value.values).keys() & set(piece.columns)
    where = study.pieces.before(piece) if piece is not None else None
    said = where is not None and where.concept == "WHERE"
    if value.values and elsewhere and piece is not None and sign == "==" and not said:
        study.pieces.release(piece)
        return has_value(study, [value], place)
    return compared_text(study, piece, sign, value, place)


def _compared_number(
    study: Study, piece: Piece | None, sign: str, value: Piece, place: int
) -> Condition:
    ordered = sign not in ("==", "!=")
    if piece is not None and ordered and not study.may_be_number(piece):
        study.pieces.release(piece)
        piece = _column_after(study, value)
    if piece is not None and not ordered and not study.is_number(piece):
        column = study.column(piece)
        text = f"{quoted(column)} {sign} {literal(value.number)}"
    else:
        column = _number_column(study, piece, value)
        text = f"{quoted(column)} {sign} {value.number}"
    return Condition(text=text, column=column, place=place)


def _column_after(study: Study, value: Piece) -> Piece | None:
    """The column of numbers right after a number and its unit: `10 minutes late`."""
    free = {id(piece) for piece in study.pieces.free("column")}
    for piece in study.pieces.items:
        if piece.start < value.end or piece.kind == "filler":
            continue
        if id(piece) in free and study.is_number(piece):
            study.pieces.use([piece])
            return piece
        if piece.kind != "word":
            return None
    return None


def _above_average(study: Study, found: Found, place: int) -> list[Condition]:
    """`more than the average salary`: the limit is calculated first."""
    piece = next((p for p in found if p is not None and p.columns), None)
    sign = next(p.sense for p in found if p is not None and p.sense in OPPOSITE)
    how = next(p.sense for p in found if p is not None and p.concept == "AGG")
    if piece is None or how not in ("mean", "median"):
        msg = "nothing says of which column the average is meant"
        raise UnboundError(msg)
    column = study.number(piece)
    table = study.cell.whole()
    flag = f"{column} {sign} {how}"
    study.cell.derive(flag, f"{table}[{column!r}] {sign} {table}[{column!r}].{how}()")
    return [Condition(text=f"{quoted(flag)} == 'True'", column=column, place=place)]


_Builder = Callable[[Study, Found, int], list[Condition]]
_VALUE = "number|period|text|value"
_LATER = "AFTER|CMP/>|CMP/<|CMP/>=|CMP/<="
_GRAMMAR: tuple[tuple[tuple[str, ...], _Builder], ...] = (
    (
        (
            "WHERE? column CMP/==? BETWEEN clock|number AND|'to'|AFTER/<= clock column?",
            "CMP/==? BETWEEN clock|number AND|'to'|AFTER/<= clock column?",
        ),
        between_clocks,
    ),
    (
        (
            f"WHERE? column NOT? {_LATER} clock",
            f"NOT? {_LATER} clock column?",
            "column? 'at' clock",
        ),
        compared_clock,
    ),
    (("STATE",), state),
    (("WHERE 'a'|'an'|'any' column",), present),
    (
        (
            f"WHERE? column {_IS}? NOT? MISSING",
            f"WHERE? column {_IS}? NOT MISSING",
            "NOT MISSING column",
            "WHERE? MISSING column",
            "LACKING column",
        ),
        lacking,
    ),
    (
        (
            "WHERE? column CMP/==? BETWEEN number|period AND|'to' number|period",
            "CMP/==? BETWEEN number|period AND|'to' number|period column?",
            "column 'of' number|period 'to' number|period",
        ),
        _between,
    ),
    (
        (
            f"WHERE? column CMP/==? NOT? {_MORE} AGG column?",
            f"{_MORE} AGG column",
        ),
        _above_average,
    ),
    (
        (
            "WHERE? COMPARED number column",
            "WHERE? column CMP number column",
            f"WHERE? column NOT? CMP NOT? {_VALUE}",
            f"WHERE? column CMP/== NOT {_VALUE}",
            f"WHERE? column sign {_VALUE}|word",
            f"WHERE? column NOT? AFTER {_VALUE}",
            "WHERE? column NOT? CMP CMP number",
            "WHERE column CMP/== NOT? word",
            "WHERE? column number",
            "WHERE? column number|period ATLEAST",
            "WHERE? COMPARED number column",
            "WHERE? COMPARED number|period",
            "WHERE? column CMP number column",
            "WHERE? CMP number column",
            "number ATLEAST column",
            "AFTER period",
            "'from' period 'on'|'onwards'|'onward'",
            f"{_MORE} period",
            f"{_MORE} number",
        ),
        _compared,
    ),
    (
        (
            "WHERE? column NOT? CONTAINS text|value|word|number|column",
            "rows|ROWS WHERE? NOT? CONTAINS text|value|word|number",
            "WHERE? column NOT? CONTAINS 'a'|'an'|'the'|'in'|'on'|'and'",
        ),
        contains,
    ),
    (
        (
            "WHERE? column CMP/==? NOT value",
            "NOT|'without' column? value",
            "WHERE? column CMP/==? value",
            "'by' value",
            "value column",
            "value",
        ),
        has_value,
    ),
    (("column CMP/==? NOT? period", "NOT period", "'from'? period"), in_period),
    (("NOT yesno", "WHERE? CMP/==? yesno"), yes_no),
)
