"""Search by meaning, with the real weights."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools_registry import Registry
from tools_registry.search.weights import locate


@pytest.fixture(scope="module")
def vectors(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has the vectors of the core tools."""
    folder = tmp_path_factory.mktemp("vectors")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder))
        Registry.open("/nonexistent", weights=weights).search("word")
    return folder


@pytest.fixture
def registry(vectors: Path, weights: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
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
    cache = vectors / "ipysmith" / "vectors.bin"
    written = cache.stat().st_mtime_ns
    code = (
        "import sys, time; from pathlib import Path; start = time.perf_counter();"
        "from tools_registry import Registry;"
        "hits = Registry.open('/nonexistent', weights=Path(sys.argv[1])).search('words');"
        "print(hits[0].name, time.perf_counter() - start)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(weights)], capture_output=True, text=True, check=True
    )

    assert done.stdout.split()[0] == "word_count"
    assert float(done.stdout.split()[1]) < 3  # a third of a second on an idle machine
    assert cache.stat().st_mtime_ns == written


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


def test_a_query_costs_little(registry: Registry) -> None:
    registry.search("warm")
    start = time.perf_counter()
    registry.search("average of a column")

    assert time.perf_counter() - start < 1
