"""Columns that a request mentions, however roughly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.offline.plan import Inquiry, UnclearError
from agent.offline.requests import Reading, Token
from agent.offline.surroundings import Table
from agent.offline.synthesis.words import stem
from agent.offline.vocabulary import (
    AGAINST,
    AGGREGATES,
    COLOURED,
    CONDITION_STARTS,
    FILLERS,
    PER,
    PLOTTING,
    ROW_WORDS,
    SAVING,
    TABLE_WORDS,
)

_NEVER_ALONE = frozenset(
    {"number", "count", "id", "date", "type", "common", "missing", "name", "many", "most"}
    | FILLERS
    | TABLE_WORDS
    | ROW_WORDS
    | PER
    | AGAINST
    | PLOTTING
    | COLOURED
    | SAVING
    | CONDITION_STARTS
    | set(AGGREGATES)
)
"""Words that don't stand for a column of which they are only a part."""


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A place in a request that speaks of a column.

    Attributes:
        columns: The columns it may mean; more than one if it is ambiguous.
        start: Index of its first token.
        end: Index after its last token.
        exact: Whether it has all the words of the column's name (units aside).
    """

    columns: tuple[str, ...]
    start: int
    end: int
    exact: bool


def mentions(reading: Reading, table: Table) -> list[Mention]:
    """Every mention in the tokens not explained yet, in order; longer ones win."""
    names = {column: words_of_column(column) for column in table.columns}
    found: list[Mention] = []
    free = [i not in reading.explained for i in range(len(reading.tokens))]
    for exact in (True, False):
        for length in range(min(6, len(reading.tokens)), 0, -1):
            for start in range(len(reading.tokens) - length + 1):
                span = range(start, start + length)
                columns = _meant(reading.tokens[start : start + length], names, exact=exact)
                if columns and all(free[i] for i in span):
                    found.append(
                        Mention(columns=columns, start=start, end=start + length, exact=exact)
                    )
                    for i in span:
                        free[i] = False
    return sorted(found, key=lambda mention: mention.start)


def words_of_column(column: str) -> tuple[str, ...]:
    """The words of a column's name in lower case, without its unit."""
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", column) if column.strip("([ ") else column
    return _words(bare) or _words(column)


def _words(text: str) -> tuple[str, ...]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return tuple(stem(word) for word in re.findall(r"[^\W_]+", spaced.lower()))


def _meant(
    tokens: Sequence[Token], names: dict[str, tuple[str, ...]], *, exact: bool
) -> tuple[str, ...]:
    """The columns that these tokens name."""
    if any(token.kind not in ("word", "number", "text") for token in tokens):
        return ()
    written = " ".join(token.text for token in tokens)
    words = _words(written)
    if exact:
        same = [c for c in names if re.sub(r"\.\d+$", "", c.lower()) == written.lower()]
        same = same if any(c.lower() == written.lower() for c in same) else []
        return tuple(same) or tuple(c for c, own in names.items() if own == words)
    if not words or (len(words) == 1 and words[0] in _NEVER_ALONE):
        return ()
    if tokens[0].word in FILLERS or tokens[-1].word in FILLERS:
        return ()
    return tuple(c for c, own in names.items() if _is_part(words, own))


def _is_part(words: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Whether the words stand in the whole, in order and next to each other."""
    starts = range(len(whole) - len(words) + 1)
    return any(whole[i : i + len(words)] == words for i in starts)


def resolve(
    reading: Reading, mention: Mention, answers: Sequence[str], *, role: str = "column"
) -> str:
    """The column of a mention, which counts as explained.

    Args:
        reading: What is being read.
        mention: The mention.
        answers: What the person said so far.
        role: What the column is for, for the question.

    Raises:
        UnclearError: If several columns fit and no answer says which.
    """
    reading.explain(*range(mention.start, mention.end))
    written = " ".join(t.text for t in reading.tokens[mention.start : mention.end])
    column = mention.columns[0]
    if len(mention.columns) > 1:
        column = chosen(f"Which {role} is meant by {written!r}?", mention.columns, answers)
    if words_of_column(column) != _words(written) and column.lower() != written.lower():
        note = f"{written!r} was read as the column {column!r}"
        if note not in reading.assumptions:
            reading.assumptions.append(note)
    return column


def chosen(question: str, options: Iterable[str], answers: Sequence[str]) -> str:
    """The option that an answer names.

    Raises:
        UnclearError: If none does.
    """
    options = tuple(options)
    for answer in answers:
        for option in options:
            if option.casefold() == answer.strip().casefold():
                return option
    raise UnclearError(Inquiry(question=question, options=options))
