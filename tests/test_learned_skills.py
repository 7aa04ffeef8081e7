"""The example skills are what they say: approved, and passing on a machine that is new to them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agent.cli import boundary
from tools_registry import SkillLibrary

_ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SkillLibrary:
    """The examples where nobody has tested them yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(_ROOT / "learned_skills", tmp_path / "clone/learned_skills", ignore=ignored)
    return SkillLibrary(tmp_path / "clone")


def test_there_are_a_few_whose_records_fit(clone: SkillLibrary) -> None:
    skills, problems = clone.scan()

    assert len(skills) >= 3
    assert problems == ()
    for skill in skills:
        assert skill.recorded == "approved"
        assert skill.evidence
        assert all(item.passed for item in skill.evidence)
        assert skill.reason == f"not tested on this machine yet: agent skills test {skill.name}"


def test_all_pass_in_a_guarded_kernel_and_stay_as_they_are(clone: SkillLibrary) -> None:
    before = {file.name: file.read_text() for file in clone.path.iterdir()}

    assert boundary.run(["skills", "test", "--workspace", str(clone.workspace)]) == 0

    assert {skill.status for skill in clone.list()} == {"provisional"}
    after = {file.name: file.read_text() for file in clone.path.iterdir()}
    assert after.keys() == before.keys()
    codes = {name: text.partition("# /// skill")[0] for name, text in after.items()}
    assert codes == {name: text.partition("# /// skill")[0] for name, text in before.items()}
