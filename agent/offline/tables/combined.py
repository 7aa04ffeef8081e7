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
        first, second = found[-3], found[-1]
        if first and second:
            _merge(study, first, "-", second)
    for spelled, sign in _SIGNS.items():
        for found in list(study.pieces.all(f"column '{spelled}' column")):
            if found[0] and found[-1]:
                _merge(study, found[0], sign, found[-1])
    _revenue(study)


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
    if not words or len(prices) != 1 or len(quantities) != 1:
        return
    price, quantity = study.cell.number(prices[0]), study.cell.number(quantities[0])
    name = f"{price} * {quantity}"
    _derive(study, name, price, "*", quantity)
    for word in words:
        study.assume(f"{word.text!r} is {name}")
        _replace(study, word, name)
