"""A question about one table while it is read: its pieces, its cell, what was assumed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agent.offline.plan import Inquiry, Plan, UnboundError, UnclearError
from agent.offline.surroundings import Table
from agent.offline.tables.cell import Cell
from agent.offline.tables.hints import LABELS, WHO
from agent.offline.tables.kinds import KindName
from agent.offline.tables.naming import hinted_columns, words_of_column
from agent.offline.tables.pieces import Piece, Pieces


@dataclass
class Study:
    """What is being read.

    Attributes:
        pieces: Of the request.
        cell: The code so far.
        answers: What the person said so far.
        assumptions: What was assumed.
        negated: Whether a condition says what is not.
        several: The column of which several values are named with `and`; "" if there is none.
    """

    pieces: Pieces
    cell: Cell
    answers: Sequence[str] = ()
    assumptions: list[str] = field(default_factory=list)
    several: str = ""
    negated: bool = False

    @property
    def table(self) -> Table:
        """What the question is about."""
        return self.cell.table

    @property
    def told(self) -> str:
        """The rows as they are called in sentences."""
        where = f" where {self.cell.where}" if self.cell.where else ""
        return f"{self.table.label}{where}"

    def assume(self, note: str) -> None:
        """Note what was assumed, once."""
        if note not in self.assumptions:
            self.assumptions.append(note)

    def column(self, piece: Piece, *kinds: KindName, role: str = "column") -> str:
        """The column that a piece means; one of these kinds if there are any.

        Raises:
            UnclearError: If several fit and no answer says which.
            UnboundError: If it is of another kind.
        """
        fitting = [c for c in piece.columns if self.table.kind(c).name in (*kinds, "unknown")]
        options = (fitting or piece.columns) if kinds else piece.columns
        if kinds and not fitting:
            needed = " or ".join({"yesno": "yes or no"}.get(kind, f"{kind}s") for kind in kinds)
            msg = f"the column {options[0]!r} of {self.table.label} holds no {needed}"
            raise UnboundError(msg)
        column = options[0]
        if len(options) > 1:
            column = chosen(f"Which {role} is meant by {piece.text!r}?", options, self.answers)
        if not piece.exact or column.casefold() != piece.text.casefold():
            self._note(piece, column)
        return column

    def _note(self, piece: Piece, column: str) -> None:
        spoken = "".join(words_of_column(piece.text))
        if "".join(words_of_column(column)) != spoken:
            self.assume(f"{piece.text!r} was read as the column {column!r}")

    def is_number(self, piece: Piece) -> bool:
        """Whether a piece can mean nothing but a column of numbers."""
        return bool(piece.columns) and all(map(self._holds_numbers, piece.columns))

    def may_be_number(self, piece: Piece) -> bool:
        """Whether a piece may mean a column of numbers."""
        return any(map(self._holds_numbers, piece.columns))

    def _holds_numbers(self, column: str) -> bool:
        calculated = column not in self.table.columns
        return calculated or self.table.kind(column).name == "number"

    def number(self, piece: Piece) -> str:
        """The column of numbers that a piece means, readied for calculation."""
        return self.cell.number(self.column(piece, "number"))

    def columns_of(self, *kinds: KindName) -> list[str]:
        """All columns of these kinds."""
        return [c for c in self.table.columns if self.table.kind(c).name in kinds]

    def dates(self) -> str:
        """The one column of dates.

        Raises:
            UnboundError: If there is none.
            UnclearError: If there are several and no answer says which.
        """
        found = self.columns_of("date")
        if not found:
            msg = f"{self.table.label} has no column of dates; it has {self.there}"
            raise UnboundError(msg)
        if len(found) == 1:
            return found[0]
        return chosen("Which date is meant?", found, self.answers)

    def when(self) -> str:
        """The column that answers `when`: the one that a verb speaks of, dates, or times.

        Raises:
            UnboundError: If there is none.
            UnclearError: If there are several and nothing says which.
        """
        moments = self.columns_of("date", "time")
        said = [
            p for p in self.pieces.free("column") if p.columns and set(p.columns) <= set(moments)
        ]
        if said:
            self.pieces.use(said)
            return self.column(said[0])
        times = self.columns_of("time")
        if self.columns_of("date") or not times:
            return self.dates()
        return times[0] if len(times) == 1 else chosen("Which time is meant?", times, self.answers)

    @property
    def there(self) -> str:
        """The columns, for messages."""
        return ", ".join(self.table.columns[:12]) or "none that can be seen"

    def label(self) -> str | None:
        """The column that tells what a row is: a name, a title; None if there is none."""
        texts = self.columns_of("text")
        for wanted in LABELS:
            for column in texts:
                if wanted in words_of_column(column) and self.table.kind(column).unique:
                    return column
        unique = [c for c in texts if self.table.kind(c).unique]
        return unique[0] if unique else None

    def person(self) -> str | None:
        """The column that answers `who`."""
        texts = self.columns_of("text")
        named = ((w, c) for w in WHO for c in texts if w in words_of_column(c))
        return next((column for _, column in named), None) or self.label()

    def hinted(self, *columns: str) -> tuple[str, ...]:
        """The columns whose names have the first of some words that occurs in any."""
        return hinted_columns("", self.table, columns)

    def plan(self, last: str, sentence: str) -> Plan:
        """The cell with its last expression.

        Args:
            last: The expression whose value answers.
            sentence: What its value is; no full stop.
        """
        return Plan(
            code=self.cell.code(last), sentence=sentence, assumptions=tuple(self.assumptions)
        )


def chosen(question: str, options: Iterable[str], answers: Sequence[str]) -> str:
    """The option that an answer names.

    Raises:
        UnclearError: If none does.
    """
    options = tuple(dict.fromkeys(options))
    for answer in answers:
        for option in options:
            if option.casefold() == answer.strip().casefold():
                return option
    raise UnclearError(Inquiry(question=question, options=options))
