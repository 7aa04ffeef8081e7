"""Files in the working directory: find, read, search, compare, and save tables.

Paths are relative to the working directory.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ._frames import check_kind, read_frame, write_frame
from ._sniffing import sniffed
from ._writing import written_whole

if TYPE_CHECKING:
    from pandas import DataFrame

_LARGEST_TEXT = 50_000_000


def list_files(folder: str = ".", pattern: str = "*", recursive: bool = False) -> list[str]:
    """List the files in a folder (directory), all or those whose names match a pattern.

    Args:
        folder: Where to look.
        pattern: With * and ?, such as `*.csv`.
        recursive: Look in the folders inside it too.

    Returns:
        Paths in alphabetical order; hidden files, and what is in hidden folders, are left out.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: The pattern leads out of the folder.

    Examples:
        >>> list_files()
        ['islands.json', 'notes.txt', 'penguins.csv']
        >>> list_files(pattern="*.csv")
        ['penguins.csv']
    """
    root = Path(folder)
    if not root.is_dir():
        msg = f"no folder {folder}; check the path (it is relative to {Path.cwd()})"
        raise FileNotFoundError(msg)
    if ".." in Path(pattern).parts or Path(pattern).is_absolute():
        msg = f"pattern {pattern!r} leads out of the folder; name another folder instead"
        raise ValueError(msg)
    found = root.rglob(pattern) if recursive else root.glob(pattern)
    return sorted(str(path) for path in found if path.is_file() and not _hidden(path, root))


def read_text(path: str) -> str:
    """Read or load a text file as one string.

    Args:
        path: Path of the file, at most 50 MB.

    Returns:
        The text, decoded as UTF-8 or, failing that, as Windows-1252.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is too large, or not text.

    Examples:
        >>> read_text("notes.txt").splitlines()[0]
        'Nest N1A1 was empty.'
        >>> "Torgersen" in read_text("penguins.csv")
        True
    """
    file = _existing(path)
    if file.stat().st_size > _LARGEST_TEXT:
        msg = f"{path} is larger than {_LARGEST_TEXT // 1_000_000} MB; open it and read it in parts"
        raise ValueError(msg)
    content = file.read_bytes()
    if b"\0" in content:
        msg = f"{path} is not a text file; open it in binary mode"
        raise ValueError(msg)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_json(path: str) -> Any:
    """Read, load or parse a JSON file of any structure.

    Args:
        path: Path of the file.

    Returns:
        Lists, dictionaries, text, numbers, True, False and None as in the file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is not JSON; says in which line.

    Examples:
        >>> read_json("islands.json")[0]
        {'Island': 'Torgersen', 'Area (km2)': 0.4}
        >>> len(read_json("islands.json"))
        3
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        msg = f"{path} is not JSON: {error.msg} in line {error.lineno}, column {error.colno}"
        raise ValueError(msg) from error


def sniff_csv(path: str) -> dict[str, Any]:
    """Sniff how a CSV file is written: its encoding, separator (delimiter), columns and header.

    Args:
        path: Path of a text file with one record a line.

    Returns:
        `encoding`, `separator`, `columns` (how many), `header` (the names, or None if the first
        line looks like data).

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is empty, or not text.

    Examples:
        >>> sniff_csv("penguins.csv")["header"]
        ['Species', 'Island', 'Date Egg', 'Body Mass (g)', 'Sex']
        >>> sniff_csv("penguins.csv")["separator"], sniff_csv("penguins.csv")["encoding"]
        (',', 'utf-8')
    """
    return sniffed(_existing(path))


def count_lines(path: str) -> int:
    """Count the lines of a text file.

    Args:
        path: Path of the file.

    Returns:
        The number of lines, empty ones included.

    Raises:
        FileNotFoundError: There is no such file.

    Examples:
        >>> count_lines("notes.txt")
        3
        >>> count_lines("penguins.csv")
        7
    """
    with _existing(path).open("rb") as lines:
        return sum(1 for _ in lines)


