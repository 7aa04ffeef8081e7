"""From a request to a plan for a table: the first family that explains every word."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from agent.offline.plan import Plan, UnboundError
from agent.offline.requests import Request
from agent.offline.surroundings import Table
from agent.offline.tables.applied import application
from agent.offline.tables.cell import Cell
from agent.offline.tables.charts import chart
from agent.offline.tables.combined import combine
from agent.offline.tables.contrast import contrast, per_unit
from agent.offline.tables.describing import (
    columns,
    correlation,
    duplicates,
    missing,
    pivot,
    profile,
    tidied,
)
from agent.offline.tables.firsts import frequent, last_or_first
from agent.offline.tables.measures import aggregate, groups_with
from agent.offline.tables.ranking import extreme
from agent.offline.tables.selecting import asks_whether, select
from agent.offline.tables.several import several
from agent.offline.tables.shares import share
from agent.offline.tables.streaks import streak
from agent.offline.tables.study import Study
from agent.offline.tables.tagging import tag
from tools_registry.registry import Registry

Family = Callable[[Study], Plan | None]

FAMILIES: tuple[tuple[tuple[str, ...], Family], ...] = (
    ((), application),
    (("PIVOT",), pivot),
    (("CORRELATE",), correlation),
    (("PLOT", "picture"), chart),
    (("LOOKS",), tidied),
    (("MISSING",), missing),
    (("DUPLICATE",), duplicates),
    (("RUNLENGTH",), streak),
    (("MORE", "TIMESAS", "MINUS", "RATIO", "SHARE/share"), contrast),
    (("SHARE",), share),
    (("column PER column",), per_unit),
    (
        (
            "AGG|SUPER|COUNT column|rows|mark|AND",
            "AND|mark|column AGG|SUPER|COUNT",
        ),
        several,
    ),
    (("FREQUENT",), frequent),
    (("SUPER",), extreme),
    (
        (
            "CMP number rows",
            "number ATLEAST rows",
            "AGG column CMP number",
            "CMP number 'times'|TIMES",
        ),
        groups_with,
    ),
    (("AGG", "COUNT", "PER", "EACHDATE", "PERCENTILE", "DISTINCT"), aggregate),
    (("FIRST",), last_or_first),
    (("COLUMNS",), columns),
    (("PROFILE", "WHICH TABLE"), profile),
    ((), select),
)
"""What a request must have to be of a family, and how it is read then."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What a table is read in.

    Attributes:
        registry: For the modules of the tools.
        answers: What the person said so far.
        taken: Names of the person's variables.
    """

    registry: Registry
    answers: Sequence[str] = ()
    taken: Collection[str] = ()


def read_table_request(
    request: Request, table: Table, setting: Setting, problems: list[str]
) -> Plan | None:
    """The plan of the first family that fits; why others did not is added to the problems.

    Raises:
        UnclearError: If the person has to choose first.
    """
    pieces = tag(request, table)
    pieces.use(p for p in pieces.items if p.kind == "file" and p.text == table.label)
    for triggers, family in FAMILIES:
        cell = Cell(table=table, registry=setting.registry, taken=setting.taken)
        study = Study(pieces=pieces.copy(), cell=cell, answers=setting.answers)
        try:
            combine(study)
            if triggers and not study.pieces.has(*triggers):
                continue
            plan = family(study)
        except UnboundError as error:
            problems.append(str(error))
            continue
        if plan is None:
            continue
        unused = study.pieces.unused()
        words = [piece.text.lower() for piece in study.pieces.items]
        if asks_whether(words) and family is not correlation and not plan.code.endswith(" > 0"):
            problems.append(f"{plan.sentence} is no yes or no")
            continue
        if not unused:
            return plan
        left = ", ".join(map(repr, unused[:5]))
        problems.append(f"read as {plan.sentence}, but nothing in that stands for {left}")
    return None
