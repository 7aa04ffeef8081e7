"""Words without their endings, as the full-text index stores them."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterable
from functools import cache, lru_cache

TOKENIZER = "porter unicode61"

_lock = threading.Lock()


def stems(words: Iterable[str]) -> list[str]:
    """The stem of each word; itself if the index would not take it."""
    return [_stem(word) for word in words]


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    with _lock:
        database = _database()
        database.execute("INSERT INTO words(words) VALUES ('delete-all')")
        database.execute("INSERT INTO words(rowid, text) VALUES (1, ?)", [word])
        found = database.execute("SELECT term FROM vocabulary LIMIT 1").fetchone()
    return str(found[0]) if found else word


@cache
def _database() -> sqlite3.Connection:
    """SQLite says nowhere what its stemmer does to a word, but in an index."""
    database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    database.execute(
        f"CREATE VIRTUAL TABLE words USING fts5(text, content='', tokenize='{TOKENIZER}')"
    )
    database.execute("CREATE VIRTUAL TABLE vocabulary USING fts5vocab(words, 'row')")
    return database
