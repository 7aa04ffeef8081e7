"""A skill that goes back to an earlier version takes along, or out of use, what builds on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.agent.cli.test_listing import Told
from tests.agent.cli.test_skill_testing import CHEER, SHOUT, checks_of, source
from tests.support.git import GIT, plain
from tools_registry.registry import Registry
from tools_registry.review.keeper import Keeper
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import SkillDraft

pytestmark = pytest.mark.skipif(GIT is None, reason="git is not installed")

LOUDER = SkillDraft(
    name="shout",
    source=source("shout", "(text + text).upper()", ">>> shout('a')\n    'AA'"),
    tests=checks_of("shout", "b", "BB"),
)
TWICE = SkillDraft(
    name="cheer",
    source=source("cheer", "shout(text) + '!'", ">>> cheer('a')\n    'AA!'", "shout"),
    tests=checks_of("cheer", "b", "BB!"),
)
ANY = SkillDraft(
    name="echo",
    source=source("echo", "text + shout(text)[:0]", ">>> echo('a')\n    'a'", "shout"),
    tests=checks_of("echo", "b", "b"),
)


@pytest.fixture
def told(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Told:
    """In a repository whose person has a name."""
    config = workspace.parent / "user.gitconfig"
    config.write_text("[user]\n\tname = Ada\n\temail = ada@example.org\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    plain(workspace, "init", "-q", "-b", "main")
    plain(workspace, "commit", "-q", "--allow-empty", "-m", "first")
    return Told(workspace, capsys)


def approved(told: Told, workspace: Path, *drafts: SkillDraft) -> None:
    for draft in drafts:
        Keeper(workspace).save(replace(draft, status="provisional"), replace=True)
        told.text("skills", "approve", draft.name)


def usable(workspace: Path) -> set[str]:
    return {tool.name for tool in Registry.open(workspace).tools() if tool.kind == "skill"}


def test_going_back_tests_what_builds_on_it(told: Told, workspace: Path) -> None:
    approved(told, workspace, SHOUT, LOUDER)
    approved(told, workspace, TWICE, ANY)
    assert usable(workspace) == {"shout", "cheer", "echo"}

    out = told.text("skills", "revert", "shout")

    assert out.startswith("reverted shout (")
    assert "shout has changed: what builds on it is tested again" in told.err
    assert "it passed" in told.err.partition("echo is ")[2]
    assert "cheer is stale: " in told.err
    assert usable(workspace) == {"shout", "echo"}
    assert "failed" in SkillLibrary(workspace).get("cheer").reason


def test_approving_another_version_tests_what_builds_on_it(told: Told, workspace: Path) -> None:
    approved(told, workspace, SHOUT, CHEER)
    approved(told, workspace, LOUDER)
    assert "cheer is stale: " in told.err
    assert usable(workspace) == {"shout"}
    approved(told, workspace, TWICE)
    assert usable(workspace) == {"shout", "cheer"}


def test_what_nothing_builds_on_starts_no_kernel(
    told: Told, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agent.cli.skill_testing.test_all", None)
    approved(told, workspace, SHOUT)
    assert "tested again" not in told.err
