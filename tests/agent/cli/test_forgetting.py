"""`agent tools reset-usage`, and searches that are narrowed."""

import json
from pathlib import Path

import pytest

from agent.cli import boundary
from tools_registry.search.usage import Usage


@pytest.fixture(autouse=True)
def usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Usage:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    made = Usage.open()
    made.succeeded("count", "word_count")
    made.succeeded("count", "count_lines")
    return made


def test_one_tool_is_forgotten(usage: Usage, capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(["tools", "reset-usage", "word_count"]) == 0

    assert capsys.readouterr().out == "Forgot 1 experience with word_count.\n"
    assert list(usage.experiences()) == ["count_lines"]


def test_all_are_forgotten(usage: Usage, capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(["tools", "reset-usage", "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == {"tool": None, "forgotten": 2}
    assert usage.experiences() == {}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--kind", "core", "--category", "text"], {"text"}),
        (["--category", "files"], {"files"}),
        (["--kind", "skill"], set()),
        (["--status", "approved"], set()),
    ],
)
def test_a_search_is_narrowed(
    tmp_path: Path, options: list[str], names: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["tools", "search", "count the words of a text file", "--json", "--limit", "20"]
    assert boundary.run([*command, *options, "--workspace", str(tmp_path)]) == 0

    hits = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {hit["category"] for hit in hits} == names


def test_an_unknown_kind_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["tools", "search", "x", "--kind", "foo", "--workspace", str(tmp_path)]
    assert boundary.run(command) == 2

    assert "no kind 'foo': choose one of core, skill, mcp, user" in capsys.readouterr().err
