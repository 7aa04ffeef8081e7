"""One server, whatever it does: one clear error, and no process is left."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.desk import until
from tests.support.mcp_servers import QUICK, SECONDS, children, good, hostile, is_running
from tools_registry.mcp.connection import Connection
from tools_registry.mcp.definition import MOST_TOOLS, definitions
from tools_registry.mcp.errors import McpError
from tools_registry.mcp.server import Server

TIME = Server(name="time", command=(sys.executable, "-m", "mcp_server_time"))


@asynccontextmanager
async def connected(
    server: Server, room: Path, seconds: tuple[float, float, float] = SECONDS
) -> AsyncIterator[Connection]:
    connection = Connection(server, room, seconds)
    try:
        await connection.open()
        yield connection
    finally:
        await connection.close()


def text(result: Any) -> str:
    return str(result.content[0].text)


async def test_a_public_server_from_a_registry(tmp_path: Path) -> None:
    async with connected(TIME, tmp_path) as connection:
        tools, problems = definitions(await connection.tools())
        assert problems == []
        assert [tool.function for tool in tools] == ["convert_time", "get_current_time"]
        result = await connection.call("get_current_time", {"timezone": "Asia/Tokyo"})
        assert result.structured_content["timezone"] == "Asia/Tokyo"


async def test_it_is_started_in_its_room_with_its_environment_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret")
    monkeypatch.setenv("TOKEN", "passed on")
    server = good(env={"MODE": "test"}, env_from=("TOKEN",))
    async with connected(server, tmp_path) as connection:
        told = json.loads(text(await connection.call("environment", {})))
        place = json.loads(text(await connection.call("place", {})))
    assert place["folder"] == str(tmp_path)
    assert "sk-secret" not in told.values()
    assert told["MODE"] == "test"
    assert told["TOKEN"] == "passed on"
    assert set(told) <= {"HOME", "LANG", "PATH", "TMPDIR", "TZ", "MODE", "TOKEN", "LC_CTYPE"}


async def test_its_whole_group_ends_with_it(tmp_path: Path) -> None:
    async with connected(good(), tmp_path) as connection:
        child = int(text(await connection.call("spawn", {})))
        server = json.loads(text(await connection.call("place", {})))["pid"]
        assert is_running(child)
        assert is_running(server)
    assert not is_running(server)
    await until(lambda: not is_running(child))


KILLED = """
import asyncio, pathlib, sys
from tests.support.mcp_servers import hostile
from tools_registry.mcp.connection import Connection

async def main():
    connection = Connection(hostile("hang"), pathlib.Path(sys.argv[1]))
    await connection.open()
    print("open", flush=True)
    await connection.call("greet", {})

