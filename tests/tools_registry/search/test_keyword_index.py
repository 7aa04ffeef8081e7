"""Any text is a query, and the best match comes first."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

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
INDEX = KeywordIndex(TOOLS)


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
    index = KeywordIndex([tool("a", doc="about median"), tool("median"), *TOOLS])

    assert index.scores("median")[1] > index.scores("median")[0] > 0


def test_nothing_in_common_is_nothing_found() -> None:
    assert INDEX.scores("xylophone") == {}
    assert INDEX.scores("") == {}


@given(st.text() | st.sampled_from(['"', "a OR b*", "NEAR(a b)", "name:x", "csv'); DROP", "^ -"]))
def test_any_query_is_only_text(query: str) -> None:
    assert all(score > 0 for score in INDEX.scores(query).values())


def test_a_long_query_is_fine() -> None:
    assert best(" ".join(f"word{n}" for n in range(20)) + " csv " + "x " * 5000) == "read_csv"


def test_odd_text_in_a_tool_is_fine() -> None:
    assert KeywordIndex([tool("a", "half \ud800 \0 'x'"), *TOOLS]).scores("half")
