"""The ledger keeps what happened here, with several processes, and never guesses."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.errors import AgentError
from tools_registry.skills.ledger import FORM, Ledger, Verdict


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger.open(tmp_path / "data" / "skills.sqlite")


def test_reading_makes_nothing(ledger: Ledger) -> None:
    assert ledger.verdict("sha256:1") is None
    assert ledger.rejections() == ()
    assert not ledger.path.parent.exists()


def test_the_default_is_the_persons_data_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Ledger.open().path == tmp_path / "ipysmith" / "skills.sqlite"


def test_what_was_noted_comes_back(ledger: Ledger) -> None:
    ledger.validated("c", "double")
    assert ledger.verdict("c") == Verdict(content="c", name="double", validated=True)
    ledger.approved("c")
    assert ledger.verdict("c") == Verdict(content="c", name="double", validated=True, approved=True)
    assert Ledger.open(ledger.path).verdict("c") == ledger.verdict("c")
    assert ledger.verdict("d") is None


def test_a_failure_ends_the_validation_and_keeps_the_approval(ledger: Ledger) -> None:
    ledger.validated("c")
    ledger.approved("c")
    ledger.failed("c", "double", "tests: 1 of 2")
    assert ledger.verdict("c") == Verdict(
        content="c", name="double", approved=True, failed="tests: 1 of 2"
    )
    ledger.validated("c")
    assert ledger.verdict("c") == Verdict(content="c", name="double", validated=True, approved=True)


def test_approval_and_rejection_take_each_other_back(ledger: Ledger) -> None:
    ledger.approved("c", "double")
    ledger.rejected("c", "double", "slow")
    assert ledger.verdict("c") == Verdict(content="c", name="double", rejected="slow")
    assert ledger.rejections() == (Verdict(content="c", name="double", rejected="slow"),)
    ledger.approved("c")
    assert ledger.verdict("c") == Verdict(content="c", name="double", approved=True)
    assert ledger.rejections() == ()


def test_many_contents_are_asked_for_at_once(ledger: Ledger) -> None:
    ledger.validated("c700")
    assert set(ledger.verdicts(f"c{n}" for n in range(1_500))) == {"c700"}


@pytest.mark.parametrize(
    "content", [b"this is no database" * 100, b"SQLite format 3\0" + b"x" * 99]
)
def test_a_damaged_ledger_is_an_error_that_says_what_to_do(ledger: Ledger, content: bytes) -> None:
    ledger.path.parent.mkdir()
    ledger.path.write_bytes(content)
    with pytest.raises(AgentError, match=r"skills\.sqlite.*agent skills test --all"):
        ledger.verdict("c")
    with pytest.raises(AgentError, match=r"skills\.sqlite"):
        ledger.validated("c")
    assert ledger.path.read_bytes() == content


def test_an_empty_file_knows_nothing_and_can_be_written(ledger: Ledger) -> None:
    ledger.path.parent.mkdir()
    ledger.path.touch()
    assert ledger.verdict("c") is None
    ledger.validated("c")
    assert ledger.verdict("c") == Verdict(content="c", validated=True)


@given(
    content=st.text(min_size=1),
    name=st.text(),
    reason=st.text(alphabet=st.characters(exclude_categories=["Cs"])),
)
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, content: str, name: str, reason: str
) -> None:
    ledger = Ledger.open(tmp_path_factory.mktemp("odd") / "skills.sqlite")
    ledger.rejected(content, name, reason)
    assert [v.rejected for v in ledger.rejections()] == [reason]
    known = ledger.verdict(content)
    assert known is not None
    assert known.rejected == reason


_WRITER = """
import sys
from pathlib import Path
from tools_registry.skills.ledger import Ledger
ledger = Ledger.open(Path(sys.argv[1]))
for number in range(25):
    ledger.validated(f"{sys.argv[2]}-{number}", "mine")
    ledger.approved("shared", "shared")
    ledger.verdict("shared")
"""


def test_several_processes_write_at_once(ledger: Ledger) -> None:
    command = [sys.executable, "-c", _WRITER, str(ledger.path)]
    writers = [subprocess.Popen([*command, str(n)]) for n in range(4)]
    assert [writer.wait() for writer in writers] == [0] * 4
    wanted = [f"{writer}-{number}" for writer in range(4) for number in range(25)]
    assert set(ledger.verdicts(wanted)) == set(wanted)


@pytest.mark.parametrize("trouble", ["file", "folder", "pipe"])
def test_a_ledger_that_others_could_write_is_not_believed(ledger: Ledger, trouble: str) -> None:
    ledger.approved("c")
    if trouble == "pipe":
        ledger.path.unlink()
        os.mkfifo(ledger.path)
    else:
        place = ledger.path if trouble == "file" else ledger.path.parent
        place.chmod(place.stat().st_mode | stat.S_IWOTH)

    why = "ordinary file" if trouble == "pipe" else "everybody may write it"
    with pytest.raises(AgentError, match=why):
        ledger.verdict("c")
    with pytest.raises(AgentError, match=why):
        ledger.approved("d")


def test_a_rejection_is_listed_once_although_its_form_is_noted_too(ledger: Ledger) -> None:
    ledger.rejected("sha256:1", "double", "slow")
    ledger.rejected(f"{FORM}2", "double", "slow")
    assert [verdict.content for verdict in ledger.rejections()] == ["sha256:1"]
