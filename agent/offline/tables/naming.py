"""Words that name a column, or the rows of a table, however roughly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cache

from agent.offline.surroundings import Table
from agent.offline.synthesis.words import stem
from agent.offline.tables.hints import COLUMN_WORDS, NOUNS, UNITS
from agent.offline.tables.lexicon import NEUTRAL
from agent.offline.tables.phrases import PHRASES, SKIPPED

_SHORTEST_NEAR = 5  # letters of a word that may be misspelled


def too_weak(words: tuple[str, ...]) -> bool:
    """Whether words can't stand for a column of which they are only a part."""
    ends = {words[0], words[-1]}
    return bool(ends & (SKIPPED | _WEAK)) or (len(words) == 1 and words in PHRASES)


def in_any_order(words: tuple[str, ...], names: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """`max temperature` for `temp_max`: each word, or one that it may stand for, is in the name."""
    meant = [{stem(word), *COLUMN_WORDS.get(word, ()), *_SHORT.get(word, ())} for word in words]
    if PHRASES.get(words[:1], ("", ""))[0] == "PER":
        return ()  # `by person` speaks of groups, not of a column `paid by`
    spoken = any((word,) in PHRASES for word in words)  # `total sales`: a sum, not one column
    return tuple(
        column
        for column, own in names.items()
        if all(m & set(own) for m in meant) and (len(own) > 1 or not spoken)
    )


_SHORT = {"maximum": ("max",), "minimum": ("min",), "average": ("avg", "mean"), "highest": ("max",),
          "lowest": ("min",), "number": ("no", "num", "nr")}  # fmt: skip


_WEAK = frozenset("number count id date type common name many most at up in on level".split())  # noqa: SIM905 -- as in the lexicon


def hinted_columns(word: str, table: Table, columns: Iterable[str] = ()) -> tuple[str, ...]:
    """The columns that a word may stand for, of the likeliest kind that there is."""
    names = words_of_columns(table)
    for wanted in columns or COLUMN_WORDS.get(word, ()):
        parts = tuple(map(stem, wanted.split("_")))
        found = [c for c, own in names.items() if is_part(parts, own) or "".join(own) == wanted]
        if found:
            return tuple(found)
    return ()


def near(word: str, names: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The column whose name is misspelled by a letter or two."""
    if len(word) < _SHORTEST_NEAR or word in SKIPPED or word in NEUTRAL:
        return ()
    whole = {"".join(own): column for column, own in names.items()}
    if any(word.endswith(name) for name in whole):
        return ()  # `unpaid` is the opposite of `paid`, no misspelling
    close = get_close_matches(word, whole, n=2, cutoff=0.85)
    return (whole[close[0]],) if len(close) == 1 else ()


def opposite(word: str, table: Table) -> tuple[str, ...]:
    """The columns of yes and no that a word denies: `unpaid` one called `Paid`."""
    bare = stem(re.sub(r"^(un|non|in|dis)", "", word))
    return tuple(
        column
        for column, own in words_of_columns(table).items()
        if own == (bare,) != (stem(word),) and table.kind(column).name == "yesno"
    )


def words_of_columns(table: Table) -> Mapping[str, tuple[str, ...]]:
    """Each column with the words of its name in lower case and singular, without its unit."""
    return {column: words_of_column(column) for column in table.columns}


def words_of_column(column: str) -> tuple[str, ...]:
    """The words of a column's name in lower case, without its unit."""
    bare = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", column) if column.strip("([ ") else column
    return _words(bare) or _words(column)


@cache
def _words(text: str) -> tuple[str, ...]:
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    return tuple(stem(word) for word in re.findall(r"[^\W_]+", spaced.lower()))


def is_part(words: tuple[str, ...], whole: tuple[str, ...]) -> bool:
    """Whether the words stand in the whole, in order and next to each other."""
    starts = range(len(whole) - len(words) + 1)
    return bool(words) and any(whole[i : i + len(words)] == words for i in starts)


def nouns_of(table: Table) -> frozenset[str]:
    """Words for the rows of a table, and for the table itself."""
    name = table.label.rpartition("/")[2].partition(".")[0].lower()
    parts = [part for part in re.split(r"[\W_\d]+", name) if len(part) > 2]
    stems = {stem(part) for part in (name, *parts) if part}
    plurals = {f"{s}s" for s in stems} | {f"{s[:-1]}ies" for s in stems if s.endswith("y")}
    more = {noun for part in stems for noun in NOUNS.get(part, "").split()}
    bare = [[w for w in words if w not in UNITS] for words in words_of_columns(table).values()]
    columns = {words[0] for words in bare if len(words) == 1}
    return frozenset(word for word in {*stems, *plurals, *more, name} if stem(word) not in columns)