def search_files(text: str, folder: str = ".", pattern: str = "*") -> list[tuple[str, int, str]]:
    """Search in files for a text (grep): find the lines that contain it, ignoring case.

    Args:
        text: What to look for.
        folder: Where to look, also in the folders inside it.
        pattern: Which files, such as `*.txt`.

    Returns:
        Path, line number (from 1) and line for each hit; files that are not text are left out.

    Raises:
        FileNotFoundError: There is no such folder.

    Examples:
        >>> search_files("todo", pattern="*.txt")
        [('notes.txt', 3, 'TODO: weigh the eggs again.')]
        >>> [path for path, line, _ in search_files("biscoe")]
        ['islands.json', 'penguins.csv', 'penguins.csv']
    """
    wanted = text.casefold()
    return [
        (path, number, line.strip())
        for path in list_files(folder, pattern, recursive=True)
        for number, line in enumerate(_lines(path), 1)
        if wanted in line.casefold()
    ]


def file_hash(path: str, algorithm: str = "sha256") -> str:
    """Calculate the hash (checksum, digest) of a file, to compare or verify it.

    Args:
        path: Path of the file.
        algorithm: sha256, sha1, md5, sha512 or another that `hashlib` knows.

    Returns:
        The digest in hexadecimal digits.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The algorithm is unknown.

    Examples:
        >>> file_hash("notes.txt")[:12]
        'aad53ec47207'
        >>> file_hash("notes.txt", "md5") == file_hash("islands.json", "md5")
        False
    """
    name = re.sub(r"\W", "", algorithm.casefold())
    if name not in hashlib.algorithms_guaranteed or name.startswith("shake"):
        msg = f"unknown algorithm {algorithm!r}; use sha256, sha1, md5 or sha512"
        raise ValueError(msg)
    with _existing(path).open("rb") as file:
        return hashlib.file_digest(file, name).hexdigest()


def human_size(size: float) -> str:
    """Format a size in bytes for people: 1536 as 1.5 KB (human-readable file size).

    Args:
        size: Number of bytes, such as `os.path.getsize` returns.

    Returns:
        The size in B, KB, MB, GB or TB, by steps of 1024.

    Examples:
        >>> human_size(1536)
        '1.5 KB'
        >>> human_size(512)
        '512 B'
    """
    units = ["B", "KB", "MB", "GB", "TB"]
    step = 0
    while round(abs(size), 1) >= 1024 and step < len(units) - 1:
        size /= 1024
        step += 1
    return f"{size:.1f}".removesuffix(".0") + f" {units[step]}"


def save_table(source: str | DataFrame, path: str) -> str:
    """Save, write or export a table to a file, or convert it: csv to json, tsv, jsonl or parquet.

    Args:
        source: Path of a table, or a DataFrame.
        path: File to write, in the kind of its suffix; a file of that name is replaced.

    Returns:
        The path of the file.

    Raises:
        FileNotFoundError: There is no such table, or no folder to write in.
        ValueError: The kind of file is unknown.

    Examples:
        >>> save_table("penguins.csv", "penguins.json")
        'penguins.json'
        >>> save_table("islands.json", "islands.tsv")
        'islands.tsv'
    """
    target = Path(path)
    check_kind(target)
    frame = read_frame(source)
    with written_whole(target) as unfinished:
        write_frame(frame, unfinished)
    return str(target)


def _existing(path: str) -> Path:
    file = Path(path)
    if file.is_file():
        return file
    nearby = list_files(str(file.parent)) if file.parent.is_dir() else []
    hint = f"there are {', '.join(nearby[:8])}" if nearby else "check the path"
    msg = f"no file {path}; {hint}"
    raise FileNotFoundError(msg)


def _hidden(path: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(root).parts)


def _lines(path: str) -> list[str]:
    try:
        return read_text(path).splitlines()
    except (ValueError, OSError):
        return []
