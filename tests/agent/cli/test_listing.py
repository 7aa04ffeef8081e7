"""`agent skills …` and `agent tools …`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.cli import boundary
from tests.agent.delegation.conftest import MEDIANS, keep
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import Evidence, Provenance, SkillDraft

SOURCE = 'def shout(text: str) -> str:\n    """Make a text loud.\n\n    >>> shout("a")\n    \'A\'\n'
SOURCE += '    """\n    return text.upper()\n'
TESTS = "from learned_skills.shout import shout\n\n\ndef test_it() -> None:\n"
TESTS += "    assert shout('b') == 'B'\n"


@pytest.fixture
def skill(workspace: Path) -> None:
    SkillLibrary(workspace).save(
        SkillDraft(
            name="shout",
            source=SOURCE,
            tests=TESTS,
            evidence=(Evidence(signal="tests", passed=True, detail="1 of 1"),),
            provenance=Provenance(model="offline", session_id="s-1"),
        )
    )


class Told:
    """Runs commands in this process, which is faster."""

    def __init__(self, workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._workspace = workspace
        self._capsys = capsys
        self.err = ""

    def text(self, *arguments: str, code: int = 0) -> str:
        assert boundary.run([*arguments, "--workspace", str(self._workspace)]) == code
        out, self.err = self._capsys.readouterr()
        return out

    def objects(self, *arguments: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text(*arguments, "--json").splitlines()]


@pytest.fixture
def told(workspace: Path, capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(workspace, capsys)


def test_an_empty_library_says_how_to_fill_it(told: Told) -> None:
    assert "agent learn" in told.text("skills", "list")
    assert told.objects("skills", "list") == []


@pytest.mark.usefixtures("skill")
def test_skills_are_listed(told: Told) -> None:
    assert told.text("skills", "list") == "shout  approved  Make a text loud.\n"
    (shout,) = told.objects("skills", "list")
    assert shout.keys() >= {"name", "status", "signature", "summary", "file", "tests", "source"}
    assert shout["evidence"] == [{"signal": "tests", "passed": True, "detail": "1 of 1"}]
    assert shout["provenance"]["session_id"] == "s-1"


@pytest.mark.usefixtures("skill")
def test_a_skill_is_shown_with_its_evidence_and_source(told: Told) -> None:
    text = told.text("skills", "show", "shout")
    assert text.startswith("shout(text: str) -> str\n  Make a text loud.\n")
    for part in ("status   approved", "made by  offline", "  ✓  tests  1 of 1", SOURCE.rstrip()):
        assert part in text
    assert told.objects("skills", "show", "shout")[0]["source"].strip() == SOURCE.strip()


def test_an_unknown_name_is_one_line(told: Told) -> None:
    for kind in ("skills", "tools"):
        assert told.text(kind, "show", "nothing_like_it", code=2) == ""
        assert told.err.startswith("agent: there is no ")
        assert told.err.count("\n") == 1


@pytest.mark.usefixtures("skill")
def test_a_broken_skill_file_is_reported_by_name_and_line(told: Told, workspace: Path) -> None:
    (workspace / "learned_skills" / "broken.py").write_text("x = 1\ndef broken(:\n")
    assert told.text("skills", "list") == "shout  approved  Make a text loud.\n"
    assert told.err.startswith("agent: skipped ")
    assert "broken.py:2" in told.err


def test_a_skill_can_not_give_the_terminal_orders(told: Told, workspace: Path) -> None:
    (workspace / "learned_skills").mkdir()
    (workspace / "learned_skills" / "evil.py").write_text(
        'def evil() -> None:\n    """Ha \x1b[2J\x1b]0;x\x07 ha."""\n'
    )
    assert "\x1b" not in told.text("skills", "list") + told.text("skills", "show", "evil")


def test_tools_are_listed_by_category(told: Told) -> None:
    text = told.text("tools", "list")
    assert "\nsummaries\n" in f"\n{text}"
    assert "\n  profile_table " in text
    listed = told.objects("tools", "list")
    assert len(listed) >= 25
    assert {tool["kind"] for tool in listed} == {"core"}
    assert {"name", "kind", "category", "signature", "summary", "parameters"} <= listed[0].keys()


def test_a_tool_is_shown_whole(told: Told) -> None:
    text = told.text("tools", "show", "profile_table")
    assert text.startswith("profile_table(")
    assert "from agent_tools.summaries import profile_table" in text
    assert text.count(">>>") > 0
    (tool,) = told.objects("tools", "show", "profile_table")
    assert tool["import"] == "from agent_tools.summaries import profile_table"
    assert tool["examples"][0].keys() == {"call", "result"}


@pytest.mark.usefixtures("skill")
def test_search_finds_tools_and_skills_best_first(told: Told) -> None:
    hits = told.objects("tools", "search", "make a text loud", "--limit", "3")
    assert hits[0]["name"] == "shout"
    assert all(hit.keys() >= {"name", "kind", "signature", "summary", "score"} for hit in hits)
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert len(hits) <= 3
    assert {hit["kind"] for hit in told.objects("skills", "search", "text")} == {"skill"}
    assert "shout" in told.text("skills", "search", "make a text loud")


def test_search_tells_of_agents_that_may_fit(told: Told, workspace: Path) -> None:
    keep(workspace)
    other = MEDIANS.replace("Finds the middle", "Has the middle")
    keep(workspace, other, name="unapproved", status="provisional")
    assert "medians" not in told.text("skills", "search", "the middle of many numbers")
    agent = "medians · Finds the middle of numbers. (agent run TASK --as medians)"
    line = f"agent: an agent may fit, too: {agent}"
    assert told.err.splitlines() == [line]
    told.text("tools", "search", "middles")
    assert told.err.splitlines() == [line]
    told.text("tools", "search", "middle", "--kind", "core")
    assert told.err == ""
    told.text("skills", "search", "a loud text")
    assert told.err == ""


def test_nothing_found_is_said(told: Told) -> None:
    assert told.text("skills", "search", "zzz") == "Nothing fits 'zzz'.\n"
    assert told.objects("skills", "search", "zzz") == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tools", "search", " "], "the query is empty"),
        (["tools", "search", "x", "--limit", "0"], "--limit must be a whole number"),
        (["tools", "search", "x", "--category", "tabels"], "no category 'tabels': choose one of"),
        (["tools", "list", "--workspace", ""], "the workspace '' can't be reached"),
        (["tools", "list", "--workspace", "nowhere"], "the workspace 'nowhere' does not exist"),
    ],
)
def test_bad_input_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert boundary.run(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1
