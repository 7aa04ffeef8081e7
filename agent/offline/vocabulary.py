"""Words with a meaning of their own in requests."""

from __future__ import annotations

AGGREGATES = {
    **dict.fromkeys(("mean", "average", "avg"), "mean"),
    "median": "median",
    **dict.fromkeys(("sum", "total"), "sum"),
    **dict.fromkeys(
        ("max", "maximum", "largest", "highest", "biggest", "greatest", "heaviest", "longest"),
        "max",
    ),
    **dict.fromkeys(
        ("min", "minimum", "smallest", "lowest", "least", "lightest", "shortest"), "min"
    ),
    **dict.fromkeys(("std", "sd", "deviation"), "std"),
}
"""Word → `how` of the aggregating tools."""

FILLERS = frozenset(
    """
    a an and any are as at be calculate can compute could do does each every find for from get give
    given has have how i in into is it its let many me much my of on one please show tell that the
    their them there these this those to us value was we were what what's which who will with would
    you your
    """.split()  # noqa: SIM905 -- as in the lexicon
)
"""Words that need no explanation by a plan."""

TABLE_WORDS = frozenset(
    ("file", "table", "data", "dataset", "csv", "column", "columns", "values", "field", "frame")
)
"""Words that speak of a table as such."""

ROW_WORDS = frozenset(
    ("row", "rows", "record", "records", "entry", "entries", "observation", "observations")
)
PER = frozenset(("by", "per", "across"))
AGAINST = frozenset(("against", "vs", "versus", "over"))
PLOTTING = frozenset(("plot", "chart", "graph", "draw", "visualize", "visualise", "picture"))
COLOURED = frozenset(("coloured", "colored", "color", "colour"))
SAVING = frozenset(("save", "saved", "store", "write", "export", "put"))
CONDITION_STARTS = frozenset(("where", "whose", "when", "if", "having", "with", "have", "has"))

DATA_SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".parquet")
PICTURE_SUFFIXES = (".png",)
TEXT_SUFFIXES = (".txt", ".md", ".log", ".rst", ".text")

SIGNS = {"=": "==", "==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
COMPARISONS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("is", "not", "missing"), "is not missing"),
    (("is", "missing"), "is missing"),
    (("are", "missing"), "is missing"),
    (("is", "empty"), "is missing"),
    (("is", "greater", "than"), ">"),
    (("is", "more", "than"), ">"),
    (("is", "larger", "than"), ">"),
    (("is", "less", "than"), "<"),
    (("is", "smaller", "than"), "<"),
    (("is", "at", "least"), ">="),
    (("is", "at", "most"), "<="),
    (("is", "equal", "to"), "=="),
    (("is", "above"), ">"),
    (("is", "over"), ">"),
    (("is", "below"), "<"),
    (("is", "under"), "<"),
    (("is", "after"), ">"),
    (("is", "before"), "<"),
    (("is", "not"), "!="),
    (("does", "not", "contain"), "not contains"),
    (("greater", "than"), ">"),
    (("more", "than"), ">"),
    (("larger", "than"), ">"),
    (("less", "than"), "<"),
    (("fewer", "than"), "<"),
    (("smaller", "than"), "<"),
    (("at", "least"), ">="),
    (("at", "most"), "<="),
    (("equal", "to"), "=="),
    (("contains",), "contains"),
    (("containing",), "contains"),
    (("above",), ">"),
    (("over",), ">"),
    (("below",), "<"),
    (("under",), "<"),
    (("after",), ">"),
    (("before",), "<"),
    (("since",), ">="),
    (("until",), "<="),
    (("equals",), "=="),
    (("missing",), "is missing"),
    (("is",), "=="),
    (("are",), "=="),
)
"""Words of a comparison → its sign; longer ones first."""
