"""Any text is a query, and the best match comes first."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.search import keyword_index
from tools_registry.search.keyword_index import KeywordIndex
from tools_registry.tool import Parameter, Tool


def tool(name: str, summary: str = "", doc: str = "", params: tuple[Parameter, ...] = ()) -> Tool:
    return Tool(
        name=name,
        kind="core",
        module="agent_tools.x",
        category="x",
        signature=f"{name}()",
        summary=summary,
        doc=doc,
        parameters=params,
        file=Path("x.py"),
    )


TOOLS = (
    tool("read_csv", "Load a table from a file."),
    tool("plot_histogram", "Draw how values are distributed."),
    tool("join_tables", "Merge two tables on a column."),
    tool("mean", "Average.", "Half-way between things; smaller when skewed."),
    tool("scale", params=(Parameter(name="factor", doc="Multiplier."),)),
)


def index(tools: Sequence[Tool], file: Path | None = None) -> KeywordIndex:
    made = KeywordIndex(tools, file)
    made.update()
    return made


INDEX = index(TOOLS)


def best(query: str) -> str:
    scores = INDEX.scores(query)
    return TOOLS[max(scores, key=scores.__getitem__)].name if scores else ""


def test_every_column_is_searched() -> None:
    assert best("csv") == "read_csv"
    assert best("distributed") == "plot_histogram"
    assert best("skewed") == "mean"
    assert best("multiplier") == "scale"


def test_endings_do_not_matter() -> None:
    assert best("merging") == "join_tables"
    assert best("histograms") == "plot_histogram"


def test_identifiers_in_the_query_come_apart() -> None:
    assert best("use plotHistogram please") == "plot_histogram"


def test_a_name_counts_more_than_a_doc() -> None:
    scores = index([tool("a", doc="about median"), tool("median"), *TOOLS]).scores("median")

    assert scores[1] > scores[0] > 0


def test_nothing_in_common_is_nothing_found() -> None:
    assert INDEX.scores("xylophone") == {}
    assert INDEX.scores("") == {}


@given(st.text() | st.sampled_from(['"', "a OR b*", "NEAR(a b)", "name:x", "csv'); DROP", "^ -"]))
def test_any_query_is_only_text(query: str) -> None:
    assert all(score > 0 for score in INDEX.scores(query).values())


def test_a_long_query_is_fine() -> None:
    assert best(" ".join(f"word{n}" for n in range(20)) + " csv " + "x " * 5000) == "read_csv"


def test_odd_text_in_a_tool_is_fine() -> None:
    assert index([tool("a", "half \ud800 \0 'x'"), *TOOLS]).scores("half")


def test_a_file_serves_the_next_process(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    index(TOOLS, file)

    again = KeywordIndex(TOOLS, file)
    assert again.complete
    assert again.scores("merging") == INDEX.scores("merging")


def test_what_is_gone_is_not_found_and_what_is_new_is(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    index(TOOLS, file)
    later = KeywordIndex([*TOOLS[1:], tool("new_one", "Multiply matrices.")], file)

    before = later.complete
    later.update()
    assert (before, later.complete) == (False, True)
    assert later.scores("csv") == {}
    assert list(later.scores("matrices")) == [4]
    assert list(later.scores("histogram")) == [0]


def test_a_tool_that_changed_is_found_by_its_new_words_only(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    index([tool("a", "Old words."), *TOOLS], file)
    changed = index([tool("a", "Fresh text."), *TOOLS], file)

    assert list(changed.scores("fresh")) == [0]
    assert changed.scores("old") == {}


def test_an_index_that_is_mostly_gone_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    index([tool(f"gone_{n}", "Something.") for n in range(1_500)], file)
    size = rows(file)
    index(TOOLS, file)

    assert (size, rows(file)) == (1_500, len(TOOLS))


def rows(file: Path) -> int:
    with closing(sqlite3.connect(file)) as database:
        return int(database.execute("SELECT count(*) FROM tools").fetchone()[0])


def test_two_indexes_of_one_file_see_what_the_other_adds(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    one = index(TOOLS, file)
    other = KeywordIndex([*TOOLS, tool("extra", "Paint walls.")], file)
    assert other.scores("paint") == {}
    index([tool("extra", "Paint walls.")], file)

    assert other.complete
    assert list(other.scores("paint")) == [5]
    assert one.scores("paint") == {}


def test_who_has_the_file_open_survives_that_it_is_emptied(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    mine = index(TOOLS, file)
    index([tool(f"other_{n}", "Something.") for n in range(1_100)], file)
    index([tool("just_one")], file)
    assert rows(file) == 1

    assert not mine.complete
    mine.update()
    assert list(mine.scores("csv")) == [0]


@pytest.mark.parametrize("where", ["start", "middle", "all"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, where: str) -> None:
    file = tmp_path / "index.sqlite"
    index([*TOOLS, *(tool(f"tool_{n}", f"Does thing {n}.") for n in range(300))], file)
    damage(file, where)

    mended = index(TOOLS, file)
    assert list(mended.scores("csv")) == [0]
    assert list(index(TOOLS, file).scores("histogram")) == [1]


def damage(file: Path, where: str) -> None:
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    start, end = {"start": (0, 4096), "middle": (4096, len(content)), "all": (0, len(content))}[
        where
    ]
    content[start:end] = b"x" * (end - start)
    file.write_bytes(content)


def test_a_file_damaged_while_it_is_open_is_made_anew(tmp_path: Path) -> None:
    file = tmp_path / "index.sqlite"
    mine = index(TOOLS, file)
    damage(file, "all")

    assert list(mine.scores("csv")) == [0]


def test_a_place_that_can_not_be_written_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert list(index(TOOLS, tmp_path / "file" / "index.sqlite").scores("csv")) == [0]


def test_a_place_that_belongs_to_a_folder_leaves_memory(tmp_path: Path) -> None:
    (tmp_path / "index.sqlite").mkdir()

    assert list(index(TOOLS, tmp_path / "index.sqlite").scores("csv")) == [0]


def test_frequent_words_are_left_out_where_rare_ones_tell_more() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keyword_index, "_MOST_MATCHES", 3)
        many = index([tool(f"t{n}", "common") for n in range(9)] + [tool("x", "common rare")])

        assert list(many.scores("common rare")) == [9]
        assert len(many.scores("common")) == 10


@given(st.lists(st.sampled_from(["a b", "b c", "c d", "d a", "e"]), min_size=1, max_size=8))
def test_a_rarer_word_tells_more(summaries: list[str]) -> None:
    made = index([tool(f"t{n}", summary) for n, summary in enumerate(summaries)])
    spread = {word: sum(word in s.split() for s in summaries) for word in "bcd"}
    rarity = made.rarity("bcd")

    assert sorted("bcd", key=lambda w: (spread[w], w)) == sorted(
        "bcd", key=lambda w: (-rarity[w], w)
    )
