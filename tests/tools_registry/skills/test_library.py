"""The library keeps what is sound, whole or not at all."""

import contextlib
import dataclasses
import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry.files import Folder
from tools_registry.skills.library import MAX_SOURCE, SkillLibrary
from tools_registry.skills.skill import Evidence, Provenance, Skill, SkillDraft

SOURCE = 'def double(n: int) -> int:\n    """Twice a number."""\n    return 2 * n\n'
DRAFT = SkillDraft(
    name="double",
    source=SOURCE,
    tests="from learned_skills.double import double\n\nassert double(2) == 4\n",
    evidence=(Evidence(signal="tests", passed=True, detail="1 passed"),),
    provenance=Provenance(model="offline", session_id="s1"),
)


@pytest.fixture
def library(tmp_path: Path) -> SkillLibrary:
    return SkillLibrary(tmp_path / "workspace")


def files(library: SkillLibrary) -> list[str]:
    return sorted(os.listdir(library.path)) if library.path.exists() else []  # noqa: PTH208


def test_a_saved_skill_is_found_by_the_next_library(library: SkillLibrary) -> None:
    saved = library.save(DRAFT)

    assert SkillLibrary(library.workspace).list() == (saved,)
    assert SkillLibrary(library.workspace).get("double") == saved
    assert (saved.status, saved.signature) == ("approved", "double(n: int) -> int")
    assert saved.summary == "Twice a number."
    assert (saved.source, saved.test_source) == (SOURCE, DRAFT.tests)
    assert saved.evidence == DRAFT.evidence
    assert saved.provenance.model == "offline"
    assert saved.provenance.created.endswith("Z")
    assert saved.provenance.commit == ""
    assert files(library) == ["double.py", "test_double.py"]


def test_a_library_that_is_not_there_is_empty_and_stays_so(library: SkillLibrary) -> None:
    assert library.list() == ()
    assert library.problems == ()
    assert not library.workspace.exists()


def test_the_json_has_what_is_promised(library: SkillLibrary) -> None:
    body = json.loads(json.dumps(library.save(DRAFT).to_json()))

    assert set(body) == {
        "name",
        "kind",
        "status",
        "reason",
        "signature",
        "summary",
        "file",
        "tests",
        "source",
        "imports",
        "content",
        "evidence_measured_here",
        "evidence",
        "provenance",
    }
    assert body["tests"] == str(library.path / "test_double.py")
    assert body["evidence"] == [{"signal": "tests", "passed": True, "detail": "1 passed"}]
    assert set(body["provenance"]) == {"model", "session_id", "created", "commit"}


@pytest.mark.parametrize("name", ["double.py", "test_double.py"])
def test_an_edit_by_hand_makes_it_stale(library: SkillLibrary, name: str) -> None:
    library.save(DRAFT)
    file = library.path / name
    file.write_text("# edited\n" + file.read_text())

    skill = library.get("double")
    assert skill.status == "stale"
    assert not skill.usable


def test_without_its_tests_it_is_stale(library: SkillLibrary) -> None:
    library.save(DRAFT).tests.unlink()

    assert library.get("double").status == "stale"


def test_a_file_written_by_hand_is_stale(library: SkillLibrary) -> None:
    library.path.mkdir(parents=True)
    (library.path / "double.py").write_text(SOURCE)

    assert library.get("double").status == "stale"


