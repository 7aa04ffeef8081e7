"""Search by meaning, with the real weights."""

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from tools_registry import Registry
from tools_registry.search import search
from tools_registry.search.meaning_index import MeaningIndex
from tools_registry.search.usage import Usage
from tools_registry.search.weights import locate


@pytest.fixture(scope="module")
def vectors(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has the vectors of the core tools."""
    folder = tmp_path_factory.mktemp("vectors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        Registry.open("/nonexistent", weights=weights).wait()
    return folder


@pytest.fixture
def registry(
    vectors: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Registry:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(vectors))
    return Registry.open("/nonexistent", weights=weights)


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("how many terms are there in this paragraph", "word_count"),
        ("how far apart are two calendar days", "days_between"),
        ("draw the distribution of a column", "plot_histogram"),
        ("strip diacritics", "remove_accents"),
    ],
)
def test_other_words_of_like_meaning_find_it(registry: Registry, query: str, name: str) -> None:
    assert name in [hit.name for hit in registry.search(query, 3)]


def test_it_says_that_it_goes_by_meaning(registry: Registry, weights: Path) -> None:
    assert registry.embedding == (True, f"weights in {weights}")


def test_scores_tell_a_fit_from_none(registry: Registry) -> None:
    fits = registry.search("count the words of a text")[0].score
    none = registry.search("book a table for two in Paris")[0].score

    assert 0 < none < 0.3 < 0.4 < fits <= 1


def test_nothing_asked_is_nothing_found(registry: Registry) -> None:
    assert registry.search("") == registry.search(" \n\t") == []


def test_the_second_process_finds_vectors_ready(
    registry: Registry, vectors: Path, weights: Path
) -> None:
    cache = vectors / "ipysmith" / "vectors.sqlite"
    written = rows(cache)
    code = (
        "import sys; from pathlib import Path;"
        "from tools_registry import Registry;"
        "hits = Registry.open('/nonexistent', weights=Path(sys.argv[1])).search('words');"
        "print(hits[0].name)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(weights)], capture_output=True, text=True, check=True
    )

    assert done.stdout.split()[0] == "word_count"
    assert rows(cache) == written > 25


def rows(cache: Path) -> int:
    with closing(sqlite3.connect(cache)) as database:
        return int(database.execute("SELECT count(*) FROM vectors").fetchone()[0])


def test_damaged_weights_leave_the_keywords(tmp_path: Path, weights: Path) -> None:
    folder = tmp_path / "damaged"
    folder.mkdir()
    (folder / "vocab.txt").symlink_to(weights / "vocab.txt")
    (folder / "SHA256SUMS").symlink_to(weights / "SHA256SUMS")
    with (folder / "model.safetensors").open("wb") as file:
        file.truncate((weights / "model.safetensors").stat().st_size)
    assert locate(folder)

    registry = Registry.open("/nonexistent", weights=folder)

    assert registry.search("word count")[0].name == "word_count"
    active, why = registry.embedding
    assert not active
    assert str(folder) in why
    assert "tools_registry.search.weights" in why


def test_a_request_finds_the_same_with_other_values(registry: Registry) -> None:
    def best(request: str) -> list[str]:
        return [hit.name for hit in registry.search(request, 3)]

    first = best("how many days lie between 2024-03-01 and 2024-05-09")
    assert first[0] == "days_between"
    assert best("how many days lie between 1999-12-24 and 2001-01-06") == first


def test_words_serve_while_vectors_are_made(
    weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    released = threading.Event()
    fill = MeaningIndex.fill
    monkeypatch.setattr(search, "_PATIENCE", 0.01)
    monkeypatch.setattr(MeaningIndex, "fill", lambda self: released.wait() and fill(self))
    registry = Registry.open("/nonexistent", weights=weights)

    assert registry.search("word count")[0].name == "word_count"
    released.set()
    registry.wait()
    assert "word_count" in [
        hit.name for hit in registry.search("how many terms are there in this paragraph", 3)
    ]


def test_used_tools_rise_for_like_requests_and_not_for_others(
    registry: Registry, weights: Path
) -> None:
    usage = Usage.open()
    learned = Registry.open("/nonexistent", weights=weights)
    other = "draw the distribution of a column"
    before = [hit.name for hit in learned.search(other)]
    for request in ("ring my grandmother", "telephone the family", "phone grandpa"):
        usage.succeeded(request, "slugify")

    assert "slugify" not in [hit.name for hit in registry.search("flour and yeast")]
    assert learned.search("call my grandparents")[0].name == "slugify"
    assert [hit.name for hit in learned.search(other)] == before


def test_nobody_makes_a_tool_win_everything(registry: Registry) -> None:
    usage = Usage.open()
    for n in range(60):
        usage.succeeded(f"word text table file date number plot column {n}", "slugify")

    for query, name in [
        ("draw the distribution of a column", "plot_histogram"),
        ("how far apart are two calendar days", "days_between"),
        ("strip diacritics", "remove_accents"),
    ]:
        assert name in [hit.name for hit in registry.search(query, 3)]


def test_failures_count_against_a_tool(registry: Registry) -> None:
    request = "count the words of a text"
    before = {hit.name: hit.score for hit in registry.search(request, 50)}
    Usage.open().failed(request, "word_count")
    after = {hit.name: hit.score for hit in registry.search(request, 50)}

    assert 0 < after["word_count"] < before["word_count"]
    assert after["count_lines"] == before["count_lines"]
