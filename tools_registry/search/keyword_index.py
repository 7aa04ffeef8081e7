"""Keyword search over tools: an SQLite full-text index, in memory or in a file.

A file is shared by processes and by moments: it is kept by the hash of what is indexed of a tool,
so that a search costs only what is new. Rows of tools that are gone are passed over, and go when
they are the most.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import math
import sqlite3
import threading
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from tools_registry.search.database import connect, emptied, transaction
from tools_registry.search.stemmer import TOKENIZER, stems
from tools_registry.search.words import apart, query_terms
from tools_registry.tool import Tool

_WEIGHTS = "4.0, 2.0, 1.0, 1.0"
"""What a match in name, summary, doc and parameters counts."""

_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS tools (id INTEGER PRIMARY KEY, hash BLOB UNIQUE NOT NULL);
CREATE TABLE IF NOT EXISTS spread (term TEXT PRIMARY KEY, tools INTEGER NOT NULL) WITHOUT ROWID;
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    name, summary, doc, params, content = '', tokenize = '{TOKENIZER}');
CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(words, 'row');
"""
_CLEAR = (
    "DELETE FROM tools",
    "DELETE FROM spread",
    "INSERT INTO words(words) VALUES ('delete-all')",
)
_SPREAD = (
    "DELETE FROM spread",
    "INSERT INTO spread SELECT term, doc FROM vocabulary",
)
_INSERT = "INSERT INTO words(rowid, name, summary, doc, params) VALUES (?, ?, ?, ?, ?)"
_SEARCH = f"""
SELECT rowid, -bm25(words, {_WEIGHTS}) AS score FROM words WHERE words MATCH ?
ORDER BY score DESC LIMIT ?
"""
_MANNER = "1"
"""Changes with how a text is cut into words: what was indexed otherwise counts as another tool."""

_AT_ONCE = 5_000
"""Tools indexed in one transaction: searches see them, and a killed process loses no more."""

_SPARE = 1_000
"""Rows of tools that are gone that are never worth an index made anew."""

_MOST_MATCHES = 20_000
"""Matches that a query may have to be scored: frequent words come last and tell least."""


