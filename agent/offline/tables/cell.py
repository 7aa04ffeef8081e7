"""The cell that answers a question about a table, written line by line."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from agent.offline.plan import UnboundError
from agent.offline.surroundings import Table
from tools_registry.registry import Registry


@dataclass
class Cell:
    """Lines of code about one table; names, columns and values get into it quoted only.

    Attributes:
        table: What it is about.
        registry: For the modules of the tools.
        taken: Names of the person's variables, which stay as they are.
        where: The condition on rows, as the table tools read it; "" for all rows.
    """

    table: Table
    registry: Registry
    taken: Collection[str] = ()
    where: str = ""
    _imports: list[str] = field(init=False)
    _lines: list[str] = field(init=False)
    _done: set[tuple[str, str]] = field(default_factory=set)
    _base: str = ""

    def __post_init__(self) -> None:
        self._imports = list(self.table.imports)
        self._lines = list(self.table.setup)

    def use(self, tool: str) -> str:
        """The name of a tool, imported into the cell.

        Raises:
            UsageError: If the registry doesn't have it.
        """
        self._import(self.registry.get(tool).import_line)
        return tool

    def pandas(self) -> str:
        """The name of pandas, imported into the cell."""
        self._import("import pandas as pd")
        return "pd"

    def _import(self, line: str) -> None:
        if line not in self._imports:
            self._imports.append(line)

    @property
    def base(self) -> str:
        """The whole table as an argument of a tool."""
        return self._base or self.table.source

    @property
    def rows(self) -> str:
        """The rows asked about, as an argument of a tool."""
        return (
            f"{self.use('filter_rows')}({self.base}, {self.where!r})" if self.where else self.base
        )

    @property
    def frame(self) -> str:
        """The rows asked about, as a DataFrame."""
        if self.where:
            return self.rows
        return self._base or f"{self.use('read_table')}({self.table.source})"

    def name(self, wanted: str) -> str:
        """A name for a variable that is not the person's."""
        while wanted in self.taken:
            wanted += "_"
        return wanted

    def let(self, name: str, expression: str) -> str:
        """Add a line that gives a value a name; the name."""
        free = self.name(name)
        self._lines.append(f"{free} = {expression}")
        return free

    def whole(self) -> str:
        """The name of a variable that holds the whole table."""
        if not self._base:
            self._base = self.let("table", f"{self.use('read_table')}({self.table.source})")
        return self._base

    def become(self, expression: str) -> None:
        """Go on with another table."""
        self._base = self.let("table", expression)

    def settle(self) -> str:
        """The name of a variable that holds the rows asked about."""
        if not self.where:
            return self.whole()
        rows = self.let("rows", self.rows)
        self._base, self.where = rows, ""
        return rows

    def derive(self, column: str, expression: str, purpose: str = "") -> None:
        """Add or replace a column of the whole table; at most once for a purpose."""
        if (column, purpose or expression) not in self._done:
            self._done.add((column, purpose or expression))
            table = self.whole()
            self._base = self.let("table", f"{table}.assign(**{{{column!r}: {expression}}})")

    def number(self, column: str) -> str:
        """The column with its numbers as numbers; its name."""
        dressed = self.table.kind(column).dressed
        if dressed:
            series = f"{self.whole()}[{column!r}].astype('string')"
            if dressed == "comma":
                plain = f"{series}.str.replace(r'[^0-9,-]', '', regex=True).str.replace(',', '.')"
            else:
                plain = f"{series}.str.replace(r'[^0-9.-]', '', regex=True)"
            self.derive(column, f"{self.pandas()}.to_numeric({plain})", "number")
        return column

    def dates(self, column: str) -> str:
        """The dates of a column of the whole table, as an expression."""
        kind = self.table.kind(column)
        if kind.name != "date":
            msg = f"the column {column!r} of {self.table.label} holds no dates that can be read"
            raise UnboundError(msg)
        series = f"{self.whole()}[{column!r}]"
        if not kind.form:
            return series
        return f"{self.pandas()}.to_datetime({series}, format={kind.form!r})"

    def part(self, column: str, part: str) -> str:
        """A column with a part of the dates of another: its month, year, weekday …; its name."""
        name = part if part not in self.table.columns else f"{part} of {column}"
        if part == "clock hour":
            name = "hour" if "hour" not in self.table.columns else f"hour of {column}"
            hours = f"{self.whole()}[{column!r}].astype('string').str.extract(r'^(\\d+)')[0]"
            self.derive(name, f"{self.pandas()}.to_numeric({hours})", part)
            return name
        self.derive(name, _PARTS[part].format(self.dates(column)), part)
        return name

    def tidy(self, column: str, canonical: dict[str, str]) -> None:
        """Spell the values of a column in one way."""
        if canonical:
            self.derive(column, f"{self.whole()}[{column!r}].replace({canonical!r})", "tidy")

    def code(self, last: str) -> str:
        """The cell, which ends with an expression."""
        return "\n".join([*self._imports, *([""] if self._imports else []), *self._lines, last])


_PARTS = {
    "year": "{}.dt.year",
    "quarter": "{}.dt.to_period('Q').astype('string')",
    "quarter number": "{}.dt.quarter",
    "month": "{}.dt.strftime('%Y-%m')",
    "month number": "{}.dt.month",
    "week": "{}.dt.to_period('W').dt.start_time.dt.strftime('%Y-%m-%d')",
    "day": "{}.dt.strftime('%Y-%m-%d')",
    "weekday": "{}.dt.day_name()",
    "weekday number": "{}.dt.dayofweek",
    "hour": "{}.dt.hour",
}
"""Part of a date → how it is had from a column of dates."""
