"""From the tokens of a request to its pieces, in the light of a table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent.offline.requests import PUNCTUATION, Request, Token
from agent.offline.surroundings import Table
from agent.offline.synthesis.words import NUMBERS, stem
from agent.offline.tables.clock import read_clock
from agent.offline.tables.hints import PEOPLE, VERBS
from agent.offline.tables.kinds import folded
from agent.offline.tables.lexicon import (
    CURRENCIES,
    CURRENCY_SIGNS,
    MULTIPLIERS,
    NEUTRAL,
)
from agent.offline.tables.naming import (
    hinted_columns,
    in_any_order,
    is_part,
    near,
    nouns_of,
    opposite,
    too_weak,
    words_of_columns,
)
from agent.offline.tables.periods import read_period
from agent.offline.tables.phrases import (
    COMPARING,
    PHRASES,
    SKIPPED,
    STATES_SAID,
    Phrases,
    is_common,
)
from agent.offline.tables.pieces import Piece, Pieces
from agent.offline.vocabulary import DATA_SUFFIXES, PICTURE_SUFFIXES, SIGNS, TEXT_SUFFIXES

_SHORTEST_BEGINNING = 4  # letters of a word that may stand for a longer value
_LONGEST = 6  # atoms that make one piece
_SUREST, _UNSURE = 1, 8
_SPOKEN = {"one": 1, **NUMBERS}
_ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}


@dataclass(frozen=True)
class _Atom:
    """A token, or a word of a hyphened one."""

    token: Token
    word: str
    index: int


Candidate = tuple[int, int, Piece]
"""Its length, how sure it is (less is surer), the piece."""


def tag(request: Request, table: Table, phrases: Phrases | None = None) -> Pieces:
    """Cut a request into pieces; longer ones win, then surer ones.

    Args:
        request: What is cut up.
        table: Whose columns and values are looked for.
        phrases: What phrases mean; by default what they mean in questions about tables.
    """
    concepts = PHRASES if phrases is None else phrases
    atoms = _atoms_of(request)
    candidates: list[Candidate] = []
    for length in range(1, _LONGEST + 1):
        for start in range(len(atoms) - length + 1):
            span = atoms[start : start + length]
            for sureness, piece in _meanings(span, request, table, concepts):
                whole = replace(piece, start=start, end=start + length)
                candidates.append((length, sureness, whole))
    return Pieces(_settled(_placed(candidates, len(atoms))))


def _atoms_of(request: Request) -> list[_Atom]:
    """The tokens; marks between the parts of one word are left out."""
    tokens, found = request.tokens, list[_Atom]()
    for index, token in enumerate(tokens):
        glued = (
            token.text in "-/"
            and 0 < index < len(tokens) - 1
            and tokens[index - 1].end == token.start
            and token.end == tokens[index + 1].start
            and tokens[index + 1].word
        )
        if not glued:
            found.append(_Atom(token, _plain(token.word), index))
    return found


def _plain(word: str) -> str:
    """Without the 's of a possessor; contractions such as `what's` become their first word."""
    return re.sub(r"['’](s|re|ll|d|ve)?$", "", word)  # noqa: RUF001 -- as typed


def _placed(candidates: list[Candidate], count: int) -> list[Piece]:
    taken = [False] * count
    placed = []
    for length, _, piece in sorted(candidates, key=lambda c: (-c[0], c[1], c[2].start)):
        if not any(taken[piece.start : piece.end]):
            taken[piece.start : piece.end] = [True] * length
            placed.append(piece)
    return sorted(placed, key=lambda piece: piece.start)


def _settled(pieces: list[Piece]) -> list[Piece]:
    """`total` before a column is what is done to it, even if a column is called `total` too."""
    settled = []
    for number, piece in enumerate(pieces):
        rest = (p for p in pieces[number + 1 :] if p.kind != "filler")
        after = next(rest, None)
        concept = PHRASES.get((piece.text.lower(),))
        if piece.kind == "column" and concept and concept[0] == "AFTER" and after and after.period:
            piece = replace(piece, kind="concept", concept=concept[0], sense=concept[1], columns=())
        doubtful = piece.kind == "column" and concept is not None and concept[0] in _BEFORE_COLUMNS
        measured = after is not None and after.kind == "column"
        if piece.text.lower() in _EXTREME and measured:
            piece = replace(
                piece, kind="concept", concept="SUPER", sense=_EXTREME[piece.text.lower()]
            )
        beside = after is not None and after.kind == "rows" and after.start == piece.end
        counted = beside and piece.text.lower() == "total"  # but `the total of the orders`
        if doubtful and concept is not None and (measured or counted):
            piece = replace(piece, kind="concept", concept=concept[0], sense=concept[1], columns=())
        settled.append(piece)
    return settled


_EXTREME = {"longest": "max", "shortest": "min", "strongest": "max", "greatest": "max",
            "heaviest": "max", "lightest": "min", "steepest": "max", "fullest": "max",
            "busiest": "max"}  # fmt: skip
"""Words that compare whatever column follows, if they speak of none by themselves."""
_BEFORE_COLUMNS = frozenset(("AGG", "SUPER", "COUNT"))

Meaning = tuple[int, Piece]


def _meanings(
    span: Sequence[_Atom], request: Request, table: Table, phrases: Phrases
) -> Iterator[Meaning]:
    """What some atoms may mean, each with how sure that is (less is surer)."""
    first, last = span[0].token, span[-1].token
    written = request.text[first.start : last.end]
    blank = Piece(kind="word", text=written, start=0, end=0)
    if len(span) == 1:
        yield from _alone(span[0], blank)
    if any(atom.token.kind in ("file", "sign") for atom in span):
        return
    words = tuple(atom.word or atom.token.text.lower() for atom in span)
    if words in phrases:
        concept, sense = phrases[words]
        yield 3, replace(blank, kind="concept", concept=concept, sense=sense)
    for read in (_numbers, _clocks, _periods, _compared, _columns, _values, _nouns):
        for sureness, piece in read(words, written, blank, table):
            yes_no = piece.kind == "column" and all(
                table.kind(column).name == "yesno" for column in piece.columns
            )
            yield sureness, replace(piece, sense="yesno") if yes_no else piece


def _alone(atom: _Atom, blank: Piece) -> Iterator[Meaning]:
    token = atom.token
    if token.kind == "number":
        yield 5, replace(blank, kind="number", number=number_of(token.text))
    elif token.kind == "sign":
        yield 0, replace(blank, kind="sign", sense=SIGNS[token.text])
    elif token.kind == "file" or (token.kind == "text" and _is_file(token.text)):
        picture = token.text.lower().endswith(PICTURE_SUFFIXES)
        yield 0, replace(blank, kind="picture" if picture else "file", text=token.text)
    elif token.kind == "text":
        yield 7, replace(blank, kind="text", text=token.text)
    elif token.kind == "mark":
        bare = token.text in PUNCTUATION or token.text in CURRENCY_SIGNS
        yield 9, replace(blank, kind="mark" if bare else "word")
    elif atom.word in SKIPPED or atom.word in NEUTRAL:
        yield 7, replace(blank, kind="filler")
    else:
        yield 9, blank


def _is_file(text: str) -> bool:
    return text.lower().endswith((*DATA_SUFFIXES, *PICTURE_SUFFIXES, *TEXT_SUFFIXES))


def number_of(text: str) -> str:
    """A number as source code: without commas, underscores and plus."""
    plain = text.replace(",", "").replace("_", "").lstrip("+")
    return str(int(plain)) if plain.lstrip("-").isdigit() else plain


def _numbers(words: tuple[str, ...], written: str, blank: Piece, table: Table) -> Iterator[Meaning]:
    """`5 million`, `$50`, `50 euros`, `three`."""
    words = tuple(word for word in words if word not in CURRENCY_SIGNS)
    if len(words) > 1 and words[-1] in CURRENCIES:
        words = words[:-1]
    number: float | None = _SPOKEN.get(words[0]) if words else None
    if words and re.fullmatch(r"[-+]?[\d,_]*\d(\.\d+)?", words[0]):
        number = _as_number(number_of(words[0]))
    if number is None or len(words) > 2 or (len(words) == 2 and words[1] not in MULTIPLIERS):
        return
    whole = number * MULTIPLIERS[words[1]] if len(words) == 2 else number
    sureness = 6 if words[0] == "one" else 4
    yield (
        sureness,
        replace(blank, kind="number", number=f"{whole:.15g}" if whole > 10**15 else str(whole)),
    )


def _clocks(words: tuple[str, ...], written: str, blank: Piece, table: Table) -> Iterator[Meaning]:
    time = read_clock(written)
    if time is not None:
        yield 2, replace(blank, kind="clock", number=time)


def _as_number(text: str) -> float:
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _periods(words: tuple[str, ...], written: str, blank: Piece, table: Table) -> Iterator[Meaning]:
    period = read_period(words)
    if period is not None:
        number = next(word for word in words if word.isdigit()) if period.year else ""
        yield 3, replace(blank, kind="period", period=period, number=number)


def _compared(
    words: tuple[str, ...], written: str, blank: Piece, table: Table
) -> Iterator[Meaning]:
    """`oldest` speaks of the age, or of the earliest date; `second` of a place."""
    if len(words) == 1 and words[0] in _ORDINALS:
        yield 4, replace(blank, kind="concept", concept="NTH", sense=str(_ORDINALS[words[0]]))
    if words in STATES_SAID:
        wanted, sign, limit = STATES_SAID[words]
        numbers = [c for c in hinted_columns("", table, wanted) if table.kind(c).name == "number"]
        if len(numbers) == 1:
            piece = replace(blank, kind="concept", concept="STATE", sense=sign, number=limit)
            yield 2, replace(piece, columns=tuple(numbers))
    if words not in COMPARING:
        return
    concept, sense, hints = COMPARING[words]
    columns = hinted_columns("", table, hints.split())
    if not columns and {"oldest", "older", "youngest", "younger"} & set(words):
        columns = hinted_columns(
            "",
            table,
            "birth born dob published founded built year date".split(),  # noqa: SIM905 -- as in the lexicon
        )
        sense = {"max": "min", "min": "max", ">": "<", "<": ">"}[sense]
    if columns:
        yield 2, replace(blank, kind="concept", concept=concept, sense=sense, columns=columns)


def _columns(words: tuple[str, ...], written: str, blank: Piece, table: Table) -> Iterator[Meaning]:
    names = words_of_columns(table)
    piece = replace(blank, kind="column")
    same = [c for c in table.columns if c.casefold() == written.casefold()]
    numbered = [
        c for c in table.columns if re.sub(r"\.\d+$", "", c.casefold()) == written.casefold()
    ]
    if same:
        yield _SUREST, replace(piece, columns=tuple(numbered), exact=True)
        return
    stems = tuple(map(stem, words))
    joined = "".join(stems)
    exact = [c for c, own in names.items() if own == stems or "".join(own) == joined]
    if exact and written.strip():
        noun = len(words) == 1 and _calls_rows(words[0], exact, table)
        sense = "noun" if noun else ""
        yield _SUREST, replace(piece, columns=tuple(exact), exact=True, sense=sense)
        return
    if too_weak(words):
        return
    part = [c for c, own in names.items() if is_part(stems, own)]
    hinted = hinted_columns(words[0], table) if len(words) == 1 else ()
    if part and hinted and not any(names[c][-1] == stems[-1] for c in part):
        part = []  # `units` is rather the quantity than the unit price
    if part:
        yield 5, replace(piece, columns=tuple(part))
    elif len(words) == 2 and (both := in_any_order(words, names)):
        yield 5, replace(piece, columns=both)
    elif hinted:
        yield 6, replace(piece, columns=hinted, sense="verb" if words[0] in VERBS else "")
    elif len(words) == 1 and (denied := opposite(words[0], table)):
        yield 5, replace(piece, columns=denied)
    elif len(words) == 1 and (close := near(stems[0], names)):
        yield _UNSURE, replace(piece, columns=close)


def _calls_rows(word: str, columns: Sequence[str], table: Table) -> bool:
    """Whether a word is that of the rows as well: `trains`, each of which has one name."""
    file = table.label.rpartition("/")[2].partition(".")[0].lower()
    unique = all(table.kind(column).unique for column in columns)
    return unique and word.endswith("s") and stem(word) == stem(file)


def _values(words: tuple[str, ...], written: str, blank: Piece, table: Table) -> Iterator[Meaning]:
    text = blank.text.strip("'\"")
    if len(words) == 1 and (text.lower() in SKIPPED or re.fullmatch(r"[\d.,]+", text)):
        return
    if exact := _held(text, table):
        short = len(text) <= 2 and not any(text in spelled for _, spelled in exact)
        if not short:
            sureness = 2 if len(words) > 1 or not is_common(words[0]) else 4
            yield sureness, replace(blank, kind="value", text=text, values=exact, exact=True)
    elif len(words) == 1 and words[0] in PEOPLE:
        for spelling in PEOPLE[words[0]]:
            if held := _held(spelling, table):
                yield 4, replace(blank, kind="value", text=text, values=held)
                return
    elif len(words) == 1 and len(text) >= _SHORTEST_BEGINNING and not is_common(words[0]):
        held = _beginning(text, table)
        yield from [(6, replace(blank, kind="value", text=text, values=held))] if held else []


def _held(text: str, table: Table) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The columns that hold a text as a value, however it is spelled there."""
    wanted = folded(text)
    for form in (wanted, stem(wanted), f"{wanted}s"):
        found = tuple((c, v[form]) for c, v in table.spellings.items() if form in v)
        if found:
            return found
    return ()


def _beginning(text: str, table: Table) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Columns with one value that begins with a word."""
    start = stem(folded(text)) + " "
    held = [
        (column, [spelled for value, spelled in values.items() if value.startswith(start)])
        for column, values in table.spellings.items()
    ]
    return tuple((column, found[0]) for column, found in held if len(found) == 1)


def _nouns(words: tuple[str, ...], written: str, blank: Piece, table: Table) -> Iterator[Meaning]:
    """What the rows are called: `orders` for those of orders.csv."""
    if len(words) == 1 and words[0] in nouns_of(table):
        yield 4, replace(blank, kind="rows")
