"""The highest, the oldest, the top five, the most frequent: rows or groups compared."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.clauses import Clauses, key_of, take_clauses, whole_number
from agent.offline.tables.measures import (
    Measure,
    groups_of,
    groups_plan,
    is_additive,
    saved_plan,
    take_measure,
)
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study, chosen


@dataclass(kw_only=True)
class Contest:
    """Who is compared by what.

    Attributes:
        descending: Whether the largest wins.
        limit: How many are wanted; None if it is the one.
        place: 2 for the second.
        measure: By what; None until it is known.
        target: The column whose value is wanted; None for the row or the number itself.
        more: Further columns that are wanted.
        single: Whether single rows are compared, as in `the largest order`.
    """

    descending: bool
    limit: int | None = None
    place: int = 1
    measure: Measure | None = None
    target: str | None = None
    more: tuple[str, ...] = ()
    single: bool = False


def extreme(study: Study) -> Plan | None:
    """`which region has the highest sales`, `the 3 cheapest products`, `highest salary`."""
    pieces = study.pieces
    target = _target(study)
    found = pieces.take(
        "number SUPER", "SUPER number", "NTH SUPER", "SUPER", "FREQUENT number", "number FREQUENT"
    )
    top = next((p for p in found or () if p is not None and p.concept == "SUPER"), None)
    if found is None or top is None:
        return None
    contest = Contest(descending=top.sense == "max")
    for piece in found:
        if piece is not None and piece.kind == "number":
            contest.limit = whole_number(piece)
        if piece is not None and piece.concept == "NTH":
            contest.place = int(piece.sense)
    if contest.limit is None:
        contest.limit = _how_many(study)
    if contest.limit is not None:
        _and_how_many(study)
    top = _of_amount(study, top)
    contest.single = _before_rows(study, top)
    named = _by_number(study)
    target = target or _row_named(study, top)
    clauses = take_clauses(study)
    contest.measure = _agreed(study, top, named)
    _remaining(study, contest, top, target)
    if contest.measure is None:
        msg = f"nothing says by what the {top.text} is meant: say e.g. `by COLUMN`"
        raise UnboundError(msg)
    if clauses.digits is not None:
        return None
    return _decided(study, contest, clauses)


def _how_many(study: Study) -> int | None:
    """`the 3 employees with the highest pay`: so many are wanted."""
    items = [p for p in study.pieces.items if p.kind != "filler"]
    for place, piece in enumerate(items[:-2]):
        following = items[place + 1]
        named = following.kind in ("rows", "column") or following.concept == "EACHDATE"
        linked = [p for p in items[place + 2 : place + 4] if p.concept != "WHERE"]
        best = bool(linked) and linked[0].concept == "SUPER"
        if piece.kind == "number" and named and best and piece in study.pieces.free("number"):
            study.pieces.use([piece])
            return whole_number(piece)
    return None


def _and_how_many(study: Study) -> None:
    """`and how many there were` at the end: what is compared is told anyway."""
    idle = ("filler", "mark")
    items = [p for p in study.pieces.items if p.kind not in idle and p.sense != "=="]
    if len(items) > 2 and items[-1].concept == "COUNT" and items[-2].concept == "AND":
        study.pieces.use(items[-2:])


def _of_amount(study: Study, top: Piece) -> Piece:
    """`the biggest order`: by its amount, if nothing else is said and there is one."""
    plain = not top.columns and top.text.lower() in ("biggest", "largest", "smallest")
    beside = next(
        (p for p in study.pieces.items if p.start >= top.end and p.kind != "filler"), None
    )
    if not plain or beside is None or beside.kind != "rows" or study.pieces.has("MUCH|PER|COUNT"):
        return top
    if any(study.may_be_number(p) for p in study.pieces.free("column")):
        return top
    columns = study.hinted("total", "amount", "revenue", "price", "cost")
    return replace(top, columns=columns) if len(columns) == 1 else top


def _before_rows(study: Study, top: Piece) -> bool:
    """Whether the rows themselves are what is largest."""
    after = next((p for p in study.pieces.items if p.start >= top.end and p.kind != "filler"), None)
    return bool(top.columns) and after is not None and after.kind == "rows"


def _by_number(study: Study) -> Piece | None:
    """The column in `top 5 products by revenue`."""
    found = study.pieces.find("PER column")
    piece = None if found is None else found[1][1]
    if found is None or piece is None:
        return None
    if not study.is_number(piece):
        return None
    study.pieces.used |= found[0]
    return piece


def _target(study: Study) -> list[Piece]:
    """What is asked for: `which region`, `who`, `on which day`."""
    found = study.pieces.take(
        "WHICH column|EACHDATE|rows", "WHICH CMP/==? 'the'? column|rows WHERE", "WHO", "WHEN"
    )
    return [piece for piece in found or () if piece is not None and piece.concept != "WHICH"][:1]


def _row_named(study: Study, top: Piece) -> list[Piece]:
    """`the cheapest product`: the row is asked for, not the price."""
    rows = [p for p in study.pieces.free("rows") if p.start > top.start]
    columns = [p for p in study.pieces.free("column") if top.start < p.start]
    if not top.columns or not rows or any(p.start < rows[0].start for p in columns):
        return []
    study.pieces.use(rows[:1])
    return rows[:1]


def _agreed(study: Study, top: Piece, named: Piece | None) -> Measure | None:
    """The measure that is said outright."""
    if named is not None:
        how = study.pieces.take("AGG")
        if how and how[0]:
            return Measure(how=how[0].sense, column=study.number(named))
        return Measure(how="", column=study.number(named))
    if top.columns and (how := study.pieces.take("AGG")) and how[0]:
        return Measure(how=how[0].sense, column=study.number(_as_column(top)))
    if measure := take_measure(study):
        return measure
    if top.columns:
        return None
    after = next((p for p in study.pieces.items if p.start >= top.end and p.kind != "filler"), None)
    if top.text.lower() in _MANY and after is not None and after.kind == "rows":
        study.pieces.use([after])
        return Measure(how="count")
    if study.pieces.take("rows|ROWS") and not _asked_columns(study):
        return Measure(how="count")
    if top.text.lower() in _MANY and study.cell.where and not _asked_columns(study):
        return Measure(how="count")
    return None


_MANY = frozenset(("most", "fewest", "least"))
"""Words that count the rows of a value: `most errors`."""


def _asked_columns(study: Study) -> list[Piece]:
    """Columns that are left, but for verbs such as `written`."""
    return [p for p in study.pieces.free("column") if p.sense != "verb"]


def _remaining(study: Study, contest: Contest, top: Piece, target: list[Piece]) -> None:
    """Share the columns that are left among target and measure."""
    pieces = study.pieces
    columns = pieces.free("column")
    dates = [p for p in pieces.free("concept") if p.concept == "EACHDATE"]
    pieces.use([*columns, *dates])
    pieces.take("rows|ROWS")
    if contest.measure is None and top.columns:
        contest.measure = Measure(how="", column=_ordered(study, _as_column(top)))
    how = pieces.take("AGG") if contest.measure is None else None
    if contest.measure is None and columns:
        numbers = [p for p in columns if study.may_be_number(p)]
        last = numbers[-1] if numbers else None
        if last is not None:
            columns = [p for p in columns if p is not last]
            contest.measure = Measure(
                how=how[0].sense if how and how[0] else "", column=study.number(last)
            )
    counted = [p for p in columns if p.start > top.start]
    if contest.measure is None and counted and len([*target, *columns]) > 1:
        columns = [p for p in columns if p is not counted[-1]]
        contest.measure = Measure(how="unique", column=study.column(counted[-1]))
    if any(p.concept == "WHO" for p in target):
        columns = [p for p in columns if p.sense != "verb" or _tells_who(study, p)]
    wanted = [*target, *columns, *dates]
    if len(wanted) > 1 and any(p.columns for p in wanted):  # `who is our biggest customer`
        wanted = [p for p in wanted if p.concept != "WHO"]
    names = [name for piece in wanted if (name := _wanted(study, piece)) is not None]
    if contest.measure is not None and contest.measure.column in names:
        names.remove(contest.measure.column)
    if names:
        contest.target, *more = dict.fromkeys(names)
        contest.more = tuple(more)


def _tells_who(study: Study, piece: Piece) -> bool:
    """Whether a verb speaks of somebody: `wrote` of the author, but `placed` of a date."""
    return all(study.table.kind(column).name == "text" for column in piece.columns)


def _ordered(study: Study, piece: Piece) -> str:
    """The column of numbers or dates that a piece means."""
    column = study.column(piece, "number", "date", "time")
    return study.cell.number(column)


def _as_column(top: Piece) -> Piece:
    return replace(top, kind="column", concept="", sense="")


def _wanted(study: Study, piece: Piece) -> str | None:
    """The column that a target means; None for the row itself."""
    if piece.concept == "EACHDATE":
        dates = study.columns_of("date")
        if piece.sense == "day" and len(dates) == 1:
            return dates[0]
        return key_of(study, piece)
    if piece.concept == "WHEN":
        return study.when()
    if piece.kind == "column":
        return key_of(study, piece)
    return (study.person() if piece.concept == "WHO" else study.label()) or ""


def _decided(study: Study, contest: Contest, clauses: Clauses) -> Plan:
    """Compare rows, or groups of them."""
    measure, target = contest.measure, contest.target
    assert measure is not None
    if target is None and not measure.how and measure.column and contest.limit is None:
        return _number(study, contest, clauses, measure.column)
    if target is None and clauses.keys and measure.how and contest.limit is None:
        target, clauses.keys = clauses.keys[0], ()
        contest.target = target
    if target == "":
        contest.target = None
        return (
            compare_rows(study, contest, clauses, measure.column)
            if not measure.how
            else _number_of(measure)
        )
    grouped = target is not None and not (
        target in study.table.columns and study.table.kind(target).unique
    )
    if target is not None and grouped and not (clauses.keys or measure.how or contest.single):
        measure = _how_to_compare(study, measure, target)
    counted = measure.how == "count" and bool(measure.column)
    if target is not None and measure.how and (grouped or counted):
        if any(study.table.kind(column).name != "text" for column in contest.more):
            msg = f"nothing says what {', '.join(contest.more)} has to do with each {target}"
            raise UnboundError(msg)
        return compare_groups(study, contest, clauses, measure, target)
    if measure.how == "count" and not measure.column and target is not None and not grouped:
        msg = f"each {target} has one row: nothing says what is counted"
        raise UnboundError(msg)
    if measure.how and target is not None:  # one row each: the mean of it is the value itself
        measure = Measure(how="", column=measure.column)
    if not measure.column or measure.how or clauses.keys:
        msg = "nothing says of which column the winner is wanted"
        raise UnboundError(msg)
    return compare_rows(study, contest, clauses, measure.column)


def _number_of(measure: Measure) -> Plan:
    msg = f"nothing says whose {measure.told} is compared"
    raise UnboundError(msg)


def _how_to_compare(study: Study, measure: Measure, target: str) -> Measure:
    """Sums of what can be added up, else single rows."""
    if is_additive(measure.column):
        study.assume(f"the sums of {measure.column!r} are compared")
        return Measure(how="sum", column=measure.column)
    if target not in study.table.columns:
        question = (
            f"Should the values of {measure.column} be added up or averaged for each {target}?"
        )
        how = chosen(question, ("added up", "averaged", "single values"), study.answers)
        return Measure(
            how={"added up": "sum", "averaged": "mean"}.get(how, "max"), column=measure.column
        )
    return measure


def _number(study: Study, contest: Contest, clauses: Clauses, column: str) -> Plan:
    """`highest salary`, `second highest salary`, `highest salary per department`."""
    how = "max" if contest.descending else "min"
    what = f"the {'largest' if contest.descending else 'smallest'} {column}"
    if clauses.keys:
        return groups_plan(study, clauses, Measure(how=how, column=column))
    if contest.place > 1:
        values = f"{study.cell.settle()}[{column!r}].dropna().drop_duplicates()"
        ordered = f"{values}.sort_values(ascending={not contest.descending})"
        expression = f"{ordered}.tolist()[{contest.place - 1}]"
        return study.plan(expression, f"number {contest.place} of {column}, {study.told}")
    if study.table.kind(column).name == "time":
        return study.plan(f"{study.cell.settle()}[{column!r}].{how}()", f"{what} in {study.told}")
    if study.table.kind(column).name == "date":
        return compare_rows(study, contest, clauses, column)
    call = f"{study.cell.use('summarize_column')}({study.cell.rows}, {column!r}, how={how!r})"
    return study.plan(call, f"{what} in {study.told}")


def compare_groups(
    study: Study, contest: Contest, clauses: Clauses, measure: Measure, target: str
) -> Plan:
    """The groups of which most or least is measured."""
    clauses.keys = (target,)
    groups = groups_of(study, clauses, measure)
    way = "largest" if contest.descending else "smallest"
    name = measure.name
    if contest.limit is not None:
        order = f"{name!r}, descending={contest.descending}, limit={contest.limit}"
        table = f"{study.cell.use('sort_rows')}({groups}, {order})"
        return saved_plan(
            study,
            clauses,
            table,
            f"the {contest.limit} of {target} with the {way} {measure.told.removeprefix('the ')}",
        )
    what = f"the {target} with the {way} {measure.told.removeprefix('the ')} in {study.told}"
    return _winner(study, contest, study.cell.let("groups", groups), name, (target,), what)


def compare_rows(study: Study, contest: Contest, clauses: Clauses, column: str) -> Plan:
    """The rows with the largest or smallest values of a column."""
    way = "largest" if contest.descending else "smallest"
    if contest.limit is not None:
        order = f"{column!r}, descending={contest.descending}, limit={contest.limit}"
        table = f"{study.cell.use('sort_rows')}({study.cell.rows}, {order})"
        what = f"the {contest.limit} rows of {study.told} with the {way} {column}"
        return saved_plan(study, clauses, table, what)
    wanted = tuple(c for c in (contest.target, *contest.more) if c is not None)
    if not wanted and (label := study.label()):
        wanted = (label,)
    what = f"{', '.join(wanted) or 'the row'} with the {way} {column} in {study.told}"
    return _winner(study, contest, study.cell.settle(), column, wanted, what)


def _winner(
    study: Study, contest: Contest, rows: str, column: str, wanted: tuple[str, ...], what: str
) -> Plan:
    """The rows that share the first place; what is wanted of them."""
    series = f"{rows}[{column!r}]"
    if study.table.kind(column).name == "date" and study.table.kind(column).form != "ISO8601":
        series = study.cell.let("dates", study.cell.dates(column))
    best = f"{series}.{'max' if contest.descending else 'min'}()"
    if contest.place > 1:
        values = (
            f"{series}.dropna().drop_duplicates().sort_values(ascending={not contest.descending})"
        )
        best = f"{values}.iloc[{contest.place - 1}]"
    winners = study.cell.let("winners", f"{rows}[{series} == {best}]")
    if len(wanted) != 1:
        columns = list(dict.fromkeys([*wanted, column]))
        return study.plan(f"{winners}[{columns!r}]" if wanted else winners, what)
    names = study.cell.let("names", f"list(dict.fromkeys({winners}[{wanted[0]!r}].tolist()))")
    return study.plan(f"{names}[0] if len({names}) == 1 else {names}", what)
