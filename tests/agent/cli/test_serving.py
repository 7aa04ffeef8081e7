"""`agent skills serve`, asked by a real client of the protocol."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from tests.agent.cli.conftest import COMMAND
from tools_registry.skills.library import SkillLibrary
from tools_registry.skills.skill import SkillDraft

DOUBLE = '''def double(x: int, word: str = "a") -> dict[str, int]:
    """Double a number.

    Args:
        x: The number.
    """
    print("working")
    if x < 0:
        raise ValueError("negative")
    return {word: x * 2}
'''
GROW = '''def grow(x: int) -> int:
    """Take all memory that there is."""
    return len(bytearray(x << 30))
'''
LEAK = '''def leak(path: str) -> str:
    """Read a file."""
    return open(path).read()
'''


@pytest.fixture(autouse=True)
def own_directories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def save(workspace: Path, name: str, source: str, status: Any = "approved") -> None:
    tests = f"from learned_skills.{name} import {name}\n\n\ndef test_it():\n    assert {name}\n"
    draft = SkillDraft(name=name, source=source, tests=tests, status=status)
    SkillLibrary(workspace).save(draft)


@asynccontextmanager
async def client(workspace: Path, mode: str = "auto", **options: Any) -> AsyncIterator[Client]:
    served = StdioServerParameters(
        command=COMMAND[0],
        args=[*COMMAND[1:], "skills", "serve", "--workspace", str(workspace), "--tier", "quick"],
        env=dict(os.environ),
    )
    async with Client(served, mode=mode, cache=None, **options) as opened:
        yield opened


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_approved_skills_are_tools(workspace: Path, mode: str) -> None:
    save(workspace, "double", DOUBLE)
    save(workspace, "waiting", DOUBLE.replace("double", "waiting"), "provisional")
    async with client(workspace, mode) as agent:
        (tool,) = (await agent.list_tools()).tools
        assert tool.name == "double"
        assert tool.description.startswith("Double a number.")  # type: ignore[union-attr]
        assert tool.input_schema["properties"]["x"] == {
            "type": "integer",
            "description": "The number.",
        }
        assert tool.input_schema["required"] == ["x"]
        result = await agent.call_tool("double", {"x": 21, "word": '"); evil("'})
        assert not result.is_error
        assert result.structured_content == {"result": {'"); evil("': 42}}
        assert [block.text for block in result.content][1] == "working\n"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("double", {"x": -1}, "ValueError: negative"),
        ("double", {"x": "1"}, "x: '1' is not of type 'integer'"),
        ("double", {}, "'x' is a required property"),
        ("os", {}, "there is no skill 'os'"),
        ("leak", {"path": "/etc/shadow"}, "No such file"),
        ("grow", {"x": 4}, "MemoryError"),
    ],
)
async def test_what_goes_wrong_is_an_error_of_the_call(
    workspace: Path, name: str, arguments: dict[str, Any], told: str
) -> None:
    for skill, source in (("double", DOUBLE), ("leak", LEAK), ("grow", GROW)):
        save(workspace, skill, source)
    async with client(workspace) as agent:
        result = await agent.call_tool(name, arguments)
        assert result.is_error
        assert told in result.content[0].text  # type: ignore[union-attr]
        assert not (await agent.call_tool("double", {"x": 1})).is_error


async def test_a_skill_that_was_changed_by_hand_is_gone_and_the_client_is_told(
    workspace: Path,
) -> None:
    save(workspace, "double", DOUBLE)
    heard = asyncio.Event()

    async def listen(message: Any) -> None:
        if type(message).__name__ == "ToolListChangedNotification":
            heard.set()

    async with client(workspace, "legacy", message_handler=listen) as agent:
        assert len((await agent.list_tools()).tools) == 1
        file = workspace / "learned_skills" / "double.py"
        file.write_text(file.read_text().replace("* 2", "* 3"))
        async with asyncio.timeout(30):
            await heard.wait()
        assert (await agent.list_tools()).tools == []
        assert (await agent.call_tool("double", {"x": 1})).is_error


async def test_a_skill_is_called_as_it_was_approved_last(workspace: Path) -> None:
    library = SkillLibrary(workspace)
    save(workspace, "double", DOUBLE)
    async with client(workspace) as agent:
        called = [await agent.call_tool("double", {"x": 5})]
        save(workspace, "other", DOUBLE.replace("double", "other"))
        called.append(await agent.call_tool("other", {"x": 5}))
        draft = library.get("double").draft("approved")
        source = draft.source.replace("x * 2", "x * 3")
        library.save(dataclasses.replace(draft, source=source), replace=True)
        called.append(await agent.call_tool("double", {"x": 5}))

    assert [c.structured_content for c in called] == [{"result": {"a": n}} for n in (10, 10, 15)]


async def test_a_workspace_without_skills_serves_none(workspace: Path) -> None:
    async with client(workspace) as agent:
        assert (await agent.list_tools()).tools == []
