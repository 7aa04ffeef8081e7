"""A request about a table, with everything a frame needs to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.offline.columns import chosen, mentions, resolve
from agent.offline.conditions import take_condition, take_values
from agent.offline.plan import Plan, UnboundError
from agent.offline.requests import Reading
from agent.offline.surroundings import Surroundings, Table
from agent.offline.vocabulary import AGGREGATES, PER, TABLE_WORDS
from tools_registry.registry import Registry

_FRAMES = ("DataFrame",)
_COUNTS = (["how", "many"], ["number", "of"])


@dataclass
class TableQuestion:
    """What is asked of which table.

    Attributes:
        reading: The request.
        table: What it is about.
        answers: What the person said so far.
        registry: For the modules of the tools.
        where: The condition on rows, if there is one.
    """

    reading: Reading
    table: Table
    answers: Sequence[str]
    registry: Registry
    where: str | None = None
    _imports: list[str] = field(default_factory=list)

    def use(self, tool: str) -> str:
        """The name of a tool, imported into the cell.

        Raises:
            UnboundError: If the registry doesn't have it.
        """
        line = self.registry.get(tool).import_line
        if line not in self._imports:
            self._imports.append(line)
        return tool

    @property
    def rows(self) -> str:
        """The table as an argument, filtered if there is a condition."""
        if self.where is None:
            return self.table.source
        return f"{self.use('filter_rows')}({self.table.source}, {self.where!r})"

    @property
    def told(self) -> str:
        """The table as it is called in sentences."""
        return self.table.label + (f" where {self.where}" if self.where else "")

    def columns(self) -> list[str]:
        """The columns mentioned and not used yet, in order."""
        found = mentions(self.reading, self.table)
        return [resolve(self.reading, mention, self.answers) for mention in found]

    def group(self) -> str | None:
        """The column after `by`, `per`, or `for each`; it counts as explained."""
        for mention in mentions(self.reading, self.table):
            if self.reading.before(mention.start) in PER or self._after_each(mention.start):
                column = resolve(self.reading, mention, self.answers, role="grouping column")
                self.reading.take_all({*PER, "each", "grouped", "group"})
                return column
        return None

    def group_follows(self) -> bool:
        """Whether a grouping column is mentioned; nothing is explained yet."""
        starts = [mention.start for mention in mentions(self.reading, self.table)]
        return any(self.reading.before(i) in PER or self._after_each(i) for i in starts)

    def counts_columns(self) -> bool:
        """Whether `how many columns` is asked, or `number of fields`."""
        words = [token.word for token in self.reading.tokens]
        return any(
            word in ("columns", "fields", "values") and words[max(i - 2, 0) : i] in _COUNTS
            for i, word in enumerate(words)
        )

    def _after_each(self, index: int) -> bool:
        return index > 0 and self.reading.tokens[index - 1].word in ("each", "every")

    def aggregate(self) -> str | None:
        """The `how` that a word such as `average` names; it counts as explained."""
        if self.reading.take_phrase("standard", "deviation"):
            return "std"
        index = self.reading.take(AGGREGATES)
        return None if index is None else AGGREGATES[self.reading.tokens[index].word]

    def plan(self, call: str, sentence: str, *lines: str) -> Plan:
        """A cell that ends with a call, and what to say of it.

        Args:
            call: The last expression.
            sentence: What its value is.
            *lines: What comes before it.
        """
        cell = [*self._imports, "", *lines, call] if self._imports else [*lines, call]
        return Plan(
            code="\n".join(cell), sentence=sentence, assumptions=tuple(self.reading.assumptions)
        )


def table_question(
    reading: Reading, surroundings: Surroundings, registry: Registry, answers: Sequence[str]
) -> TableQuestion | None:
    """The request as a question about a table, or None if it speaks of none.

    Raises:
        UnclearError: If it could be about several tables.
        UnboundError: If its condition can't be read, or the file it names is not there.
    """
    table = _table(reading, surroundings, answers)
    if table is None:
        return None
    reading.take_all(TABLE_WORDS)
    where = take_condition(reading, table, answers) or take_values(reading, table)
    return TableQuestion(
        reading=reading, table=table, answers=answers, registry=registry, where=where
    )


def _table(reading: Reading, surroundings: Surroundings, answers: Sequence[str]) -> Table | None:
    named = reading.files()
    if len(named) > 1:
        return None
    if named:
        return _named_file(reading, surroundings, named[0])
    frames = [v for v in surroundings.variables if v.type in _FRAMES]
    for variable in frames:
        if (index := _mentioned(reading, variable.name)) is not None:
            reading.explain(index)
            return Table(source=variable.name, label=variable.name, columns=variable.columns)
    return _only_file(reading, surroundings, answers)


def _named_file(reading: Reading, surroundings: Surroundings, index: int) -> Table:
    name = reading.tokens[index].text
    table = surroundings.table(name)
    if not table.columns and not surroundings.has(name):
        there = ", ".join(surroundings.files[:5])
        msg = f"there is no file {name!r} in the workspace" + (f": it has {there}" if there else "")
        raise UnboundError(msg)
    reading.explain(index)
    _explain_stem(reading, table)
    return table


def _mentioned(reading: Reading, name: str) -> int | None:
    return next((i for i, t in enumerate(reading.tokens) if t.text == name), None)


def _only_file(
    reading: Reading, surroundings: Surroundings, answers: Sequence[str]
) -> Table | None:
    """The file whose name or whose columns the request mentions."""
    tables = [surroundings.table(name) for name in surroundings.files[:20]]
    fitting = [t for t in tables if _explains_something(reading, t)]
    if not fitting:
        return None
    label = fitting[0].label
    if len(fitting) > 1:
        label = chosen("Which file is this about?", [t.label for t in fitting], answers)
    table = next(t for t in fitting if t.label == label)
    _explain_stem(reading, table)
    reading.assumptions.append(f"the file is {table.label}")
    return table


def _explains_something(reading: Reading, table: Table) -> bool:
    stem = table.label.rpartition(".")[0].lower()
    named = any(token.word and token.word == stem for token in reading.tokens)
    return named or bool(mentions(reading, table))


def _explain_stem(reading: Reading, table: Table) -> None:
    """Words such as `penguins` for rows of `penguins.csv`, unless a column is called so."""
    stem = table.label.rpartition("/")[2].rpartition(".")[0].lower()
    parts = {stem, *stem.replace("-", "_").split("_")}
    words = parts | {part.removesuffix("s") for part in parts}
    columns = {column.lower() for column in table.columns}
    reading.take_all({word for word in words - columns if len(word) > 2})
