"""Tables that came out of a kernel: Arrow columns, and a description of what they make up.

Whoever wrote them may mean harm, so no more of Arrow is accepted than is needed: one batch of
numbers, dates and text, uncompressed, of which every buffer is used once. The description that
pyarrow itself puts into a table for pandas is not looked at.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sessions.kernel import notation
from sessions.kernel.frames import OWN_ARROW

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_CELLS = 1 << 28
# Positions of fields in the tables of Arrow's format.
_HEADER, _CUSTOM_METADATA, _COMPRESSION = 2, 4, 3


def read(description: bytes | bytearray, payload: bytes | bytearray) -> pd.DataFrame:
    """The DataFrame that a kernel wrote.

    Raises:
        Exception: Of many kinds, if it is not what the kernel's own code writes.
    """
    import pandas as pd

    told = notation.read(description)
    rows = told["rows"]
    columns = _Columns(_batch(payload), rows)
    index = _index(told["index"], columns)
    data = {i: columns.values(column) for i, column in enumerate(told["columns"])}
    if len(index) != rows or rows > _CELLS:
        msg = f"the index has {len(index)} labels for {rows} rows"
        raise ValueError(msg)
    frame = pd.DataFrame(data, index=index)
    frame.columns = _labels(told["labels"])
    return frame


class _Columns:
    """Columns of one length, each of which may be used once."""

    def __init__(self, batch: pa.RecordBatch, rows: int) -> None:
        self._left = dict(enumerate(batch.columns))
        self._rows = rows

    def values(self, told: Mapping[str, Any]) -> Any:
        """An array of pandas."""
        values = self._values(told)
        if len(values) != self._rows:
            msg = f"a column has {len(values)} values for {self._rows} rows"
            raise ValueError(msg)
        return values

    def _values(self, told: Mapping[str, Any]) -> Any:
        import pandas as pd

        match told["kind"]:
            case "objects":
                return pd.Series(told["values"], dtype=object).array
            case "category":
                codes, labels = self._values(told["codes"]), _labels(told["labels"])
                return pd.Categorical.from_codes(codes, labels, ordered=told["ordered"])
            case "pandas" if told["dtype"] in OWN_ARROW:
                dtype: Any = pd.api.types.pandas_dtype(told["dtype"])
                return dtype.__from_arrow__(self._left.pop(told["column"]))
            case "numpy":
                series = self._left.pop(told["column"]).to_pandas()
                _require(str(series.dtype) == told["dtype"], f"no column of {series.dtype}")
                return series.array
        msg = f"there is no kind of column {told['kind']!r}"
        raise ValueError(msg)


def _index(told: Mapping[str, Any], columns: _Columns) -> Any:
    import pandas as pd

    if told["kind"] == "range":
        return _labels(told)
    levels = [columns.values(level) for level in told["levels"]]
    if told["kind"] == "levels":
        return pd.MultiIndex.from_arrays(levels, names=told["names"])
    (values,), (name,) = levels, told["names"]
    return pd.Index(values, name=name)


def _labels(told: Mapping[str, Any]) -> Any:
    import pandas as pd

    names = told["names"]
    if told["kind"] == "range":
        start, stop, step = told["of"]
        return pd.RangeIndex(start, stop, step, name=names[0])
    if told["kind"] == "tuples":
        return pd.MultiIndex.from_tuples(told["values"], names=names)
    return pd.Index(told["values"], dtype=told["dtype"], name=names[0], tupleize_cols=False)


def _batch(payload: bytes | bytearray) -> pa.RecordBatch:
    """The one batch in a payload, all of it checked."""
    import pyarrow as pa

    buffer = pa.py_buffer(payload)
    _require_simple(buffer)
    with pa.ipc.open_stream(buffer) as stream:
        _require(all(_is_simple(kind) for kind in stream.schema.types), "types not expected")
        batch = stream.read_next_batch()
    _require(batch.num_rows * batch.num_columns <= _CELLS, "too many cells")
    batch.validate()
    _require(batch.nbytes <= len(payload), "columns that share their memory")
    batch.validate(full=True)
    return batch


def _require_simple(buffer: pa.Buffer) -> None:
    """Refuse all but a schema and one batch, which is not compressed.

    A small compressed batch could fill any memory, and pyarrow does not ask before it unpacks.
    """
    import pyarrow as pa

    schema, batch = list(pa.ipc.MessageReader.open_stream(buffer))
    _require((schema.type, batch.type) == ("schema", "record batch"), "messages not expected")
    table = memoryview(batch.metadata)
    (root,) = struct.unpack_from("<I", table)
    header = _field(table, root, _HEADER)
    _require(header is not None, "a batch without header")
    (distance,) = struct.unpack_from("<I", table, header)
    compressed = _field(table, header + distance, _COMPRESSION)
    _require(compressed is None, "compressed data")
    _require(_field(table, root, _CUSTOM_METADATA) is None, "metadata not expected")


def _field(data: memoryview, table: int, position: int) -> Any:
    """Where a field of a FlatBuffers table begins; None if it is absent."""
    (distance,) = struct.unpack_from("<i", data, table)
    directory = table - distance
    _require(directory >= 0, "a broken table")
    (size,) = struct.unpack_from("<H", data, directory)
    entry = 4 + 2 * position
    if entry >= size:
        return None
    (offset,) = struct.unpack_from("<H", data, directory + entry)
    return table + offset if offset else None


def _is_simple(kind: pa.DataType) -> bool:
    from pyarrow import types

    tests = (
        types.is_boolean,
        types.is_integer,
        types.is_floating,
        types.is_timestamp,
        types.is_duration,
        types.is_large_string,
    )
    return any(test(kind) for test in tests)


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(what)
