"""What was learned from use: bounded, fading, resettable, and shared by processes."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import AgentError
from tools_registry.search import usage as usage_module
from tools_registry.search.usage import HALF_LIFE, MOST, Usage

PROGRAM = """
import sys
import time
from pathlib import Path
from tools_registry.search.usage import Usage
usage = Usage.open(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    usage.succeeded(f"request {n}", sys.argv[2])
    print(n, flush=True)
"""


@pytest.fixture
def usage(tmp_path: Path) -> Usage:
    return Usage.open(tmp_path / "data" / "usage.sqlite")


def tallies(usage: Usage, tool: str) -> dict[str, float]:
    known = usage.experiences().get(tool, ())
    return {experience.request: round(experience.tally, 3) for experience in known}


def test_nothing_is_made_before_something_is_learned(usage: Usage) -> None:
    assert usage.experiences() == {}
    assert usage.reset() == 0
    assert not usage.path.parent.exists()


def test_the_next_process_knows_it(usage: Usage) -> None:
    usage.succeeded("  count\nwords ", "word_count")
    usage.failed("draw a map", "plot_bars")

    later = Usage.open(usage.path)
    assert tallies(later, "plot_bars") == {"draw a map": -1}
    assert tallies(later, "word_count") == {"count words": 1}


def test_a_failure_takes_a_success_back(usage: Usage) -> None:
    usage.succeeded("count", "word_count")
    usage.failed("count", "word_count")

    assert tallies(usage, "word_count") == {"count": 0}


def test_repeating_adds_up_to_one(usage: Usage) -> None:
    for _ in range(20):
        usage.succeeded("count", "word_count")
    for _ in range(4):
        usage.failed("count", "word_count")

    assert tallies(usage, "word_count") == {"count": -1}


def test_only_the_newest_requests_of_a_tool_are_kept(usage: Usage) -> None:
    for n in range(MOST + 5):
        usage.succeeded(f"request {n}", "word_count")

    assert list(tallies(usage, "word_count")) == [f"request {n}" for n in range(MOST + 4, 4, -1)]


def test_only_the_tools_used_last_are_kept(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_module, "MOST_TOOLS", 2)
    for tool in ("first", "second", "third"):
        usage.succeeded("count", tool)

    assert sorted(usage.experiences()) == ["second", "third"]


def test_it_fades(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    usage.succeeded("count", "word_count")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + HALF_LIFE)

    assert tallies(usage, "word_count") == {"count": 0.5}
    usage.succeeded("count", "word_count")
    monkeypatch.setattr(time, "time", lambda: now + 3 * HALF_LIFE)
    assert tallies(usage, "word_count") == {"count": 0.375}


def test_one_tool_or_all_are_forgotten(usage: Usage) -> None:
    for tool in ("one", "two", "three"):
        usage.succeeded("count", tool)

    assert usage.reset("one") == 1
    assert sorted(usage.experiences()) == ["three", "two"]
    assert usage.reset("one") == 0
    assert usage.reset() == 2
    assert usage.experiences() == {}


def test_another_process_is_heard_while_this_one_runs(usage: Usage) -> None:
    assert usage.experiences() == {}
    subprocess.run([sys.executable, "-c", PROGRAM, str(usage.path), "tool", "1"], check=True)

    assert tallies(usage, "tool") == {"request 0": 1}


def test_processes_learn_at_once_and_nothing_is_lost(usage: Usage) -> None:
    names = ["a", "b", "c"]
    commands = [[sys.executable, "-c", PROGRAM, str(usage.path), name, "15"] for name in names]
    running = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for command in commands]

    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert {tool: len(known) for tool, known in usage.experiences().items()} == dict.fromkeys(
        names, 15
    )


def test_a_killed_process_leaves_whole_experiences(usage: Usage) -> None:
    command = [sys.executable, "-c", PROGRAM, str(usage.path), "tool", "100000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for _ in range(10):
            process.stdout.readline()
        process.kill()

    assert len(usage.experiences()["tool"]) >= 10
    usage.succeeded("after", "tool")
    assert "after" in tallies(usage, "tool")


@pytest.mark.parametrize(
    "content", [b"", b"no database at all", b"SQLite format 3\0" + b"x" * 9000]
)
def test_a_damaged_file_costs_what_was_learned(usage: Usage, content: bytes) -> None:
    usage.path.parent.mkdir()
    usage.path.write_bytes(content)

    assert usage.experiences() == {}
    usage.succeeded("count", "word_count")
    assert tallies(usage, "word_count") == {"count": 1}


def test_odd_rows_are_passed_over(usage: Usage) -> None:
    import sqlite3
    from contextlib import closing

    usage.succeeded("count", "word_count")
    with closing(sqlite3.connect(usage.path)) as database:
        rows = [(b"x", "y", 1.0, 1.0), ("t", b"\xff", 1.0, 1.0), ("t", "y", "many", 1.0)]
        database.executemany("INSERT INTO experiences VALUES (?, ?, ?, ?)", rows)
        database.execute("INSERT INTO experiences VALUES ('t', 'far', 1e308, 9e307)")
        database.commit()

    assert {e.tally <= 1 for known in usage.experiences().values() for e in known} == {True}
    assert sorted(usage.experiences()) == ["t", "word_count"]


def test_who_resets_is_told_that_it_can_not_be(usage: Usage) -> None:
    usage.path.mkdir(parents=True)

    usage.succeeded("count", "word_count")
    assert usage.experiences() == {}
    with pytest.raises(AgentError, match=r"can't be forgotten .*: remove .*usage\.sqlite"):
        usage.reset()


@given(request=st.text(), tool=st.text(max_size=20))
def test_any_text_can_be_learned(
    tmp_path_factory: pytest.TempPathFactory, request: str, tool: str
) -> None:
    usage = Usage.open(tmp_path_factory.mktemp("usage") / "usage.sqlite")
    usage.succeeded(request, tool)

    assert all(0 < e.tally <= 1 for known in usage.experiences().values() for e in known)


def test_only_the_person_can_read_it(usage: Usage) -> None:
    usage.succeeded("count", "word_count")

    assert usage.path.stat().st_mode & 0o077 == 0
