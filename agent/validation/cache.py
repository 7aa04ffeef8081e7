"""Verdicts that were reached before, by what they were reached on.

Kept in the user's cache directory, which no workspace can write. Several processes may use it.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from agent.validation.candidate import Candidate, Verdict
from agent.validation.finding import Finding
from agent.validation.gate import Rules
from agent.validation.gates import GATES
from tools_registry.core_package import core_path
from tools_registry.skills.skill import Evidence

_FORMAT = 2
_MOST = 5_000  # verdicts
_WAIT_SECONDS = 0.5
_CHECKERS = ("ruff", "mypy", "hypothesis", "numpy", "pandas")
_JUDGES = Path(__file__).parent
_TABLE = """
CREATE TABLE IF NOT EXISTS verdicts
(key TEXT PRIMARY KEY, used REAL NOT NULL, verdict TEXT NOT NULL)
"""


class VerdictCache:
    """Remembers verdicts; one that can't be read or written is a cache miss and no error.

    Args:
        path: The database; made when the first verdict is kept.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of_user(cls, workspace: Path) -> Self | None:
        """The one in the user's cache directory; None if cells of that workspace can write it."""
        from platformdirs import user_cache_path

        path = user_cache_path("ipysmith", appauthor=False) / "verdicts.sqlite"
        return None if path.resolve().is_relative_to(workspace.resolve()) else cls(path)

    def get(self, candidate: Candidate, rules: Rules) -> Verdict | None:
        """The verdict on the same candidate under the same rules, if there was one."""
        if rules.review is not None or not self._path.exists():
            return None
        with suppress(sqlite3.Error, OSError, ValueError, TypeError, KeyError):
            with self._open() as database:
                query = "SELECT verdict FROM verdicts WHERE key = ?"
                row = database.execute(query, [key_of(candidate, rules)]).fetchone()
            return _verdict(json.loads(row[0])) if row else None
        return None

    def put(self, candidate: Candidate, rules: Rules, verdict: Verdict) -> None:
        """Keep a verdict; those of a review are not kept, for it may be of another mind."""
        if rules.review is not None:
            return
        row = [key_of(candidate, rules), time.time(), json.dumps(asdict(verdict))]
        with suppress(sqlite3.Error, OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._open() as database:
                database.execute(_TABLE)
                database.execute("INSERT OR REPLACE INTO verdicts VALUES (?, ?, ?)", row)
                database.execute(
                    "DELETE FROM verdicts WHERE key NOT IN "
                    "(SELECT key FROM verdicts ORDER BY used DESC LIMIT ?)",
                    [_MOST],
                )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_WAIT_SECONDS)) as database, database:
            yield database


def key_of(candidate: Candidate, rules: Rules) -> str:
    """A hash of all that a verdict depends on: code, tests, gates, tools, what is depended on."""
    content = asdict(candidate) | {
        "rules": [sorted(rules.blocking), rules.seconds, rules.kernel],
        "surroundings": _around(),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@functools.cache
def _around() -> list[Any]:
    """What else a verdict depends on and what does not change while this process lives."""
    gates = [(gate.signal, gate.version) for gate in GATES]
    versions = [_version(name) for name in _CHECKERS]
    return [_FORMAT, sys.version, gates, versions, _digest(_JUDGES, core_path())]


def _digest(*folders: Path) -> str:
    """A hash of all files below: gates whose version was not counted up, and tools they run."""
    found = hashlib.sha256()
    for folder in folders:
        for file in sorted(f for kind in ("*.py", "*.json") for f in folder.rglob(kind)):
            found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return found.hexdigest()


def _version(distribution: str) -> str:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _verdict(record: dict[str, Any]) -> Verdict:
    evidence = tuple(Evidence(**item) for item in record.pop("evidence"))
    findings = tuple(_finding(item) for item in record.pop("findings"))
    return Verdict(evidence=evidence, findings=findings, **record)


def _finding(item: dict[str, Any]) -> Finding:
    lists: dict[str, Any] = {key: tuple(item.pop(key)) for key in ("problems", "advice")}
    return Finding(**lists, **item)