def test_the_commit_is_recorded(library: SkillLibrary) -> None:
    library.workspace.mkdir()
    for command in ["init -q", "-c user.name=A -c user.email=a@b commit -q --allow-empty -m x"]:
        subprocess.run(["git", *command.split()], cwd=library.workspace, check=True)
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=library.workspace, check=True, capture_output=True
    )

    assert library.save(DRAFT).provenance.commit == head.stdout.decode().strip()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Double", "lower-case"),
        ("", "lower-case"),
        ("a" * 65, "at most 64"),
        ("../double", "lower-case"),
        ("dou ble", "lower-case"),
        ("zählen", "lower-case"),
        ("_double", "lower-case"),
        ("double\n", "lower-case"),
        ("test_double", "are tests"),
        ("lambda", "word of the language"),
        ("match", "word of the language"),
        ("print", "builtin"),
        ("statistics", "standard library"),
        ("word_count", "core tool"),
    ],
)
def test_a_name_that_can_not_be_a_skill_is_refused(
    library: SkillLibrary, name: str, reason: str
) -> None:
    draft = dataclasses.replace(DRAFT, name=name, source=f"def {name}(): ...\n")

    with pytest.raises(UsageError, match=reason):
        library.save(draft)
    assert not library.workspace.exists()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("x = 1\n", "must define double"),
        (SOURCE + SOURCE, "must define double once"),
        ("async def double(): ...\n", "must define double"),
        ("class A:\n    def double(self): ...\n", "must define double"),
        ("def double(:\n", "is not valid Python"),
        ("def double():\n    return '\ud800'\n", "can't be saved"),
        (SOURCE + "#" * MAX_SOURCE, "exceed 64 KB"),
    ],
)
def test_code_that_can_not_be_a_skill_is_refused(
    library: SkillLibrary, source: str, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        library.save(dataclasses.replace(DRAFT, source=source))
    assert not library.workspace.exists()


def test_tests_that_do_not_parse_are_refused(library: SkillLibrary) -> None:
    with pytest.raises(UsageError, match="the tests of skill double can't be saved"):
        library.save(dataclasses.replace(DRAFT, tests="def ("))


def test_a_skill_is_replaced_only_if_asked(library: SkillLibrary) -> None:
    library.save(DRAFT)
    other = dataclasses.replace(DRAFT, source=SOURCE.replace("2 * n", "n + n"))

    with pytest.raises(RefusedError, match=r"double\.py exists"):
        library.save(other)
    assert library.get("double").source == SOURCE
    assert library.save(other, replace=True).source == other.source
    assert library.get("double").status == "approved"
    assert files(library) == ["double.py", "test_double.py"]


@pytest.mark.parametrize("present", ["Double.py", "test_DOUBLE.py", "test_double.py"])
def test_a_file_that_would_be_confused_is_not_overwritten(
    library: SkillLibrary, present: str
) -> None:
    library.path.mkdir(parents=True)
    (library.path / present).write_text("mine")

    with pytest.raises(RefusedError):
        library.save(DRAFT)
    assert files(library) == [present]
    assert (library.path / present).read_text() == "mine"


def test_a_folder_that_is_a_link_is_refused(library: SkillLibrary, tmp_path: Path) -> None:
    library.workspace.mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    library.path.symlink_to(elsewhere)

    with pytest.raises(RefusedError, match="was not saved"):
        library.save(DRAFT)
    assert not list(elsewhere.iterdir())
    assert library.list() == ()
    assert "is no directory" in library.problems[0].message


def test_links_and_fifos_are_problems_and_not_read(library: SkillLibrary, tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("def secret(): 'password'\n")
    library.save(DRAFT)
    (library.path / "secret.py").symlink_to(tmp_path / "secret.py")
    os.mkfifo(library.path / "pipe.py")
    (library.path / "empty.py").write_text("")

    assert [skill.name for skill in library.list()] == ["double"]
    assert {p.file.name: p.message for p in library.problems} == {
        "secret.py": "can't be read: is a link",
        "pipe.py": "is not a regular file",
        "empty.py": "defines no function named empty",
    }


def test_replacing_does_not_write_through_a_link(library: SkillLibrary, tmp_path: Path) -> None:
    target = tmp_path / "bashrc"
    target.write_text("mine")
    library.path.mkdir(parents=True)
    (library.path / "double.py").symlink_to(target)

    library.save(DRAFT, replace=True)

    assert target.read_text() == "mine"
    assert not (library.path / "double.py").is_symlink()


@pytest.mark.parametrize("replace", [False, True])
def test_a_failure_on_the_way_leaves_what_was_there(
    library: SkillLibrary, monkeypatch: pytest.MonkeyPatch, replace: bool
) -> None:
    before = library.save(DRAFT) if replace else None
    publish = Folder.publish

    def fail(self: Folder, staged: str, name: str) -> None:
        if name == "double.py":
            raise OSError(28, "No space left on device")
        publish(self, staged, name)

    monkeypatch.setattr(Folder, "publish", fail)
    with pytest.raises(AgentError, match="No space left on device"):
        library.save(dataclasses.replace(DRAFT, tests="x = 1\n"), replace=replace)

    assert library.list() == ((before,) if before else ())
    assert files(library) == (["double.py", "test_double.py"] if before else [])


def test_of_two_that_save_at_once_one_wins_whole(library: SkillLibrary) -> None:
    drafts = [
        dataclasses.replace(DRAFT, source=f"{SOURCE}# {n}\n", tests=f"x = {n}\n") for n in range(8)
    ]

    def save(draft: SkillDraft) -> bool:
        with contextlib.suppress(RefusedError):
            return bool(library.save(draft))
        return False

    with ThreadPoolExecutor(8) as pool:
        saved = list(pool.map(save, drafts))

    assert saved.count(True) == 1
    winner = drafts[saved.index(True)]
    skill = library.get("double")
    assert (skill.status, skill.source, skill.test_source) == (
        "approved",
        winner.source,
        winner.tests,
    )
    assert files(library) == ["double.py", "test_double.py"]


def test_an_unknown_skill_names_the_nearest(library: SkillLibrary) -> None:
    library.save(DRAFT)

    with pytest.raises(UsageError, match=r"no skill named 'duoble'; did you mean double\?"):
        library.get("duoble")


def test_a_broken_skill_is_explained(library: SkillLibrary) -> None:
    library.path.mkdir(parents=True)
    (library.path / "double.py").write_text("def (")

    with pytest.raises(UsageError, match=r"double\.py:1: is not valid Python"):
        library.get("double")


ENDS = "\r\x0b\x1c\x1d\x1e\x85\u2028\u2029"
TEXT = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters=f"\0{ENDS}"), max_size=30
)


@given(doc=TEXT, comment=TEXT, detail=TEXT, passed=st.booleans())
def test_whatever_is_saved_comes_back(
    tmp_path_factory: pytest.TempPathFactory, doc: str, comment: str, detail: str, passed: bool
) -> None:
    comment = comment.replace("\n", "\n# ").replace("\f", " ")
    draft = SkillDraft(
        name="odd",
        source=f"def odd():\n    {doc!r}\n# {comment}\n# end\n",
        tests=f"x = {detail!r}\n# {comment}",
        evidence=(Evidence(signal=detail, passed=passed, detail=doc),),
    )
    library = SkillLibrary(tmp_path_factory.mktemp("odd"))

    skill: Skill = library.save(draft)

    assert (skill.source, skill.test_source) == (draft.source, draft.tests)
    assert skill.evidence == draft.evidence
    assert skill.status == "approved"
