"""Clauses that many questions share: groups, order, how many, where to save."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.offline.plan import UnboundError
from agent.offline.tables.conditions import take_conditions
from agent.offline.tables.hints import UNITS
from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study
from agent.offline.vocabulary import DATA_SUFFIXES

_GENERAL = (
    *("mark", "marks", "score", "scores", "grade", "grades", "figure", "figures"),
    *("level", "points", "result", "results", "number", "numbers", "name", "names"),
)
"""Words beside a column that say no more than it."""
_GROUPS = (
    *("team", "group", "section", "office", "branch", "area", "ones", "staff", "status", "guys"),
    *("category", "department", "genre", "region", "segment", "type", "class", "division"),
)
"""Words beside a value that say no more than it."""
_ADVERBS = frozenset(
    ("monthly", "yearly", "annual", "annually", "quarterly", "weekly", "daily", "hourly")
)
_MOST_DIGITS = 15  # after the point
PARTS_IN_ORDER = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, kw_only=True)
class Order:
    """In which order rows are wanted.

    Attributes:
        column: By what; None for whatever is measured.
        descending: Largest first; None if that is not said.
        by_quality: Whether it was called best or worst, so that few delays are good.
    """

    column: Piece | None = None
    descending: bool | None = None
    by_quality: bool = False


@dataclass(frozen=True, kw_only=True)
class Having:
    """What groups must be like.

    Attributes:
        sign: Of the comparison.
        number: With what is compared.
        how: What is compared: `count` without a column is the number of rows.
        column: Of what.
    """

    sign: str
    number: str
    how: str
    column: str = ""


@dataclass(kw_only=True)
class Clauses:
    """What was found.

    Attributes:
        keys: Columns whose values make groups.
        order: In which order.
        limit: How many; None for all.
        last: Whether the last are wanted instead of the first.
        saved: Where the result is to be kept; "" if nowhere.
        having: Which groups are wanted; None for all.
        digits: To how many decimal places; None if unrounded.
    """

    keys: tuple[str, ...] = ()
    order: Order | None = None
    limit: int | None = None
    saved: str = ""
    having: Having | None = None
    digits: int | None = None


def take_clauses(study: Study, *, conditions: bool = True) -> Clauses:
    """Everything that comes in any question; what is left is what is asked."""
    _remarks(study)
    clauses = Clauses(saved=_saving(study), digits=_digits(study))
    clauses.order = _order(study)
    clauses.keys = take_groups(study)
    clauses.having = _having(study, clauses)
    if conditions:
        take_conditions(study)
    return clauses


def _remarks(study: Study) -> None:
    """`the comma is the decimal sign`, which the data tell already; `the price column`."""
    study.pieces.take("'comma'|'commas' CMP/==? ROUND 'sign'|'separator'|'mark'|'point'|ROUND?")
    study.pieces.take("ROUND|'decimal' 'comma'|'commas'")
    study.pieces.use_beside("column", "COLUMNS")
    study.pieces.use_beside("number", "|".join(f"'{word}'" for word in _known_units(study)))
    study.pieces.use_beside("'km'", "'h'")
    study.pieces.use_beside("value", "|".join(f"'{word}'" for word in _GROUPS))
    study.pieces.use_beside("column", "|".join(f"'{word}'" for word in _GENERAL))


def _known_units(study: Study) -> list[str]:
    """Units that fit the columns: `mm` if one is called `rain_mm`, degrees for temperatures."""
    written = {
        word for column in study.table.columns for word in re.findall(r"[a-z]+", column.lower())
    }
    known = {"degrees", "degree", "celsius"} if written & {"temp", "temperature"} else set()
    known |= {"km", "h"} if "kmh" in written else set()
    known |= {"minutes", "minute"} if written & {"min", "mins"} else set()
    known |= {"milliseconds", "millisecond"} if "ms" in written else set()
    known |= {"kilometers", "kilometres"} if "km" in written else set()
    return sorted((UNITS & written) | known | {"years", "stars", "points"}) or ["years"]


def _saving(study: Study) -> str:
    targets = [p for p in study.pieces.free("file") if p.text.lower().endswith(DATA_SUFFIXES)]
    if len(targets) != 1 or study.pieces.take("SAVE|CONVERT") is None:
        return ""
    study.pieces.take("SAVE|CONVERT")
    study.pieces.take("TABLE")
    study.pieces.use(targets)
    return targets[0].text


def _digits(study: Study) -> int | None:
    if found := study.pieces.take("number ROUND", "ROUND number ROUND", "ROUND number"):
        number = next(p.number for p in found if p is not None and p.number)
        return int(number) if number.isdigit() and int(number) <= _MOST_DIGITS else None
    if study.pieces.take("ROUND 'integer'|'number'|'euro'", "ROUND"):
        return 0
    return None


def _order(study: Study) -> Order | None:
    if found := study.pieces.take("SUPER FIRST", "SUPER column FIRST/"):
        top = _present(found[0])
        named = found[1] if len(found) > 2 else None
        rest = _order(study)
        named = named or (rest.column if rest is not None else None)
        by = named or (top if top.columns else None)
        quality = top.text.lower() in ("best", "worst")
        return Order(column=by, descending=top.sense == "max", by_quality=quality)
    if (ranked := _ranking(study)) is not None:
        return ranked
    found = study.pieces.take(
        "SORT rows|ROWS|TABLE PER column DESC|ASC?",
        "SORT column DESC|ASC?",
        "SORT DESC|ASC column?",
        "SORT",
        "DESC|ASC",
    )
    if found is None:
        found = study.pieces.take("CONTAINS/starts SUPER column?")
        best = found[1] if found is not None else None
        if found is None or best is None:
            return None
        by = found[2] or (best if best.columns else None)
        return Order(column=by, descending=best.sense == "max")
    column = next((p for p in found if p is not None and p.kind == "column"), None)
    way = next((p.concept for p in found if p is not None and p.concept in ("DESC", "ASC")), None)
    if way is None and (more := study.pieces.take("DESC|ASC")):
        way = more[0].concept if more[0] is not None else None
    if way is None and found[0] is not None and found[0].text.lower().startswith("rank"):
        way = "DESC"
    return Order(column=column, descending=None if way is None else way == "DESC")


def _ranking(study: Study) -> Order | None:
    """`rank departments by average salary`, `sort students by English`: what is sorted stays."""
    if study.pieces.has("SORT column PER AGG|COUNT"):
        said = study.pieces.take("SORT") or []
        return Order(descending=_way(_present(said[0]), study.pieces.take("DESC|ASC")))
    found = study.pieces.find("SORT column PER column")
    by = found[1][-1] if found is not None else None
    if found is None or by is None or not study.is_number(by):
        return None
    study.pieces.used |= found[0]
    study.pieces.release(_present(found[1][1]))
    return Order(column=by, descending=_way(_present(found[1][0]), study.pieces.take("DESC|ASC")))


def _way(ordering: Piece, found: list[Piece | None] | None) -> bool:
    """Whether the largest comes first; a ranking begins with the best."""
    if found and found[0] is not None:
        return found[0].concept == "DESC"
    return ordering.text.lower().startswith("rank")


def _present(piece: Piece | None) -> Piece:
    assert piece is not None
    return piece


def take_groups(study: Study) -> tuple[str, ...]:
    """The columns after `per`, `by`, `for each`."""
    if both := study.pieces.take("yesno VS|AND|OR 'non'|NOT|LACKING yesno"):
        return (key_of(study, both[0]),) if both[0] is not None else ()
    if (led := study.pieces.find("column PER AGG|COUNT")) and led[1][0] and led[1][1]:
        study.pieces.use([led[1][0], led[1][1]])
        return (key_of(study, led[1][0]),)
    found = study.pieces.take(
        "PER column|EACHDATE AND column|EACHDATE", "PER column|EACHDATE column|EACHDATE?"
    )
    if found is not None:
        keys = [p for p in found if p is not None and (p.columns or p.concept == "EACHDATE")]
        linked = any(p is not None and p.concept == "AND" for p in found)
        if len(keys) == 2 and not linked and study.is_number(keys[1]):
            study.pieces.release(keys.pop())
        return tuple(key_of(study, piece) for piece in keys)
    adverbs = [p for p in study.pieces.free("concept") if p.text.lower() in _ADVERBS]
    study.pieces.use(adverbs[:1])
    return tuple(key_of(study, piece) for piece in adverbs[:1])


def key_of(study: Study, piece: Piece) -> str:
    """The column whose values make groups; a part of dates becomes a column."""
    if piece.concept == "EACHDATE" and piece.sense == "hour" and not study.columns_of("date"):
        return study.cell.part(study.when(), "clock hour")
    if piece.concept == "EACHDATE":
        return study.cell.part(study.dates(), piece.sense)
    column = study.column(piece, role="grouping column")
    tidy(study, column)
    return column


def tidy(study: Study, column: str, *, asked: bool = False) -> None:
    """Spell each value in one way where the data differ in spaces and capitals only."""
    spellings = study.table.spellings.get(column, {})
    canonical: dict[str, str] = {}
    for spelled in spellings.values():
        best = _tidiest(spelled, asked=asked)
        canonical |= {value: best for value in spelled if value != best}
    if canonical:
        study.assume(f"spaces and capitals don't matter in {column!r}")
        study.cell.tidy(column, canonical)


def _tidiest(spelled: tuple[str, ...], *, asked: bool) -> str:
    plain = [" ".join(value.split()) for value in spelled]
    mixed = [value for value in plain if value != value.upper() and value != value.lower()]
    best = mixed[0] if mixed else plain[0]
    alone = len(spelled) == 1 or not mixed
    return best.title() if asked and alone and not mixed else best


def _having(study: Study, clauses: Clauses) -> Having | None:
    """`with more than 5 employees`, `whose average salary is above 60000`: of the groups."""
    found = study.pieces.take(
        "WHERE? CMP number rows",
        "WHERE? column CMP number 'times'|TIMES",
        "number ATLEAST rows",
        "WHERE? AGG column CMP number",
    )
    if found is None:
        return None
    how = next((p.sense for p in found if p is not None and p.concept == "AGG"), "")
    column = next((p for p in found if p is not None and p.kind == "column"), None)
    return Having(
        sign=next(p.sense for p in found if p is not None and p.concept in ("CMP", "ATLEAST")),
        number=next(p.number for p in found if p is not None and p.number),
        how=how or "count",
        column=study.number(column) if column is not None and how else "",
    )


def whole_number(piece: Piece | None) -> int:
    """A count, as in `top 5`.

    Raises:
        UnboundError: If it is none.
    """
    if piece is None or not piece.number.isdigit() or not 0 < int(piece.number) < 10**6:
        msg = f"{piece.text if piece else 'that'} is no number of rows"
        raise UnboundError(msg)
    return int(piece.number)
