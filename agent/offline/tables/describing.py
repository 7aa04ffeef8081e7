"""What is in a table: its columns, what is missing or double, what goes together."""

from __future__ import annotations

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.clauses import take_clauses, take_groups, tidy
from agent.offline.tables.conditions import take_conditions
from agent.offline.tables.measures import Measure, groups_plan, saved_plan
from agent.offline.tables.study import Study


def missing(study: Study) -> Plan | None:
    """`missing values per column`, `which columns have gaps`."""
    pieces = study.pieces
    pieces.take("LIST|COUNT|WHICH")
    per_column = pieces.take("PER|WHICH? COLUMNS")
    if pieces.take("MISSING") is None or pieces.free("column", "value", "number"):
        return None
    pieces.take("PER? COLUMNS")
    pieces.take("COUNT")
    call = f"{study.cell.use('missing_values')}({study.cell.base})"
    if not per_column and pieces.take("WHERE? rows|ROWS"):
        return _rows_with_gaps(study)
    pieces.take("WHICH|LIST|WHERE")
    return study.plan(call, f"missing values in each column of {study.table.label}")


def _rows_with_gaps(study: Study) -> Plan:
    expression = f"int({study.cell.frame}.isna().any(axis=1).sum())"
    return study.plan(
        expression, f"the number of rows of {study.table.label} where a value is missing"
    )


def columns(study: Study) -> Plan | None:
    """`what columns are there`, `how many columns`."""
    pieces = study.pieces
    counted = pieces.take("COUNT COLUMNS") is not None
    if not counted and pieces.take("WHICH|LIST? COLUMNS") is None:
        return None
    pieces.take("COLUMNS")
    if counted:
        return study.plan(
            f"len({study.cell.frame}.columns)", f"the number of columns of {study.table.label}"
        )
    return study.plan(f"list({study.cell.frame}.columns)", f"the columns of {study.table.label}")


def profile(study: Study) -> Plan | None:
    """`describe the table`, `describe the salary column`."""
    pieces = study.pieces
    if pieces.take("PROFILE PROFILE?", "WHICH TABLE", "WHICH CMP/==? BETWEEN? TABLE") is None:
        return None
    pieces.take("PROFILE")
    take_conditions(study)
    named = pieces.take("column")
    pieces.take("COLUMNS")
    if named and named[0]:
        column = study.column(named[0])
        call = f"{study.cell.use('profile_table')}({study.cell.frame}[[{column!r}]])"
        return study.plan(call, f"a profile of {column} in {study.told}")
    call = f"{study.cell.use('profile_table')}({study.cell.rows})"
    return study.plan(call, f"a profile of {study.told}: one row for each column")


def duplicates(study: Study) -> Plan | None:
    """`how many duplicate rows`, `remove duplicates and save`, `emails that occur twice`."""
    pieces = study.pieces
    dropping = pieces.take("DROP 'all'? DUPLICATE rows|ROWS?") is not None
    counting = (
        not dropping
        and pieces.take("COUNT DUPLICATE rows|ROWS?", "COUNT rows|ROWS? DUPLICATE") is not None
    )
    if not dropping and not counting and pieces.take("LIST|WHICH? DUPLICATE rows|ROWS?") is None:
        return None
    clauses = take_clauses(study)
    named = pieces.free("column")
    pieces.use(named)
    pieces.take("rows|ROWS|COLUMNS")
    keys = [study.column(piece) for piece in named]
    options = f"subset={keys!r}" if keys else ""
    what = f" by {', '.join(keys)}" if keys else ""
    if dropping:
        columns = f", {keys!r}" if keys else ""
        table = f"{study.cell.use('remove_duplicates')}({study.cell.rows}{columns})"
        return saved_plan(study, clauses, table, f"{study.told} without duplicates{what}")
    frame = study.cell.frame
    if counting:
        expression = f"int({frame}.duplicated({options}).sum())"
        return study.plan(expression, f"the rows of {study.told} that repeat an earlier one{what}")
    if keys:
        return groups_plan_of_repeated(study, keys)
    expression = f"{study.cell.settle()}[{study.cell.base}.duplicated(keep=False)]"
    return study.plan(expression, f"the rows of {study.told} that occur more than once")


