"""On a machine that can't isolate, nothing that a model wrote runs, and the person is told why."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agent.cli.conftest import Call, objects

CANNOT = "code can't be isolated on this machine, so nothing was run"


def test_exec_refuses(call_unisolated: Call, workspace: Path) -> None:
    done = call_unisolated("exec", stdin="open('made', 'w')")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith(f"agent: {CANNOT}")
    assert done.stderr.count("\n") == 1
    assert not list(workspace.iterdir())


def test_run_refuses(call_unisolated: Call, workspace: Path) -> None:
    done = call_unisolated("run", "count the rows of x.csv", "--json")
    assert done.returncode == 4
    assert objects(done)[-1]["status"] == "refused"
    assert CANNOT in objects(done)[-1]["answer"]
    assert not list(workspace.iterdir())


def test_doctor_says_so(call_unisolated: Call) -> None:
    done = call_unisolated("doctor", "--json")
    (report,) = objects(done)
    assert done.returncode == 1
    assert not any(layer["active"] for layer in report["isolation"].values())
    assert report["kernel"] == {"start_ms": None, "execute_ms": None}
    assert CANNOT in report["problems"][0]["what"]
    assert "allow user namespaces" in report["problems"][0]["fix"]


def test_the_workspace_can_not_switch_isolation_off(call_unisolated: Call, workspace: Path) -> None:
    (workspace / "agent.toml").write_text('isolation = "off"\n')
    assert call_unisolated("exec", stdin="1").returncode == 4


def test_the_person_can(call_unisolated: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENT_ISOLATION", "off")
    done = call_unisolated("exec", "--json", stdin="1 + 1")
    assert done.returncode == 0
    (cell,) = objects(done)
    assert cell["value"] == 2
    assert "namespaces" not in cell["layers"]
