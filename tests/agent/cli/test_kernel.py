"""`agent kernel …`: what Jupyter finds afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from agent.cli import boundary
from sessions.provisioner import SandboxProvisioner


@pytest.fixture
def prefix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment that Jupyter searches; the person's own place is a new one as well."""
    folder = tmp_path / "environment"
    folder.mkdir()
    monkeypatch.setenv("JUPYTER_PATH", str(folder / "share" / "jupyter"))
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    return folder


def names() -> set[str]:
    return set(KernelSpecManager().find_kernel_specs())


def test_it_comes_for_the_person_and_goes_again(
    prefix: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert boundary.run(["kernel", "install"]) == 0
    folder = tmp_path / "data" / "kernels" / "agent-sandbox"
    told = capsys.readouterr().out
    assert told == f"Installed 'Python (agent sandbox)' in {folder}\n"
    assert [path.name for path in folder.iterdir()] == ["kernel.json"]
    assert "agent-sandbox" in names()
    assert boundary.run(["kernel", "uninstall"]) == 0
    assert capsys.readouterr().out == f"Removed {folder}\n"
    assert not folder.exists()
    assert "agent-sandbox" not in names()


def test_what_is_installed_isolates_with_and_without_our_provisioner(prefix: Path) -> None:
    assert boundary.run(["kernel", "install", "--prefix", str(prefix)]) == 0
    spec = KernelSpecManager().get_kernel_spec("agent-sandbox")
    python, isolated, program, file = spec.argv
    assert (python, isolated, file) == (sys.executable, "-I", "{connection_file}")
    assert Path(program).is_absolute()
    assert Path(program).is_file()
    assert (spec.display_name, spec.language) == ("Python (agent sandbox)", "python")
    assert spec.interrupt_mode == "message"
    named = spec.metadata["kernel_provisioner"]["provisioner_name"]
    (entry,) = entry_points(group="jupyter_client.kernel_provisioners", name=named)
    assert entry.load() is SandboxProvisioner


def test_standalone_names_no_provisioner(prefix: Path) -> None:
    """Jupyter hides kernels whose provisioner it can't load."""
    assert boundary.run(["kernel", "install", "--prefix", str(prefix), "--standalone"]) == 0
    assert KernelSpecManager().get_kernel_spec("agent-sandbox").metadata == {"debugger": False}


def test_installing_again_renews_it(prefix: Path) -> None:
    for _ in range(2):
        assert boundary.run(["kernel", "install", "--prefix", str(prefix)]) == 0
    (file,) = (prefix / "share" / "jupyter" / "kernels" / "agent-sandbox").iterdir()
    assert file.stat().st_mode & 0o777 == 0o644


def test_uninstall_finds_it_wherever_it_is(
    prefix: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    boundary.run(["kernel", "install", "--user"])
    boundary.run(["kernel", "install", "--prefix", str(prefix)])
    capsys.readouterr()
    assert boundary.run(["kernel", "uninstall", "--json"]) == 0
    removed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(removed) == 2
    assert not any(Path(one["directory"]).exists() for one in removed)
    assert boundary.run(["kernel", "uninstall"]) == 0
    assert "is not installed" in capsys.readouterr().out


def test_json_says_where_and_what(prefix: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert boundary.run(["kernel", "install", "--prefix", str(prefix), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    written = json.loads((Path(told["directory"]) / "kernel.json").read_text())
    assert told == {"name": "agent-sandbox", "directory": told["directory"], **written}


def test_a_place_where_jupyter_does_not_look_is_told(
    prefix: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "elsewhere").mkdir()
    assert boundary.run(["kernel", "install", "--prefix", str(tmp_path / "elsewhere")]) == 0
    told = capsys.readouterr().out
    assert f"JUPYTER_PATH={tmp_path / 'elsewhere' / 'share' / 'jupyter'}\n" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--prefix", "no/such/place"], "the prefix 'no/such/place' is not a directory"),
        (["--prefix", ""], "the prefix '' is not a directory"),
        (["--user", "--sys-prefix"], "exclude each other"),
        (["--prefix", "/proc"], "can't be installed in /proc/share/jupyter/kernels"),
    ],
)
def test_what_can_not_be_done_is_one_line(
    prefix: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert boundary.run(["kernel", "install", *arguments]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


def test_it_is_listed_by_jupyter_itself(prefix: Path) -> None:
    boundary.run(["kernel", "install", "--prefix", str(prefix)])
    listed = subprocess.run(
        [sys.executable, "-m", "jupyter_client.kernelspecapp", "list", "--json"],
        capture_output=True,
        text=True,
        check=True,
        env=dict(os.environ),
    )
    assert "agent-sandbox" in json.loads(listed.stdout)["kernelspecs"]
