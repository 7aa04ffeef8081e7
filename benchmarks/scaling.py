"""A set of tools made as large as wanted, and what it costs to search it in a process of its own.

The tools beyond the set are copies of it with other words in places; their vectors are those of the
tools they were copied from, moved a little at random.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.report import milliseconds
from benchmarks.retrieval import DataSet, read_tools, write_tools
from tools_registry.search import weights as embedding_weights
from tools_registry.search.keyword_index import KeywordIndex
from tools_registry.search.search import Search
from tools_registry.search.words import split_words
from tools_registry.tool import Tool

_OTHER_WORDS = 0.2
"""Share of the words of a copy that are drawn from all words."""

_MOVED = 0.5
"""Length of what is added to a vector, against its own: a cosine of 0.9 to where it was."""

_AT_ONCE = 5_000
_NAME = "scaled"
_MEGABYTE = 1 << 20


class Place:
    """A cache folder of its own with tools and their vectors in it.

    Args:
        folder: Where.
        size: How many tools there are.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size

    def measure(self, requests: Sequence[str]) -> dict[str, float | None]:
        """Time and memory of indexing, and of these requests when everything is warm."""
        (self.folder / "requests.json").write_text(json.dumps(list(requests)))
        with self._child("measure") as child:
            output, _ = child.communicate()
        result: dict[str, float | None] = json.loads(output)
        return result

    def first_hit(self) -> float:
        """Seconds from the start of a process to its first hit, everything indexed."""
        started = time.perf_counter()
        with self._child("first") as child:
            assert child.stdout is not None
            hit = child.stdout.readline()
            elapsed = time.perf_counter() - started
        assert hit.strip(), "the process found nothing"
        return elapsed

    def _child(self, what: str) -> subprocess.Popen[str]:
        environment = {
            **os.environ,
            "XDG_CACHE_HOME": str(self.folder),
            "AGENT_WEIGHTS_DIR": str(embedding_weights.weights_path()),
        }
        command = [sys.executable, "-m", "benchmarks.scaling", what, str(self.folder)]
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


@contextmanager
def scaled(data: DataSet, size: int, seed: int) -> Iterator[Place]:
    """A place with `size` tools: those of the set, and copies; 0 for the set as it is."""
    generator = random.Random(seed)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        place = Path(folder)
        originals = data.tools[: size or None]
        copies = list(_copies(data.tools, max(0, size - len(originals)), generator))
        tools = [*originals, *(tool for tool, _ in copies)]
        write_tools(place / "docs.jsonl", tools)
        if embedding_weights.locate():
            sources = [*range(len(originals)), *(source for _, source in copies)]
            _store(data.tools, tools, sources, place / "ipysmith" / "vectors.sqlite", seed)
        yield Place(place, len(tools))


def _copies(
    tools: Sequence[Tool], number: int, generator: random.Random
) -> Iterator[tuple[Tool, int]]:
    """Copies with other words and names, each with the position of what it is a copy of."""
    words = [word for tool in tools for word in split_words(tool.doc)]

    def vary(text: str) -> str:
        return " ".join(
            generator.choice(words) if generator.random() < _OTHER_WORDS else word
            for word in text.split()
        )

    for n in range(number):
        tool = tools[n % len(tools)]
        summary = vary(tool.summary)
        parameters = tuple(replace(each, doc=vary(each.doc)) for each in tool.parameters)
        name = f"{tool.name}_{generator.choice(words)}_{n}"
        yield (
            replace(tool, name=name, summary=summary, doc=summary, parameters=parameters),
            n % len(tools),
        )


def _store(
    bases: Sequence[Tool], tools: Sequence[Tool], sources: Sequence[int], file: Path, seed: int
) -> None:
    """Keep a vector for each tool: of its own text for a base, moved for a copy of one."""
    import numpy as np

    from tools_registry.search.meaning_index import MeaningIndex
    from tools_registry.search.meanings import Meanings
    from tools_registry.search.vector_store import VectorStore, pack

    weights = embedding_weights.locate()
    assert weights is not None
    meanings = Meanings.open(weights, embedding_weights.vectors_file())
    own = MeaningIndex(bases, meanings)
    while not own.complete:
        own.fill()
    vectors, store = own.vectors(np.arange(len(bases))), VectorStore(file)
    generator = np.random.default_rng(seed)
    for start in range(0, len(tools), _AT_ONCE):
        some = range(start, min(start + _AT_ONCE, len(tools)))
        rows = vectors[[sources[n] for n in some]]
        noise = generator.standard_normal(rows.shape).astype(np.float32)
        noise *= _MOVED * np.linalg.norm(rows, axis=1, keepdims=True) / noise.shape[1] ** 0.5
        noise[: max(0, len(bases) - start)] = 0
        records = pack(rows + noise)
        keys = [meanings.key_of_tool(tools[n]) for n in some]
        store.put({key: r.tobytes() for key, r in zip(keys, records, strict=True)})


def _measure(folder: Path) -> dict[str, Any]:
    """In the process of its own: index, search, look at the memory."""
    tools = read_tools(folder / "docs.jsonl")
    requests = json.loads((folder / "requests.json").read_text())
    before = _resident()
    started = time.perf_counter()
    KeywordIndex(tools, folder / "ipysmith" / "keywords" / f"{_NAME}.sqlite").update()
    indexed = time.perf_counter() - started
    search = Search(tools, collection=_NAME)
    search.wait()
    search.rank("warm up", 5)
    times = []
    for request in requests:
        started = time.perf_counter()
        search.rank(request, 5)
        times.append(milliseconds(started))
    return {
        "query_ms": round(median(times), 2),
        "keyword_index_s": round(indexed, 3),
        "index_mb": round((_resident() - before) / _MEGABYTE, 1),
    }


def _resident() -> int:
    """Bytes of memory this process has, mapped files counted in."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _first(folder: Path) -> str:
    search = Search(read_tools(folder / "docs.jsonl"), collection=_NAME)
    request = json.loads((folder / "requests.json").read_text())[0]
    return search.rank(request, 1)[0][0].name


def main() -> None:
    """What the process of its own does."""
    what, folder = sys.argv[1], Path(sys.argv[2])
    print(json.dumps(_measure(folder)) if what == "measure" else _first(folder), flush=True)


if __name__ == "__main__":
    main()
