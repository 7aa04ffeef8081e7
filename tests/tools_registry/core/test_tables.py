"""Tables: the kinds of file, the ways to name a column, and the edges of each tool."""

import math
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from tools_registry.core._columns import as_dates, find_column
from tools_registry.core.files import save_table
from tools_registry.core.summaries import (
    correlation,
    group_by,
    missing_values,
    pivot_table,
    profile_table,
    summarize_column,
    value_counts,
)
from tools_registry.core.tables import (
    column_values,
    count_rows,
    join_tables,
    map_column,
    read_table,
    sort_rows,
)


@pytest.mark.parametrize("kind", ["csv", "tsv", "json", "jsonl", "parquet"])
def test_a_table_survives_being_saved(kind: str) -> None:
    frame = pd.DataFrame({"name": ["Ångström", 'a "b", c', None], "x (m)": [1.5, None, -0.1]})
    save_table(frame, f"saved.{kind}")
    pd.testing.assert_frame_equal(read_table(f"saved.{kind}"), frame, check_dtype=False)
    assert not list(Path().glob(".*saved*"))


@pytest.mark.parametrize(
    "content",
    [
        b"a;b\n1;2\n",
        b"a\tb\n1\t2\n",
        b"\xef\xbb\xbfa,b\n1,2\n",
        b'"a";"b"\r\n1;2\r\n',
        b"a,b\n1,2,\n",
        "a,b\n1,2\n".encode("utf-16"),
        "a;b\n1;2\n".encode("utf-16-be").join((b"\xfe\xff", b"")),
    ],
)
def test_csv_in_the_wild(content: bytes) -> None:
    Path("wild.csv").write_bytes(content)
    assert read_table("wild.csv").to_dict("records") == [{"a": 1, "b": 2}]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_codes_keep_their_zeros(encoding: str) -> None:
    text = "zip,n,day,x\n01067,1,01.02.2024,0.5\n,02,01.03.2024,0\n99999,3,01.03.2024,1\n"
    Path("codes.csv").write_text(text, encoding=encoding)
    frame = read_table("codes.csv")
    assert frame["zip"].dropna().tolist() == ["01067", "99999"]
    assert frame["x"].tolist() == [0.5, 0, 1]
    assert count_rows("codes.csv", "zip == 01067") == 1
    assert summarize_column("codes.csv", "n", "sum") == 6


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "it is empty"), (b"\n", "it is empty"), (bytes(range(256)), "it is no text")],
)
def test_csv_that_holds_no_table(content: bytes, reason: str) -> None:
    Path("none.csv").write_bytes(content)
    with pytest.raises(ValueError, match=f"none.csv can't be read as csv: {reason}"):
        read_table("none.csv")


def test_csv_with_row_labels_that_have_no_name() -> None:
    Path("labels.csv").write_text("a,b\nx,1,2\ny,3,4\n")
    assert read_table("labels.csv")["a"].tolist() == [1, 3]
    assert len(read_table("labels.csv").columns) == 3


def test_csv_that_is_not_unicode() -> None:
    Path("old.csv").write_bytes("name\nMüller\n".encode("cp1252"))
    assert column_values("old.csv", "name") == ["Müller"]


def test_numbers_written_as_text_in_json_stay_text() -> None:
    Path("codes.json").write_text('[{"zip": "00123", "made_at": "2024-01-01"}]')
    assert column_values("codes.json", "zip") == ["00123"]
    assert column_values("codes.json", "made_at") == ["2024-01-01"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", "", "empty.csv can't be read as csv"),
        ("ragged.csv", "a,b\n1,2\n1,2,3,4\n", "ragged.csv can't be read as csv"),
        ("broken.json", "[{", "broken.json can't be read as json"),
        ("scalar.json", "3", "read_json for other structures"),
        ("broken.parquet", "x", "broken.parquet can't be read as parquet"),
        ("picture.png", "x", "not a known kind of table"),
    ],
)
def test_files_that_are_no_tables(name: str, content: str, said: str) -> None:
    Path(name).write_text(content)
    with pytest.raises(ValueError, match=said):
        read_table(name)


def test_a_source_that_is_no_table() -> None:
    with pytest.raises(TypeError, match="a path or a DataFrame, not a list"):
        read_table([1, 2])  # type: ignore[arg-type]  # wrong on purpose