class KeywordIndex:
    """Scores by BM25; safe to ask from several threads.

    Args:
        tools: What to search.
        file: Where the index is kept; None for one in memory. Call `update` to fill it.
    """

    def __init__(self, tools: Sequence[Tool], file: Path | None = None) -> None:
        self._tools = tools
        self._file = file
        self._lock = threading.Lock()
        self._version = -1
        self._positions: dict[int, int] = {}
        self._hashes = dict(zip(map(_hash, tools), itertools.count()))
        self._connect()

    def update(self) -> None:
        """Index the tools that are not yet; searches go on meanwhile if it is a file.

        A file that is damaged is made anew; one that can't be written is replaced by memory.
        """
        for _ in range(2):
            try:
                return self._update()
            except sqlite3.Error as error:
                self._replace(error)
        return self._update()

    @property
    def complete(self) -> bool:
        """Whether every tool is indexed."""
        with self._lock:
            self._look()
            return len(self._positions) >= len(self._hashes)

    def scores(self, query: str, most: int = -1) -> dict[int, float]:
        """BM25 of tools that share a word with the query, by position; above 0.

        Args:
            query: Any text.
            most: How many of the best, or -1 for all.
        """
        terms = query_terms(query)
        try:
            return self._scores(terms, most)
        except sqlite3.Error as error:
            self._replace(error)
        self.update()
        return self._scores(terms, most)

    def rarity(self, terms: Iterable[str]) -> dict[str, float]:
        """How much each stem tells: the logarithm of how few tools have it."""
        wanted = list(terms)
        with self._lock:
            spread = self._spread(wanted)
        total = len(self._tools)
        counts = {term: min(spread.get(term, 0), total) for term in wanted}
        return {term: math.log1p((total - n + 0.5) / (n + 0.5)) for term, n in counts.items()}

    def _scores(self, terms: Sequence[str], most: int) -> dict[int, float]:
        if not terms:
            return {}
        with self._lock:
            self._look()
            match = " OR ".join(f'"{term}"' for term in self._affordable(terms))
            rows = self._database.execute(_SEARCH, [match, most]).fetchall()
            places = self._positions
        return {places[row]: score for row, score in rows if row in places and score > 0}

    def _affordable(self, terms: Sequence[str]) -> Iterator[str]:
        """The rarest terms, until the matches are too many."""
        stemmed = dict(zip(terms, stems(terms), strict=True))
        spread = self._spread(stemmed.values())
        ordered = sorted(terms, key=lambda term: spread.get(stemmed[term], 0))
        total = 0
        for number, term in enumerate(ordered):
            total += spread.get(stemmed[term], 0)
            if number and total > _MOST_MATCHES:
                return
            yield term

    def _spread(self, terms: Iterable[str]) -> Mapping[str, int]:
        """In how many tools each stem occurs, of those that occur."""
        wanted = list(dict.fromkeys(terms))
        marks = ", ".join("?" * len(wanted))
        query = f"SELECT term, tools FROM spread WHERE term IN ({marks})"
        return dict(self._database.execute(query, wanted))

    def _look(self) -> None:
        """Learn which row is which tool, if others have changed the file."""
        (version,) = self._database.execute("PRAGMA data_version").fetchone()
        if version == self._version:
            return
        rows = self._database.execute("SELECT hash, id FROM tools")
        self._positions = {row: self._hashes[h] for h, row in rows if h in self._hashes}
        self._version = version

    def _update(self) -> None:
        missing = self._missing()
        while missing:
            batch, missing = missing[:_AT_ONCE], missing[_AT_ONCE:]
            with self._writing() as database, transaction(database):
                for hash_, position in batch:
                    self._insert(database, hash_, self._tools[position])
                if not missing:
                    _execute(database, _SPREAD)

    def _missing(self) -> list[tuple[bytes, int]]:
        """Tools with no row; the index is emptied first if most of it is of no use."""
        with self._writing() as database:
            known = {h for (h,) in database.execute("SELECT hash FROM tools")}
            used = len(known & self._hashes.keys())
            if len(known) - used > max(used, len(self._hashes), _SPARE):
                with transaction(database):
                    _execute(database, _CLEAR)
                known = set()
        return [(h, position) for h, position in self._hashes.items() if h not in known]

    def _insert(self, database: sqlite3.Connection, hash_: bytes, tool: Tool) -> None:
        added = database.execute("INSERT OR IGNORE INTO tools(hash) VALUES (?)", [hash_])
        if added.rowcount == 1:  # else another process was faster
            database.execute(_INSERT, (added.lastrowid, *_columns(tool)))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """The connection for changes; what is in memory has no other."""
        with contextlib.nullcontext() if self._file else self._lock:
            yield self._writer
            if not self._file:
                self._version = -1

    def _connect(self) -> None:
        self._version = -1
        self._positions = {}
        try:
            self._database = connect(self._file, _SCHEMA)
            self._writer = connect(self._file, _SCHEMA) if self._file else self._database
        except (sqlite3.Error, OSError):
            self._file = None
            self._database = self._writer = connect(None, _SCHEMA)
        for database in {self._database, self._writer}:
            weakref.finalize(self, database.close)

    def _replace(self, error: sqlite3.Error) -> None:
        """Begin with an empty index: in the file if that was damaged, else in memory."""
        with self._lock:
            self._file = emptied(self._file, error)
            self._connect()


def _execute(database: sqlite3.Connection, statements: Iterable[str]) -> None:
    for statement in statements:
        database.execute(statement)


def _hash(tool: Tool) -> bytes:
    params = (f"{parameter.name}\0{parameter.doc}" for parameter in tool.parameters)
    text = "\0".join((_MANNER, tool.name, tool.summary, tool.doc, *params))
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


def _columns(tool: Tool) -> tuple[str, str, str, str]:
    params = " ".join(f"{parameter.name} {parameter.doc}" for parameter in tool.parameters)
    return _text(tool.name), _text(tool.summary), _text(tool.doc), _text(params)


def _text(text: str) -> str:
    return apart(text).encode("utf-8", "replace").decode()
