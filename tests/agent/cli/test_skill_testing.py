"""`agent skills test`, in the guarded kernel."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.cli import boundary
from tests.agent.cli.conftest import Call
from tests.support.git import plain
from tools_registry import Registry
from tools_registry.review.desk import Desk
from tools_registry.review.keeper import Keeper
from tools_registry.review.overview import look
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import SkillDraft


def source(name: str, body: str, doc: str, *imports: str) -> str:
    lines = "".join(f"from learned_skills.{other} import {other}\n" for other in imports)
    return (
        f'{lines}\n\ndef {name}(text: str) -> str:\n    """{name.title()} a text.\n\n'
        f"    Args:\n        text: Any.\n\n    Returns:\n        The text.\n\n    {doc}\n"
        f'    """\n    return {body}\n'
    )


def checks_of(name: str, given: str, wanted: str) -> str:
    return (
        f"from learned_skills.{name} import {name}\n\n\ndef test_it() -> None:\n"
        f"    assert {name}({given!r}) == {wanted!r}\n"
    )


SHOUT = SkillDraft(
    name="shout",
    source=source("shout", "text.upper()", ">>> shout('a')\n    'A'"),
    tests=checks_of("shout", "b", "B"),
)
CHEER = SkillDraft(
    name="cheer",
    source=source("cheer", "shout(text) + '!'", ">>> cheer('a')\n    'A!'", "shout"),
    tests=checks_of("cheer", "b", "B!"),
)


