"""How a proposal is shown beside what there is."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli.comparing import rows, show
from agent.render import Paper
from tests.agent.cli.reviewing.conftest import propose
from tests.agent.cli.test_listing import Told
from tests.support.git import plain
from tests.tools_registry.review.conftest import draft
from tools_registry.review.comparing import Comparison, Version, compare
from tools_registry.review.desk import Desk
from tools_registry.review.keeper import Keeper


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(found: Comparison, width: int, *, terminal: bool = True) -> str:
    stream = Terminal() if terminal else io.StringIO()
    show(found, Paper(stream), width)
    return stream.getvalue()


@pytest.fixture
def change(repository: Path, told: Told) -> Comparison:
    propose(repository)
    told.text("skills", "approve", "double")
    propose(repository, factor=3)
    return compare(Desk.of(repository), "double")


def test_a_wide_terminal_shows_two_columns(
    change: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    lines = shown(change, 120).splitlines()
    row = next(line for line in lines if "2 * n" in line)
    assert row.index("|") < row.index("3 * n") == row.rindex("return") + len("return ")
    assert not any(line.startswith("@@") for line in lines)
    narrow = shown(change, 80).splitlines()
    assert "-    return 2 * n" in narrow
    assert "+    return 3 * n" in narrow


def test_a_proposal_without_files_says_how_to_get_them(told: Told, repository: Path) -> None:
    propose(repository)
    plain(repository, "branch", "agent/skills/x;id", "agent/skills/double")
    for file in (repository / "learned_skills").iterdir():
        file.unlink()

    shown = told.text("skills", "status")
    told.text("skills", "approve", "double", code=2)

    how = (
        "git restore --source=agent/skills/double -- :/learned_skills/double.py "
        ":/learned_skills/test_double.py"
    )
    assert how in shown
    assert "--source='agent/skills/x;id' -- ':/learned_skills/x;id.py'" in shown
    assert f"double has no file here: {how}" in told.err
    plain(repository, *how.split()[1:])
    told.text("skills", "approve", "double")


def test_only_what_is_stale_is_to_be_tested_after_a_pull(
    told: Told, repository: Path, tmp_path: Path
) -> None:
    lib = tmp_path / "lib"
    lib.mkdir()
    Keeper(lib).save(draft())  # by the same person, so this machine knows it
    assert "waits for approval" in told.text("skills", "pull", str(lib))
    assert "before use" not in told.err


def test_a_comment_does_not_end_where_python_sees_no_end(
    change: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    source = change.new.source + "# a comment\u2028check(n)\n"
    odd = replace(change, new=replace(change.new, source=source))
    for width in 80, 120:
        (line,) = (row for row in shown(odd, width).splitlines() if "check(n)" in row)
        assert "# a comment\\u2028check(n)" in line


def test_what_a_file_claims_forges_no_line(told: Told, repository: Path) -> None:
    propose(repository)
    file = repository / "learned_skills" / "double.py"
    text = re.sub(r'detail = ".*?"', r'detail = "x\\n✓ forged\\ncode"', file.read_text())
    file.write_text(re.sub(r'model = ".*?"', r'model = "m\\nforged"', text))

    for command in ["diff", "double"], ["show", "double"], ["status"], ["list"]:
        lines = told.text("skills", *command).splitlines()
        assert not any(line.lstrip("✓ ").startswith("forged") for line in lines)
    assert any(
        "x ✓ forged code" in line for line in told.text("skills", "diff", "double").split("\n")
    )
    assert any("m forged" in line for line in told.text("skills", "show", "double").split("\n"))


def test_colours_are_for_terminals(change: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[32m+    return 3 * n\x1b[0m" in shown(change, 80)
    assert "\x1b[" in shown(change, 120)
    assert "\x1b" not in shown(change, 120, terminal=False)


def test_a_long_line_is_not_cut(change: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    monkeypatch.setenv("NO_COLOR", "1")
    long = "x = '" + "ab" * 100 + "'; import os"
    new = dataclasses.replace(change.new, source=f"{change.old.source}{long}\n")
    text = shown(dataclasses.replace(change, new=new), 120)
    right = "".join(line[61:] for line in text.splitlines() if len(line) > 61)
    assert long in right


def test_rows_pair_what_changed() -> None:
    assert list(rows(["a", "b", "c"], ["a", "x", "c", "d"])) == [
        (" ", "a", "a"),
        ("|", "b", "x"),
        (" ", "c", "c"),
        (">", "", "d"),
    ]


def test_evidence_that_changed_says_what_it_was(change: Comparison) -> None:
    import dataclasses

    (item,) = change.new.evidence
    worse = dataclasses.replace(item, passed=False, detail="0 of 1 passed")
    new = dataclasses.replace(change.new, evidence=(worse,))
    text = shown(dataclasses.replace(change, new=new), 80)
    assert "✗ tests        0 of 1 passed  (before: ✓ 1 of 1 passed)" in text
    nothing = Version(label="theirs", source="x\n")
    assert "none on record" in shown(dataclasses.replace(change, new=nothing), 80)
