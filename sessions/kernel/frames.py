"""Tables on their way out of the kernel: a description as plain data, and columns as Arrow."""

from __future__ import annotations

from typing import Any

from . import notation

OWN_ARROW = (
    "boolean",
    "str",
    "string",
    "Float32",
    "Float64",
    *(f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)),
)
"""Types of pandas that know how to become Arrow and back."""


class Columns:
    """Collects columns of one length, and describes each.

    A column is told as `numpy` or `pandas` (its values are an Arrow column), `category` (its codes
    are), or `objects` (its values are part of the description).
    """

    def __init__(self) -> None:
        self._arrays: list[Any] = []

    def describe(self, values: Any) -> dict[str, Any]:
        """Take in a Series or an Index.

        Raises:
            NotPlain: If its type can't leave the kernel.
        """
        dtype = str(values.dtype)
        if dtype == "category":
            return self._category(values)
        if dtype == "object":
            return {"kind": "objects", "values": values.tolist()}
        kind = getattr(values.dtype, "kind", "O")
        if dtype in OWN_ARROW:
            return self._column("pandas", dtype, values)
        if kind in "biufmM" and "[pyarrow]" not in dtype and not dtype.startswith("Sparse"):
            return self._column("numpy", dtype, values)
        msg = f"has a column of type {dtype}"
        raise notation.NotPlain(msg)

    def arrow(self) -> Any:
        """All Arrow columns as one buffer (`pyarrow.Buffer`), in Arrow's stream format."""
        import pyarrow as pa

        names = [str(position) for position in range(len(self._arrays))]
        batch = pa.RecordBatch.from_arrays(self._arrays, names)
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as stream:
            stream.write_batch(batch)
        return sink.getvalue()

    def _column(self, kind: str, dtype: str, values: Any) -> dict[str, Any]:
        import pyarrow as pa

        array = pa.array(values, from_pandas=kind == "pandas")
        if isinstance(array, pa.ChunkedArray):
            array = array.combine_chunks()
        if pa.types.is_string(array.type):
            array = array.cast(pa.large_string())
        self._arrays.append(array)
        return {"kind": kind, "dtype": dtype, "column": len(self._arrays) - 1}

    def _category(self, values: Any) -> dict[str, Any]:
        import pandas as pd

        categories = pd.Categorical(values)
        return {
            "kind": "category",
            "codes": self.describe(pd.Series(categories.codes)),
            "labels": labels(categories.categories),
            "ordered": bool(categories.ordered),
        }


def labels(index: Any) -> dict[str, Any]:
    """An axis or a set of categories, described with all its values."""
    import pandas as pd

    told = {"names": list(index.names)}
    if isinstance(index, pd.RangeIndex):
        return {**told, "kind": "range", "of": [index.start, index.stop, index.step]}
    if isinstance(index, pd.MultiIndex):
        return {**told, "kind": "tuples", "values": index.tolist()}
    return {**told, "kind": "values", "dtype": str(index.dtype), "values": index.tolist()}


def write(frame: Any) -> tuple[bytes, Any]:
    """A DataFrame as description and Arrow buffer.

    Raises:
        NotPlain: If part of it can't leave the kernel; the message says which.
    """
    columns = Columns()
    description = {
        "labels": labels(frame.columns),
        "columns": [columns.describe(frame.iloc[:, i]) for i in range(frame.shape[1])],
        "index": _index(frame.index, columns),
        "rows": len(frame),
    }
    return notation.write(description), columns.arrow()


def _index(index: Any, columns: Columns) -> dict[str, Any]:
    import pandas as pd

    if isinstance(index, pd.RangeIndex):
        return labels(index)
    levels = [index.get_level_values(level) for level in range(index.nlevels)]
    kind = "levels" if isinstance(index, pd.MultiIndex) else "column"
    told = [columns.describe(level) for level in levels]
    return {"kind": kind, "names": list(index.names), "levels": told}
