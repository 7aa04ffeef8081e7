"""The file of a learned agent: read as text, checked, written, loaded only if approved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from sessions.errors import UsageError
from subagents import AgentFile, Budget
from subagents.agent_role import GRANTABLE, LARGEST
from subagents.plain_types import plain_type

CODE = '''import statistics


def middle(values: list[float], low: bool = False) -> float:
    """The median of values."""
    return _of(values)  # the usual one


def _of(values):
    return statistics.median(values)'''
FILE = f'''"""Finds what stands out."""

INSTRUCTIONS = """
Look, then say.
"""

ROLE = {{
    "tier": "strong",
    "tools": ["inspect", "run_code"],
    "budget": {{"requests": 3, "tokens": 9000, "context": 500}},
    "output": {{"answer": "str", "values": "list[float]"}},
}}


{CODE}
'''
OUTLIERS = AgentFile(
    name="outliers",
    summary="Finds what stands out.",
    instructions="Look, then say.",
    tier="strong",
    tools=("inspect", "run_code"),
    budget=Budget(requests=3, tokens=9000, context=500),
    output={"answer": "str", "values": "list[float]"},
    code=CODE,
)
MINIMAL = '"""It looks."""\nINSTRUCTIONS = "Look."\nROLE = {}\n'


def test_a_file_is_read() -> None:
    assert AgentFile.parse("outliers", FILE).code.count("import statistics") == 1
    assert AgentFile.parse("outliers", FILE).instructions == "Look, then say."
    assert AgentFile.parse("outliers", FILE).budget == Budget(requests=3, tokens=9000, context=500)


def test_a_file_is_written_and_read_back() -> None:
    assert AgentFile.parse("outliers", OUTLIERS.render()) == AgentFile.parse("outliers", FILE)


def test_what_a_file_does_not_say_is_small() -> None:
    agent = AgentFile.parse("looker", MINIMAL)
    assert (agent.tier, agent.tools, agent.output, agent.code) == (
        "fast",
        (),
        {"answer": "str"},
        "",
    )
    assert agent.budget.requests <= 6


def test_reading_runs_nothing(tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    source = MINIMAL + f'def f(x: int = open({str(trap)!r}, "w")) -> int:\n    """F."""\n'
    AgentFile.parse("looker", source)
    assert not trap.exists()


lines = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=80)
quoting = st.text('"\\a\n', min_size=1, max_size=12)
anything = st.one_of(lines, quoting)
words = anything.map(lambda text: " ".join(text.split())).filter(bool)
kinds = st.sampled_from(["str", "int", "list[float]", "dict[str, list[int]]"])


@given(
    words,
    anything.map(lambda text: text.replace("\r", "").strip()).filter(bool),
    st.sets(st.sampled_from(sorted(GRANTABLE))),
    st.integers(1, LARGEST.requests),
    st.dictionaries(st.sampled_from(["answer", "rows", "note_1"]), kinds, min_size=1),
)
@example('"""', 'Say """so""""', {"inspect"}, 1, {"answer": "str"})
def test_any_agent_survives_its_file(
    summary: str, instructions: str, tools: set[str], requests: int, output: dict[str, str]
) -> None:
    agent = AgentFile(
        name="any_agent",
        summary=summary,
        instructions=instructions,
        tools=tuple(sorted(tools)),
        budget=Budget(requests=requests, tokens=1, context=1),
        output=output,
        code=CODE,
    )
    again = AgentFile.parse("any_agent", agent.render())
    assert again.render() == agent.render()
    assert (again.instructions, again.tools, again.budget, again.output) == (
        agent.instructions,
        agent.tools,
        agent.budget,
        agent.output,
    )
    assert again.summary == agent.summary


def role(entry: str) -> str:
    return MINIMAL.replace("ROLE = {}", f"ROLE = {{{entry}}}")


