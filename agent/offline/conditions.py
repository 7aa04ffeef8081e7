"""Conditions on rows, from words to what the table tools read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.offline.columns import Mention, mentions, resolve
from agent.offline.plan import UnboundError
from agent.offline.requests import Reading, Token
from agent.offline.surroundings import Table
from agent.offline.vocabulary import COMPARISONS, CONDITION_STARTS, FILLERS, PER, SIGNS

_SHORTEST_BEGINNING = 4  # letters of a word that may stand for a longer value
_ARTICLES = frozenset({"the", "a", "an"})
_ENDS = PER | frozenset({"and", "or", "save", "then", "sorted", "in", "from", "of"})


@dataclass
class _Cursor:
    """Where the reading of a condition has got to."""

    reading: Reading
    table: Table
    answers: Sequence[str]
    mentions: dict[int, Mention]
    at: int

    @property
    def word(self) -> str:
        """The word here, or "" if there is none."""
        tokens = self.reading.tokens
        return tokens[self.at].word if self.at < len(tokens) else ""

    def step(self, count: int = 1) -> None:
        """Go on; what is left behind counts as explained."""
        self.reading.explain(*range(self.at, self.at + count))
        self.at += count

    def skip(self, words: frozenset[str]) -> None:
        """Pass over words without a meaning here."""
        while self.word in words:
            self.step()


def take_condition(reading: Reading, table: Table, answers: Sequence[str]) -> str | None:
    """The condition of a request, as the table tools read it; its tokens count as explained.

    Raises:
        UnboundError: If there is a condition that can't be read.
        UnclearError: If a column in it is ambiguous.
    """
    found = {mention.start: mention for mention in mentions(reading, table)}
    start = _start(reading, found)
    if start is None:
        return None
    cursor = _Cursor(reading, table, answers, found, start)
    cursor.step()
    cursor.skip(_ARTICLES)
    parts = [_comparison(cursor)]
    while cursor.word in ("and", "or") and _continues(cursor):
        parts.append(f" {cursor.word} ")
        cursor.step()
        cursor.skip(_ARTICLES | {"where", "with", "whose"})
        parts.append(_comparison(cursor))
    return "".join(parts)


def take_values(reading: Reading, table: Table) -> str | None:
    """Values of columns as a condition: `male` for `Sex == 'MALE'`; they count as explained.

    Raises:
        UnboundError: If two values of one column are named, which could mean several things.
    """
    found: dict[str, str] = {}
    columns = mentions(reading, table)
    taken = {i for mention in columns for i in range(mention.start, mention.end)}
    for index, token in enumerate(reading.tokens):
        if index in reading.explained | taken or token.word in FILLERS:
            continue
        held = _columns_with(table, token)
        if len(held) != 1:
            continue
        column, value = held[0]
        if column in found:
            msg = f"two values of {column!r} are named: say which rows are meant with `where`"
            raise UnboundError(msg)
        found[column] = f"{_quoted(column)} == {_text_literal(value)}"
        reading.explain(index)
        _explain_column_before(reading, columns, column, index)
        reading.assumptions.append(f"{token.text!r} was read as {found[column]}")
    return " and ".join(found.values()) or None


def _columns_with(table: Table, token: Token) -> list[tuple[str, str]]:
    """Columns that hold the token as a value, with the value as it is spelled there."""
    if token.kind not in ("word", "text"):
        return []
    return [(c, v) for c, values in table.samples.items() for v in alike(token.text, values)]


def alike(text: str, values: Iterable[str]) -> list[str]:
    """The values that are the text in any case; else those that begin with it as a word."""
    wanted, folded = text.casefold(), {value: value.casefold() for value in values}
    same = [value for value, low in folded.items() if low == wanted]
    if same or len(wanted) < _SHORTEST_BEGINNING:
        return same
    return [value for value, low in folded.items() if low.startswith(f"{wanted} ")]


def _explain_column_before(
    reading: Reading, columns: Sequence[Mention], column: str, index: int
) -> None:
    """The column in `species 'Gentoo'`."""
    for mention in columns:
        if mention.end == index and mention.columns == (column,):
            reading.explain(*range(mention.start, mention.end))


def _start(reading: Reading, found: dict[int, Mention]) -> int | None:
    """Where a condition begins: at `where`, or at `with` before a column and a comparison."""
    for index, token in enumerate(reading.tokens):
        if token.word in ("where", "whose") and index not in reading.explained:
            return index
        if token.word in CONDITION_STARTS and _column_at(reading, found, index + 1) is not None:
            mention = _column_at(reading, found, index + 1)
            if mention is not None and _sign_at(reading, mention.end) is not None:
                return index
    return None


def _column_at(reading: Reading, found: dict[int, Mention], index: int) -> Mention | None:
    while index < len(reading.tokens) and reading.tokens[index].word in _ARTICLES:
        index += 1
    return found.get(index)


def _sign_at(reading: Reading, index: int) -> tuple[str, int] | None:
    """The comparison that stands here, and how many tokens it takes."""
    tokens = reading.tokens
    if index < len(tokens) and tokens[index].kind == "sign":
        return SIGNS[tokens[index].text], 1
    for words, sign in COMPARISONS:
        if tuple(t.word for t in tokens[index : index + len(words)]) == words:
            return sign, len(words)
    return None


def _continues(cursor: _Cursor) -> bool:
    """Whether another comparison follows this `and`."""
    mention = _column_at(cursor.reading, cursor.mentions, cursor.at + 1)
    return mention is not None and _sign_at(cursor.reading, mention.end) is not None


def _comparison(cursor: _Cursor) -> str:
    mention = cursor.mentions.get(cursor.at)
    if mention is None:
        shown = cursor.reading.tokens[cursor.at].text if cursor.word else "the end"
        msg = f"the condition names no column of {cursor.table.label} at {shown!r}"
        raise UnboundError(msg)
    column = resolve(cursor.reading, mention, cursor.answers)
    cursor.at = mention.end
    if _between_follows(cursor):
        cursor.skip(frozenset({"is", "are"}))
        return _between(cursor, column)
    sign = _sign_at(cursor.reading, cursor.at)
    if sign is None:
        msg = f"the condition on {column!r} has no comparison: say e.g. {column} > 4000"
        raise UnboundError(msg)
    cursor.step(sign[1])
    if sign[0].endswith("missing"):
        return f"{_quoted(column)} {sign[0]}"
    return f"{_quoted(column)} {sign[0]} {_value(cursor, column, sign[0])}"


def _between_follows(cursor: _Cursor) -> bool:
    """Whether `between` or `is between` comes next."""
    words = [token.word for token in cursor.reading.tokens[cursor.at : cursor.at + 2]]
    return words[:1] == ["between"] or words in (["is", "between"], ["are", "between"])


def _between(cursor: _Cursor, column: str) -> str:
    cursor.step()
    low = _value(cursor, column, ">=")
    if cursor.word != "and":
        msg = f"'between' for {column!r} needs two values: say between 1 and 2"
        raise UnboundError(msg)
    cursor.step()
    return f"{_quoted(column)} >= {low} and {_quoted(column)} <= {_value(cursor, column, '<=')}"


def _quoted(column: str) -> str:
    if "`" in column:
        msg = f"the column {column!r} has a backtick in its name, which conditions can't spell"
        raise UnboundError(msg)
    return f"`{column}`"


def _value(cursor: _Cursor, column: str, sign: str) -> str:
    """The value that stands here: a number as it is, anything else in quotes."""
    if not sign.endswith("contains"):  # "contains an" looks for "an"
        cursor.skip(_ARTICLES)
    tokens = cursor.reading.tokens
    if cursor.at >= len(tokens) or cursor.word in _ENDS:
        msg = f"the condition on {column!r} has no value: write text in quotes"
        raise UnboundError(msg)
    token = tokens[cursor.at]
    written = cursor.reading.request.text[token.start : token.end]
    if token.kind == "date" and written in cursor.table.samples.get(column, ()):
        cursor.step()
        return _text_literal(written)
    if token.kind == "number":
        cursor.step()
        return token.text.replace(",", "").replace("_", "")
    end = cursor.at + 1
    if token.kind == "word":
        while end < len(tokens) and tokens[end].kind == "word" and _goes_on(tokens[end].word):
            end += 1
    text = " ".join(t.text for t in tokens[cursor.at : end])
    cursor.step(end - cursor.at)
    return _text_literal(_as_in_data(cursor, column, text, sign))


def _goes_on(word: str) -> bool:
    return word not in _ENDS and word not in FILLERS


def _as_in_data(cursor: _Cursor, column: str, text: str, sign: str) -> str:
    """The value as the data spell it, if they have it in another case."""
    values = cursor.table.samples.get(column, frozenset())
    if text in values or sign not in ("==", "!="):
        return text
    found = alike(text, values)
    if len(found) == 1:
        if found[0].casefold() != text.casefold():
            cursor.reading.assumptions.append(f"{text!r} was read as {found[0]!r}")
        return found[0]
    if values:
        shown = ", ".join(sorted(values)[:5])
        msg = f"{column!r} has no value {text!r}: it has {shown}{'…' if len(values) > 5 else ''}"
        raise UnboundError(msg)
    return text


def _text_literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
