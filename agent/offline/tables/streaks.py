"""The longest run of days, or of rows, for which something holds."""

from __future__ import annotations

from agent.offline.plan import Plan, UnboundError
from agent.offline.tables.conditions import joined_conditions, read_conditions
from agent.offline.tables.study import Study


def streak(study: Study) -> Plan | None:
    """`the longest run of days without rain in Madrid`: values say which rows are meant."""
    pieces = study.pieces
    pieces.take("MUCH|COUNT")
    if pieces.take("RUNLENGTH EACHDATE/day|rows|ROWS?", "EACHDATE/day|rows|ROWS RUNLENGTH") is None:
        return None
    pieces.take("EACHDATE/day|rows|ROWS")
    pieces.take("RUNLENGTH|SUPER")
    conditions = read_conditions(study)
    base = [condition for condition in conditions if condition.is_value]
    holding = [condition for condition in conditions if not condition.is_value]
    if not holding:
        return None
    date, cell = study.dates(), study.cell
    if not base and not study.table.kind(date).unique:
        msg = f"several rows of {study.table.label} have the same {date}: say which ones are meant"
        raise UnboundError(msg)
    what = joined_conditions(study, holding)
    cell.where = joined_conditions(study, base)
    rows = cell.let("rows", f"{cell.use('sort_rows')}({cell.rows}, {date!r})")
    holds = cell.let(
        "holds", f"{rows}.index.to_series().isin({cell.use('filter_rows')}({rows}, {what!r}).index)"
    )
    runs = cell.let("runs", f"{holds}.groupby((~{holds}).cumsum()).sum()")
    told = study.told
    return study.plan(
        f"int({runs}.max())", f"the longest run of rows of {told}, by {date}, where {what}"
    )
