"""How a server is meant: what is refused, and what of the person's environment it gets."""

from __future__ import annotations

import os
from typing import Any

import pytest

from sessions.errors import UsageError
from tools_registry.mcp.server import INHERITED, Server


@pytest.mark.parametrize("name", ["", "A", "1a", "a b", "../x", "a.b", "x" * 41, "ä", "a\n"])
def test_odd_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="name of a server"):
        Server(name=name, command=("true",))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "a command or a URL"),
        ({"command": ("a",), "url": "https://a"}, "not both"),
        ({"url": "ftp://a"}, "no address"),
        ({"url": "https://"}, "no address"),
        ({"url": "https://a:x"}, "no address"),
        ({"url": "https://a\n"}, "no address"),
        ({"url": "https://me:secret@a"}, "--bearer-from"),
        ({"url": "https://a", "env": {"A": "b"}}, "leave out --env"),
        ({"command": ("a",), "env_from": ("A B",)}, "no name of an environment"),
        ({"command": ("a",), "bearer_from": "A"}, "--env-from"),
        ({"command": ("a", "\0")}, "null"),
    ],
)
def test_what_makes_no_server_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        Server(name="a", **options)


def test_it_gets_what_is_named_and_little_else(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        monkeypatch.delenv(name)
    for name in (*INHERITED, "ANTHROPIC_API_KEY", "TOKEN", "LD_PRELOAD", "PYTHONPATH"):
        monkeypatch.setenv(name, f"/{name}")
    server = Server(name="a", command=("a",), env={"MODE": "x", "TZ": "UTC"}, env_from=("TOKEN",))
    kept = {name: f"/{name}" for name in (*INHERITED, "TOKEN")}
    assert server.environment() == {**kept, "MODE": "x", "TZ": "UTC"}


def test_a_variable_that_is_not_set_is_told() -> None:
    server = Server(name="a", command=("a",), env_from=("NOT_SET_ANYWHERE",))
    with pytest.raises(UsageError, match="NOT_SET_ANYWHERE, which is not set"):
        server.environment()


def test_the_module_of_a_server_is_importable() -> None:
    assert Server(name="my-files", command=("a",)).module == "my_files"
    assert Server(name="import", command=("a",)).module == "import_"


@pytest.mark.parametrize(
    "server",
    [
        Server(name="a", command=("x", "-y"), env={"A": "b"}, env_from=("C",)),
        Server(name="a", url="https://example.org/mcp", bearer_from="T"),
    ],
)
def test_it_is_read_as_it_was_written(server: Server) -> None:
    assert Server.from_json("a", server.to_json()) == server


@pytest.mark.parametrize("entry", [None, [], {}, {"command": 7}, {"command": "a", "args": [1]}, 3])
def test_an_entry_that_makes_no_sense_is_named(entry: Any) -> None:
    with pytest.raises(UsageError, match="'a' needs"):
        Server.from_json("a", entry)


def test_an_entry_of_another_client_is_understood() -> None:
    entry = {"command": "npx", "args": ["-y", "x"], "disabled": False, "type": "stdio"}
    assert Server.from_json("a", entry).command == ("npx", "-y", "x")
