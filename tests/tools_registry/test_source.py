"""Source becomes tools by reading it, never by running it."""

import ast
import contextlib
import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools_registry.source import MAX_BYTES, Origin, SourceError, parse_tools, read_tools
from tools_registry.tool import Parameter, Tool

CODE = '''
"""A module."""
from math import sqrt as root

CONSTANT = 1

def area(
    width: float, /, height: "float | None" = None, *rest: int, unit: str = 'm"', **options: str
) -> tuple[float, str]:
    """Area of a rectangle.

    Args:
        width: How wide, in metres.
        unit: What to call it.

    >>> area(2, 3)
    (6.0, 'm')
    """

async def fetch(url):
    def inner(): ...

def _private(): ...

class Shape:
    def method(self): ...
'''


def origin(file: Path = Path("tools.py")) -> Origin:
    return Origin(kind="core", module="agent_tools.tools", category="tools", file=file)


def only(code: str) -> Tool:
    (tool,) = parse_tools(code, origin())
    return tool


def test_public_top_level_functions_are_tools() -> None:
    assert [tool.name for tool in parse_tools(CODE, origin())] == ["area", "fetch"]


def test_a_tool_has_what_source_and_docstring_say() -> None:
    tool = parse_tools(CODE, origin())[0]

    assert tool.signature == (
        "area(width: float, /, height: 'float | None'=None, *rest: int, unit: str='m\"',"
        " **options: str) -> tuple[float, str]"
    )
    assert tool.summary == "Area of a rectangle."
    assert tool.returns == "tuple[float, str]"
    assert tool.examples == (("area(2, 3)", "(6.0, 'm')"),)
    assert tool.parameters == (
        Parameter(name="width", annotation="float", doc="How wide, in metres."),
        Parameter(name="height", annotation="'float | None'", default="None"),
        Parameter(name="unit", annotation="str", default="'m\"'", doc="What to call it."),
    )
    assert [parameter.required for parameter in tool.parameters] == [True, False, False]
    assert tool.import_line == "from agent_tools.tools import area"


def test_a_signature_is_one_line_whatever_its_defaults() -> None:
    tool = only('def f(a="""x\ny""", b=f"""{1}\n""", c=lambda: "\\n"): ...')

    assert len(tool.signature.splitlines()) == 1


def test_a_docstring_can_be_printed() -> None:
    tool = only('def f(): "half \\ud800 a character"')

    assert tool.doc.encode().startswith(b"half ")
    assert tool.summary.encode().endswith(b" a character")


def test_a_file_cannot_flood_a_listing() -> None:
    (tool,) = parse_tools(f'def f():\n    """{"word " * 10_000}"""', origin())
    assert len(tool.summary) == 500
    with pytest.raises(SourceError, match="signature of f is longer"):
        parse_tools(f"def f(x={'a' * 10_000!r}): ...", origin())


def test_the_last_definition_counts() -> None:
    assert only("def f(a): ...\ndef f(b): ...").signature == "f(b)"


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"x = 1\ndef f(:\n", 2, "is not valid Python"),
        (b"def f(): ...\n" + b"#" * MAX_BYTES, 0, "is larger than 256 KB"),
        (b"\xff\xfe\x00d", 0, "is not UTF-8"),
        (b"# -*- coding: rot13 -*-\ndef f(): ...\n", 0, "declares the encoding rot13"),
        (b"#!/bin/x\n# vim: set fileencoding=latin-1 :\n", 0, "declares the encoding latin-1"),
        (b"\x7fELF\x00\x00", 0, "is not valid Python"),
        (b"x = " + b"(" * 5000, 0, "is not valid Python"),
        (b"x = " + b"-" * 100_000 + b"1", 0, "is not valid Python"),
        (b"x = x" + b".y" * 9_000, 0, "is not valid Python: it is nested too deeply"),
        (b"def f(a=" + b"+".join([b"1"] * 50_000) + b"): ...", 0, "is not valid Python"),
        (b"def f(a=" + b"+".join([b"1"] * 800) + b"): ...", 0, "is nested too deeply"),
        (b"x = " + b"9" * 5000, 0, "is not valid Python"),
    ],
)
def test_a_bad_file_is_a_problem_with_its_place(
    tmp_path: Path, content: bytes, line: int, message: str
) -> None:
    file = tmp_path / "bad.py"
    file.write_bytes(content)

    tools, problems = read_tools(origin(file))

    assert tools == []
    assert message in problems[0].message
    assert len(str(problems[0]).splitlines()) == 1
    assert problems[0].file == file
    if line:
        assert str(problems[0]).startswith(f"{file}:{line}: ")


def test_a_good_file_with_a_mark_and_odd_escapes_is_read(tmp_path: Path) -> None:
    file = tmp_path / "good.py"
    file.write_bytes(b"\xef\xbb\xbf# coding: utf_8\ndef f():\n    'a \\d escape'\n")

    tools, problems = read_tools(origin(file))

    assert [tool.name for tool in tools] == ["f"]
    assert problems == []


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads that change often, also in the middle of a parse: when garbage is collected."""

    def collected(phase: str, info: dict[str, int]) -> None:
        sum(range(50))

    interval, threshold = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(1e-6)
    gc.set_threshold(50)
    gc.callbacks.append(collected)
    yield
    gc.callbacks.remove(collected)
    gc.set_threshold(*threshold)
    sys.setswitchinterval(interval)


@pytest.mark.parametrize("foreign", [False, True])
def test_threads_may_parse_at_once(switching: None, foreign: bool) -> None:
    line = "def f{0}(a, b=1):\n    return [x + {0} for x in a if x > b]"
    code = "\n".join(line.format(n) for n in range(150))

    def read(depth: int) -> int:
        if depth:
            return read(depth - 1)
        return len(parse_tools(code, origin()))

    def parse_elsewhere(depth: int) -> int:
        with contextlib.suppress(SystemError):
            ast.parse(code)
        return 150

    tasks = [parse_elsewhere if foreign and n % 2 else read for n in range(80)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda task, depth: task(depth % 7), tasks, range(80)))

    assert found == [150] * 80


def test_a_missing_file_is_a_problem(tmp_path: Path) -> None:
    assert read_tools(origin(tmp_path / "none.py"))[1]


def test_reading_does_not_run_the_file(tmp_path: Path) -> None:
    file, proof = tmp_path / "evil.py", tmp_path / "ran"
    file.write_text(f"open({str(proof)!r}, 'w')\ndef f(x=open({str(proof)!r}, 'w')): ...\n")

    assert [tool.name for tool in read_tools(origin(file))[0]] == ["f"]
    assert not proof.exists()


@given(st.text() | st.lists(st.sampled_from(CODE.split())).map(" ".join))
def test_any_text_gives_tools_or_a_source_error(code: str) -> None:
    with contextlib.suppress(SourceError):
        assert all(tool.name.isidentifier() for tool in parse_tools(code, origin()))
