"""Packages that a model asks for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent import Agent
from agent.events import ApprovalRequested, ToolReturned
from sessions.packages.events import PackageProgress
from tests.agent.conftest import Serve
from tests.support.registry import PackageServer
from tests.support.runs import DONE, call, of_type, result_of, run_code, told, tool_results

INSTALL = call("install_packages", packages=["greets >= 1"])
USE = run_code("import greets\ngreets.VALUE")


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[PackageServer]:
    with PackageServer() as server:
        server.add("greets", {"greets.py": "VALUE = 42\n"}, version="1.5")
        monkeypatch.setenv("AGENT_REGISTRIES", server.index)
        yield server


async def test_a_package_is_installed_with_the_persons_yes(
    serve: Serve, workspace: Path, registry: PackageServer
) -> None:
    server = serve(run_code("x = 1"), INSTALL, USE, DONE)
    asked: list[ApprovalRequested] = []

    async def approve(event: ApprovalRequested) -> bool:
        asked.append(event)
        assert registry.asked == []
        return True

    async with Agent(workspace, approve=approve) as agent:
        events = await told(agent)
    assert [event.action for event in asked] == ["install greets>=1 for this workspace"]
    assert f"127.0.0.1:{registry.port}" in asked[0].detail
    assert result_of(events).value == 42
    assert of_type(events, PackageProgress)
    assert '"greets":"1.5"' in tool_results(server)[1].replace(" ", "").replace("\\", "")


async def test_automatic_installs_from_allowed_registries_without_asking(
    serve: Serve, workspace: Path, registry: PackageServer
) -> None:
    serve(INSTALL, USE, DONE)
    async with Agent(workspace, approval="automatic") as agent:
        events = await told(agent)
    assert not of_type(events, ApprovalRequested)
    assert result_of(events).value == 42


async def test_a_no_is_heard(serve: Serve, workspace: Path, registry: PackageServer) -> None:
    server = serve(INSTALL, DONE)
    async with Agent(workspace, approve=lambda event: False) as agent:
        events = await told(agent)
    assert [event.outcome for event in of_type(events, ToolReturned)] == ["denied"]
    assert "said no" in tool_results(server)[0]
    assert registry.asked == []


async def test_where_nobody_can_be_asked_nothing_is_installed(
    serve: Serve, workspace: Path, registry: PackageServer
) -> None:
    serve(INSTALL, DONE)
    async with Agent(workspace) as agent:
        result = await agent.run("go")
    assert result.status == "needs_input"
    assert "install greets>=1" in result.questions[0].question
    assert registry.asked == []


@pytest.mark.parametrize(
    ("packages", "says"),
    [
        (["--index-url=http://evil.example"], "not the name of a package"),
        (["x @ https://evil.example/x.whl"], "has an address"),
        (["absent"], "no wheel of absent"),
        (["numpy<1"], "is there already"),
    ],
)
async def test_what_can_not_be_is_told_to_the_model(
    serve: Serve, workspace: Path, registry: PackageServer, packages: list[str], says: str
) -> None:
    server = serve(call("install_packages", packages=packages), DONE)
    async with Agent(workspace, approval="automatic") as agent:
        assert (await agent.run("go")).status == "done"
    assert says in tool_results(server)[0]
