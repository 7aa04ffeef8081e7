"""Components for lists of lists: rows, columns and records."""

from __future__ import annotations

from agent.offline.synthesis.component import component as one

COMPONENTS = (
    one(
        "transposed", "[list(column) for column in zip(*{0})]", "rows", 5,
        "transpose, column, matrix, unzip", inside=False,
    ),
    one(
        "transposed_tuples", "list(zip(*{0}))", "rows", 5,
        "transpose, column, unzip, tuple, corresponding", inside=False,
    ),
    one(
        "column", "[row[{1}] for row in {0}]", "rows int", 4,
        "column, nth, extract, element, kth, index, item",
    ),
    one("first_column", "[row[0] for row in {0}]", "rows", 4, "first, first element, each sublist"),
    one("last_column", "[row[-1] for row in {0}]", "rows", 5, "last, rear, last element"),
    one("row_sums", "[sum(row) for row in {0}]", "table", 5, "sum, row, total, each, sublist"),
    one("row_maxima", "[max(row) for row in {0}]", "table", 6, "maximum, largest, row, each"),
    one("row_minima", "[min(row) for row in {0}]", "table", 6, "minimum, smallest, row, each"),
    one(
        "column_sums", "[sum(column) for column in zip(*{0})]", "table", 6,
        "sum, column, total, element wise",
    ),
    one("row_lengths", "[len(row) for row in {0}]", "rows", 5, "length, sublist, size"),
    one(
        "diagonal", "[row[i] for i, row in enumerate({0})]", "rows", 7, "diagonal, matrix",
        guard="all(i < len(row) for i, row in enumerate({0}))", inside=False,
    ),
    one(
        "sorted_by_column", "sorted({0}, key=lambda row: row[{1}])", "rows int", 5,
        "sort, by, column, element, second, index, increasing", inside=False,
    ),
    one(
        "sorted_by_second", "sorted({0}, key=lambda row: row[1])", "rows", 5,
        "sort, second, value, subject, last, increasing", inside=False,
    ),
    one(
        "sorted_by_last", "sorted({0}, key=lambda row: row[-1])", "rows", 5,
        "sort, last element, last, increasing order", inside=False,
    ),
    one(
        "most_by_second", "max({0}, key=lambda row: row[1])", "rows", 5,
        "maximum, largest, highest, most",
    ),
    one(
        "least_by_second", "min({0}, key=lambda row: row[1])", "rows", 5,
        "minimum, smallest, lowest, least",
    ),
    one(
        "common_to_rows", "set.intersection(*map(set, {0}))", "rows", 6,
        "common, intersection, all, nested", guard="{0}", inside=False,
    ),
    one(
        "grid", "[[{0}] * {1} for _ in range({2})]", "num int int", 7,
        "matrix, two dimensional, grid, table, 2d", guard="0 <= {1} <= 30 and 0 <= {2} <= 30",
        inside=False,
    ),
    one(
        "field", "[row[{1}] for row in {0}]", "dicts str", 5,
        "field, value, column, key, dictionary",
    ),
    one(
        "records_by", "sorted({0}, key=lambda row: row[{1}])", "dicts str", 6,
        "sort, by, dictionary, order", inside=False,
    ),
    one(
        "top_records_by", "sorted({0}, key=lambda row: row[{1}], reverse=True)", "dicts str", 6,
        "most, highest, largest, expensive, descending, top", inside=False,
    ),
)  # fmt: skip
