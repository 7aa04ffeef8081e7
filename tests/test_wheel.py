"""The wheel holds what it should, and works in an environment that knows nothing of the checkout.

The dependencies come from the environment of the tests, so that nothing is downloaded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("agent", "sessions", "subagents", "tools_registry")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    builder = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    subprocess.run([*builder, str(ROOT)], check=True, capture_output=True)
    return next(folder.glob("ipysmith-*.whl"))


@dataclass(frozen=True, kw_only=True)
class Environment:
    """An environment with the wheel in it, and an empty directory to work in."""

    prefix: Path
    workspace: Path

    def run(self, *command: str, given: str | None = None) -> subprocess.CompletedProcess[str]:
        program, *arguments = command
        environment = {
            "PATH": os.defpath,
            "HOME": str(self.prefix.parent),
            "XDG_CACHE_HOME": str(self.prefix.parent / "cache"),
            "LANG": "C.UTF-8",
        }
        return subprocess.run(
            [self.prefix / "bin" / program, *arguments],
            cwd=self.workspace,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def run_json(self, *command: str, given: str | None = None) -> list[dict[str, Any]]:
        """The lines that a command prints, each a JSON object."""
        done = self.run(*command, given=given)
        assert done.returncode == 0, done.stdout + done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("user")
    found = Environment(prefix=folder / "venv", workspace=folder / "work")
    found.workspace.mkdir()
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", found.prefix], check=True)
    add_dependencies(found.prefix)
    pip = [sys.executable, "-m", "pip", "--python", str(found.prefix / "bin" / "python")]
    options = ["--quiet", "--no-index", "--no-deps", "--ignore-installed"]
    subprocess.run([*pip, "install", *options, str(wheel)], check=True, capture_output=True)
    return found


def add_dependencies(prefix: Path) -> None:
    """Show it our site-packages; path files in there, like that of the checkout, don't count."""
    site_packages = next(prefix.glob("lib/python3*/site-packages"))
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"), "utf-8")


def test_the_wheel_holds_the_packages_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.split("/")[0] for name in names if ".dist-info/" not in name}
    assert top == set(PACKAGES)
    assert [name for name in names if name.endswith((".pyc", ".ipynb", ".csv"))] == []
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)


def test_the_wheel_holds_every_file_of_the_packages(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    needed = {
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for suffix in ("py", "md", "typed")
        for file in (ROOT / package).rglob(f"*.{suffix}")
    }
    assert needed - names == set()
    assert any(name.startswith("agent/prompts/") and name.endswith(".md") for name in names)
    assert any(name.startswith("tools_registry/core/") for name in names)


def test_the_wheel_carries_licence_and_command(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    about = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
    entry_points = archive.read(about.replace("METADATA", "entry_points.txt")).decode()
    assert b"Apache License" in archive.read(about.replace("METADATA", "licenses/LICENSE"))
    assert b"License-Expression: Apache-2.0" in archive.read(about)
    assert "agent = agent.cli:main" in entry_points
    assert "agent-sandbox = sessions.provisioner:SandboxProvisioner" in entry_points


def test_an_environment_takes_the_packages_from_the_wheel(installed: Environment) -> None:
    code = f"import {', '.join(PACKAGES)}; print(*(m.__file__ for m in ({', '.join(PACKAGES)})))"
    done = installed.run("python", "-I", "-c", code)
    assert done.stdout.count(str(installed.prefix)) == len(PACKAGES), done.stderr
    assert f"{ROOT}/sessions" not in done.stdout


def test_help_works(installed: Environment) -> None:
    done = installed.run("agent", "--help")
    assert done.returncode == 0, done.stderr
    assert "exec" in done.stdout


def test_exec_works(installed: Environment) -> None:
    cell = installed.run_json("agent", "exec", "--json", "-", given="1+1")[0]
    assert (cell["status"], cell["result"]) == ("ok", "2")


def test_doctor_works_and_nothing_shadows_us(installed: Environment) -> None:
    report = installed.run_json("agent", "doctor", "--json")[-1]
    assert {"isolation", "kernel", "embedding", "models", "problems"} <= set(report)
    assert report["kernel"]["execute_ms"] > 0
    assert [problem for problem in report["problems"] if "shadow" in problem["what"]] == []


def test_tools_are_found(installed: Environment) -> None:
    hits = installed.run_json("agent", "tools", "search", "--json", "median of a column")
    assert hits
    assert {"name", "kind", "signature", "summary", "score"} <= set(hits[0])


NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "only",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": "import os\nprint(6 * 7, os.path.exists('/etc/shadow'))",
        }
    ],
    "metadata": {"kernelspec": {"name": "agent-sandbox", "display_name": "", "language": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def test_a_notebook_runs_in_the_installed_kernel(installed: Environment) -> None:
    (told,) = installed.run_json("agent", "kernel", "install", "--sys-prefix", "--json")
    assert all(part.startswith(str(installed.prefix)) for part in told["argv"][::2])
    (installed.workspace / "in.ipynb").write_text(json.dumps(NOTEBOOK))
    done = installed.run("python", "-m", "papermill", "in.ipynb", "out.ipynb")
    assert done.returncode == 0, done.stderr
    (cell,) = json.loads((installed.workspace / "out.ipynb").read_text())["cells"]
    assert "".join(cell["outputs"][0]["text"]) == "42 False\n"
    assert [
        one["name"] for one in installed.run_json("agent", "kernel", "uninstall", "--json")
    ] == ["agent-sandbox"]
    assert not Path(told["directory"]).exists()
