"""A request cut into pieces that mean something for a table, and which of them are used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from agent.offline.tables.periods import Period

SILENT = frozenset(("WHICH", "WHO", "LIST", "TABLE", "AND", "WHERE", "MUCH", "CONVERT"))
"""Concepts that ask for nothing by themselves."""


@dataclass(frozen=True, kw_only=True)
class Piece:
    """Some words of a request that mean one thing.

    Attributes:
        kind: `concept`, `column`, `value`, `number`, `period`, `clock`, `text`, `file`, `rows`,
            `sign`, `filler`, `word` or `mark`.
        text: As written.
        start: Index of its first token.
        end: Index after its last token.
        concept: Of a concept, its name.
        sense: Which sense of the concept, or of the word.
        columns: Of a column, those it may mean; more than one if that is open.
        exact: Whether the column or value is written as it is called.
        values: Of a value, the columns that have it, each with its spellings there.
        number: Of a number, its source code; of a time of the day, the time as `HH:MM`.
        period: Of a date or a stretch of time, from when until when.
    """

    kind: str
    text: str
    start: int
    end: int
    concept: str = ""
    sense: str = ""
    columns: tuple[str, ...] = ()
    exact: bool = False
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    number: str = ""
    period: Period | None = None

    @property
    def silent(self) -> bool:
        """Whether nothing is lost if no part of a plan stands for it."""
        if self.text.lower() == "from":
            return True
        said = self.kind in ("filler", "mark", "rows") or self.sense in ("==", "verb", "noun")
        return said or self.concept in SILENT


@dataclass
class Pieces:
    """The pieces of a request, in order; a grammar takes them away one after the other."""

    items: Sequence[Piece]
    used: set[int] = field(default_factory=set)

    def take(self, *patterns: str) -> list[Piece | None] | None:
        """The first place where one of the patterns stands; its pieces count as used.

        A pattern is a row of atoms: kinds (`column`), concepts (`PER`, or `AGG/mean` for one
        sense), words in quotes (`'to'`); `|` between alternatives, `?` after what may be absent,
        `^` at the beginning if nothing but fillers may come before. Fillers and used pieces
        between atoms are passed over.
        """
        found = self.find(*patterns)
        if found is None:
            return None
        indices, matched = found
        self.used |= indices
        return matched

    def find(self, *patterns: str) -> tuple[set[int], list[Piece | None]] | None:
        """The same, with the indices, but nothing counts as used."""
        for pattern in patterns:
            atoms = _atoms(pattern)
            for start in range(len(self.items)):
                if start not in self.used and (found := self._match(atoms, start)) is not None:
                    return found
        return None

    def has(self, *patterns: str) -> bool:
        """Whether one of the patterns stands somewhere."""
        return self.find(*patterns) is not None

    def all(self, *patterns: str) -> Iterator[list[Piece | None]]:
        """Every place where one of the patterns stands, taken one after the other."""
        while (found := self.take(*patterns)) is not None:
            yield found

    def use_beside(self, beside: str, wanted: str) -> None:
        """Use every piece that fits `wanted` and stands right before or after one of `beside`."""
        inner, outer = _atoms(wanted)[0], _atoms(beside)[0]
        telling = [(i, piece) for i, piece in enumerate(self.items) if piece.kind != "filler"]
        for place, (number, piece) in enumerate(telling):
            around = [*telling[max(place - 1, 0) : place], *telling[place + 1 : place + 2]]
            if (
                piece.kind != "column"
                and inner.fits(piece)
                and any(outer.fits(neighbour) for _, neighbour in around)
            ):
                self.used.add(number)

    def free(self, *kinds: str) -> list[Piece]:
        """Pieces of these kinds that are not used."""
        return [p for i, p in enumerate(self.items) if i not in self.used and p.kind in kinds]

    def use(self, pieces: Iterable[Piece]) -> None:
        """Count pieces as used."""
        wanted = {id(piece) for piece in pieces}
        self.used |= {i for i, piece in enumerate(self.items) if id(piece) in wanted}

    def release(self, piece: Piece) -> None:
        """Count a piece as not used after all."""
        self.used -= {i for i, item in enumerate(self.items) if item is piece}

    def unused(self) -> list[str]:
        """What no part of a plan stands for."""
        return [p.text for i, p in enumerate(self.items) if i not in self.used and not p.silent]

    def before(self, piece: Piece) -> Piece | None:
        """The piece before one, fillers included."""
        index = next(i for i, item in enumerate(self.items) if item is piece)
        return self.items[index - 1] if index else None

    def after(self, piece: Piece) -> Piece | None:
        """The piece after one, fillers left out."""
        index = next(i for i, item in enumerate(self.items) if item is piece)
        return next((p for p in self.items[index + 1 :] if p.kind != "filler"), None)

    def change(self, piece: Piece, **changes: object) -> None:
        """Put a changed piece in the place of one."""
        self.items = [
            replace(p, **changes) if p is piece else p  # type: ignore[arg-type]  # names of fields
            for p in self.items
        ]

    def copy(self) -> Pieces:
        """The same pieces, used up as far, to try something on."""
        return Pieces(self.items, set(self.used))

    def _match(
        self, atoms: Sequence[_Atom], start: int
    ) -> tuple[set[int], list[Piece | None]] | None:
        at, indices, matched = start, set[int](), list[Piece | None]()
        for number, atom in enumerate(atoms):
            place = (
                self._next(at, atom)
                if number
                else (start if atom.fits(self.items[start]) else None)
            )
            if place is None and not atom.optional:
                return None
            if place is None:
                matched.append(None)
                continue
            indices |= set(range(at, place + 1)) - self.used if number else {place}
            matched.append(self.items[place])
            at = place + 1
        return indices, matched

    def _next(self, at: int, atom: _Atom) -> int | None:
        """Where an atom stands after `at`, with nothing but fillers in between."""
        for place in range(at, len(self.items)):
            piece = self.items[place]
            if place not in self.used and atom.fits(piece):
                return place
            if piece.kind != "filler" and place not in self.used:
                return None
        return None


@dataclass(frozen=True)
class _Atom:
    names: tuple[str, ...]
    optional: bool = False

    def fits(self, piece: Piece) -> bool:
        for name in self.names:
            concept, _, sense = name.partition("/")
            if name == piece.kind or (name[0] == "'" and name[1:-1] == piece.text.lower()):
                return True
            if name == "yesno" and piece.sense == name:
                return True
            if name == "rows" and piece.sense == "noun":
                return True
            if name == "number" and piece.period is not None and piece.number:
                return True  # a year is a number too
            if piece.kind == "concept" and concept == piece.concept and sense in ("", piece.sense):
                return True
        return False


_KNOWN: dict[str, tuple[_Atom, ...]] = {}


def _atoms(pattern: str) -> tuple[_Atom, ...]:
    if pattern not in _KNOWN:
        _KNOWN[pattern] = tuple(
            _Atom(tuple(atom.rstrip("?").split("|")), atom.endswith("?"))
            for atom in pattern.split()
        )
    return _KNOWN[pattern]
