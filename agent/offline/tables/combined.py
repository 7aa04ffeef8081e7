"""Columns calculated from others: `price * quantity`, `temp_max minus temp_min`, revenue."""

from __future__ import annotations

from agent.offline.tables.pieces import Piece
from agent.offline.tables.study import Study

_SIGNS = {"*": "*", "×": "*", "/": "/", "+": "+", "-": "-", "−": "-"}  # noqa: RUF001 -- as typed
_WORDS = {"TIMES": "*", "RATIO": "/", "MINUS": "-"}
_REVENUE = frozenset(("revenue", "turnover", "sales", "takings", "worth", "value"))
_PRICES = ("unit_price", "price", "cost")
_QUANTITIES = ("quantity", "qty", "units", "stock", "amount", "count")


def combine(study: Study) -> None:
    """Put one piece in the place of two columns and what stands between them."""
    for found in list(study.pieces.all("column TIMES|RATIO|MINUS column")):
        first, sign, second = found
        if first and sign and second:
            _merge(study, first, _WORDS[sign.concept], second)
    for found in list(study.pieces.all("MINUS BETWEEN? column AND column")):
        if found[-3] and found[-1]:
            _merge(study, found[-3], "-", found[-1])
    for spelled, operator in _SIGNS.items():
        for found in list(study.pieces.all(f"column '{spelled}' column")):
            if found[0] and found[-1]:
                _merge(study, found[0], operator, found[-1])
    _revenue(study)
    _across(study)
    _number_of(study)
    _first_of_dates(study)


def _first_of_dates(study: Study) -> None:
    """`hired first`, `ordered most recently`: the extreme of that date."""
    for pattern in ("column FIRST|LAST", "FIRST|LAST column"):
        found = study.pieces.find(pattern)
        pair = [p for p in found[1] if p is not None] if found else []
        column = next((p for p in pair if p.columns), None)
        way = next((p for p in pair if not p.columns), None)
        if column is None or way is None:
            continue
        if all(study.table.kind(c).name == "date" for c in column.columns):
            last = way.sense == "last" or way.concept == "LAST"
            study.pieces.use([column])
            study.pieces.change(
                way, concept="SUPER", sense="max" if last else "min", columns=column.columns
            )
            return


def _number_of(study: Study) -> None:
    """`the average number of pages`, `the page count`: the column has that number."""
    for found in list(study.pieces.all("column COUNT")):
        column, count = found
        if column is None or count is None or not study.is_number(column):
            continue
        study.pieces.release(column)
        if count.text.lower().startswith("count") and not column.text.lower().endswith("s"):
            study.pieces.change(count, kind="filler", concept="", sense="")
        else:
            study.pieces.release(count)
    _counting_column(study)


def _counting_column(study: Study) -> None:
    found = study.pieces.find("AGG|SUPER COUNT column")
    if found is None or found[1][1] is None or found[1][2] is None:
        return
    if study.is_number(found[1][2]):
        study.pieces.use([found[1][1]])
        study.pieces.change(found[1][1], kind="filler", concept="", sense="")


def _across(study: Study) -> None:
    """`average mark over all subjects`: of all columns of numbers, for each row."""
    pieces = study.pieces
    found = pieces.find(
        "AGG word|column|rows? CMP/>|PER|'in'|'of'|VS 'all'? word|COLUMNS|'subjects'",
        "AGG word|rows? 'in'? 'all'? 'subjects'",
    )
    last = found[1][-1] if found is not None else None
    if found is None or last is None or last.text.lower() not in _ALL_COLUMNS:
        return
    numbers = study.columns_of("number")
    how, first = found[1][0], found[1][0]
    if (
        len(numbers) < 2
        or how is None
        or first is None
        or how.sense not in ("mean", "sum", "median")
    ):
        return
    pieces.used |= found[0]
    for column in numbers:
        study.cell.number(column)
    name = f"{how.sense} of {', '.join(numbers)}"
    study.cell.derive(name, f"{study.cell.whole()}[{numbers!r}].{how.sense}(axis=1)")
    study.assume(f"{first.text} is taken over {', '.join(numbers)}")
    _replace(study, first, name)


_ALL_COLUMNS = frozenset("subjects columns exams tests fields quarters categories courses".split())  # noqa: SIM905 -- as in the lexicon


def _merge(study: Study, first: Piece, sign: str, second: Piece) -> None:
    left, right = study.number(first), study.number(second)
    name = f"{left} {sign} {right}"
    _derive(study, name, left, sign, right)
    _replace(study, first, name)


def _derive(study: Study, name: str, left: str, sign: str, right: str) -> None:
    table = study.cell.whole()
    study.cell.derive(name, f"{table}[{left!r}] {sign} {table}[{right!r}]")


def _replace(study: Study, piece: Piece, name: str) -> None:
    index = next(i for i, item in enumerate(study.pieces.items) if item is piece)
    study.pieces.change(piece, kind="column", columns=(name,), exact=True, text=name)
    study.pieces.used.discard(index)


def _revenue(study: Study) -> None:
    """`revenue` where there are a price and a quantity only."""
    words = [p for p in study.pieces.free("word") if p.text.lower() in _REVENUE]
    prices, quantities = study.hinted(*_PRICES), study.hinted(*_QUANTITIES)
    held = study.pieces.find("'value'|'worth' 'of'? column")
    if words and held and held[1][-1] is not None and held[1][-1].columns == quantities:
        study.pieces.use([held[1][-1]])
    if not words or len(prices) != 1 or len(quantities) != 1:
        return
    price, quantity = study.cell.number(prices[0]), study.cell.number(quantities[0])
    name = f"{price} * {quantity}"
    _derive(study, name, price, "*", quantity)
    for word in words:
        study.assume(f"{word.text!r} is {name}")
        _replace(study, word, name)