def test_a_missing_file_names_the_nearest() -> None:
    with pytest.raises(FileNotFoundError, match=r"did you mean penguins\.csv"):
        read_table("pengiuns.csv")
    with pytest.raises(FileNotFoundError, match="no folder nowhere"):
        read_table("nowhere/penguins.csv")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Body Mass (g)", "Body Mass (g)"),
        ("body mass (G)", "Body Mass (g)"),
        ("body_mass_g", "Body Mass (g)"),
        ("bodymass", "Body Mass (g)"),
        ("sex", "sex"),
        ("SEX", "SEX"),
        ("height (m)", "Height (m)"),
    ],
)
def test_columns_by_any_name_that_fits_one(name: str, found: str) -> None:
    columns = ["Body Mass (g)", "sex", "SEX", "Height (m)", "Height (ft)"]
    assert find_column(pd.DataFrame(columns=columns), name) == found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Sex", "may be any of"),
        ("height", "may be any of"),
        ("Body Mas", "nearest are 'Body Mass"),
        ("(", "no column"),
    ],
)
def test_columns_that_are_not_there_or_not_one(name: str, said: str) -> None:
    columns = ["Body Mass (g)", "sex", "SEX", "Height (m)", "Height (ft)"]
    with pytest.raises(ValueError, match=said):
        find_column(pd.DataFrame(columns=columns), name)


def test_dates_that_can_be_read_in_two_ways_are_not_read() -> None:
    assert as_dates(pd.Series(["03/04/2024", "05/06/2024"])) is None
    read = as_dates(pd.Series(["03/04/2024", "25/06/2024", None]))
    assert read is not None
    assert str(read.max().date()) == "2024-06-25"
    assert as_dates(pd.Series(["N1A1", "N2A2"])) is None


def test_a_profile_of_every_kind_of_column() -> None:
    frame = pd.DataFrame(
        {
            "n": [1, None, 3],
            "x": [0.5, 1.5, None],
            "d": ["2024-01-02", None, "2023-05-06"],
            "t": pd.to_datetime(pd.Series(["2024-01-02 10:30:00", None, "2024-01-03 00:00:00"])),
            "b": [True, False, None],
            "s": ["a" * 50, "b\nc", None],
            "e": [None, None, None],
            "l": [[1], [2], [1]],
        }
    )
    profile = profile_table(frame).set_index("column")
    kinds = ["integer", "number", "date", "date", "yes/no", "text", "empty", "text"]
    assert profile["type"].tolist() == kinds
    assert profile["missing"].tolist() == [1, 1, 1, 1, 1, 1, 3, 0]
    assert profile["unique"].tolist() == [2, 2, 2, 2, 2, 2, 0, 2]
    assert [profile[name]["n"] for name in ("min", "max", "mean")] == [1, 3, 2.0]
    assert [profile[name]["d"] for name in ("min", "max")] == ["2023-05-06", "2024-01-02"]
    assert profile.loc["t", "min"] == "2024-01-02 10:30:00"
    assert profile.loc["s", "example"] == "a" * 39 + "…"


def test_a_table_without_rows() -> None:
    frame = pd.DataFrame({"a": pd.Series([], dtype="float64"), "b": pd.Series([], dtype="str")})
    assert count_rows(frame, "a > 1 and b == x") == 0
    assert profile_table(frame)["type"].tolist() == ["empty", "empty"]
    assert missing_values(frame)["percent"].tolist() == [0, 0]
    assert value_counts(frame, "b").to_numpy().tolist() == []
    assert column_values(frame, "a") == []
    assert summarize_column(frame, "a", "count") == 0
    with pytest.raises(ValueError, match="too few values for a mean"):
        summarize_column(frame, "a")


def test_sources_are_not_changed() -> None:
    frame = pd.DataFrame({"a": [3, 1, 2]})
    sort_rows(frame, "a")
    map_column(frame, "a", str)
    assert frame.to_dict("list") == {"a": [3, 1, 2]}


def test_sorting_dates_by_date_and_missing_last() -> None:
    frame = pd.DataFrame({"day": ["25.12.2023", "01.02.2024", None, "13.01.2024"]})
    assert sort_rows(frame, "day").index.tolist() == [0, 3, 1, 2]
    assert sort_rows(frame, "day", descending=True, limit=1).index.tolist() == [1]
    with pytest.raises(ValueError, match="limit is -1"):
        sort_rows(frame, "day", limit=-1)


