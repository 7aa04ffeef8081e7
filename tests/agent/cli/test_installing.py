"""`agent exec --with`: packages before the first cell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.agent.cli.conftest import Call, objects
from tests.support.registry import PackageServer


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageServer]:
    with PackageServer() as server:
        server.add("greets", {"greets.py": "VALUE = 42\n"}, version="1.5")
        monkeypatch.setenv("AGENT_REGISTRIES", server.index)
        yield server


def test_it_is_there_for_the_first_cell_and_for_later_commands(
    call: Call, registry: PackageServer
) -> None:
    code = "import greets\ngreets.VALUE"
    done = call("exec", "--with", "greets", stdin=code)
    assert (done.returncode, done.stdout) == (0, "42\n")
    assert done.stderr.startswith("agent: installed greets 1.5 in ")
    again = call("exec", "--with", "greets", "--json", stdin=code)
    assert (again.stderr, [cell["value"] for cell in objects(again)]) == ("", [42])
    assert call("exec", stdin=code).stdout == "42\n"


def test_installing_needs_no_cells(call: Call, registry: PackageServer) -> None:
    assert call("exec", "--with", "greets").returncode == 0
    assert call("exec", stdin="import greets").returncode == 0


@pytest.mark.parametrize(
    ("package", "code", "says"),
    [
        ("../greets", 2, "is not the name of a package"),
        ("absent", 1, "no wheel of absent"),
        ("-e.", 2, "is not the name of a package"),
    ],
)
def test_no_cell_runs_without_its_packages(
    call: Call, registry: PackageServer, workspace: Path, package: str, code: int, says: str
) -> None:
    done = call("exec", f"--with={package}", stdin="open('ran', 'w')")
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert not (workspace / "ran").exists()


def test_another_registry_is_refused(call: Call, registry: PackageServer, workspace: Path) -> None:
    (workspace / "agent.toml").write_text("registries = []")
    done = call("exec", "--with", "greets", stdin="1")
    # The environment is the person's and outranks the workspace's file.
    assert done.returncode == 0
    registry.redirects["/simple/lured/"] = "http://127.0.0.1:1/simple/lured/"
    lured = call("exec", "--with", "lured", stdin="1")
    assert lured.returncode == 4
    assert "127.0.0.1:1 is not an allowed registry" in lured.stderr
