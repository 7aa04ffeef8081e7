"""How a file of records is written, told from its beginning."""

from __future__ import annotations

import codecs
import csv
from pathlib import Path
from typing import Any

_BEGINNING = 64 << 10  # bytes
_SEPARATORS = ",;\t|"
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


def sniffed(file: Path) -> dict[str, Any]:
    """Encoding, separator, number of columns, and header.

    Raises:
        ValueError: The file is empty, or not text.
    """
    with file.open("rb") as stream:
        beginning = stream.read(_BEGINNING)
    encoding = _encoding(file, beginning)
    whole = beginning if len(beginning) < _BEGINNING else beginning[: beginning.rfind(b"\n") + 1]
    lines = [line for line in whole.decode(encoding, "replace").splitlines() if line.strip()]
    if not lines:
        msg = f"{file} is empty; there is nothing to tell its form from"
        raise ValueError(msg)
    separator = max(_SEPARATORS, key=lambda character: _agreement(lines, character))
    rows = list(csv.reader(lines[:100], delimiter=separator))
    first = [field.strip() for field in rows[0]]
    header = first if _is_header(first) else None
    return {"encoding": encoding, "separator": separator, "columns": len(first), "header": header}


def _encoding(file: Path, beginning: bytes) -> str:
    marked = next((name for mark, name in _MARKS.items() if beginning.startswith(mark)), None)
    if marked:
        return marked
    if b"\0" in beginning:
        msg = f"{file} is not a text file"
        raise ValueError(msg)
    try:
        codecs.getincrementaldecoder("utf-8")().decode(beginning)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _agreement(lines: list[str], separator: str) -> tuple[int, int]:
    """In how many lines the first line's number of fields is found again, if there are several."""
    widths = [len(row) for row in csv.reader(lines[:100], delimiter=separator)]
    return (widths.count(widths[0]) if widths and widths[0] > 1 else 0, widths[0] if widths else 0)


def _is_header(fields: list[str]) -> bool:
    """Whether names stand there: something in each, nothing twice, and no number."""
    return all(fields) and len(set(fields)) == len(fields) and not any(map(_is_number, fields))


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True
