"""A conversation builds one skill on another, and loses both when the first is edited."""

from __future__ import annotations

from pathlib import Path

from agent import Agent, Result
from tests.agent.conftest import Serve
from tests.support.runs import DONE, call, run_code, tool_results
from tools_registry.review.approving import approve
from tools_registry.review.desk import Desk
from tools_registry.skills.library import SkillLibrary


def skill(name: str, body: str, imports: str = "") -> dict[str, object]:
    return {
        "name": name,
        "description": f"{name}s a number",
        "code": (
            f"{imports}\n\ndef {name}(x: int) -> int:\n"
            f'    """{name.title()} a number.\n\n    Args:\n        x: Any number.\n\n'
            f'    Returns:\n        The result.\n    """\n    return {body}\n'
        ),
        "tests": (
            f"from learned_skills.{name} import {name}\n\n\ndef test_it() -> None:\n"
            f"    assert {name}(3) == {eval(body, {'x': 3, 'double': lambda x: 2 * x})}\n"
            f"    assert {name}(-5) == {eval(body, {'x': -5, 'double': lambda x: 2 * x})}\n"
        ),
    }


DOUBLE = skill("double", "2 * x")
FOURFOLD = skill("fourfold", "double(double(x))", "from learned_skills.double import double\n")
USE = "from learned_skills.fourfold import fourfold\nfourfold(21)"


async def build(serve: Serve, workspace: Path) -> Result:
    """Save a skill, approve it, and save another that builds on it."""
    serve(call("save_skill", **DOUBLE), DONE)
    async with Agent(workspace, approval="automatic") as agent:
        await agent.run("go")
    approve(Desk.of(workspace), "double")
    serve(call("save_skill", **FOURFOLD), run_code(USE), DONE)
    async with Agent(workspace, approval="automatic") as agent:
        return await agent.run("go on")


async def test_a_skill_builds_on_a_skill(serve: Serve, workspace: Path) -> None:
    result = await build(serve, workspace)
    assert result.skills_saved == ("fourfold",)
    assert result.value == 84
    assert list(SkillLibrary(workspace).get("fourfold").imports) == ["double"]


async def test_none_builds_on_what_nobody_has_approved(serve: Serve, workspace: Path) -> None:
    server = serve(call("save_skill", **DOUBLE), call("save_skill", **FOURFOLD), DONE)
    async with Agent(workspace, approval="automatic") as agent:
        result = await agent.run("go")
    assert result.skills_saved == ("double",)
    assert "skills build on approved ones alone" in tool_results(server)[1]
    assert not (workspace / "learned_skills" / "fourfold.py").exists()


async def test_an_edit_takes_it_and_what_builds_on_it_out_of_use(
    serve: Serve, workspace: Path
) -> None:
    await build(serve, workspace)
    file = workspace / "learned_skills" / "double.py"
    file.write_text(file.read_text().replace("2 * x", "3 * x"))

    server = serve(call("search_tools", query="double fourfold a number"), run_code(USE), DONE)
    async with Agent(workspace, approval="automatic") as agent:
        result = await agent.run("go")

    found, used = tool_results(server)[:2]
    assert "learned_skills" not in found
    assert "ModuleNotFoundError" in used
    assert result.skills_used == ()
