"""The status that counts: what a file says of itself is believed only if this machine agrees."""

from __future__ import annotations

import contextlib
import dataclasses
import sqlite3
from pathlib import Path

import pytest

from sessions.errors import RefusedError
from tools_registry import Registry
from tools_registry.skills.ledger import Ledger
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import Evidence, Skill, SkillDraft

PASSED = (Evidence(signal="tests", passed=True, detail="1 of 1"),)
FAILED = (
    Evidence(signal="syntax", passed=True),
    Evidence(signal="tests", passed=False, detail="f(1) gave 2"),
)


def draft(name: str, *imports: str, body: str = "1") -> SkillDraft:
    lines = "".join(f"from learned_skills.{other} import {other}\n" for other in imports)
    source = f"{lines}\n\ndef {name}() -> int:\n    return {body}\n"
    return SkillDraft(name=name, source=source, tests="", evidence=PASSED)


@pytest.fixture
def library(tmp_path: Path) -> SkillLibrary:
    return SkillLibrary(tmp_path / "workspace", Ledger.open(tmp_path / "data" / "l.sqlite"))


@pytest.fixture
def elsewhere(library: SkillLibrary, tmp_path: Path) -> SkillLibrary:
    """The same files on a machine that has seen nothing."""
    return SkillLibrary(library.workspace, Ledger.open(tmp_path / "other" / "l.sqlite"))


def told(skill: Skill) -> tuple[str, str]:
    return skill.status, skill.reason.partition(":")[0]


def test_what_was_saved_here_is_what_it_says(library: SkillLibrary) -> None:
    assert told(library.save(draft("one"))) == ("approved", "")
    assert told(library.save(dataclasses.replace(draft("two"), status="provisional"))) == (
        "provisional",
        "tested here, waits for approval",
    )


def test_a_record_from_elsewhere_is_not_believed(
    library: SkillLibrary, elsewhere: SkillLibrary
) -> None:
    library.save(draft("one"))

    skill = elsewhere.get("one")
    assert skill.reason == "not tested on this machine yet: agent skills test one"
    assert (skill.status, skill.usable, skill.recorded) == ("stale", False, "approved")
    assert not elsewhere.ledger.path.exists()


def test_tested_here_it_is_provisional_and_its_file_stays_as_it_was(
    library: SkillLibrary, elsewhere: SkillLibrary
) -> None:
    file = library.save(draft("one")).file
    before = file.read_bytes(), file.stat()

    skill = elsewhere.record(elsewhere.get("one"), PASSED, passed=True)

    assert told(skill) == ("provisional", "tested here, approved elsewhere only")
    assert file.read_bytes() == before[0]
    assert file.stat().st_mtime_ns == before[1].st_mtime_ns
    elsewhere.ledger.approved(skill.content)
    assert elsewhere.get("one").status == "approved"


def test_a_test_that_fails_makes_it_stale_and_a_forged_record_does_not_help(
    library: SkillLibrary,
) -> None:
    skill = library.save(draft("one"))
    approved = skill.file.read_bytes()

    failed = library.record(skill, FAILED, passed=False)

    assert failed.evidence == FAILED
    assert failed.status == "stale"
    assert failed.reason.startswith("failed here: tests: f(1) gave 2; mend it")
    skill.file.write_bytes(approved)
    assert library.get("one").status == "stale"
    assert library.get("one").reason.startswith("failed here")
    skill.file.write_bytes(approved)
    assert library.record(library.get("one"), PASSED, passed=True).status == "approved"


