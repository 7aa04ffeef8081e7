"""What the model is told of a cell."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from agent.reports import clip, imported, report, skills_in, small
from sessions.execution import CellError, Execution
from tools_registry.tool import Kind, Tool


@given(text=st.text(), limit=st.integers(3, 50))
def test_clipped_text_keeps_head_and_tail(text: str, limit: int) -> None:
    clipped = clip(text, limit)
    assert (clipped == text) == (len(text) <= limit)
    assert clipped[: limit // 3] == text[: limit // 3]
    assert clipped[-(limit // 3) :] == text[-(limit // 3) :]
    assert len(clipped) <= limit + 50


def test_a_report_has_what_matters_and_stays_small() -> None:
    flood = "x" * 100_000
    error = CellError(name="E", message=flood, traceback=flood)
    execution = Execution(
        index=0,
        status="error",
        stdout=flood,
        stderr=flood,
        result=flood,
        value=[flood],
        error=error,
        lost=("a",),
    )
    told = report(execution)
    keys = {"status", "stdout", "result", "value", "mime", "error", "limits_hit"}
    assert keys <= set(told)
    assert told["lost"] == ["a"]
    assert len(json.dumps(told)) < 30_000
    assert "stderr" not in report(Execution(index=0, status="ok"))


def test_numbers_keep_their_precision() -> None:
    assert report(Execution(index=0, status="ok", value=0.1 + 0.2))["value"] == 0.1 + 0.2
    assert small([1, None, {"a": 2.5}]) == [1, None, {"a": 2.5}]


def test_imports_are_found_also_beside_magics() -> None:
    plain = "if 1:\n    from a.b import (c,\n        d)\nimport e"
    assert list(imported(plain)) == [("a.b", "c"), ("a.b", "d")]
    assert list(imported("%time 1\nfrom a import b\nfrom broken import (\n!ls")) == [("a", "b")]


def tool(name: str, module: str, kind: Kind) -> Tool:
    return Tool(
        name=name,
        kind=kind,
        module=module,
        category="",
        signature="",
        summary="",
        doc="",
        file=Path("x"),
    )


def test_only_skills_count_as_used() -> None:
    tools = (tool("a", "learned_skills.a", "skill"), tool("b", "agent_tools.text", "core"))
    code = "from learned_skills.a import a\nfrom agent_tools.text import b\nfrom other import a"
    assert skills_in(code, tools) == ["a"]
