"""Learned agents of a workspace: only what a person approved here, as it lies there, is used."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sessions.errors import RefusedError, UsageError
from subagents.agent_library import AGENTS, agent_library, approved, load
from tests.subagents.test_agent_file import FILE, MINIMAL
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import Evidence, Skill, SkillDraft
from tools_registry.skills.skill_file import content_of, render
from tools_registry.tool import SkillStatus


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "data" / "skills.sqlite")


@pytest.fixture
def library(tmp_path: Path, ledger: Ledger) -> SkillLibrary:
    return agent_library(tmp_path / "workspace", ledger)


def draft(
    status: SkillStatus = "approved", name: str = "outliers", source: str = FILE
) -> SkillDraft:
    evidence = (Evidence(signal="conformance", passed=True),)
    return SkillDraft(
        name=name, source=source, tests="", kind="agent", status=status, evidence=evidence
    )


def test_an_approved_agent_is_loaded(library: SkillLibrary) -> None:
    saved = library.save(draft())
    assert (saved.kind, saved.status, saved.to_json()["kind"]) == ("agent", "approved", "agent")
    assert saved.signature == "outliers(task: str) -> {answer: str, values: list[float]}"
    assert [file.name for file in library.path.iterdir()] == ["outliers.py"]
    assert load(library.workspace, "outliers", library.ledger).tier == "strong"
    assert [agent.name for agent in approved(library.workspace, library.ledger)] == ["outliers"]


def test_what_passed_its_gates_alone_is_not(library: SkillLibrary) -> None:
    library.save(draft("provisional"))
    with pytest.raises(RefusedError, match="waits for approval: agent skills approve outliers"):
        load(library.workspace, "outliers", library.ledger)
    assert approved(library.workspace, library.ledger) == ()


def test_what_was_edited_is_not(library: SkillLibrary) -> None:
    file = library.save(draft()).file
    file.write_text(file.read_text().replace("Look, then say.", "Obey the file."))
    with pytest.raises(RefusedError, match=r"outliers is stale .* agent skills test outliers"):
        load(library.workspace, "outliers", library.ledger)


def test_a_record_that_says_approved_is_not_believed(library: SkillLibrary) -> None:
    library.path.mkdir(parents=True)
    (library.path / "outliers.py").write_text(render(draft()))
    with pytest.raises(RefusedError, match="not tested on this machine yet"):
        load(library.workspace, "outliers", library.ledger)


def test_an_agent_under_another_name_is_another(library: SkillLibrary) -> None:
    file = library.save(draft()).file
    file.rename(file.with_name("helper.py"))
    with pytest.raises(RefusedError, match="helper is stale"):
        load(library.workspace, "helper", library.ledger)


def test_a_skill_with_the_same_code_vouches_for_no_agent(
    library: SkillLibrary, ledger: Ledger
) -> None:
    source = MINIMAL + 'def looker(x: int) -> int:\n    """L."""\n    return x\n'
    skills = SkillLibrary(library.workspace, ledger)
    skills.save(SkillDraft(name="looker", source=source, tests="", status="approved"))
    library.path.mkdir()
    (library.path / "looker.py").write_text(render(draft(name="looker", source=source)))
    assert library.get("looker").status == "stale"
    assert skills.get("looker").status == "approved"


def test_agents_are_no_skills(library: SkillLibrary, ledger: Ledger) -> None:
    library.save(draft())
    skills = SkillLibrary(library.workspace, ledger)
    assert skills.scan() == ((), ())
    (package,) = skills.shown().values()
    assert [file.name for file in package.iterdir()] == ["__init__.py"]
    with pytest.raises(UsageError, match="sub-agents lie in a folder of that name"):
        skills.save(SkillDraft(name="agents", source="def agents(): ...", tests=""))


def test_what_is_no_agent_is_not_saved(library: SkillLibrary) -> None:
    for wrong in (
        draft(source="x = 1"),
        draft(name="reviewer"),
        SkillDraft(name="outliers", source=FILE, tests="def test_it(): ...", kind="agent"),
    ):
        with pytest.raises(UsageError, match=r"agent"):
            library.save(wrong)
    assert library.list() == ()


@pytest.mark.parametrize("name", ["none", "../outliers", "a/b", "a\0b", ""])
def test_an_agent_that_is_not_there_is_a_clear_error(library: SkillLibrary, name: str) -> None:
    library.save(draft())
    with pytest.raises(UsageError, match="there is no agent named"):
        load(library.workspace, name, library.ledger)


def test_no_link_and_no_pipe_is_followed(tmp_path: Path, library: SkillLibrary) -> None:
    file = library.save(draft()).file
    file.rename(tmp_path / "elsewhere.py")
    file.symlink_to(tmp_path / "elsewhere.py")
    os.mkfifo(file.with_name("pipe.py"))
    for name in ("outliers", "pipe"):
        with pytest.raises(UsageError, match=r"is a link|is not a regular file"):
            load(library.workspace, name, library.ledger)


@pytest.mark.parametrize("level", ["learned_skills", "learned_skills/agents"])
def test_no_folder_that_is_a_link_is_looked_into(
    tmp_path: Path, library: SkillLibrary, level: str
) -> None:
    library.save(draft())
    place = library.workspace / level
    place.rename(tmp_path / "moved")
    place.symlink_to(tmp_path / "moved")
    assert library.list() == ()
    with pytest.raises(RefusedError, match="is no directory"):
        library.save(draft(name="other"))
    assert not list(tmp_path.glob("moved/**/other.py"))


def test_what_can_not_be_read_is_told(library: SkillLibrary) -> None:
    library.path.mkdir(parents=True)
    (library.path / "broken.py").write_text("import os\nos.remove('x')\n")
    (library.path / "huge.py").write_text(MINIMAL + "# x\n" * 60_000)
    (library.path / "reviewer.py").write_text(MINIMAL)
    told = "\n".join(map(str, library.problems))
    for part in ("broken.py: 'broken' is no agent file", "huge.py", "comes with the package"):
        assert part in told
    assert library.list() == ()


def test_its_content_has_its_kind_and_its_name() -> None:
    as_skill = SkillDraft(name="outliers", source=FILE, tests="")
    contents = {content_of(draft()), content_of(draft(name="helper")), content_of(as_skill)}
    assert len(contents) == 3
    assert AGENTS.folder == Path("learned_skills/agents")


def test_a_tested_agent_keeps_its_approval(library: SkillLibrary) -> None:
    skill: Skill = library.save(draft())
    failed = library.record(skill, [Evidence(signal="conformance", passed=False)], passed=False)
    assert failed.status == "stale"
    again = library.record(failed, [Evidence(signal="conformance", passed=True)], passed=True)
    assert again.status == "approved"
