"""Plots of a table."""

from __future__ import annotations

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.clauses import Clauses, key_of, take_groups
from agent.offline.tables.conditions import take_conditions
from agent.offline.tables.measures import Measure, groups_of, is_additive, take_measure
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study


def chart(study: Study) -> Plan | None:
    """A plot of the kind that is named, or that the columns call for."""
    pieces = study.pieces
    kinds = [p.sense for p in pieces.free("concept") if p.concept == "PLOT"]
    if not kinds:
        return None
    pieces.use([p for p in pieces.free("concept") if p.concept == "PLOT"])
    kind = next(filter(None, kinds), "")
    path = _path(study)
    draw = {"histogram": _histogram, "box": _boxes, "scatter": _points, "line": _line, "bar": _bars}
    return draw.get(kind, _whatever_fits)(study, path)


def _path(study: Study) -> str:
    """The `path=` argument."""
    study.pieces.take("SAVE")
    found = study.pieces.free("picture")
    if len(found) > 1:
        msg = "one plot can be saved under one name only"
        raise UnboundError(msg)
    study.pieces.use(found)
    return f", path={found[0].text!r}" if found else ""


def _histogram(study: Study, path: str) -> Plan:
    bins = study.pieces.take("WHERE? number 'bins'|'bars'|'buckets'|'bin'")
    count = next((p.number for p in bins or () if p is not None and p.kind == "number"), "")
    take_conditions(study)
    column = study.number(_only(study, "a histogram"))
    options = (f", bins={count}" if count.isdigit() else "") + path
    call = f"{study.cell.use('plot_histogram')}({study.cell.rows}, {column!r}{options})"
    return study.plan(call, f"a histogram of {column} in {study.told}")


def _only(study: Study, what: str) -> Piece:
    columns = study.pieces.free("column")
    study.pieces.use(columns)
    study.pieces.take("rows|ROWS")
    if len(columns) != 1:
        raise UnboundError(_missing(what, "one column", study))
    return columns[0]


def _boxes(study: Study, path: str) -> Plan:
    keys = take_groups(study)
    take_conditions(study)
    if len(keys) != 1:
        raise UnboundError(_missing("a box plot", "one column, and `by` another", study))
    column = study.number(_only(study, "a box plot"))
    call = f"{study.cell.use('plot_box')}({study.cell.rows}, {column!r}, {keys[0]!r}{path})"
    return study.plan(call, f"a box plot of {column} for each {keys[0]} in {study.told}")


def _bars(study: Study, path: str) -> Plan:
    keys = take_groups(study)
    take_conditions(study)
    measure = take_measure(study)
    columns = study.pieces.free("column")
    study.pieces.use(columns)
    study.pieces.take("rows|ROWS")
    if not keys and len(columns) == 1:
        keys, columns = (key_of(study, columns[0]),), []
    if not keys:
        raise UnboundError(_missing("a bar chart", "a column, or one `by` another", study))
    if measure is None and len(columns) == 1:
        measure = Measure(how=_how(study, columns[0]), column=study.number(columns[0]))
    elif columns:
        raise UnboundError(_missing("a bar chart", "one column by another", study))
    return _bar_plan(study, keys, measure or Measure(how="count"), path)


def _bar_plan(study: Study, keys: tuple[str, ...], measure: Measure, path: str) -> Plan:
    cell, key = study.cell, keys[0]
    if len(keys) > 1:
        raise UnboundError(_missing("a bar chart", "one grouping column", study))
    what = f"a bar chart of {measure.told} for each {key} in {study.told}"
    if not measure.column:
        call = f"{cell.use('plot_bar')}({cell.rows}, {key!r}{path})"
        return study.plan(call, what)
    if study.table.kind(key).unique:
        study.assume(f"each {key} has one row")
    grouping = f"by={key!r}, how={measure.how!r}"
    call = f"{cell.use('plot_bar')}({cell.rows}, {measure.column!r}, {grouping}{path})"
    return study.plan(call, what)


