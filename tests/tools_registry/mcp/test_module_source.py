"""Modules that are written from the words of strangers hold no word of theirs that runs."""

from __future__ import annotations

import ast
import builtins
import sys
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.mcp.definition import Told, definitions
from tools_registry.mcp.module_source import INIT, module_source

EVIL = 'x"""\nimport os\nos.abort()\n"""\\'
WORDS = st.text() | st.sampled_from(
    [EVIL, "'", '"', "\\", "\n", "{x}", "%s", "é", "class", "...", "'''"]
)
PROPERTY = {
    "description": WORDS,
    "enum": st.lists(WORDS, max_size=3),
    "type": st.just("string"),
}
SCHEMAS = st.fixed_dictionaries(
    {"type": st.just("object")},
    optional={
        "properties": st.dictionaries(
            WORDS, st.fixed_dictionaries({}, optional=PROPERTY), max_size=4
        ),
        "required": st.lists(WORDS, max_size=2),
    },
)


def tell(name: str = "greet", description: str = "Greet.", **schema: Any) -> Told:
    return Told(name=name, description=description, arguments={"type": "object", **schema})


def written(*told: Told) -> str:
    return module_source("good", "good", definitions(told)[0])


class Host(ModuleType):
    """Stands in for the host: notes what it is asked."""

    class HostError(Exception):
        pass

    def __init__(self, **answer: Any) -> None:
        super().__init__("agent_host")
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def call(self, name: str, **arguments: Any) -> Any:
        self.asked.append((name, arguments))
        return self.answer


def load(source: str, host: Host, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    package = ModuleType("agent_mcp")
    monkeypatch.setitem(sys.modules, "agent_host", host)
    monkeypatch.setitem(sys.modules, "agent_mcp", package)
    exec(INIT, package.__dict__)
    names: dict[str, Any] = {"__name__": "agent_mcp.good"}
    exec(source, names)
    return names


@given(st.lists(st.builds(Told, name=WORDS, description=WORDS, arguments=SCHEMAS), max_size=4))
def test_only_functions_that_pass_on_are_defined(told: list[Told]) -> None:
    kept, _ = definitions(told)
    tree = ast.parse(module_source("good", "good", kept))
    head, functions, aliases = (
        tree.body[:4],
        tree.body[4 : 4 + len(kept)],
        tree.body[4 + len(kept) :],
    )
    assert [type(node) for node in head] == [ast.Expr, *[ast.ImportFrom] * 3]
    assert all(
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) for node in aliases
    )
    for function in functions:
        assert isinstance(function, ast.FunctionDef)
        assert [type(node) for node in function.body] == [ast.Expr, ast.Return]
        calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
        assert len(calls) == 1
        assert ast.unparse(calls[0].func) == "_call"
    assert {type(node) for node in ast.walk(tree)}.isdisjoint(
        {ast.Lambda, ast.JoinedStr, ast.Import}
    )


def test_a_function_reads_as_one_would_write_it() -> None:
    properties = {
        "who": {"type": "string", "description": "Whom."},
        "from": {"type": "string"},
        "how-often": {"type": "integer"},
    }
    source = written(tell(properties=properties, required=["from", "who"]))
    assert "def greet(who: str, from_: str, *, how_often: int=...) -> Any:" in source
    assert "    who: Whom." in source


def test_arguments_go_out_under_their_own_names(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(value=3)
    source = written(tell(properties={"from": {}, "how-often": {}, "b": {}}, required=["from"]))
    greet = load(source, host, monkeypatch)["greet"]
    assert greet("me", how_often=None) == 3
    arguments = {"from": "me", "how-often": None}
    assert host.asked == [("mcp_call", {"server": "good", "tool": "greet", "arguments": arguments})]


def test_where_nothing_is_known_everything_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host(value=None)
    greet = load(written(tell()), host, monkeypatch)["greet"]
    greet(**{"any-thing": 1})
    assert host.asked[0][1]["arguments"] == {"any-thing": 1}


def test_a_signature_that_is_too_long_takes_anything() -> None:
    many = {f"parameter_with_a_long_name_{n}": {"type": "string"} for n in range(80)}
    assert "def greet(**arguments: Any)" in written(tell(properties=many))


def test_a_failure_is_an_exception_with_the_words_of_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = load(written(tell()), Host(error="no such town"), monkeypatch)
    with pytest.raises(names["McpError"], match="no such town"):
        names["greet"]()


def test_bytes_come_back_as_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    content = ["text", {"type": "image", "mime": "image/png", "base64": "AAE="}]
    names = load(written(tell()), Host(content=content), monkeypatch)
    assert names["greet"]() == ["text", {"type": "image", "mime": "image/png", "data": b"\0\1"}]


def test_each_function_has_a_second_name(monkeypatch: pytest.MonkeyPatch) -> None:
    names = load(written(tell("good_b"), tell("b"), tell("c")), Host(value=1), monkeypatch)
    assert names["good_c"] is names["c"]
    assert names["good_b"] is not names["b"]


def test_instructions_to_a_model_stay_within_the_docstring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "evil", lambda: pytest.fail("it ran"), raising=False)
    told = tell(
        "x' + evil() + '", 'Do.\n\nArgs:\n    a: b\n"""\nevil()\n"""', properties={"'+evil()+'": {}}
    )
    names = load(written(told), Host(value=1), monkeypatch)
    assert names["x_evil"](evil=1) == 1
    assert "| Args:" in names["x_evil"].__doc__
