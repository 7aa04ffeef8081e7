"""What a request can speak of: data files of the workspace and variables of the kernel.

File names, columns and values are data: they are compared with the request and quoted into code,
never followed.
"""

from __future__ import annotations

import codecs
import csv
import io
import itertools
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from agent.offline.tables.kinds import ColumnKind, kind_of, kind_of_dtype, spellings_of
from agent.offline.vocabulary import DATA_SUFFIXES, TEXT_SUFFIXES

_HEAD = 1024 * 1024
_MOST_FILES = 200
_MOST_VALUES = 5000
_LONGEST_VALUE = 200
_SEPARATORS = {".csv": ",;\t|", ".tsv": "\t"}


@dataclass(frozen=True, kw_only=True)
class Table:
    """Something with columns.

    Attributes:
        source: As it goes into code: a quoted path, the name of a variable, or a call.
        label: As it is shown.
        columns: Names, in order; empty if they are not known.
        kinds: What the values of each column are.
        spellings: The values of columns of text, folded (lower case, single spaces), each with
            its spellings; only if the whole file was seen.
        line: The column that holds the whole row as it is written; "" if there is none.
        imports: Lines that the source needs.
        setup: Further lines that make it.
    """

    source: str
    label: str
    columns: tuple[str, ...] = ()
    kinds: Mapping[str, ColumnKind] = field(default_factory=dict)
    spellings: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    line: str = ""
    imports: tuple[str, ...] = ()
    setup: tuple[str, ...] = ()

    def kind(self, column: str) -> ColumnKind:
        """What the values of a column are, as far as that is known."""
        return self.kinds.get(column, ColumnKind())


@dataclass(frozen=True, kw_only=True)
class Known:
    """A variable of the kernel.

    Attributes:
        name: Its name.
        type: Name of its type.
        columns: Of a table, if they were looked at, with their types.
    """

    name: str
    type: str
    columns: Mapping[str, str] = field(default_factory=dict)

    def table(self) -> Table:
        """A DataFrame as a table; its values are not known."""
        kinds = {column: kind_of_dtype(dtype) for column, dtype in self.columns.items()}
        return Table(source=self.name, label=self.name, columns=tuple(self.columns), kinds=kinds)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is there.

    Attributes:
        workspace: Directory of the data files.
        files: Names of the data files at its top.
        texts: Names of the text files at its top.
        variables: Of the kernel.
    """

    workspace: Path
    files: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    variables: tuple[Known, ...] = ()
    _read: dict[str, Table] = field(default_factory=dict, repr=False, compare=False)
    _texts: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def table(self, name: str) -> Table:
        """A data file with its columns; each is read once."""
        if name not in self._read:
            self._read[name] = table_of_file(self.workspace, name)
        return self._read[name]

    def text(self, name: str) -> str:
        """The beginning of a text file of the workspace; "" if it can't be read."""
        if name not in self._texts:
            self._texts[name] = _head(self.workspace, name)
        return self._texts[name]

    def has(self, name: str) -> bool:
        """Whether there is a file of this name."""
        try:
            return (self.workspace / name).is_file()
        except OSError:  # e.g. a name that is too long
            return False


def look_around(workspace: Path, variables: tuple[Known, ...] = ()) -> Surroundings:
    """List the data files of a workspace; an unreadable one has none."""
    try:
        with os.scandir(workspace) as entries:
            names = sorted(e.name for e in entries if _is_plain_file(e))
    except OSError:
        names = []
    files, texts = (
        tuple(name for name in names if name.lower().endswith(suffixes))[:_MOST_FILES]
        for suffixes in (DATA_SUFFIXES, TEXT_SUFFIXES)
    )
    return Surroundings(workspace=workspace, files=files, texts=texts, variables=variables)


def _is_plain_file(entry: os.DirEntry[str]) -> bool:
    return not entry.name.startswith(".") and entry.is_file(follow_symlinks=False)


def table_of_file(workspace: Path, name: str) -> Table:
    """A data file with its columns, as far as its beginning tells them."""
    head = _head(workspace, name)
    rows = _rows(head, Path(name).suffix.lower())
    columns = _told_apart(rows[0]) if rows else ()
    values = _values(columns, rows[1:])
    kinds = {column: kind_of(found) for column, found in values.items()}
    texts = {c: v for c, v in values.items() if kinds[c].name in ("text", "yesno")}
    whole = len(head.encode()) < _HEAD
    spellings = {c: spellings_of(v) for c, v in texts.items() if whole and _are_few(v)}
    return Table(source=repr(name), label=name, columns=columns, kinds=kinds, spellings=spellings)


def _told_apart(names: list[str]) -> tuple[str, ...]:
    """Names of columns as pandas has them: the second `a` is `a.1`, or `a.2` if that is taken."""
    found: dict[str, None] = {}
    for name in names:
        others = (f"{name}.{i}" for i in itertools.count(1))
        free = (label for label in others if label not in found and label not in names)
        found[name if name not in found else next(free)] = None
    return tuple(found)


def _head(workspace: Path, name: str) -> str:
    """The beginning of a regular file inside the workspace; "" of anything else."""
    root = workspace.resolve()
    try:
        path = (root / name).resolve()
        if not path.is_relative_to(root):
            return ""
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return ""
    with open(descriptor, "rb") as file:  # noqa: PTH123 -- a descriptor has no path
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return ""
        return _decoded(file.read(_HEAD))


def _decoded(head: bytes) -> str:
    """Text as the table tools decode it; a character cut at the end is left out."""
    encodings = ("utf-16",) if head[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
    return ""


def _rows(text: str, suffix: str) -> list[list[str]]:
    """Complete rows, the header first."""
    whole = text if len(text.encode()) < _HEAD else text[: text.rfind("\n") + 1]
    if suffix in _SEPARATORS:
        first = re.sub(r'"[^"]*"', "", whole.partition("\n")[0])
        delimiter = max(_SEPARATORS[suffix], key=first.count)
        try:
            return list(csv.reader(io.StringIO(whole), delimiter=delimiter))
        except csv.Error:
            return []
    return _records(whole) if suffix in (".jsonl", ".json") else []


def _records(text: str) -> list[list[str]]:
    """Records of JSON lines or of a list of objects, as rows."""
    try:
        lines = text.strip().splitlines()
        data = json.loads(text) if text.lstrip().startswith("[") else list(map(json.loads, lines))
    except (ValueError, RecursionError):
        return []
    records = [record for record in data if isinstance(record, dict)]
    columns = list(dict.fromkeys(key for record in records for key in record))
    rows = [[_told(record.get(column)) for column in columns] for record in records]
    return [columns, *rows] if columns else []


def _told(value: object) -> str:
    return "" if value is None else str(value)


def _values(columns: tuple[str, ...], rows: list[list[str]]) -> dict[str, list[str]]:
    return {
        column: [row[position] for row in rows if len(row) > position]
        for position, column in enumerate(columns)
    }


def _are_few(values: list[str]) -> bool:
    different = set(values)
    return len(different) <= _MOST_VALUES and all(len(v) <= _LONGEST_VALUE for v in different)


def variables_told(text: str) -> tuple[Known, ...]:
    """The variables in a listing with lines such as `df: DataFrame shape (3, 2)`."""
    lines = [line.partition(": ") for line in text.splitlines()]
    pairs = [(name, rest.split(" ", 1)[0]) for name, _, rest in lines if name.isidentifier()]
    return tuple(Known(name=name, type=kind) for name, kind in pairs if kind)