@pytest.mark.parametrize(
    ("how", "value"),
    [
        ("mean", 2.75),
        ("average", 2.75),
        ("median", 2.5),
        ("sum", 11),
        ("min", 1),
        ("max", 5),
        ("std", math.sqrt(35 / 12)),
        ("count", 4),
        ("unique", 4),
        ("missing", 1),
    ],
)
def test_every_way_to_summarize(how: str, value: float) -> None:
    frame = pd.DataFrame({"x": [1, 2, None, 3, 5]})
    found = summarize_column(frame, "x", how)
    assert found == pytest.approx(value, rel=1e-15)
    assert type(found) is type(value)


@pytest.mark.parametrize(("column", "said"), [("s", "such as 'a'"), ("d", "holds dates")])
def test_no_average_of_words_or_days(column: str, said: str) -> None:
    frame = pd.DataFrame({"s": ["a", "1"], "d": ["2024-01-01", "2024-01-02"]})
    with pytest.raises(ValueError, match=said):
        summarize_column(frame, column)
    with pytest.raises(ValueError, match="use one of mean, median"):
        summarize_column(frame, column, "mode")


@pytest.mark.parametrize(
    "values",
    [
        pd.array([1, None, 2], dtype="Int64"),
        pd.array([1.0, None, 2.0], dtype="Float64"),
        ["1", None, "2"],
        pd.Categorical([1, None, 2]),
    ],
)
def test_numbers_in_any_dress(values: list[object]) -> None:
    assert summarize_column(pd.DataFrame({"x": values}), "x", "mean") == 1.5


def test_yes_and_no_are_one_and_zero() -> None:
    assert summarize_column(pd.DataFrame({"x": [True, False, True, True]}), "x") == 0.75


def test_times_and_mixtures() -> None:
    frame = pd.DataFrame({"t": pd.to_datetime(["2024-01-02 03:04"])})
    assert column_values(frame, "t") == [datetime(2024, 1, 2, 3, 4)]
    mixed = pd.DataFrame({"m": [1, "a"]})
    with pytest.raises(ValueError, match="mixes kinds that have no common order"):
        sort_rows(mixed, "m")


def test_groups_leave_out_what_has_no_group() -> None:
    frame = pd.DataFrame({"g": ["b", "a", None, "b"], "x": [1, 2, 3, None]})
    assert group_by(frame, "g", "x", "sum").to_numpy().tolist() == [["a", 2], ["b", 1]]
    assert group_by(frame, "g", "x", "missing").to_numpy().tolist() == [["a", 0], ["b", 1]]
    years = pd.DataFrame({"year": [2007, None, 2008], "x": [1, 2, 3]})
    assert [str(year) for year in group_by(years, "year", "x")["year"]] == ["2007", "2008"]
    assert list(group_by(frame, "g", "g", "count").columns) == ["g", "count"]
    with pytest.raises(ValueError, match="choose two columns"):
        pivot_table(frame, "g", "g", "x")


def test_counting_a_column_called_count() -> None:
    frame = pd.DataFrame({"count": [7, None, 7]})
    assert value_counts(frame, "count").to_dict("list") == {"count": [7], "rows": [2]}


def test_no_correlation_with_a_constant() -> None:
    frame = pd.DataFrame({"a": [1, 2, None], "b": [1, 1, 2]})
    with pytest.raises(ValueError, match="two different values"):
        correlation(frame, "a", "b")


def test_mapping_names_the_value_that_failed() -> None:
    with pytest.raises(ValueError, match="int failed on 'MALE': ValueError"):
        map_column("penguins.csv", "Sex", int)
    doubled = map_column("penguins.csv", "body mass", lambda grams: 2 * grams)
    assert doubled["result"].tolist()[:4] == [7500, 7600, 6500, None]


@pytest.mark.parametrize(
    ("how", "rows"),
    [("inner", [["a", 1, 10]]), ("left", 3), ("right", 3), ("outer", 5)],
)
def test_missing_keys_match_nothing(how: str, rows: object) -> None:
    left = pd.DataFrame({"Key": ["a", "b", None], "x": [1, 2, 3]})
    right = pd.DataFrame({"key": ["a", "c", None], "x": [10, 20, 30]})
    joined = join_tables(left, right, on="key", how=how)
    assert list(joined.columns) == ["Key", "x", "x_right"]
    assert (joined.to_numpy().tolist() if how == "inner" else len(joined)) == rows


def test_joins_that_cant_be() -> None:
    left, right = pd.DataFrame({"k": [1]}), pd.DataFrame({"k": ["a"]})
    with pytest.raises(ValueError, match="'k' can't be joined"):
        join_tables(left, right, on="k")
    with pytest.raises(ValueError, match="use one of inner, left, right, outer"):
        join_tables(left, left, on="k", how="cross")
