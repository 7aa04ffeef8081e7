"""Conditions on rows: from the words of a request to what the table tools read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.offline.plan import UnboundError
from agent.offline.tables.periods import Period
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study, chosen

_OPPOSITE = {">": "<=", "<": ">=", ">=": "<", "<=": ">", "==": "!=", "!=": "=="}
_IS = "CMP/=="
_MORE = "CMP/>|CMP/<|CMP/>=|CMP/<="
_Found = list[Piece | None]


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One comparison.

    Attributes:
        text: As the table tools read it.
        column: What it is about.
        place: Where it stands in the request.
        is_value: Whether it names a value that the column must have.
    """

    text: str
    column: str
    place: int
    is_value: bool = False


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
            found += [condition for condition in build(study, matched, place) if condition]
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


def quoted(column: str) -> str:
    """A column's name in a condition.

    Raises:
        UnboundError: If it can't be spelled there.
    """
    if "`" in column or not column.strip():
        msg = f"the column {column!r} has a name that conditions can't spell"
        raise UnboundError(msg)
    return f"`{column}`"


def literal(text: str) -> str:
    """A text in a condition."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _lacking(study: Study, found: _Found, place: int) -> list[Condition]:
    """`without an email`, `missing age`, `email is empty`."""
    column = study.column(_first(found, "column"))
    negated = any(piece is not None and piece.concept == "NOT" for piece in found)
    kind = study.table.kind(column)
    if kind.name == "number" and not negated and any(p and p.concept == "LACKING" for p in found):
        return [_nothing_of(study, column, place)]
    text = f"{quoted(column)} is {'not ' if negated else ''}missing"
    return [Condition(text=text, column=column, place=place)]


def _nothing_of(study: Study, column: str, place: int) -> Condition:
    """`days without rain`: rain is 0."""
    study.assume(f"without {column} means that it is 0")
    return Condition(text=f"{quoted(study.cell.number(column))} == 0", column=column, place=place)


def _between(study: Study, found: _Found, place: int) -> list[Condition]:
    piece = next((p for p in found if p is not None and p.kind == "column"), None)
    low, high = [p for p in found if p is not None and p.kind in ("number", "period")]
    if low.period and high.period and not (piece and study.is_number(piece)):
        column = study.column(piece, "date") if piece else study.dates()
        return [
            *_since(study, column, ">=", low.period, place),
            *_since(study, column, "<=", high.period, place),
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


def _compared(study: Study, found: _Found, place: int) -> list[Condition]:
    """`age > 40`, `age over 40`, `older than 40`, `40 or more`."""
    others = "==" if len([p for p in found if p is not None]) == 2 else ">="
    sign = next((p.sense for p in found if p is not None and p.sense in _OPPOSITE), others)
    if any(p is not None and p.concept == "NOT" for p in found):
        sign = _OPPOSITE[sign]
    named = [p for p in found if p is not None and p.columns]
    piece = next((p for p in named if study.may_be_number(p)), named[0] if named else None)
    if (
        piece is not None
        and piece is not named[0]
        and not any(p.kind == "number" for p in found if p)
    ):
        piece = named[0]
    for unit in [p for p in found if p is not None and p.kind == "column" and p is not piece]:
        found = [p for p in found if p is not unit]
        if piece is not None and not set(unit.columns) & set(piece.columns):
            study.pieces.release(unit)
    value = next(p for p in reversed(found) if p is not None and p is not piece and not p.sense)
    plain = value.number and (study.is_number(piece) if piece else not study.columns_of("date"))
    if value.period is not None and not plain:
        if piece is not None and not _is_date(study, piece):
            study.pieces.release(piece)
            piece = None
        column = study.column(piece, "date") if piece else study.dates()
        return _since(study, column, sign, value.period, place)
    elsewhere = (
        value.kind == "value"
        and piece is not None
        and not dict(value.values).keys() & set(piece.columns)
    )
    if elsewhere and piece is not None and sign == "==" and found[0] is piece:
        study.pieces.release(piece)
        return _value(study, [value], place)
    if value.kind in ("text", "value", "word"):
        return _text(study, piece, sign, value, place)
    if piece is not None and sign not in ("==", "!=") and not study.may_be_number(piece):
        study.pieces.release(piece)
        piece = None
    if piece is not None and sign in ("==", "!=") and not study.is_number(piece):
        column = study.column(piece)
        text = f"{quoted(column)} {sign} {literal(value.number)}"
        return [Condition(text=text, column=column, place=place)]
    column = _number_column(study, piece, value)
    text = f"{quoted(column)} {sign} {value.number}"
    return [Condition(text=text, column=column, place=place)]


def _present(study: Study, found: _Found, place: int) -> list[Condition]:
    """`with a phone number`: unless a comparison follows, it is there at all."""
    piece = _first(found, "column")
    after = study.pieces.after(piece)
    if after is not None and (
        after.kind in ("number", "value", "text", "sign") or after.concept == "CMP"
    ):
        study.pieces.release(piece)
        return []
    column = study.column(piece)
    return [Condition(text=f"{quoted(column)} is not missing", column=column, place=place)]


def _state(study: Study, found: _Found, place: int) -> list[Condition]:
    """`rainy days`, `out of stock`."""
    piece = next(p for p in found if p is not None)
    column = study.number(piece)
    study.assume(f"{piece.text!r} means that {column} {piece.sense} {piece.number}")
    text = f"{quoted(column)} {piece.sense} {piece.number}"
    return [Condition(text=text, column=column, place=place)]


def _text(
    study: Study, piece: Piece | None, sign: str, value: Piece, place: int
) -> list[Condition]:
    """A column compared with a text, spelled as in the data."""
    if piece is None:
        msg = f"nothing says with what {value.text!r} is compared"
        raise UnboundError(msg)
    column = study.column(piece)
    if value.values and column not in dict(value.values):
        msg = f"{value.text!r} is no value of {column!r} but of {value.values[0][0]!r}"
        raise UnboundError(msg)
    spelled = dict(value.values).get(column) or _spelled(study, column, value.text)
    return [_one_of(study, column, spelled, value.text, place, negated=sign == "!=")]


def _spelled(study: Study, column: str, text: str) -> tuple[str, ...]:
    """How the data spell a value.

    Raises:
        UnboundError: If they don't have it.
    """
    values = study.table.spellings.get(column)
    folded = " ".join(text.casefold().split())
    if values is None:
        return (text,)
    if folded not in values:
        shown = ", ".join(sorted(spelled[0] for spelled in values.values())[:5])
        msg = f"{column!r} has no value {text!r}: it has {shown}{'…' if len(values) > 5 else ''}"
        raise UnboundError(msg)
    return values[folded]


def _one_of(
    study: Study, column: str, spelled: tuple[str, ...], said: str, place: int, *, negated: bool
) -> Condition:
    """That a column has a value, in any of its spellings."""
    if spelled[0].casefold().strip() != said.casefold().strip():
        study.assume(f"{said!r} was read as {spelled[0]!r}")
    if len(spelled) == 1:
        text = f"{quoted(column)} {'!=' if negated else '=='} {literal(spelled[0])}"
    else:
        study.assume(f"spaces and capitals don't matter in {spelled[0].strip()!r}")
        values = ", ".join(map(literal, spelled))
        text = f"{quoted(column)} {'not ' if negated else ''}in ({values})"
    return Condition(text=text, column=column, place=place, is_value=not negated)


def _above_average(study: Study, found: _Found, place: int) -> list[Condition]:
    """`more than the average salary`: the limit is calculated first."""
    piece = next((p for p in found if p is not None and p.columns), None)
    sign = next(p.sense for p in found if p is not None and p.sense in _OPPOSITE)
    how = next(p.sense for p in found if p is not None and p.concept == "AGG")
    if piece is None or how not in ("mean", "median"):
        msg = "nothing says of which column the average is meant"
        raise UnboundError(msg)
    column = study.number(piece)
    table = study.cell.whole()
    flag = f"{column} {sign} {how}"
    study.cell.derive(flag, f"{table}[{column!r}] {sign} {table}[{column!r}].{how}()")
    return [Condition(text=f"{quoted(flag)} == 'True'", column=column, place=place)]


def _contains(study: Study, found: _Found, place: int) -> list[Condition]:
    """`name contains X`, `title starts with A`."""
    how = next(p for p in found if p is not None and p.concept == "CONTAINS")
    named = next(
        (p for p in found if p is not None and p.kind == "column" and p.start < how.start), None
    )
    value = next(p for p in reversed(found) if p is not None)
    negated = any(p is not None and p.concept == "NOT" for p in found)
    column = study.column(named) if named is not None else study.table.line
    text = value.text.strip("'\"")
    following = study.pieces.after(value)
    if (
        value.text.lower() in ("in", "on")
        and value.kind == "filler"
        and following is not None
        and following.kind == "file"
    ):
        msg = f"the condition on {column!r} has no value: write text in quotes"
        raise UnboundError(msg)
    if not column:
        msg = f"nothing says in which column {text!r} is looked for"
        raise UnboundError(msg)
    if how.sense == "contains":
        shown = f"{quoted(column)} {'not ' if negated else ''}contains {literal(text)}"
        return [Condition(text=shown, column=column, place=place)]
    flag = f"{column} {how.sense} with {text}"
    method = f"{how.sense.rstrip('s')}swith"
    series = f"{study.cell.whole()}[{column!r}].astype('string').str.strip().str.lower()"
    study.cell.derive(flag, f"{series}.str.{method}({text.lower()!r}, na=False)")
    study.assume("capitals don't matter")
    wanted = "False" if negated else "True"
    return [Condition(text=f"{quoted(flag)} == '{wanted}'", column=column, place=place)]


def _value(study: Study, found: _Found, place: int) -> list[Condition]:
    """A value of a column by itself: `cancelled orders`, `in Berlin`, `except Berlin`."""
    value = next(p for p in found if p is not None and p.kind == "value")
    said = next((p for p in found if p is not None and p.kind == "column"), None)
    negated = any(p is not None and p.concept == "NOT" for p in found)
    held = dict(value.values)
    options = [c for c in held if said is None or c in said.columns]
    if not options and said is not None:
        if found[0] is not None and found[0].concept == "WHERE":
            return _text(study, said, "!=" if negated else "==", value, place)
        study.pieces.release(said)
        options = list(held)
    column = options[0]
    if len(options) > 1:
        column = chosen(f"In which column is {value.text!r} meant?", options, study.answers)
    return [_one_of(study, column, held[column], value.text, place, negated=negated)]


def _yes_no(study: Study, found: _Found, place: int) -> list[Condition]:
    """A column of yes and no as an adjective: `remote employees`, `not in stock`."""
    piece = _first(found, "column")
    column = next(c for c in piece.columns if study.table.kind(c).name == "yesno")
    negated = any(p is not None and p.concept in ("NOT", "LACKING") for p in found)
    wanted = ("no", "false", "n") if negated else ("yes", "true", "y")
    spelled = study.table.spellings.get(column, {})
    held = next((spelled[word] for word in wanted if word in spelled), None)
    values = held or (("False",) if negated else ("True",))
    return [_one_of(study, column, values, values[0], place, negated=False)]


def _in_period(study: Study, found: _Found, place: int) -> list[Condition]:
    """`in March`, `on 2024-05-01`, `in 1984`."""
    period = next(p.period for p in found if p is not None and p.period is not None)
    piece = next((p for p in found if p is not None and p.kind == "column"), None)
    number = next(p.number for p in found if p is not None and p.period is not None)
    negated = any(p is not None and p.concept == "NOT" for p in found)
    years = [c for c in study.hinted("year") if study.table.kind(c).name == "number"]
    if piece is not None and number and study.is_number(piece):
        years = [study.number(piece)]
    elif study.columns_of("date"):
        years = []
    if number and years and period.end is not None and period.start is not None:
        first, after = period.start.year, period.end.year
        if after - first > 1:
            text = f"{quoted(years[0])} >= {first} and {quoted(years[0])} < {after}"
            return [Condition(text=text, column=years[0], place=place)]
        text = f"{quoted(years[0])} {'!=' if negated else '=='} {number}"
        return [Condition(text=text, column=years[0], place=place)]
    if piece is not None and not _is_date(study, piece):
        study.pieces.release(piece)
        piece = None
    column = study.column(piece, "date") if piece else study.dates()
    return _within(study, column, period, place, negated=negated)


def _is_date(study: Study, piece: Piece) -> bool:
    return any(study.table.kind(column).name == "date" for column in piece.columns)


def _within(
    study: Study, column: str, period: Period, place: int, *, negated: bool
) -> list[Condition]:
    if period.part:
        return [_recurring(study, column, period, place, negated=negated)]
    name = quoted(column)
    if negated:
        text = f"({name} < '{period.start}' or {name} >= '{period.end}')"
    else:
        text = f"{name} >= '{period.start}' and {name} < '{period.end}'"
    return [Condition(text=text, column=column, place=place)]


def _recurring(
    study: Study, column: str, period: Period, place: int, *, negated: bool
) -> Condition:
    """`in March` of whatever year."""
    part = "weekday number" if period.part == "weekend" else f"{period.part} number"
    name = quoted(study.cell.part(column, part))
    if period.part == "weekend":
        text = f"{name} {'<' if negated else '>='} 5"
    else:
        text = f"{name} {'!=' if negated else '=='} {period.number}"
    return Condition(text=text, column=column, place=place)


def _since(study: Study, column: str, sign: str, period: Period, place: int) -> list[Condition]:
    """`after 2020` begins with 2021, `since 2020` with 2020."""
    if period.start is None:
        msg = "a month or weekday comes again and again: give a year or a day"
        raise UnboundError(msg)
    if sign in ("==", "!="):
        return _within(study, column, period, place, negated=sign == "!=")
    bound = {">": (">=", period.end), ">=": (">=", period.start)}
    bound |= {"<": ("<", period.start), "<=": ("<", period.end)}
    final, day = bound[sign]
    return [Condition(text=f"{quoted(column)} {final} '{day}'", column=column, place=place)]


def _first(found: _Found, kind: str) -> Piece:
    return next(piece for piece in found if piece is not None and piece.kind == kind)


_Builder = Callable[[Study, _Found, int], list[Condition]]
_VALUE = "number|period|text|value"
_GRAMMAR: tuple[tuple[tuple[str, ...], _Builder], ...] = (
    (("STATE",), _state),
    (("WHERE 'a'|'an'|'any' column",), _present),
    (
        (
            f"WHERE? column {_IS}? NOT? MISSING",
            f"WHERE? column {_IS}? NOT MISSING",
            "NOT MISSING column",
            "WHERE? MISSING column",
            "LACKING column",
        ),
        _lacking,
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
        _contains,
    ),
    (
        (
            "WHERE? column CMP/==? NOT value",
            "NOT column? value",
            "WHERE? column CMP/==? value",
            "'by' value",
            "value column",
            "value",
        ),
        _value,
    ),
    (("column CMP/==? NOT? period", "NOT period", "'from'? period"), _in_period),
    (("NOT yesno", "WHERE? CMP/==? yesno"), _yes_no),
)
