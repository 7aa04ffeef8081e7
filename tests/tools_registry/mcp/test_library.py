"""What the person added is kept in their own directories, whole."""

from __future__ import annotations

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from agent.cli import completion
from sessions.errors import UsageError
from tools_registry.mcp.catalogue import mcp_tools
from tools_registry.mcp.definition import Told, definitions
from tools_registry.mcp.library import Library
from tools_registry.mcp.server import Server

GREET = Told(name="greet", description="Greet somebody.", arguments={"type": "object"})


def server(name: str = "good", command: str = "true") -> Server:
    return Server(name=name, command=(command,), env={"SECRET": "x"})


def tools(*told: Told):  # type: ignore[no-untyped-def]
    return definitions(told or (GREET,))[0]


def test_it_is_there_again_for_others(library: Library) -> None:
    library.add(server(), tools())
    again = Library()
    assert again.servers() == {"good": server()}
    pinned = again.pinned(server())
    assert pinned is not None
    assert list(pinned.tools.values()) == tools()


def test_values_of_variables_are_for_the_person_alone(library: Library) -> None:
    library.add(server(), tools())
    assert stat.S_IMODE(library.configuration.stat().st_mode) == 0o600
    for file in library.modules.rglob("*.py"):
        assert "SECRET" not in file.read_text()


def test_nothing_is_left_of_what_is_removed(library: Library, tmp_path: Path) -> None:
    library.add(server(), tools())
    library.room("good")
    library.remove("good")
    assert library.servers() == {}
    assert not [file for file in (tmp_path / "data").rglob("*") if "good" in file.name]
    with pytest.raises(UsageError, match="no MCP server 'good'"):
        library.remove("good")


def test_another_command_has_to_be_looked_at(library: Library) -> None:
    library.add(server(), tools())
    text = library.configuration.read_text().replace('"true"', '"evil"')
    library.configuration.write_text(text)
    changed = library.get("good")
    assert library.pinned(changed) is None
    found, problems = mcp_tools(())
    assert found == []
    assert "good has changed" in problems[0].message


def test_what_others_wrote_beside_ours_stays(library: Library) -> None:
    library.configuration.parent.mkdir(parents=True)
    theirs = {"inputs": [1], "mcpServers": {"old": {"command": "x", "disabled": True}}}
    library.configuration.write_text(json.dumps(theirs))
    library.add(server(), tools())
    found = json.loads(library.configuration.read_text())
    assert found["inputs"] == [1]
    assert found["mcpServers"]["old"] == {"command": "x", "disabled": True}


def test_a_link_to_the_configuration_stays_one(library: Library, tmp_path: Path) -> None:
    (tmp_path / "dotfiles").mkdir()
    (tmp_path / "dotfiles" / "mcp.json").write_text("{}")
    library.configuration.parent.mkdir(parents=True)
    library.configuration.symlink_to(tmp_path / "dotfiles" / "mcp.json")
    library.add(server(), tools())
    assert library.configuration.is_symlink()
    assert "good" in (tmp_path / "dotfiles" / "mcp.json").read_text()


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"mcpServers": 3}', "\x00", '{"mcpServers": {"A": 1}}']
)
def test_a_broken_configuration_is_told_and_nothing_is_lost(library: Library, text: str) -> None:
    library.configuration.parent.mkdir(parents=True)
    library.configuration.write_text(text)
    assert mcp_tools(())[0] == []
    assert len(mcp_tools(())[1]) == 1
    with pytest.raises(UsageError):
        library.add(server(), tools())
    assert library.configuration.read_text() == text


def test_broken_pins_count_as_none(library: Library, tmp_path: Path) -> None:
    library.add(server(), tools())
    (pins,) = (tmp_path / "data").rglob("good.json")
    for text in ("", "[]", '{"format": 1}', '{"format": 1, "tools": [{}], "held": {}}'):
        pins.write_text(text)
        assert library.pinned(server()) is None


def test_names_that_are_one_in_python_clash(library: Library) -> None:
    library.add(server("a-b"), tools())
    with pytest.raises(UsageError, match="choose another name"):
        library.add(server("a_b"), tools())


def test_many_at_once_lose_none(library: Library) -> None:
    names = [f"server{number}" for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: Library().add(server(name), tools()), names))
    assert sorted(library.servers()) == sorted(names)
    assert len(mcp_tools(())[0]) == 20


def test_a_name_that_is_taken_gets_the_server_before_it(library: Library) -> None:
    library.add(server(), tools())
    found, problems = mcp_tools({"greet"})
    assert problems == []
    assert [tool.import_line for tool in found] == ["from agent_mcp.good import good_greet"]
    assert found[0].signature == "good_greet(**arguments: Any) -> Any"


def test_what_is_held_back_is_not_found(library: Library) -> None:
    library.add(server(), tools())
    library.hold(server(), {"greet": "it changed"})
    found, problems = mcp_tools(())
    assert found == []
    assert "greet is held back: it changed" in problems[0].message
    library.add(server(), tools())
    assert len(mcp_tools(())[0]) == 1


def test_the_first_server_has_to_be_added(library: Library) -> None:
    with pytest.raises(UsageError, match="no MCP server 'x': add it with `agent tools add-mcp`"):
        library.get("x")


def test_a_room_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    with pytest.raises(UsageError, match=r"rooms/x can't be made \(Not a directory\)"):
        Library(tmp_path / "mcp.json", tmp_path / "data").room("x")


def test_the_shell_offers_what_was_added(library: Library) -> None:
    library.add(server(), tools())
    assert completion.servers("g") == ["good"]
    assert completion.servers("x") == completion.modules("") == []