def groups_plan_of_repeated(study: Study, keys: list[str]) -> Plan:
    """The values that occur more than once."""
    counted = study.cell.let("counted", f"{study.cell.frame}.groupby({keys!r}).size()")
    repeated = f"{counted}[{counted} > 1].reset_index(name='count')"
    if len(keys) == 1:
        repeated = f"{counted}[{counted} > 1].index.tolist()"
    return study.plan(
        repeated, f"values of {', '.join(keys)} that occur more than once in {study.told}"
    )


def correlation(study: Study) -> Plan | None:
    """How strongly two columns go together; all pairs if none is named."""
    pieces = study.pieces
    if pieces.take("CORRELATE") is None:
        return None
    pieces.take("CORRELATE")
    pieces.take("BETWEEN")
    columns = pieces.free("column")
    pieces.use(columns)
    pieces.take("ACROSS|TABLE")
    pieces.take("MUCH")
    take_conditions(study)
    if not columns:
        call = f"{study.cell.use('correlation_table')}({study.cell.rows})"
        return study.plan(call, f"the correlations of all columns of numbers in {study.told}")
    if len(columns) != 2:
        msg = f"a correlation needs 2 columns; {study.table.label} has {study.there}"
        raise UnboundError(msg)
    x, y = (study.number(piece) for piece in columns)
    call = f"{study.cell.use('correlation')}({study.cell.rows}, {x!r}, {y!r})"
    return study.plan(call, f"Pearson's correlation of {x} and {y} in {study.told}")


def pivot(study: Study) -> Plan | None:
    """One column's values down, another's across."""
    pieces = study.pieces
    if pieces.take("PIVOT") is None:
        return None
    pieces.take("PIVOT")
    pieces.take("PIVOT")
    from agent.offline.tables.measures import take_measure

    named = [
        p
        for f in pieces.all(
            "PER|ACROSS column|EACHDATE", "'in'? column|EACHDATE 'rows'|'columns'|ROWS|COLUMNS"
        )
        for p in f
    ]
    keys = [p for p in named if p is not None and (p.columns or p.concept == "EACHDATE")]
    measure = take_measure(study)
    if measure is None and (found := pieces.take("column")) and found[0] and len(keys) >= 2:
        measure = Measure(how="sum", column=study.number(found[0]))
        study.assume(f"{measure.column!r} is added up")
    if len(keys) == 1 and (more := pieces.take("AND|VS|PER? column|EACHDATE")):
        keys += [p for p in more if p is not None and (p.columns or p.concept == "EACHDATE")]
    pieces.take("rows|ROWS")
    take_conditions(study)
    if len(keys) != 2:
        msg = f"a pivot table needs 2 columns; {study.table.label} has {study.there}"
        raise UnboundError(msg)
    return _pivoted(study, keys, measure or Measure(how="count"))


def _pivoted(study: Study, keys: list, measure: Measure) -> Plan:  # type: ignore[type-arg]
    from agent.offline.tables.clauses import key_of

    down, across = (key_of(study, piece) for piece in keys)
    cell = study.cell
    what = f"{measure.told} for each {down} (rows) and {across} (columns) in {study.told}"
    if not measure.column:
        rows = cell.settle()
        counted = f"{cell.pandas()}.crosstab({rows}[{down!r}], {rows}[{across!r}])"
        return study.plan(f"{counted}.reset_index().rename_axis(columns=None)", what)
    cells = f"{measure.column!r}, how={measure.how!r}"
    call = f"{cell.use('pivot_table')}({cell.rows}, {down!r}, {across!r}, {cells})"
    return study.plan(call, what)


def tidied(study: Study) -> Plan | None:
    """`tidy up the city names and count the rows per city`."""
    pieces = study.pieces
    found = pieces.take("LOOKS column column?", "LOOKS")
    if found is None:
        return None
    list(pieces.all("LOOKS"))
    pieces.take("AND")
    named = found[1] if len(found) > 1 else None
    if named is None:
        return None
    column = study.column(named)
    tidy(study, column, asked=True)
    if not pieces.has("COUNT|PER|AGG|SAVE"):
        values = f"{study.cell.use('column_values')}({study.cell.base}, {column!r})"
        return study.plan(values, f"the values of {column}, spelled in one way")
    from agent.offline.tables.measures import aggregate

    return aggregate(study)


__all__ = [
    "columns",
    "correlation",
    "duplicates",
    "groups_plan",
    "missing",
    "pivot",
    "profile",
    "take_groups",
    "tidied",
]
