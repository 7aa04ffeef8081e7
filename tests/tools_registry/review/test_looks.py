"""What a person has looked at is remembered for them, by workspace and name."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessions.errors import RefusedError, UsageError
from tests.tools_registry.review.conftest import Save
from tools_registry.review import looks
from tools_registry.review.approving import approve
from tools_registry.review.desk import Desk
from tools_registry.review.looks import Looks, check_expected
from tools_registry.skills.skill import Skill


def test_a_look_is_remembered_until_a_decision(save: Save, desk: Desk) -> None:
    skill = save()
    assert desk.looks.of(skill) == ""
    desk.looks.note(skill)
    assert desk.looks.of(skill) == skill.content
    approve(desk, "double")
    assert desk.looks.of(skill) == ""


def test_looks_in_another_workspace_are_others(save: Save, desk: Desk, tmp_path: Path) -> None:
    skill = save()
    desk.looks.note(skill)
    assert Looks(desk.library.ledger.path.parent, tmp_path).of(skill) == ""


def test_what_changed_since_is_refused_and_nothing_is_done(save: Save, desk: Desk) -> None:
    desk.looks.note(save())
    save("double", 3)
    with pytest.raises(RefusedError, match="double has changed since it was shown"):
        approve(desk, "double")
    assert desk.library.get("double").status == "provisional"
    assert desk.looks.of(desk.library.get("double"))


def test_who_says_which_version_needs_no_look(save: Save, desk: Desk) -> None:
    desk.looks.note(save())
    now = save("double", 3)
    approve(desk, "double", now.content)
    assert desk.library.get("double").status == "approved"


def test_only_the_newest_are_kept(save: Save, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "_MOST", 2)
    skills = [save("double", 2), save("triple", 3), save("fourfold", 4)]
    for skill in skills:
        desk.looks.note(skill)
    assert [bool(desk.looks.of(skill)) for skill in skills] == [False, True, True]


@pytest.mark.parametrize("content", ["", "no json", "[1]", '{"x": [}', '{"a": 1}'])
def test_a_damaged_memory_costs_looks_alone(save: Save, desk: Desk, content: str) -> None:
    skill = save()
    file = desk.library.ledger.path.with_name("looks.json")
    file.write_text(content)
    assert desk.looks.of(skill) == ""
    desk.looks.note(skill)
    assert desk.looks.of(skill) == skill.content


@pytest.mark.parametrize("expected", ["1", "sha256:", "sha256:123", "x" * 64, "0" * 11, "../../"])
def test_what_is_no_hash_is_told(save: Save, expected: str) -> None:
    with pytest.raises(UsageError, match="is no hash"):
        check_expected(save(), expected)


def test_any_beginning_of_the_hash_will_do(save: Save) -> None:
    skill: Skill = save()
    digits = skill.content.removeprefix("sha256:")
    for expected in "", skill.content, digits, digits[:12], f"sha256:{digits[:20]}":
        check_expected(skill, expected)
    with pytest.raises(RefusedError, match="is not the version that was meant"):
        check_expected(skill, digits[1:])