@pytest.fixture
def elsewhere(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SkillLibrary:
    """Two approved skills, one on the other, that this machine has not seen."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    library = SkillLibrary(workspace, Ledger.open(tmp_path / "elsewhere.sqlite"))
    library.save(SHOUT)
    library.save(CHEER)
    return library


@pytest.fixture
def here(workspace: Path) -> SkillLibrary:
    return SkillLibrary(workspace)


class Told:
    """Runs commands in this process."""

    def __init__(self, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._workspace = workspace
        self._capsys = capsys
        self.err = ""

    def text(self, *arguments: str, code: int = 0) -> str:
        found = boundary.run(["skills", *arguments, "--workspace", str(self._workspace)])
        out, self.err = self._capsys.readouterr()
        assert found == code, out + self.err
        return out

    def objects(self, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
        out = self.text(*arguments, "--json", code=code)
        return [json.loads(line) for line in out.splitlines()]


@pytest.fixture
def told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(workspace, capsys)


@pytest.mark.usefixtures("elsewhere")
def test_a_fresh_clone_is_tested_once(told: Told, here: SkillLibrary, workspace: Path) -> None:
    def contents() -> dict[str, bytes]:
        return {file.name: file.read_bytes() for file in here.path.iterdir()}

    before = contents()
    assert told.text("list").count("stale") == 2
    assert "`agent skills test` tests them on this machine" in told.err

    shown = told.text("test")

    assert "✓ shout  provisional  tested here, approved elsewhere only" in shown
    assert shown.index("shout") < shown.index("cheer")
    assert "testing cheer (2 of 2)" in told.err
    # Tests in these files were saved without evidence, so the first writes some and the next none.
    written = contents()
    assert written.keys() == before.keys()
    assert told.text("test", "--all").count("✓") == 2
    assert contents() == written
    assert told.text("test") == ""
    assert "nothing to test" in told.err
    assert {hit.name for hit in Registry.open(workspace).tools() if hit.kind == "skill"} == {
        "shout",
        "cheer",
    }


@pytest.mark.usefixtures("elsewhere")
def test_one_that_fails_takes_what_builds_on_it_out_of_use(told: Told, here: SkillLibrary) -> None:
    told.text("test")
    file = here.path / "shout.py"
    file.write_text(file.read_text().replace("upper", "lower"))

    shout, cheer = told.objects("test", "shout", code=4)

    assert (shout["name"], shout["status"], shout["passed"]) == ("shout", "stale", False)
    assert [item["signal"] for item in shout["evidence"] if not item["passed"]] == ["examples"]
    assert (cheer["name"], cheer["status"], cheer["passed"]) == ("cheer", "stale", False)
    assert cheer["reason"] == "imports shout, which is stale: mend that first"

    file.write_text(file.read_text().replace("lower", "upper"))
    mended = told.objects("test", "shout")
    assert [(skill["name"], skill["status"]) for skill in mended] == [
        ("shout", "provisional"),
        ("cheer", "provisional"),
    ]


def test_what_a_person_wrote_becomes_a_skill(told: Told, here: SkillLibrary) -> None:
    here.path.mkdir()
    doc = ">>> hush('A')\n    'a'\n    >>> print(hush('B'))\n    b"
    (here.path / "hush.py").write_text(source("hush", "text.lower()", doc))

    (hush,) = told.objects("test")

    assert (hush["status"], hush["passed"]) == ("provisional", True)
    assert {"syntax", "policy", "examples", "tests"} <= {e["signal"] for e in hush["evidence"]}
    assert [file.name for file in here.path.iterdir()] == ["hush.py"]


@pytest.mark.parametrize(
    ("body", "doc", "said"),
    [
        ("text", ">>> hush('A')\n    'a'", "gave"),
        ("text", ">>> print(hush('A'))\n    a", "example 1"),
        ("text", ">>> hush(\n    'a'", "can't be read"),
        ("__import__('os').getcwd()", ">>> hush('A')\n    'a'", "may not use __import__"),
    ],
)
def test_what_fails_is_refused_with_the_reason(
    told: Told, here: SkillLibrary, body: str, doc: str, said: str
) -> None:
    here.path.mkdir()
    (here.path / "hush.py").write_text(source("hush", body, doc))

    (hush,) = told.objects("test", "hush", code=4)

    assert hush["status"] == "stale"
    assert said in hush["reason"]
    assert not here.get("hush").usable


def test_broken_files_are_told_and_count_unless_others_are_named(
    told: Told, here: SkillLibrary
) -> None:
    here.save(SHOUT)
    (here.path / "broken.py").write_text("x = 1\ndef broken(:\n")

    assert "✓ shout" in told.text("test", "--all", code=4)
    assert "broken.py:2: is not valid Python" in told.err
    assert "✓ shout" in told.text("test", "shout")
    told.text("test", "broken", code=2)
    assert "broken.py:2" in told.err


def test_an_unknown_name_is_refused_before_anything_runs(told: Told, here: SkillLibrary) -> None:
    here.save(SHOUT)
    assert told.text("test", "shout", "shuot", code=2) == ""
    assert told.err == "agent: there is no skill named 'shuot'; did you mean shout?\n"


def test_what_was_rejected_is_not_tested(told: Told, here: SkillLibrary) -> None:
    skill = here.save(SHOUT)
    here.ledger.rejected(skill.content, "shout", "too loud")

    assert told.text("test", "--all") == ""
    assert "✗ shout  rejected  rejected here: too loud" in told.text("test", "shout", code=4)


def test_an_empty_library_has_nothing_to_test(told: Told) -> None:
    assert told.objects("test") == []
    assert "nothing to test: no skill is stale" in told.err
    assert told.objects("test", "--all") == []
    assert "nothing to test: there are no skills" in told.err


def test_the_help_has_examples(call: Call) -> None:
    done: subprocess.CompletedProcess[str] = call("skills", "test", "--help")
    assert "agent skills test --all" in done.stdout


def test_what_passed_is_what_its_branch_proposes(told: Told, workspace: Path) -> None:
    plain(workspace, "init", "-q", "-b", "main")
    plain(workspace, "commit", "-q", "--allow-empty", "-m", "first")
    Keeper(workspace).save(replace(SHOUT, status="provisional"))
    file = workspace / "learned_skills" / "shout.py"
    file.write_text(file.read_text().replace("Shout a text.", "Say a text loudly."))

    told.text("test", "shout")

    (row,) = look(Desk.of(workspace)).rows
    assert (row.skill.status, row.branch, row.same) == ("provisional", "agent/skills/shout", True)
    assert plain(workspace, "show", f"{row.branch}:learned_skills/shout.py") == file.read_text()
