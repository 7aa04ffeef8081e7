"""What gives the wanted results already is found, tried in a kernel, and nothing else is."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.offline.known import Shelf
from agent.validation.examples import Example
from sessions.session import Session
from tools_registry.core_package import core_path
from tools_registry.registry import Registry
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import SkillDraft
from tools_registry.tool import SkillStatus

LOUD = 'def loud(text: str) -> str:\n    """Shout it out loud."""\n    return text.upper() + "!"\n'
WANTED = (
    Example(arguments=("a b",), expected="A B!"),
    Example(arguments=("c",), expected="C!"),
)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    (tmp_path / "kernel").mkdir()
    return Shelf(
        open_registry=lambda: Registry.open(tmp_path / "work"),
        fresh_session=lambda: Session(tmp_path / "kernel", libraries={"agent_tools": core_path()}),
    )


def save(tmp_path: Path, status: SkillStatus) -> None:
    (tmp_path / "work").mkdir()
    tests = "from learned_skills.loud import loud\n"
    SkillLibrary(tmp_path / "work").save(
        SkillDraft(name="loud", source=LOUD, tests=tests, status=status)
    )


async def test_an_approved_skill_that_meets_all_examples_is_known(
    shelf: Shelf, tmp_path: Path
) -> None:
    save(tmp_path, "approved")
    found = await shelf.same("shout it out loud", "shout", WANTED)
    assert found is not None
    assert found.name == "loud"
    other = (*WANTED, Example(arguments=("d",), expected="D"))
    assert await shelf.same("shout it out loud", "shout", other) is None


async def test_a_provisional_skill_is_known_by_its_own_name_only(
    shelf: Shelf, tmp_path: Path
) -> None:
    save(tmp_path, "provisional")
    assert await shelf.same("shout it out loud", "shout", WANTED) is None
    found = await shelf.same("shout it out loud", "loud", WANTED)
    assert found is not None
    assert found.status == "provisional"


async def test_no_kernel_is_started_for_arguments_that_nothing_takes(tmp_path: Path) -> None:
    def no_session() -> Session:
        raise AssertionError

    (tmp_path / "work").mkdir()
    shelf = Shelf(open_registry=lambda: Registry.open(tmp_path / "work"), fresh_session=no_session)
    examples = [Example(arguments=(b"a", None, {1}, 2.5, b"b"), expected=1)]
    assert await shelf.same("shout", "shout", examples) is None