def with_code(code: str) -> str:
    return MINIMAL + code


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("def (", "is not valid Python"),
        (MINIMAL.replace('"""It looks."""', ""), "no docstring"),
        (MINIMAL.replace('INSTRUCTIONS = "Look."', ""), "no INSTRUCTIONS"),
        (MINIMAL.replace('"Look."', 'open("x").read()'), "no INSTRUCTIONS"),
        (MINIMAL.replace('"Look."', '"' + "a" * 13_000 + '"'), "longer than 12000"),
        (MINIMAL.replace("ROLE = {}", ""), "no ROLE"),
        (MINIMAL + "ROLE = {}", "ROLE is assigned twice"),
        (MINIMAL.replace("{}", "dict()"), "must be a dict of plain values"),
        (MINIMAL.replace("{}", "{1: 2}"), "must be a dict of plain values"),
        (MINIMAL.replace("{}", "{[]: 2}"), "must be a dict of plain values"),
        (role('"teir": "fast"'), "no field 'teir': did you mean 'tier'?"),
        (role('"model": "x"'), "no field 'model': there are tier, tools, budget, output"),
        (role('"tier": "huge"'), "tier must be one of fast, strong"),
        (role('"tier": []'), "tier must be one of"),
        (role('"tools": "inspect"'), "tools must be a list of names"),
        (role('"tools": ["inspect", "inspect"]'), "name one twice"),
        (role('"tools": ["save_skill"]'), "only the person's own run keeps skills"),
        (role('"tools": ["install_packages"]'), "only the person's own run installs"),
        (role('"tools": ["ask_user"]'), "hands questions back"),
        (role('"tools": ["shell"]'), "there is no tool 'shell' for agents: choose from"),
        (role('"budget": 7'), "budget must be a dict"),
        (role('"budget": {"usd": 1}'), "budget has no 'usd'"),
        (role('"budget": {"requests": 21}'), "requests is too large: at most 20"),
        (role('"budget": {"tokens": 200001}'), "tokens is too large: at most 200000"),
        (role('"budget": {"context": 12001}'), "context is too large: at most 12000"),
        (role('"budget": {"requests": 0}'), "whole number of at least 1"),
        (role('"budget": {"requests": True}'), "whole number of at least 1"),
        (role('"output": []'), "output must be a dict"),
        (role('"output": {"a": "object"}'), "is no type of plain data"),
        (role('"output": {"a": "__import__(1)"}'), "is no type of plain data"),
        (role('"output": {"__init__": "str"}'), "give a lower-case name"),
        (role('"output": {"a": str}'), "must be a dict of plain values"),
        (with_code("x = 1"), "line 4: at the top level only"),
        (with_code("import os; os.remove('x')"), "line 4: at the top level only"),
        (with_code("from os import *"), "line 4: at the top level only"),
        (with_code("class A: ..."), "line 4: at the top level only"),
        (with_code("async def f():\n    'f'"), "line 4: at the top level only"),
        (with_code("def f(x: int): ..."), "f has no docstring"),
        (with_code("def f(x):\n    'f'"), "parameter x: 'nothing' is no type"),
        (with_code("def f(x: object):\n    'f'"), "parameter x: 'object' is no type"),
        (with_code("def f(*x: int):\n    'f'"), "must name its parameters"),
        (with_code("@g\ndef f(x: int):\n    'f'"), "has a decorator"),
        (with_code("def deliver(x: int):\n    'f'"), "the name of a tool"),
        (with_code("def run_code(x: int):\n    'f'"), "the name of a tool"),
        (with_code("def save_skill(x: int):\n    'f'"), "the name of a tool"),
        (
            with_code("def eval(x: str):\n    'f'"),
            "it would hide a builtin",
        ),
        (with_code("def json(x: str):\n    'f'"), "it is a module of the standard library"),
        (with_code("def d\u0435liver(x: str):\n    'f'"), "lower-case letters"),
        (with_code("def f(\u0445: str):\n    'f'"), "use the letters a to z"),
        (with_code("from learned_skills.double import double"), "it imports the skill double"),
        (with_code("def f():\n    'f'\n    from learned_skills import double"), "line 6: it"),
        (with_code("# \u202e"), "hidden character U+202E"),
        (with_code(f"# {'x' * 66_000}"), "larger than 64 KB"),
        (with_code("".join(f"def f{n}():\n    'f'\n" for n in range(13))), "more than 12"),
    ],
)
def test_a_file_that_is_none_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        AgentFile.parse("looker", text)
    assert says in str(caught.value)
    assert "'looker' is no agent file" in str(caught.value)


@pytest.mark.parametrize(
    "name",
    [
        *("", "Looker", "a-b", "../a", "a/b", "class", "list", "reviewer", "code", "test_it"),
        *("a" * 65, "l\u043eoker", "looker\n"),
    ],
)
def test_a_name_that_can_not_be_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="its name"):
        AgentFile.parse(name, MINIMAL)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        AgentFile.parse("looker", role('"tier": "x", "tools": ["shell"]') + "x = 1")
    assert str(caught.value).count(";") == 2


def test_its_role_checks_its_output() -> None:
    found = OUTLIERS.role()
    assert (found.name, found.tier, found.tools) == ("outliers", "strong", ("inspect", "run_code"))
    assert found.prompt.text == "Look, then say."
    good: Any = found.output(answer="none", values=[1.5])
    assert isinstance(good, BaseModel)
    with pytest.raises(ValidationError):
        found.output(answer="none", values=["many"])
    with pytest.raises(ValidationError):
        found.output(answer="none", values=[], more=1)


@pytest.mark.parametrize("text", ["str", "list[int]", "dict[str, list[float]]"])
def test_types_of_plain_data_are_known(text: str) -> None:
    assert plain_type(text) == eval(text)


@pytest.mark.parametrize(
    "text",
    ["", "list", "dict[int, str]", "int | None", "a.b", "[" * 99, "list[" * 9 + "int" + "]" * 9],
)
def test_other_types_are_not(text: str) -> None:
    with pytest.raises(ValueError, match="no type of plain data"):
        plain_type(text)
