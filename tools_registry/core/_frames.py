"""Tables as the tools take them: a file of a known kind, or a DataFrame."""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pandas import DataFrame

_CODE = re.compile(rb"(?:^|[,;\t|\"\n\r]\x00?)0\x00?\d")


def read_frame(source: str | Path | DataFrame) -> DataFrame:
    """Return `source` itself if it is a DataFrame, else the table in that file.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: The file is of an unknown kind, empty or damaged.
        TypeError: It is neither a path nor a DataFrame.
    """
    import pandas as pd

    if isinstance(source, pd.DataFrame):
        return source
    path = _path(source)
    reader = _reader(path)
    if not path.is_file():
        raise FileNotFoundError(_missing(path))
    try:
        return reader(path)
    except ValueError as error:
        msg = f"{path} can't be read as {path.suffix[1:].lower()}: {_reason(error)}"
        raise ValueError(msg) from error


def _reason(error: ValueError) -> str:
    return str(error).splitlines()[0].removeprefix("Error tokenizing data. C error: ")


def write_frame(frame: DataFrame, path: Path) -> None:
    """Write the table in the kind that the suffix of `path` names."""
    suffix = path.suffix.lower()
    if suffix in (".csv", ".tsv"):
        frame.to_csv(path, index=False, sep="\t" if suffix == ".tsv" else ",")
    elif suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        _write_json(frame, path, lines=suffix == ".jsonl")


def check_kind(path: Path) -> None:
    """Raise ValueError unless tables can be kept in a file with this suffix."""
    _reader(path)


def _write_json(frame: DataFrame, path: Path, *, lines: bool) -> None:
    frame.to_json(
        path,
        orient="records",
        lines=lines,
        date_format="iso",
        double_precision=15,
        force_ascii=False,
    )


def _path(source: str | Path) -> Path:
    try:
        return Path(source)
    except TypeError:
        msg = f"a table is a path or a DataFrame, not a {type(source).__name__}"
        raise TypeError(msg) from None


def _reader(path: Path) -> Callable[[Path], DataFrame]:
    try:
        return _READERS[path.suffix.lower()]
    except KeyError:
        msg = f"{path} is not a known kind of table; use one of {', '.join(_READERS)}"
        raise ValueError(msg) from None


def _missing(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"no folder {folder}; check the path (it is relative to {Path.cwd()})"
    tables = sorted(file.name for file in folder.iterdir() if file.suffix.lower() in _READERS)
    near = get_close_matches(path.name, tables, n=3) or tables[:5]
    hint = f"did you mean {', '.join(near)}?" if near else "there are no tables in that folder"
    return f"no file {path}; {hint}"


def _read_delimited(path: Path) -> DataFrame:
    from pandas.errors import EmptyDataError

    for encoding in _encodings(path):
        separator = "\t" if path.suffix.lower() == ".tsv" else _separator(path, encoding)
        form = {"sep": separator, "encoding": encoding}
        try:
            return _with_codes(path, _read_text_table(path, form), form)
        except UnicodeDecodeError:
            continue
        except EmptyDataError:
            msg = "it is empty"
            raise ValueError(msg) from None
    msg = "it is no text; save it as UTF-8"
    raise ValueError(msg)


def _encodings(path: Path) -> tuple[str, ...]:
    """What the file may be encoded in, most likely first."""
    with path.open("rb") as file:
        mark = file.read(2)
    return ("utf-16",) if mark in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")


def _read_text_table(path: Path, form: Mapping[str, Any]) -> DataFrame:
    import pandas as pd

    def read(index: bool | None) -> DataFrame:
        table: DataFrame = pd.read_csv(path, index_col=index, low_memory=False, **form)
        return table

    frame = read(None)
    if isinstance(frame.index, pd.RangeIndex):
        return frame
    # The rows have one field more than the header: a comma at the end, or unnamed row labels.
    if frame.iloc[:, -1].isna().all():
        return read(False)
    return frame.reset_index()


def _with_codes(path: Path, frame: DataFrame, form: Mapping[str, Any]) -> DataFrame:
    """The table with codes such as 01067 as text: as numbers they would lose their zeros."""
    numbers = frame.select_dtypes("number").columns
    if not len(numbers) or not _has_codes(path):
        return frame
    texts = _read_text_table(path, {**form, "dtype": dict.fromkeys(numbers, str)})
    codes = [c for c in numbers if texts[c].dropna().astype(str).str.fullmatch(r"0\d+").any()]
    return frame.assign(**{column: texts[column] for column in codes}) if codes else frame


def _has_codes(path: Path) -> bool:
    """Whether a field may begin with a zero and a digit; most files have none."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _CODE.search(content) is not None


def _separator(path: Path, encoding: str) -> str:
    """Whatever of , ; tab | stands most often in the header, outside quotes."""
    with path.open(encoding=encoding, errors="replace") as lines:
        header = re.sub(r'"[^"]*"', "", lines.readline())
    return max(",;\t|", key=header.count)


def _read_json(path: Path) -> DataFrame:
    return _from_records(json.loads(path.read_text(encoding="utf-8-sig")))


def _read_json_lines(path: Path) -> DataFrame:
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    return _from_records([json.loads(line) for line in lines if line.strip()])


def _from_records(found: Any) -> DataFrame:
    import pandas as pd

    columns = isinstance(found, dict) and all(isinstance(part, list) for part in found.values())
    records = isinstance(found, list) and all(isinstance(part, dict) for part in found)
    if not found or not (columns or records):
        msg = "it is no list of objects; use read_json for other structures"
        raise ValueError(msg)
    return pd.DataFrame(found)


def _read_parquet(path: Path) -> DataFrame:
    import pandas as pd

    return pd.read_parquet(path)


_READERS: dict[str, Callable[[Path], DataFrame]] = {
    ".csv": _read_delimited,
    ".tsv": _read_delimited,
    ".json": _read_json,
    ".jsonl": _read_json_lines,
    ".parquet": _read_parquet,
}