def test_evidence_counts_as_measured_where_it_was_measured(
    library: SkillLibrary, elsewhere: SkillLibrary
) -> None:
    assert library.save(draft("one")).measured
    assert not elsewhere.get("one").measured
    assert elsewhere.record(elsewhere.get("one"), PASSED, passed=True).measured
    assert library.record(library.get("one"), FAILED, passed=False).measured
    assert not elsewhere.get("one").measured


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("1 of 1", "1 of 9"),
        ("passed = true", "passed = false"),
        ('signal = "tests"', 'signal = "referee"'),
        ("return 1", "return 2"),
        ("evidence = [", 'evidence = [\n#   { signal = "types", passed = true },'),
    ],
)
def test_evidence_that_was_written_by_hand_is_not_measured(
    library: SkillLibrary, old: str, new: str
) -> None:
    file = library.save(draft("one")).file
    file.write_text(file.read_text().replace(old, new))
    assert not library.get("one").measured


def test_evidence_of_another_skill_proves_nothing(library: SkillLibrary) -> None:
    good, bad = library.save(draft("one")), draft("two", body="__import__('os')")
    bad = dataclasses.replace(bad, status="provisional")
    record = good.file.read_text()[len(good.source) :]
    (library.path / "two.py").write_text(f"{bad.source}{record}")
    (library.path / "test_two.py").write_text(good.test_source)
    assert library.get("two").evidence == good.evidence
    assert not library.get("two").measured


def test_a_ledger_from_before_evidence_was_kept_is_read(library: SkillLibrary) -> None:
    skill = library.save(draft("one"))
    with contextlib.closing(sqlite3.connect(library.ledger.path)) as database:
        database.execute("DROP TABLE produced")
    assert (library.get("one").status, library.get("one").measured) == ("approved", False)
    assert library.record(skill, PASSED, passed=True).measured


@pytest.mark.parametrize("detail", ["x" * 2000, "a\x00b\ud800c", "é" * 400, "line\nbreak"])
def test_evidence_that_a_file_keeps_less_of_is_measured_all_the_same(
    library: SkillLibrary, detail: str
) -> None:
    evidence = (Evidence(signal="tests", passed=True, detail=detail),)
    assert library.save(dataclasses.replace(draft("one"), evidence=evidence)).measured


def test_a_failure_elsewhere_is_believed(library: SkillLibrary, elsewhere: SkillLibrary) -> None:
    skill = library.save(draft("one"))
    elsewhere.record(elsewhere.get("one"), FAILED, passed=False)

    assert library.get("one").reason.startswith("failed its last test: tests: f(1) gave 2")
    again = elsewhere.record(elsewhere.get("one"), PASSED, passed=True)
    assert again.status == "provisional"
    assert again.provenance == skill.provenance


def test_an_edit_by_hand_has_to_be_tested_and_approved_anew(library: SkillLibrary) -> None:
    skill = library.save(draft("one"))
    skill.file.write_text(skill.file.read_text().replace("return 1", "return 2"))

    edited = library.get("one")
    assert edited.reason == "changed since it was tested: agent skills test one"
    tested = library.record(edited, PASSED, passed=True)
    assert told(tested) == ("provisional", "tested here, waits for approval")
    assert tested.provenance.created == skill.provenance.created


def test_going_back_to_what_was_approved_needs_one_test(library: SkillLibrary) -> None:
    skill = library.save(draft("one"))
    text = skill.file.read_text()
    skill.file.write_text(text.replace("return 1", "return 2"))
    library.record(library.get("one"), PASSED, passed=True)
    edited = skill.file.read_text()
    skill.file.write_text(edited.replace("return 2", "return 1"))

    assert library.record(library.get("one"), PASSED, passed=True).status == "approved"


def test_a_file_written_by_hand_becomes_a_skill_by_passing(library: SkillLibrary) -> None:
    library.path.mkdir(parents=True)
    (library.path / "one.py").write_text(draft("one").source)

    assert library.get("one").reason == "never tested: agent skills test one"
    skill = library.record(library.get("one"), PASSED, passed=True)
    assert skill.status == "provisional"
    assert skill.provenance.created.endswith("Z")


def test_what_was_rejected_here_is_rejected_whatever_its_file_says(library: SkillLibrary) -> None:
    skill = library.save(draft("one"))
    library.ledger.rejected(skill.content, "one", "too slow")

    assert told(library.get("one")) == ("rejected", "rejected here")
    assert library.get("one").reason.endswith("too slow")
    assert library.record(skill, PASSED, passed=True).status == "rejected"