def _how(study: Study, piece: Piece) -> str:
    """Sums of what can be added up, else means."""
    column = study.column(piece, "number")
    how = "sum" if is_additive(column) else "mean"
    study.assume(f"the {how} of {column!r} is shown")
    return how


def _points(study: Study, path: str) -> Plan:
    colour = study.pieces.take("COLOUR 'by'? column", "COLOUR column")
    by = next((p for p in colour or () if p is not None and p.columns), None)
    first, second = _two(study)
    take_conditions(study)
    y, x = study.number(first), study.number(second)
    options = "" if by is None else f", color={study.column(by)!r}"
    call = f"{study.cell.use('plot_scatter')}({study.cell.rows}, {x!r}, {y!r}{options}{path})"
    return study.plan(call, f"a scatter plot of {y} against {x} in {study.told}")


def _two(study: Study) -> tuple[Piece, Piece]:
    """Y and X; the words between them count as understood."""
    pieces = study.pieces
    found = pieces.take("column VS|PER|ACROSS|CMP/> column", "column AND column")
    if found is None or found[0] is None or found[-1] is None:
        raise UnboundError(_missing("a plot", "two columns, e.g. `Y against X`", study))
    middle = found[1]
    if middle is not None and middle.concept == "AND":
        study.assume(f"{found[0].text} goes across and {found[-1].text} up")
        return found[-1], found[0]
    return found[0], found[-1]


def _line(study: Study, path: str) -> Plan:
    pieces = study.pieces
    if found := pieces.find("column VS|PER|ACROSS|CMP/> column"):
        pieces.used |= found[0]
        first, second = found[1][0], found[1][-1]
        assert first is not None
        assert second is not None
        take_conditions(study)
        return _line_plan(study, study.number(first), study.column(second), path)
    return _over_time(study, path)


def _over_time(study: Study, path: str) -> Plan:
    """`sales over time`, `a line chart of orders per month`."""
    keys = take_groups(study)
    take_conditions(study)
    measure = take_measure(study)
    columns = study.pieces.free("column")
    study.pieces.use(columns)
    study.pieces.take("rows|ROWS")
    if keys:
        if measure is None:
            how = _how(study, columns[0]) if columns else "count"
            measure = Measure(how=how, column=study.number(columns[0]) if columns else "")
        groups = study.cell.let("groups", groups_of(study, Clauses(keys=keys), measure))
        call = f"{study.cell.use('plot_line')}({groups}, {keys[0]!r}, {measure.name!r}{path})"
        return study.plan(call, f"a line chart of {measure.told} along {keys[0]} in {study.told}")
    numbers = [p for p in columns if study.may_be_number(p)]
    if len(numbers) != 1 or len(columns) > 2:
        raise UnboundError(_missing("a line chart", "two columns, e.g. `Y over X`", study))
    others = [p for p in columns if p not in numbers]
    x = study.column(others[0]) if others else study.dates()
    return _line_plan(study, study.number(numbers[0]), x, path)


def _line_plan(study: Study, y: str, x: str, path: str) -> Plan:
    call = f"{study.cell.use('plot_line')}({study.cell.rows}, {x!r}, {y!r}{path})"
    return study.plan(call, f"a line chart of {y} along {x} in {study.told}")


def _whatever_fits(study: Study, path: str) -> Plan:
    """No kind is named: points for two columns of numbers, a line along dates, else bars."""
    columns = study.pieces.free("column")
    kinds = [{study.table.kind(c).name for c in piece.columns} for piece in columns]
    dated = study.pieces.has("PER EACHDATE") or any("date" in kind for kind in kinds)
    if dated:
        return _line(study, path)
    if len(kinds) >= 2 and all("number" in kind for kind in kinds[:2]):
        return _points(study, path)
    if len(kinds) == 1 and kinds[0] == {"number"}:
        return _histogram(study, path)
    return _bars(study, path)


def _missing(what: str, needs: str, study: Study) -> str:
    return f"{what} needs {needs}; {study.table.label} has {study.there}"
