"""A kernel is given the skills that may be used, and nothing else that lies in the folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sessions import Limits, Session
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import SkillDraft


def draft(name: str) -> SkillDraft:
    return SkillDraft(name=name, source=f"def {name}() -> str:\n    return {name!r}\n", tests="")


@pytest.fixture
def library(tmp_path: Path) -> SkillLibrary:
    (tmp_path / "workspace").mkdir()
    return SkillLibrary(tmp_path / "workspace", Ledger.open(tmp_path / "data" / "skills.sqlite"))


def shown(library: SkillLibrary) -> list[str]:
    return sorted(file.name for file in library.shown()["learned_skills"].iterdir())


def test_without_skills_it_is_an_empty_package(library: SkillLibrary) -> None:
    assert shown(library) == ["__init__.py"]
    library.path.mkdir()
    assert shown(library) == ["__init__.py"]
    (library.path / "mine.py").write_text(draft("mine").source)
    (library.path / "package").mkdir()
    assert shown(library) == ["__init__.py"]


def test_a_save_makes_no_place_that_no_kernel_has(library: SkillLibrary, tmp_path: Path) -> None:
    library.save(draft("one"))
    assert not (tmp_path / "data" / "shown").exists()


def test_places_of_long_ago_go(library: SkillLibrary, tmp_path: Path) -> None:
    old, used = (SkillLibrary(tmp_path / name, library.ledger) for name in ("old", "used"))
    places = [each.shown()["learned_skills"] for each in (old, used)]
    for place in places:
        os.utime(place, (0, 0))
    used.shown()
    assert [place.exists() for place in places] == [False, True]


def test_only_what_may_be_used_is_shown(library: SkillLibrary) -> None:
    one = library.save(draft("one"))
    library.save(draft("two"))
    (library.path / "mine.py").write_text(draft("mine").source)
    (library.path / "__init__.py").write_text("raise SystemExit")
    (library.path / "two").mkdir()

    assert shown(library) == ["__init__.py", "one.py"]
    folder = library.shown()["learned_skills"]
    assert (folder / "one.py").read_text() == one.source
    assert (folder / "__init__.py").read_text() == ""


def test_what_is_saved_tested_or_rejected_later_is_followed(library: SkillLibrary) -> None:
    one = library.save(draft("one"))
    assert shown(library) == ["__init__.py", "one.py"]
    folder = library.shown()["learned_skills"]
    library.save(draft("two"))
    assert (folder / "two.py").exists()
    library.record(one, (), passed=False)
    assert not (folder / "one.py").exists()
    library.ledger.rejected(library.get("two").content, "two", "no")
    library.refresh_shown()
    assert not (folder / "two.py").exists()


def test_two_workspaces_have_two_places(library: SkillLibrary, tmp_path: Path) -> None:
    other = SkillLibrary(tmp_path / "other", library.ledger)
    for each in (library, other):
        each.save(draft("one"))
    assert library.shown() != other.shown()


def test_where_no_place_can_be_made_nothing_is_shown(library: SkillLibrary, tmp_path: Path) -> None:
    library.save(draft("one"))
    (tmp_path / "data" / "shown").write_text("")
    assert shown(library) == ["__init__.py"]


@pytest.mark.parametrize("place", [True, False])
async def test_a_cell_sees_no_file_that_only_lies_there(
    library: SkillLibrary, tmp_path: Path, place: bool
) -> None:
    library.path.mkdir()
    (library.path / "mine.py").write_text(draft("mine").source)
    if not place:
        (tmp_path / "data").write_text("")
    libraries = library.shown()
    async with Session(library.workspace, Limits.quick(), libraries=libraries) as session:
        package = await session.execute("import learned_skills")
        mine = await session.execute("from learned_skills.mine import mine")
    assert package.ok
    assert mine.error is not None
    assert mine.error.name == "ModuleNotFoundError"


async def test_a_cell_imports_what_was_tested_and_not_what_was_edited(
    library: SkillLibrary,
) -> None:
    library.save(draft("one"))
    two = library.save(draft("two"))
    two.file.write_text(two.file.read_text().replace("'two'", "'edited'"))
    shown = library.shown()
    async with Session(library.workspace, Limits.quick(), libraries=shown) as session:
        first = await session.execute("from learned_skills.one import one\none()")
        stale = await session.execute("from learned_skills.two import two")
        library.save(draft("three"))
        later = await session.execute("from learned_skills.three import three\nthree()")

    assert first.result == "'one'"
    assert stale.error is not None
    assert stale.error.name == "ModuleNotFoundError"
    assert later.result == "'three'"