def test_what_changed_under_the_test_is_not_recorded(library: SkillLibrary) -> None:
    skill = library.save(draft("one"))
    skill.file.write_text("# new\n" + skill.file.read_text())

    with pytest.raises(RefusedError, match="was changed while it was tested: test it again"):
        library.record(skill, PASSED, passed=True)
    assert library.get("one").status == "stale"


def test_a_ledger_that_can_not_be_read_means_nothing_is_used(library: SkillLibrary) -> None:
    library.save(draft("one"))
    library.ledger.path.write_bytes(b"no database" * 500)

    (skill,) = library.list()
    assert skill.status == "stale"
    assert "can't be read" in skill.reason


def test_a_skill_may_build_on_skills_that_can_be_used(library: SkillLibrary) -> None:
    library.save(draft("one"))
    two = library.save(draft("two", "one"))
    library.save(draft("three", "two"))

    assert two.imports == {"one": library.get("one").content}
    assert two.to_json()["imports"] == ["one"]
    assert {skill.status for skill in library.list()} == {"approved"}
    assert library.dependents("one") == ("two", "three")


def test_what_builds_on_what_changed_is_stale_until_both_are_tested(library: SkillLibrary) -> None:
    one = library.save(draft("one"))
    two = library.save(draft("two", "one"))
    library.save(draft("three", "two"))
    one.file.write_text(one.file.read_text().replace("return 1", "return 2"))

    assert library.get("two").reason == "imports one, which is stale: mend that first"
    assert library.get("three").reason == "imports two, which is stale: mend that first"
    library.record(library.get("one"), PASSED, passed=True)
    assert library.get("two").reason == (
        "changed since it was tested, or one was: agent skills test two"
    )
    for name in ("two", "three"):
        assert library.record(library.get(name), PASSED, passed=True).status == "provisional"
    assert library.get("two").content != two.content


def test_replacing_what_others_build_on_makes_them_stale(library: SkillLibrary) -> None:
    library.save(draft("one"))
    library.save(draft("two", "one"))
    library.save(draft("one", body="2"), replace=True)

    assert library.get("one").status == "approved"
    assert library.get("two").status == "stale"


@pytest.mark.parametrize("trouble", ["gone", "broken", "rejected", "failed"])
def test_nothing_stands_on_what_can_not_be_used(library: SkillLibrary, trouble: str) -> None:
    one = library.save(draft("one"))
    library.save(draft("two", "one"))
    if trouble == "gone":
        one.file.unlink()
    elif trouble == "broken":
        one.file.write_text("def (")
    elif trouble == "rejected":
        library.ledger.rejected(one.content, "one", "no")
    else:
        library.record(one, FAILED, passed=False)

    assert library.get("two").status == "stale"
    assert library.get("two").reason.startswith("imports one, which is")
    assert "two" not in {tool.name for tool in Registry.open(library.workspace).tools()}
    with pytest.raises(RefusedError, match="three was not saved: it imports one, which is"):
        library.save(draft("three", "one"))
    assert not (library.path / "three.py").exists()


def test_a_skill_that_would_import_itself_is_refused(library: SkillLibrary) -> None:
    with pytest.raises(RefusedError, match=r"it would import itself \(me -> me\)"):
        library.save(draft("me", "me"))
    library.save(draft("one"))
    library.save(draft("two", "one"))
    with pytest.raises(RefusedError, match=r"import itself \(one -> two -> one\)"):
        library.save(draft("one", "two"), replace=True)
    assert library.get("one").imports == {}


