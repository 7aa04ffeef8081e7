"""Keyword search over tools: an SQLite full-text index in memory.

Indexing fifty tools takes two milliseconds, so nothing is kept on disk.
"""

from __future__ import annotations

import sqlite3
import threading
import weakref
from collections.abc import Iterable, Sequence

from tools_registry.search.words import query_terms, split_words
from tools_registry.tool import Tool

_WEIGHTS = "4.0, 2.0, 1.0, 1.0"
"""What a match in name, summary, doc and parameters counts."""

_CREATE = (
    "CREATE VIRTUAL TABLE tools USING fts5(name, summary, doc, params, tokenize='porter unicode61')"
)
_SEARCH = f"SELECT rowid, -bm25(tools, {_WEIGHTS}) FROM tools WHERE tools MATCH ?"


class KeywordIndex:
    """Scores by BM25; safe to ask from several threads."""

    def __init__(self, tools: Sequence[Tool]) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        weakref.finalize(self, self._database.close)
        self._database.execute(_CREATE)
        rows = ((number, *_columns(tool)) for number, tool in enumerate(tools))
        self._database.executemany(
            "INSERT INTO tools(rowid, name, summary, doc, params) VALUES (?, ?, ?, ?, ?)", rows
        )

    def scores(self, query: str) -> dict[int, float]:
        """BM25 of every tool that shares a word with the query, by position; above 0."""
        terms = query_terms(query)
        if not terms:
            return {}
        with self._lock:
            return dict(self._database.execute(_SEARCH, [_match(terms)]))


def _match(terms: Iterable[str]) -> str:
    """Any of the terms; quoted, so that none is an operator."""
    return " OR ".join(f'"{term}"' for term in terms)


def _columns(tool: Tool) -> tuple[str, str, str, str]:
    params = " ".join(f"{parameter.name} {parameter.doc}" for parameter in tool.parameters)
    return _text(tool.name), _text(tool.summary), _text(tool.doc), _text(params)


def _text(text: str) -> str:
    return " ".join(split_words(text))
