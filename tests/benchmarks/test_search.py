"""The benchmarks of search and tokens run on any data of their form and have the promised keys."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.retrieval import load, score

SEARCH = ("R@1", "R@5", "R@10", "nDCG@10", "query_ms", "keyword_index_s", "index_mb", "first_hit_s")
TOKENS = ("saved_definitions_200", "saved_definitions_1000", "session_saved", "growth_per_turn")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    folder.mkdir()
    docs = [
        {"id": f"{verb}_{noun}", "name": f"{verb}_{noun}", "params": "what: It.; how: Manner."}
        | dict.fromkeys(("summary", "doc"), f"{verb.title()} the {noun}.")
        for verb in ("paint", "wash", "sell")
        for noun in ("house", "boat", "fence", "horse")
    ]
    queries = [
        {"id": str(n), "query": doc["summary"], "rel": [doc["id"]]} for n, doc in enumerate(docs)
    ]
    for name, rows in (("docs", docs), ("queries", queries)):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    return folder


def run(name: str, *arguments: str, cache: Path) -> dict[str, Any]:
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "AGENT_WEIGHTS_DIR": str(cache)}
    command = [sys.executable, "-m", f"benchmarks.{name}", *arguments, "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def test_search_by_words(data: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    result = run("search", "--data", str(data), "--rows", str(rows), cache=tmp_path / "cache")

    assert set(SEARCH) <= set(result)
    assert result["R@1"] == 1
    written = [json.loads(line) for line in rows.read_text().splitlines()]
    assert [(row["id"], row["ranked"][0]) for row in written[:1]] == [("0", "paint_house")]


def test_search_after_use_with_more_tools(data: Path, tmp_path: Path) -> None:
    arguments = ("--data", str(data.parent), "--uses", "2", "--scale", "50", "--limit", "5")
    result = run("search", *arguments, cache=tmp_path / "cache")

    assert set(SEARCH) <= set(result)
    assert result["query_ms"] > 0


def test_tokens(data: Path, tmp_path: Path) -> None:
    result = run("tokens", "--data", str(data), cache=tmp_path / "cache")

    assert set(TOKENS) <= set(result)
    assert 0.5 < result["saved_definitions_200"] < result["saved_definitions_1000"] < 1


def test_scores_are_those_of_the_definitions() -> None:
    found = score(["a", "x", "b", "y", "z", "c"], frozenset("abc"))

    assert (found["R@1"], found["R@5"], found["R@10"]) == (1 / 3, 2 / 3, 1)
    assert found["nDCG@10"] == pytest.approx((1 + 0.5 + 0.3562) / (1 + 0.6309 + 0.5), abs=1e-3)


def test_a_folder_without_a_set_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no docs\.jsonl in .*: point --data at"):
        load(tmp_path)
