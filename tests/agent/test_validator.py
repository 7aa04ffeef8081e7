"""Every door judges by the person's settings, and none of them judges the same twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.build import new_validator
from agent.gate_names import BLOCKING, INDISPENSABLE, SIGNALS
from agent.settings import Settings
from agent.validation import Candidate, Finding
from agent.validation.gates import GATES
from agent.validator import rules_of

MISTYPED = Candidate(
    name="shout",
    source='def shout(text: str) -> int:\n    """Say it loudly."""\n    return text.upper()\n',
    examples=("shout('a') == 'A'",),
)


def test_the_names_are_those_of_the_gates() -> None:
    assert {*SIGNALS} == {gate.signal for gate in GATES} | {"review"}
    assert INDISPENSABLE < BLOCKING < {*SIGNALS}


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.mark.usefixtures("own_cache")
async def test_the_person_decides_which_gates_block(workspace: Path) -> None:
    strict = await new_validator(workspace, Settings()).judge(MISTYPED)
    lenient = await new_validator(workspace, Settings(gates_advise=("types",))).judge(MISTYPED)
    assert "types" in strict.reason
    assert lenient.accepted


@pytest.mark.usefixtures("own_cache")
async def test_what_was_judged_needs_no_kernel(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await new_validator(workspace, Settings()).judge(MISTYPED)

    def no_kernel(*_: object) -> None:
        msg = "a kernel was asked for"
        raise LookupError(msg)

    monkeypatch.setattr("agent.build.new_session", no_kernel)
    assert await new_validator(workspace, Settings()).judge(MISTYPED) == first
    with pytest.raises(LookupError):
        await new_validator(workspace, Settings(tier="quick")).judge(MISTYPED)


@pytest.mark.usefixtures("own_cache")
async def test_a_review_is_asked_each_time(workspace: Path) -> None:
    asked: list[str] = []

    async def review(candidate: Candidate) -> Finding:
        asked.append(candidate.name)
        return Finding(signal="review", problems=("too loud",))

    validator = new_validator(workspace, Settings(gates_advise=("types",)))
    for _ in range(2):
        assert "too loud" in (await validator.judge(MISTYPED, review)).reason
    assert asked == ["shout", "shout"]
    assert (await validator.judge(MISTYPED)).accepted


def test_what_is_installed_counts(workspace: Path) -> None:
    before = rules_of(Settings(), workspace)
    assert rules_of(Settings(), workspace) == before
    (workspace / ".agent/environments/cpython-311/site-packages/1").mkdir(parents=True)
    assert rules_of(Settings(), workspace) != before


def test_without_walls_nothing_is_remembered(workspace: Path) -> None:
    assert new_validator(workspace, Settings()).cache is not None
    assert new_validator(workspace, Settings(isolation="off")).cache is None
