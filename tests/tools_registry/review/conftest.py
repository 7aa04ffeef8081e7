"""Workspaces under review."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.git import GIT, plain
from tools_registry.review.desk import Desk, Mode
from tools_registry.review.keeper import Keeper
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.skill import Evidence, Provenance, Skill, SkillDraft

if GIT is None:
    pytest.skip("git is not installed", allow_module_level=True)

Save = Callable[..., Skill]


def draft(name: str = "double", factor: int = 2, status: str = "provisional") -> SkillDraft:
    """A skill that multiplies."""
    source = (
        f'def {name}(n: int) -> int:\n    """A number times {factor}."""\n    return {factor} * n\n'
    )
    tests = f"from learned_skills.{name} import {name}\n\n\ndef test_it() -> None:\n"
    return SkillDraft(
        name=name,
        source=source,
        tests=f"{tests}    assert {name}(1) == {factor}\n",
        evidence=(Evidence(signal="tests", passed=True, detail="1 of 1 passed"),),
        provenance=Provenance(model="offline", session_id="s-1"),
        status="approved" if status == "approved" else "provisional",
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "data" / "skills.sqlite")


@pytest.fixture
def save(repository: Path, ledger: Ledger) -> Save:
    """Save and propose a skill in the repository, as every door does."""

    def save(name: str = "double", factor: int = 2, mode: Mode = "branch") -> Skill:
        keeper = Keeper(repository, mode, why="double my numbers", ledger=ledger)
        skill = keeper.save(draft(name, factor), replace=True)
        assert keeper.proposed[name].note == ""
        return skill

    return save


@pytest.fixture
def desk(repository: Path, ledger: Ledger) -> Desk:
    return Desk.of(repository, "branch", ledger)


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    plain(tmp_path, "init", "-q", "-b", "main", "--bare", "hub.git")
    return tmp_path / "hub.git"


@pytest.fixture
def other(tmp_path: Path, git_user: None) -> Desk:
    """Somebody else: another repository, another memory of what was tested."""
    plain(tmp_path, "init", "-q", "-b", "main", "other")
    (tmp_path / "other" / "b.txt").write_text("b\n")
    plain(tmp_path / "other", "add", "-A")
    plain(tmp_path / "other", "commit", "-qm", "theirs")
    ledger = Ledger.open(tmp_path / "other-data" / "skills.sqlite")
    return Desk.of(tmp_path / "other", "branch", ledger)


def refs(folder: Path) -> dict[str, str]:
    lines = plain(folder, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split() for line in lines)
