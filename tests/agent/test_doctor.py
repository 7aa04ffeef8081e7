"""What the doctor finds, and what it advises."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from agent import doctor, settings
from agent.findings import Finding, KernelTimes, Report
from sessions.isolation.spec import ALONE, LAYERS, NAMESPACED, REQUIRED


async def test_everything_is_measured_on_a_real_kernel(workspace: Path) -> None:
    report = await doctor.examine(workspace)
    assert tuple(report.isolation) == LAYERS
    assert report.isolated
    assert all(finding.why for finding in report.isolation.values())
    assert report.kernel.start_ms is not None
    assert 10 < report.kernel.start_ms < 60_000
    assert report.kernel.execute_ms is not None
    assert 0 < report.kernel.execute_ms < 1000
    assert report.models[0].name == "offline"
    assert report.to_json().keys() >= {"isolation", "kernel", "embedding", "models", "problems"}
    assert not list(workspace.iterdir())


async def test_a_kernel_that_does_not_start_is_a_problem(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.process.LAUNCHER", workspace / "no_such_launcher.py")
    report = await doctor.examine(workspace)
    assert not report.isolated
    assert report.kernel == KernelTimes()
    assert not any(finding.active for finding in report.isolation.values())
    assert report.problems[0].what.startswith("the kernel did not start")
    assert report.problems[0].fix == "pip install --force-reinstall ipysmith"


async def test_a_folder_too_wide_for_a_workspace_does_not_keep_the_kernel_from_being_tried() -> (
    None
):
    report = await doctor.examine(Path("/"))
    assert report.isolated
    assert report.problems[0].what.startswith("/ is too wide for a workspace")


def a_report(*held: str, start_ms: float | None = 1.0) -> Report:
    return Report(
        isolation={layer: Finding(active=layer in held, why="w") for layer in LAYERS},
        kernel=KernelTimes(start_ms=start_ms),
        embedding=Finding(active=False, why="w"),
        models=(),
    )


def test_isolated_means_every_required_layer_and_a_kernel() -> None:
    assert a_report(*REQUIRED).isolated
    assert not a_report(*REQUIRED, start_ms=None).isolated
    for layer in REQUIRED:
        assert not a_report(*(held for held in NAMESPACED if held != layer)).isolated
    for layer in ALONE:
        assert not a_report(*(held for held in ALONE if held != layer)).isolated
    assert a_report(*ALONE).isolated


def test_the_way_of_isolation_is_told_with_what_it_leaves_open() -> None:
    assert a_report(*LAYERS).mode == Finding(active=True, why="in namespaces, all layers")
    assert a_report(*NAMESPACED).mode.why == "in namespaces; without landlock, cgroup, uid"
    alone = a_report(*ALONE)
    assert alone.mode.active
    assert "alone; without namespaces, cgroup, uid: cells can find out" in alone.mode.why
    assert not a_report("seccomp").mode.active
    assert alone.to_json()["mode"]["why"] == alone.mode.why


def test_data_directories_are_told(
    workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "tables").mkdir()
    listed = f'["{tmp_path}/tables", "{tmp_path}/missing", "/etc"]'
    settings.user_file().parent.mkdir(parents=True)
    settings.user_file().write_text(f"data = {listed}\n")
    found = doctor.check_data(workspace)
    assert [finding.active for finding in found.values()] == [True, False, False]
    assert "would show /etc" in found["/etc"].why
    missing, etc = doctor._unreadable(found)
    assert "is not there" in missing.what
    assert "would show /etc" in etc.what
    assert "nothing is run until then" in etc.fix


def test_each_missing_layer_comes_with_its_fix() -> None:
    times = KernelTimes(start_ms=1.0)
    measured = doctor._measured(("seccomp",), {"landlock": "too old"}, times)
    assert measured.isolation["landlock"] == Finding(active=False, why="too old")
    named = {trouble.what.split()[3] for trouble in measured.problems}
    assert named == {*LAYERS} - {"seccomp", "cgroup"}
    assert all(trouble.fix for trouble in measured.problems)


def test_a_provider_is_configured_by_its_variable() -> None:
    found = {model.name: model for model in doctor.check_models({"OPENAI_API_KEY": "k"})}
    assert found["offline"].configured
    assert found["openai"].configured
    assert not found["anthropic"].configured
    assert found["anthropic"].why == "ANTHROPIC_API_KEY is not set"
    assert not {m.name: m for m in doctor.check_models({"OPENAI_API_KEY": " "})}[
        "openai"
    ].configured


def test_our_packages_are_ours_here() -> None:
    assert doctor.check_packages() == ()


def test_a_distribution_that_shadows_a_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    owners = {"agent": ["ipysmith", "other-agent"], "sessions": ["ipysmith"]}
    monkeypatch.setattr(importlib.metadata, "packages_distributions", lambda: owners)
    (trouble,) = doctor.check_packages()
    assert "other-agent also installs a package named 'agent'" in trouble.what
    assert "pip uninstall other-agent" in trouble.fix


def test_a_directory_that_shadows_a_package_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stranger = types.ModuleType("subagents")
    stranger.__spec__ = ModuleSpec("subagents", None, origin=f"{tmp_path}/subagents/__init__.py")
    monkeypatch.setitem(sys.modules, "subagents", stranger)
    (trouble,) = doctor.check_packages()
    assert f"'subagents' is taken from {tmp_path}/subagents" in trouble.what


def test_weights_that_are_not_there_can_be_fetched(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENT_WEIGHTS_DIR", str(tmp_path))
    finding, troubles = doctor.check_embedding()
    assert not finding.active
    assert "keywords only" in finding.why
    assert troubles[0].fix == "agent doctor --fix"


@pytest.mark.parametrize(
    ("toml", "what"),
    [
        ("nonsense = 1", "there is no setting 'nonsense': choose"),
        ("refuze = ['os']", "there is no setting 'refuze' (did you mean 'refuse'?)"),
        ("isolation = 'off'", "is ignored"),
        ("approval = 'automatic'", "is ignored"),
    ],
)
def test_settings_that_do_not_hold_are_named(workspace: Path, toml: str, what: str) -> None:
    (workspace / "agent.toml").write_text(toml)
    (trouble,) = doctor.check_settings(workspace, {})
    assert what in trouble.what


@pytest.mark.parametrize(
    ("refused", "meant"), [("os.remov", "os.remove"), ("sockett", "socket"), ("pickel", "pickle")]
)
def test_a_slip_in_what_is_refused_is_named(workspace: Path, refused: str, meant: str) -> None:
    (workspace / "agent.toml").write_text(f"refuse = ['{refused}']")
    (trouble,) = doctor.check_settings(workspace, {})
    assert f"names '{refused}', which is nothing here" in trouble.what
    assert trouble.fix == f"write {meant} if that is meant"


@pytest.mark.parametrize(
    "refused", ["os.remove", "os", "duckdb", "%store", "pandas", "os.path.join"]
)
def test_what_exists_or_resembles_nothing_is_no_slip(workspace: Path, refused: str) -> None:
    (workspace / "agent.toml").write_text(f"refuse = ['{refused}']")
    assert doctor.check_settings(workspace, {}) == []


def test_unsafe_or_unusable_choices_of_the_person_are_named(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_ISOLATION", "off")
    monkeypatch.setenv("AGENT_MODEL", "anthropic:claude-opus-5-5")
    unsafe, unusable = doctor.check_settings(workspace, {})
    assert "isolation is switched off" in unsafe.what
    assert "ANTHROPIC_API_KEY is not set" in unusable.what
    assert doctor.check_settings(workspace, {"ANTHROPIC_API_KEY": "k"}) == [unsafe]


def test_gates_that_keep_nothing_out_are_named(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENT_GATES_ADVISE", "types,security")
    monkeypatch.setenv("AGENT_GATES_BLOCK", "types")
    (lenient,) = doctor.check_settings(workspace, {})
    assert lenient.what == "findings of these gates keep no skill out: security"


def test_git_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor.check_git() == []
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert "git is not installed" in doctor.check_git()[0].what
