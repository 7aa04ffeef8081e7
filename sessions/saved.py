"""A session that outlives its process: the steps that led to its state, and its checkpoints.

`.agent/sessions/ID/cells.jsonl` has a line for each cell, one for each push of values (their names
alone), and one for each return to an earlier state. A line is on disk before anybody is told how
its cell ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sessions import files
from sessions.checkpoint import Checkpoints
from sessions.errors import UsageError
from sessions.execution import Execution
from sessions.history import History, Step
from sessions.workspace import PRIVATE

_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}")
_LOG = "cells.jsonl"
_ASIDE = "cells.damaged"
_LARGEST_LOG = 256 << 20  # bytes
_NOTHING: Mapping[str, Any] = {}


def checked(name: str) -> str:
    """The id of a session, as typed.

    Raises:
        UsageError: If it can't be one.
    """
    if not _ID.fullmatch(name):
        msg = (
            f"{name[:80]!r} can't be the id of a session: take up to 64 letters, digits, "
            "'.', '_' and '-', not beginning with '.'"
        )
        raise UsageError(msg)
    return name


def folder_of(workspace: Path, name: str) -> Path:
    """The folder of a session, which is made if it is missing.

    Raises:
        UsageError: If one on the way to it is a symbolic link, or can't be made.
    """
    path = workspace
    for part in (PRIVATE, "sessions", checked(name), "checkpoints"):
        path = path / part
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            msg = f"{path} can't be used ({error.strerror}): mend or remove it"
            raise UsageError(msg) from None
        if path.is_symlink():
            msg = f"{path} is a symbolic link: put the real folder there"
            raise UsageError(msg)
    return path.parent


def checkpoints_of(workspace: Path, name: str, largest: int) -> Checkpoints:
    """The checkpoints of a session.

    Raises:
        UsageError: See `folder_of`.
    """
    return Checkpoints(folder_of(workspace, name) / "checkpoints", largest)


class SavedSession:
    """The log of one session; see `opened`.

    Attributes:
        id: Its name.
        history: The steps that led to the state it was left in.
        damaged: What was wrong with the log, in a line; empty if nothing was.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self.id = name
        self.history = History()
        flags = os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        self._file = os.fdopen(os.open(folder / _LOG, flags, 0o600), "r+b")
        self._marks: list[str] = []
        self.damaged = ""
        self._read(folder)

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever done in it."""
        return not self._marks

    def note(self, execution: Execution, code: str, history: History) -> None:
        """Write down how a cell ended, and what state the session is in; returns when it is safe.

        Args:
            execution: Its outcome.
            code: What was run.
            history: The steps that led to the state after it.
        """
        line = {"index": execution.index, "code": code, "status": execution.status}
        if history.marks[-1] in self._marks:  # it cost the kernel its life
            self._append({**line, "restored": execution.restored})
            line = {}
        self.follow(history, line)

    def follow(self, history: History, line: Mapping[str, Any] = _NOTHING) -> None:
        """Write down by how much a session went back or on."""
        marks = history.marks
        common = _common(self._marks, marks)
        if common < len(self._marks):
            self._append({"back_to": max(common - 1, 0), "mark": marks[max(common - 1, 0)]})
        self._marks = self._marks[:common] or [marks[0]]
        for step in history.steps[len(self._marks) :]:
            self._append({**line, **_told(step)} if step.is_cell else _told(step))
        self._marks = list(marks)
        self._sync()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _append(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def _read(self, folder: Path) -> None:
        """Take in the lines; the first that makes no sense is put aside, with all after it."""
        if os.fstat(self._file.fileno()).st_size > _LARGEST_LOG:
            msg = f"the session {self.id!r} has grown too long: choose another id"
            raise UsageError(msg)
        end = 0
        for line in self._file:
            if not line.endswith(b"\n") or not self._take(line):
                break
            end += len(line)
        self._file.seek(end)
        if rest := self._file.read():
            self._put_aside(rest, folder)
            self._file.seek(end)
        self._file.truncate()
        self._marks = list(self.history.marks) if end else []

    def _put_aside(self, rest: bytes, folder: Path) -> None:
        """Keep what can't be followed: a log is cut short, but nothing is thrown away."""
        with files.new(folder / _ASIDE) as file:
            file.write(rest)
        cells = len(self.history)
        self.damaged = (
            f"the log {folder / _LOG} makes no sense after cell {cells}: the session goes on from "
            f"there, and the rest is kept in {_ASIDE}"
        )

    def _take(self, line: bytes) -> bool:
        """Follow a line; False if it makes no sense."""
        try:
            told = json.loads(line)
            if "back_to" in told:
                self.history.forget_after(int(told["back_to"]))
                self.history.remark(str(told["mark"]))
            elif "pushed" in told:
                self.history.add_pushed(tuple(map(str, told["pushed"])), str(told["mark"]))
            elif "mark" in told:
                names = tuple(map(str, told["names"]))
                self.history.add(str(told["code"]), names, str(told["mark"]))
        except (ValueError, TypeError, KeyError, RecursionError):
            return False
        return True


@contextmanager
def opened(workspace: Path, name: str) -> Iterator[SavedSession]:
    """A session by its id, for this process alone; a new one if there is none.

    Raises:
        UsageError: If the id can't be one, or another process is at work in this session.
    """
    folder = folder_of(workspace, name)
    with _locked(folder, name):
        try:
            saved = SavedSession(name, folder)
        except OSError as error:
            msg = f"{folder / _LOG} can't be used ({error.strerror}): mend or remove it"
            raise UsageError(msg) from None
        try:
            yield saved
        finally:
            saved.close()
            _remove_empty(folder)


@contextmanager
def _locked(folder: Path, name: str) -> Iterator[None]:
    lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        msg = f"another process is at work in the session {name!r}: wait for it, or take another id"
        raise UsageError(msg) from None
    finally:
        os.close(lock)


def _remove_empty(folder: Path) -> None:
    """Leave nothing of a session in which nothing was done."""
    log = folder / _LOG
    with suppress(OSError):
        if log.stat().st_size == 0:
            log.unlink()
            (folder / "checkpoints").rmdir()
            folder.rmdir()
            folder.parent.rmdir()


def _told(step: Step) -> dict[str, Any]:
    """What a line tells of a step."""
    if step.is_cell:
        return {"code": step.code, "names": step.names, "mark": step.mark}
    return {"pushed": step.pushed, "mark": step.mark}


def _common(before: list[str], after: tuple[str, ...]) -> int:
    """Number of states at the beginning that are the same."""
    count = 0
    for one, other in zip(before, after, strict=False):
        if one != other:
            break
        count += 1
    return count
