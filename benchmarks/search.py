"""Tool search: how often the right tool is found, how fast, and at what cost.

`python -m benchmarks.search --data DIR --json`, where DIR is a retrieval set (`docs.jsonl` and
`queries.jsonl`) or holds several; of several the result has one object by the name of each below
`sets`, and the means at the top. Vectors are kept in the user's cache, so a second run is fast.

`--uses N` lets every tool have served up to N requests before: requests are dealt into ten parts,
and each is measured after those of the other nine. `--scale N` adds copies with other words and
vectors nearby until there are N tools, and measures times and memory with those.
"""

from __future__ import annotations

import argparse
import json
import random
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

from benchmarks.report import finish, milliseconds, options, progress, summary
from benchmarks.retrieval import DataSet, Request, load, score
from benchmarks.scaling import scaled
from tools_registry.search.search import Search
from tools_registry.search.usage import Usage
from tools_registry.tool import Tool

_SHOWN = 10
_PARTS = 10
_FIRST = 1_000
"""Tools that are indexed when a new process asks for its first hit."""


@dataclass
class _Figures:
    """What the requests of one set came to."""

    scores: list[dict[str, float]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)

    def note(self, request: Request, search: Search, ids: Mapping[str, str]) -> None:
        started = time.perf_counter()
        found = search.rank(request.text, _SHOWN)
        self.times.append(milliseconds(started))
        ranked = [ids[tool.name] for tool, _ in found]
        self.scores.append(score(ranked, request.relevant))
        self.rows.append({"id": request.id, "ranked": ranked})

    def means(self) -> dict[str, float]:
        return {
            key: round(fmean(scores[key] for scores in self.scores), 4) for key in self.scores[0]
        }


def measure(data: DataSet, chosen: argparse.Namespace) -> tuple[dict[str, object], _Figures]:
    """All figures of one set by the names in which they are published, and what is behind them."""
    requests = _sample(data.requests, chosen.limit, chosen.seed)
    figures = _Figures()
    if chosen.uses:
        _after_use(data, requests, chosen, figures)
    else:
        _cold(data, requests, figures)
    result: dict[str, object] = {**figures.means(), "query_ms": summary(figures.times)}
    return {**result, **_costs(data, chosen)}, figures


def _cold(data: DataSet, requests: Sequence[Request], figures: _Figures) -> None:
    search = _opened(data.name, data.tools)
    for number, request in enumerate(requests, 1):
        figures.note(request, search, data.ids)
        if number % 100 == 0:
            progress(f"{data.name}: {number} of {len(requests)} requests")


def _after_use(
    data: DataSet, requests: Sequence[Request], chosen: argparse.Namespace, figures: _Figures
) -> None:
    generator = random.Random(chosen.seed)
    parts = {request.id: generator.randrange(_PARTS) for request in data.requests}
    for part in range(_PARTS):
        with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
            usage = Usage.open(Path(folder) / "usage.sqlite")
            others = [request for request in data.requests if parts[request.id] != part]
            generator.shuffle(others)
            _use(usage, data, others, chosen.uses)
            search = _opened(data.name, data.tools, usage)
            for request in requests:
                if parts[request.id] == part:
                    figures.note(request, search, data.ids)
        progress(f"{data.name}: part {part + 1} of {_PARTS} after use")


def _use(usage: Usage, data: DataSet, requests: Sequence[Request], most: int) -> None:
    used = Counter[str]()
    for request in requests:
        for name in (name for name, id_ in data.ids.items() if id_ in request.relevant):
            if used[name] < most:
                usage.succeeded(request.text, name)
                used[name] += 1


def _opened(name: str, tools: Sequence[Tool], usage: Usage | None = None) -> Search:
    """A search with everything indexed, and past requests read."""
    search = Search(tools, collection=f"benchmark-{name}", usage=usage)
    search.wait()
    if usage:  # a search looks at a hundred new past requests at most
        past = sum(map(len, usage.experiences().values()))
        for _ in range(past // 100 + 1):
            search.rank("warm up", 1)
    return search


def _costs(data: DataSet, chosen: argparse.Namespace) -> dict[str, object]:
    """Times and memory: of this set as it is, or scaled."""
    with scaled(data, chosen.scale, chosen.seed) as place:
        texts = [request.text for request in _sample(data.requests, 100, chosen.seed)]
        costs = place.measure(texts)
        progress(f"{data.name}: {place.size} tools")
    if not chosen.scale:
        costs.pop("query_ms")
    return {**costs, "first_hit_s": _first_hit_s(data, chosen.seed)}


def _first_hit_s(data: DataSet, seed: int) -> float:
    """From the start of a process to its first hit, the indexes there."""
    with scaled(data, _FIRST, seed) as place:
        place.measure([data.tools[0].summary])
        times = [place.first_hit() for _ in range(5)]
    return round(sorted(times)[2], 3)


def _sample(requests: Sequence[Request], limit: int | None, seed: int) -> Sequence[Request]:
    if limit is None or limit >= len(requests):
        return requests
    return random.Random(seed).sample(list(requests), limit)


def _joined(results: dict[str, dict[str, object]]) -> dict[str, object]:
    """The figures of the only set, or the means of several and each of them below `sets`."""
    first, *others = results.values()
    if not others:
        return first
    means = {
        key: round(fmean(float(str(result[key])) for result in results.values()), 4)
        for key in first
    }
    return {**means, "sets": results}


def main() -> None:
    """Measure and print."""
    parser = options("Tool search: quality, speed and memory.")
    parser.add_argument("--data", type=Path, required=True, help="a retrieval set, or several")
    parser.add_argument("--uses", type=int, default=0, help="past requests a tool has served")
    parser.add_argument("--scale", type=int, default=0, help="tools to measure times with")
    parser.add_argument("--limit", type=int, help="requests to take, at random")
    chosen = parser.parse_args()
    results: dict[str, dict[str, object]] = {}
    rows: list[dict[str, object]] = []
    for data in load(chosen.data):
        results[data.name], figures = measure(data, chosen)
        rows += figures.rows
    if chosen.rows is not None:
        chosen.rows.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    finish(_joined(results), as_json=chosen.json)


if __name__ == "__main__":
    main()
