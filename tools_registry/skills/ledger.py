"""What happened to skills on this machine: the memory that a workspace can't write.

The record in a skill file says what it likes: whoever writes the workspace writes it. So a status
counts only if the ledger, in the person's own data directory, knows the very same content.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from sessions.errors import AgentError
from tools_registry.own_files import data_path

_SECONDS = 10.0
"""How long one process waits for another that writes."""

_AT_ONCE = 500
"""Contents asked for by one query: SQLite has a limit for the placeholders of a statement."""

FORM = "form:"
"""How the key of a code's form begins, which is no content: see `Rejections`."""

_TABLE = """
CREATE TABLE IF NOT EXISTS verdicts (
    content TEXT PRIMARY KEY, name TEXT NOT NULL,
    validated TEXT, approved TEXT, failed TEXT, rejected TEXT, time TEXT NOT NULL
) WITHOUT ROWID
"""
_PRODUCED = "CREATE TABLE IF NOT EXISTS produced (claim TEXT PRIMARY KEY) WITHOUT ROWID"
_NAME = "name = CASE excluded.name WHEN '' THEN verdicts.name ELSE excluded.name END"
_COLUMNS = "content, name, validated, approved, failed, rejected"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What this machine knows of one content.

    Attributes:
        content: The hash of code, tests and what the code imports; see `content_hash`.
        name: Name of the skill that had it last.
        validated: Whether it passed all gates here, and did not fail them later.
        approved: Whether a person approved it here.
        failed: What the gates said when it failed them; None if it did not, or passed later.
        rejected: Why a person rejected it; None if nobody did, or somebody approved it later.
    """

    content: str
    name: str = ""
    validated: bool = False
    approved: bool = False
    failed: str | None = None
    rejected: str | None = None


class Ledger:
    """Verdicts by content, in one SQLite file that several processes may use at once.

    Nothing is made on the disk before the first verdict is written. What can't be read is an
    error, never an empty answer.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def open(cls, path: Path | None = None) -> Self:
        """The ledger of the person, or another one; the disk is not touched yet.

        Args:
            path: The file; by default in the person's data directory.
        """
        return cls(data_path("skills.sqlite") if path is None else path)

    def validated(self, content: str, name: str = "") -> None:
        """Note that this content passed all gates here.

        Raises:
            AgentError: If the ledger can't be written; also below.
        """
        self._write(content, name, validated="yes", failed=None)

    def failed(self, content: str, name: str, reason: str) -> None:
        """Note that this content failed a gate here; an approval is kept for when it passes."""
        self._write(content, name, validated=None, failed=reason)

    def approved(self, content: str, name: str = "") -> None:
        """Note that a person approved this content here; that takes back a rejection."""
        self._write(content, name, approved="yes", rejected=None)

    def rejected(self, content: str, name: str, reason: str) -> None:
        """Note that a person rejected this content here; that takes back an approval."""
        self._write(content, name, approved=None, rejected=reason)

    def produced(self, claim: str) -> None:
        """Note that the gates said here what evidence says; see `claim_hash`."""
        with self._writing() as database:
            database.execute(_PRODUCED)
            database.execute("INSERT OR IGNORE INTO produced VALUES (?)", (claim,))

    def measured(self, claims: Iterable[str]) -> frozenset[str]:
        """Those of some evidence that were produced here."""
        found: set[str] = set()
        with self._reading() as database:
            for some in _batches(list(claims)):
                query = f"SELECT claim FROM produced WHERE claim IN ({_marks(some)})"
                found |= {str(claim) for (claim,) in _rows(database, query, some, "produced")}
        return frozenset(found)

    def verdict(self, content: str) -> Verdict | None:
        """What is known of a content; None if nothing.

        Raises:
            AgentError: If the ledger can't be read; also below.
        """
        return self.verdicts([content]).get(content)

    def verdicts(self, contents: Iterable[str]) -> dict[str, Verdict]:
        """What is known of several contents; those of which nothing is are left out."""
        found: dict[str, Verdict] = {}
        with self._reading() as database:
            for some in _batches(list(contents)):
                query = f"SELECT {_COLUMNS} FROM verdicts WHERE content IN ({_marks(some)})"
                known = map(_verdict, _rows(database, query, some))
                found |= {verdict.content: verdict for verdict in known}
        return found

    def rejections(self) -> tuple[Verdict, ...]:
        """Every content that a person rejected here, by name; its form is noted as well."""
        query = (
            f"SELECT {_COLUMNS} FROM verdicts WHERE rejected IS NOT NULL "
            f"AND content NOT LIKE '{FORM}%' ORDER BY name, content"
        )
        with self._reading() as database:
            return tuple(_verdict(row) for row in _rows(database, query, ()))

    def _write(self, content: str, name: str, **columns: str | None) -> None:
        values = {
            "content": content,
            "name": name,
            "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            **{column: None if text is None else _clean(text) for column, text in columns.items()},
        }
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        changes = ", ".join(f"{n} = excluded.{n}" for n in values if n not in {"content", "name"})
        statement = (
            f"INSERT INTO verdicts ({names}) VALUES ({marks}) "
            f"ON CONFLICT (content) DO UPDATE SET {changes}, {_NAME}"
        )
        with self._writing() as database:
            database.execute(_TABLE)
            database.execute(statement, tuple(values.values()))

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._told("written"):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.touch(mode=0o600)
            _check_own(self.path)
            with contextlib.closing(_connect(self.path)) as database:
                yield database

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection, or None if nothing was ever written."""
        with self._told("read"):
            if not self.path.exists():
                yield None
                return
            _check_own(self.path)
            with contextlib.closing(_connect(self.path)) as database:
                yield database

    @contextlib.contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            msg = (
                f"what was tested and approved on this machine can't be {what} ({self.path}: "
                f"{error}): mend or move away that file, then run `agent skills test --all`"
            )
            raise AgentError(msg) from error


def _check_own(path: Path) -> None:
    """What others can write could approve anything in the person's name."""
    for place in path.parent, path:
        status = place.stat()
        if status.st_uid not in {os.geteuid(), 0} or status.st_mode & stat.S_IWOTH:
            msg = f"{place} belongs to somebody else, or everybody may write it"
            raise PermissionError(msg)
    if not stat.S_ISREG(path.stat().st_mode):
        msg = "it is no ordinary file"
        raise PermissionError(msg)


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_SECONDS, isolation_level=None)


def _batches(contents: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(contents), _AT_ONCE):
        yield contents[start : start + _AT_ONCE]


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def _rows(
    database: sqlite3.Connection | None,
    query: str,
    values: Sequence[str],
    table: str = "verdicts",
) -> Iterator[tuple[str | None, ...]]:
    if database is None or not _has_table(database, table):
        return iter(())
    return iter(database.execute(query, values))


def _has_table(database: sqlite3.Connection, table: str) -> bool:
    """A process that was killed between making the file and the table leaves an empty one."""
    query = "SELECT 1 FROM sqlite_master WHERE name = ?"
    return database.execute(query, (table,)).fetchone() is not None


def _verdict(row: tuple[str | None, ...]) -> Verdict:
    content, name, validated, approved, failed, rejected = row
    return Verdict(
        content=content or "",
        name=name or "",
        validated=validated is not None,
        approved=approved is not None,
        failed=failed,
        rejected=rejected,
    )


def _clean(text: str) -> str:
    """Without half characters, which can't be stored."""
    return text.encode("utf-8", "replace").decode()