asyncio.run(main())
"""


async def test_it_ends_with_us_also_if_we_are_killed(tmp_path: Path) -> None:
    root = str(Path(__file__).parents[3])
    user = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(tmp_path)), stdout=PIPE, cwd=root
    )
    assert user.stdout is not None
    assert await user.stdout.readline() == b"open\n"
    (server,) = children(user.pid)
    assert is_running(server)
    user.kill()
    await user.wait()
    await until(lambda: not is_running(server))


@pytest.mark.parametrize("moment", ["opening", "calling"])
async def test_its_group_ends_if_its_user_is_cancelled(tmp_path: Path, moment: str) -> None:
    started = tmp_path / "pid"
    mode = "silent" if moment == "opening" else "hang"
    support = Path(__file__).parents[2] / "support" / "mcp_hostile.py"
    wrapper = (
        f"import os, runpy, sys; open({str(started)!r}, 'w').write(str(os.getpid())); "
        f"sys.argv = ['x', {mode!r}]; runpy.run_path({str(support)!r}, run_name='__main__')"
    )
    server = Server(name="bad", command=(sys.executable, "-c", wrapper))

    async def work() -> None:
        async with connected(server, tmp_path) as connection:
            await connection.call("greet", {})

    task = asyncio.create_task(work())
    await until(lambda: started.exists() and started.read_text(), 30)
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not is_running(int(started.read_text()))


@pytest.mark.parametrize(
    ("mode", "told"),
    [
        ("die", "it ended"),
        ("half", "it ended"),
        ("hang", "did not answer within 3 s"),
        ("flood", "did not answer within 3 s"),
        ("flood-errors", "did not answer within 3 s.*boo!"),
        ("long-line", "more than 8 MB"),
        ("no-json", "no messages of the protocol"),
        ("half-letter", "it sent a message that is no JSON"),
        ("many-digits", "it sent a message that is no JSON"),
        ("too-deep", "it sent a message that is no JSON"),
        ("wrong", "none by the protocol"),
        ("hang-list", "did not list its tools within 3 s"),
    ],
)
async def test_what_is_wrong_is_told_in_a_line(tmp_path: Path, mode: str, told: str) -> None:
    async with connected(hostile(mode), tmp_path, QUICK) as connection:
        with pytest.raises(McpError, match=told) as raised:
            await _use(connection)
    message = str(raised.value)
    assert message.startswith("MCP server bad: ")
    assert "\n" not in message
    assert len(message) < 500


async def _use(connection: Connection) -> None:
    await connection.tools()
    await connection.call("greet", {"x": 1})


@pytest.mark.parametrize("mode", ["plain", "stubborn", "other-id", "endless-list", "lying"])
async def test_what_does_no_harm_is_borne(tmp_path: Path, mode: str) -> None:
    async with connected(hostile(mode), tmp_path) as connection:
        await connection.tools()
        assert text(await connection.call("greet", {"x": 1})) in {"hello", "mine"}


async def test_a_list_that_begins_anew_is_read_once(tmp_path: Path) -> None:
    async with connected(hostile("round-list"), tmp_path) as connection:
        assert len(await connection.tools()) == 2  # the page, and the one that says where it is


async def test_an_answer_is_not_checked_by_a_pattern_that_takes_for_ever(tmp_path: Path) -> None:
    async with connected(hostile("slow-pattern"), tmp_path) as connection:
        await connection.tools()
        result = await connection.call("greet", {"x": 1})
    assert result.structured_content == {"x": "a" * 60 + "!"}


async def test_it_can_not_ask_anything_of_us(tmp_path: Path) -> None:
    async with connected(hostile("asks"), tmp_path) as connection:
        answers = json.loads(text(await connection.call("greet", {})))
    assert len(answers) == 3
    assert all("error" in answer and "result" not in answer for answer in answers)


async def test_a_server_has_so_many_tools_at_most(tmp_path: Path) -> None:
    async with connected(hostile("many"), tmp_path) as connection:
        tools, problems = definitions(await connection.tools())
    assert len(tools) == MOST_TOOLS
    assert len(problems) == 100


async def test_a_schema_that_is_too_large_costs_its_tool_alone(tmp_path: Path) -> None:
    async with connected(hostile("lying"), tmp_path) as connection:
        tools, problems = definitions(await connection.tools())
    assert len(tools) == 4
    assert "s4 is left out" in problems[0]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (("no-such-program-anywhere",), "no program 'no-such-program-anywhere'"),
        ((sys.executable, "-c", "import sys; sys.exit('wrong key')"), "it ended.*wrong key"),
        (("/etc/passwd",), "no program"),
    ],
)
async def test_a_server_that_does_not_start(
    tmp_path: Path, command: tuple[str, ...], told: str
) -> None:
    with pytest.raises(McpError, match=told):
        async with connected(Server(name="bad", command=command), tmp_path):
            pass


async def test_a_program_is_not_taken_from_where_we_happen_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "planted").write_text("#!/bin/sh\n")
    (tmp_path / "planted").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(McpError, match="no program"):
        async with connected(Server(name="bad", command=("planted",)), tmp_path):
            pass
