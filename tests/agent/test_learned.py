"""What a cell teaches about the tools that a search found."""

from pathlib import Path

import pytest

from agent.learned import Trials
from sessions.execution import CellError, Execution
from tools_registry.search.usage import Usage


@pytest.fixture
def usage(tmp_path: Path) -> Usage:
    return Usage.open(tmp_path / "usage.sqlite")


@pytest.fixture
def trials(usage: Usage) -> Trials:
    made = Trials(usage)
    made.found("count the words", ["word_count", "count_lines"])
    return made


def ok() -> Execution:
    return Execution(index=0, status="ok")


def raised(frames: str) -> Execution:
    error = CellError(name="ValueError", message="no", traceback=frames)
    return Execution(index=0, status="error", error=error)


def told(usage: Usage) -> dict[str, list[int]]:
    return {tool: [round(e.tally) for e in past] for tool, past in usage.experiences().items()}


def test_what_was_found_and_used_speaks_for_itself(trials: Trials, usage: Usage) -> None:
    trials.ran("from agent_tools.text import word_count\nword_count ('a b')", ok())

    assert told(usage) == {"word_count": [1]}
    assert usage.experiences()["word_count"][0].request == "count the words"


def test_one_search_teaches_once(trials: Trials, usage: Usage) -> None:
    for _ in range(3):
        trials.ran("word_count('a')", ok())
    trials.ran("word_count(5)", raised("in word_count(text)"))

    assert told(usage) == {"word_count": [1]}


def test_what_raises_speaks_against_itself(trials: Trials, usage: Usage) -> None:
    trials.ran("word_count('a')", raised("File text.py:3, in word_count(text)\nValueError: no"))

    assert told(usage) == {"word_count": [-1]}


def test_a_failure_elsewhere_is_nobodys_fault(trials: Trials, usage: Usage) -> None:
    trials.ran("word_count('a'); 1 / 0", raised("Cell In[1], line 1\nValueError: no"))
    trials.ran("word_count('a')", Execution(index=0, status="timeout"))
    assert told(usage) == {}

    trials.ran("word_count('a')", ok())
    assert told(usage) == {"word_count": [1]}


@pytest.mark.parametrize(
    "code", ["my_word_count('a')", "x.word_count()", "word_counts()", "slugify('a')", "word_count"]
)
def test_what_is_not_called_is_not_learned(trials: Trials, usage: Usage, code: str) -> None:
    trials.ran(code, ok())

    assert told(usage) == {}


def test_without_a_memory_nothing_is_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    trials = Trials(None)
    trials.found("count", ["word_count"])
    trials.ran("word_count('a')", ok())

    assert list(tmp_path.iterdir()) == []
