"""Verdicts are remembered for the same candidate and for nothing else."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from pathlib import Path

import pytest

from agent.validation import Candidate, Finding, Rules, Verdict, validate
from agent.validation import cache as caching
from agent.validation.cache import VerdictCache, key_of
from agent.validation.gates import GATES

CANDIDATE = Candidate(name="f", source="def f(n):\n    return n\n", examples=("f(1) == 1",))
FINDING = Finding(signal="tests", problems=("a",), advice=("b",), blocked=True, seconds=0.5)
VERDICT = Verdict(accepted=False, evidence=(FINDING.evidence(),), findings=(FINDING,), score=0.5)


@pytest.fixture
def cache(tmp_path: Path) -> VerdictCache:
    return VerdictCache(tmp_path / "deep" / "verdicts.sqlite")


def test_what_is_kept_comes_back_whole(cache: VerdictCache) -> None:
    assert cache.get(CANDIDATE, Rules()) is None
    cache.put(CANDIDATE, Rules(), VERDICT)
    assert cache.get(CANDIDATE, Rules()) == VERDICT


@pytest.mark.parametrize(
    "other",
    [
        replace(CANDIDATE, source=CANDIDATE.source + "\n"),
        replace(CANDIDATE, tests="def test_f():\n    assert f(1) == 1\n"),
        replace(CANDIDATE, examples=("f(2) == 2",)),
        replace(CANDIDATE, relations=("f(n) == n",)),
        replace(CANDIDATE, skills={"g": "def g():\n    return 1\n"}),
    ],
)
def test_another_candidate_is_another(cache: VerdictCache, other: Candidate) -> None:
    cache.put(CANDIDATE, Rules(), VERDICT)
    assert cache.get(other, Rules()) is None


def test_other_rules_and_newer_gates_judge_anew(
    cache: VerdictCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(CANDIDATE, Rules(), VERDICT)
    assert cache.get(CANDIDATE, Rules(blocking=frozenset({"tests"}))) is None
    assert cache.get(CANDIDATE, Rules(kernel="another")) is None
    before = key_of(CANDIDATE, Rules())
    caching._around.cache_clear()
    newer = (replace(GATES[0], version=99), *GATES[1:])
    monkeypatch.setattr(caching, "GATES", newer)
    try:
        assert key_of(CANDIDATE, Rules()) != before
    finally:
        caching._around.cache_clear()


def test_a_gate_that_was_edited_judges_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "gate.py").write_text("old")
    monkeypatch.setattr(caching, "_JUDGES", tmp_path)
    keys = []
    for text in ("old", "new", "old"):
        (tmp_path / "gate.py").write_text(text)
        caching._around.cache_clear()
        keys.append(key_of(CANDIDATE, Rules()))
    caching._around.cache_clear()
    assert (keys[0] == keys[2], keys[0] == keys[1]) == (True, False)


def test_where_cells_can_write_nothing_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = tmp_path / "work"
    workspace.mkdir()
    assert VerdictCache.of_user(workspace) is not None
    (tmp_path / "link").symlink_to(workspace)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "link" / "cache"))
    assert VerdictCache.of_user(workspace) is None


def test_a_broken_file_is_a_miss(cache: VerdictCache, tmp_path: Path) -> None:
    cache.put(CANDIDATE, Rules(), VERDICT)
    (tmp_path / "deep" / "verdicts.sqlite").write_bytes(b"no database" * 100)
    assert cache.get(CANDIDATE, Rules()) is None
    cache.put(CANDIDATE, Rules(), VERDICT)


def _keep(path: Path, first: int) -> None:
    cache = VerdictCache(path)
    for number in range(first, first + 20):
        cache.put(replace(CANDIDATE, name=f"f{number}"), Rules(), VERDICT)


def test_several_processes_may_keep_at_once(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.sqlite"
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_keep, args=(path, 100 * i)) for i in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    cache = VerdictCache(path)
    names = [f"f{100 * i + n}" for i in range(3) for n in range(20)]
    found = [cache.get(replace(CANDIDATE, name=name), Rules()) for name in names]
    assert found.count(VERDICT) >= len(names) - 2  # one that had to wait too long is a miss


async def test_a_known_candidate_needs_no_kernel(cache: VerdictCache) -> None:
    cache.put(CANDIDATE, Rules(), VERDICT)
    assert await validate(CANDIDATE, None, cache=cache) == VERDICT


async def test_what_may_end_otherwise_next_time_is_not_kept(cache: VerdictCache) -> None:
    verdict = await validate(CANDIDATE, None, cache=cache)
    assert not verdict.validated
    assert cache.get(CANDIDATE, Rules()) is None