def test_cycles_written_by_hand_are_told_and_not_used(library: SkillLibrary) -> None:
    one = library.save(draft("one"))
    library.save(draft("two", "one"))
    library.save(draft("three", "two"))
    one.file.write_text(draft("one", "two").source)

    assert {skill.name: skill.status for skill in library.list()} == dict.fromkeys(
        ("one", "two", "three"), "stale"
    )
    (problem,) = library.problems
    assert problem.message == "imports itself: one -> two -> one"


def test_a_ledger_that_cells_could_write_is_not_believed(library: SkillLibrary) -> None:
    inside = SkillLibrary(library.workspace, Ledger.open(library.workspace / "data" / "l.sqlite"))
    skill = inside.save(draft("one"))

    assert skill.status == "stale"
    assert "lies in this workspace" in skill.reason


def test_what_code_needs_is_told_with_what_that_needs(library: SkillLibrary) -> None:
    one = library.save(draft("one"))
    two = library.save(draft("two", "one"))
    wrong = library.save(draft("wrong"))
    library.record(wrong, FAILED, passed=False)

    code = draft("three", "two", "wrong", "absent").source
    assert library.needed_by(code) == {"one": one.source, "two": two.source}
    assert list(library.needed_by(code)) == ["one", "two"]
    assert library.needed_by("x = 1") == library.needed_by("def (") == {}


def test_nothing_is_built_on_what_nobody_approved(library: SkillLibrary) -> None:
    base = library.save(dataclasses.replace(draft("base"), status="provisional"))

    assert library.needed_by(draft("upon", "base").source) == {}
    with pytest.raises(RefusedError, match="base, which is provisional: agent skills approve base"):
        library.save(draft("upon", "base"))
    assert not (library.path / "upon.py").exists()
    assert library.get("base").usable

    library.save(draft("base"), replace=True)
    assert library.needed_by(draft("upon", "base").source) == {"base": base.source}
    assert library.save(draft("upon", "base")).status == "approved"


def test_what_waits_holds_back_what_was_built_on_it_elsewhere(
    library: SkillLibrary, elsewhere: SkillLibrary
) -> None:
    library.save(draft("one"))
    library.save(draft("two", "one"))
    library.save(draft("three", "two"))
    for name in "one", "two", "three":
        elsewhere.record(elsewhere.get(name), PASSED, passed=True)
    for name in "two", "three":
        elsewhere.ledger.approved(elsewhere.get(name).content, name)

    two = elsewhere.get("two")
    reason = "imports one, which is provisional: agent skills approve one"
    assert (two.status, two.reason) == ("provisional", reason)
    assert elsewhere.needed_by(draft("new", "three").source) == {}
    assert list(elsewhere.beneath(elsewhere.get("three"))) == ["one", "two"]

    elsewhere.ledger.approved(elsewhere.get("one").content, "one")
    assert told(elsewhere.get("three")) == ("approved", "")
    assert list(elsewhere.needed_by(draft("new", "three").source)) == ["one", "two", "three"]


def test_a_reason_is_one_line_whatever_a_record_says(
    library: SkillLibrary, elsewhere: SkillLibrary
) -> None:
    forged = Evidence(signal="tests\nB  approved", passed=False, detail="x\u2028C\x85D\r\nE")
    library.save(draft("one"))
    library.record(library.get("one"), (forged,), passed=False)

    for here in library, elsewhere:
        reason = here.get("one").reason
        assert reason.endswith(": tests B approved: x C D E; mend it, then agent skills test one")


def test_line_ends_of_a_checkout_change_nothing(library: SkillLibrary) -> None:
    saved = library.save(dataclasses.replace(draft("one"), tests="x = 1\ny = 2\n"))
    for file in saved.file, saved.tests:
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    assert told(library.get("one")) == ("approved", "")
    assert library.get("one").content == saved.content


def test_a_draft_with_the_line_ends_of_windows_is_saved_as_any(library: SkillLibrary) -> None:
    one = draft("one")
    saved = library.save(
        dataclasses.replace(one, source=one.source.replace("\n", "\r\n"), tests="x = 1\r\n")
    )
    assert told(saved) == ("approved", "")
