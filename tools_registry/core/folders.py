"""Folders in the working directory: what is in them, how large, and what is there twice.

Paths are relative to the working directory; hidden files and links are left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from .files import human_size

_MOST_LINES = 500


def folder_tree(folder: str = ".", depth: int = 2) -> str:
    """Show a folder as a tree: its files and folders with their sizes (disk usage).

    Args:
        folder: Where to look.
        depth: How many levels of folders are opened, 1 or more.

    Returns:
        A line for each, indented, folders first, with the size of all that is in them; at most
        500 lines.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: `depth` is below 1.

    Examples:
        >>> print(folder_tree())
        islands.json  126 B
        notes.txt  77 B
        penguins.csv  434 B
        >>> len(folder_tree(depth=1).splitlines())
        3
    """
    if depth < 1:
        msg = f"depth is {depth}; give 1 or more"
        raise ValueError(msg)
    lines = list(_tree(_folder(folder), depth, ""))
    more = [f"… {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return "\n".join([*lines[:_MOST_LINES], *more])


def largest_files(folder: str = ".", limit: int = 10) -> list[tuple[str, int]]:
    """Find the largest files in a folder and the folders inside it.

    Args:
        folder: Where to look.
        limit: How many to return at most.

    Returns:
        Path and size in bytes of each, largest first.

    Raises:
        FileNotFoundError: There is no such folder.

    Examples:
        >>> largest_files(limit=1)
        [('penguins.csv', 434)]
        >>> [path for path, size in largest_files()]
        ['penguins.csv', 'islands.json', 'notes.txt']
    """
    sizes = [(str(file), file.stat().st_size) for file in _files(_folder(folder))]
    return sorted(sizes, key=lambda entry: (-entry[1], entry[0]))[: max(limit, 0)]


def find_duplicate_files(folder: str = ".") -> list[list[str]]:
    """Find duplicate files by content: files that are equal byte for byte, whatever their names.

    Args:
        folder: Where to look, also in the folders inside it.

    Returns:
        Lists of the paths of equal files, largest files first; empty files are left out.

    Raises:
        FileNotFoundError: There is no such folder.

    Examples:
        >>> from pathlib import Path
        >>> Path("copy.txt").write_text(Path("notes.txt").read_text())
        77
        >>> find_duplicate_files()
        [['copy.txt', 'notes.txt']]
        >>> Path("copy.txt").unlink()
        >>> find_duplicate_files()
        []
    """
    by_size: dict[int, list[Path]] = {}
    for file in _files(_folder(folder)):
        by_size.setdefault(file.stat().st_size, []).append(file)
    equal = [
        sorted(map(str, group))
        for size in sorted(by_size, reverse=True)
        if size and len(by_size[size]) > 1
        for group in _by_content(by_size[size])
    ]
    return [group for group in equal if len(group) > 1]


def _folder(folder: str) -> Path:
    root = Path(folder)
    if not root.is_dir():
        msg = f"no folder {folder}; check the path (it is relative to {Path.cwd()})"
        raise FileNotFoundError(msg)
    return root


def _entries(root: Path) -> list[Path]:
    """What is in a folder, folders first; hidden entries and links are left out."""
    try:
        found = [entry for entry in root.iterdir() if not entry.name.startswith(".")]
    except OSError:  # a folder that may not be read
        return []
    kept = [entry for entry in found if not entry.is_symlink()]
    return sorted(kept, key=lambda entry: (entry.is_file(), entry.name))


def _files(root: Path) -> Iterator[Path]:
    for entry in _entries(root):
        if entry.is_dir():
            yield from _files(entry)
        elif entry.is_file():
            yield entry


def _tree(root: Path, depth: int, indent: str) -> Iterator[str]:
    for entry in _entries(root):
        if entry.is_file():
            yield f"{indent}{entry.name}  {human_size(entry.stat().st_size)}"
        elif entry.is_dir():
            size = sum(file.stat().st_size for file in _files(entry))
            yield f"{indent}{entry.name}/  {human_size(size)}"
            if depth > 1:
                yield from _tree(entry, depth - 1, f"{indent}  ")


def _by_content(files: list[Path]) -> list[list[Path]]:
    groups: dict[str, list[Path]] = {}
    for file in files:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        groups.setdefault(digest, []).append(file)
    return list(groups.values())
