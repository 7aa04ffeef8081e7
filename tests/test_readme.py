"""The README's transcript is what the commands print."""

from __future__ import annotations

import fnmatch
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

_ROOT = Path(__file__).resolve().parent.parent
_README = (_ROOT / "README.md").read_text()


class _Exchange(NamedTuple):
    command: str
    expected: list[str]


def _transcript() -> list[_Exchange]:
    block = re.search(r"```console\n(.*?)```", _README, re.DOTALL)
    assert block is not None
    exchanges: list[_Exchange] = []
    for line in block[1].splitlines():
        if line.startswith("$ "):
            exchanges.append(_Exchange(line[2:], []))
        else:
            exchanges[-1].expected.append(line)
    return exchanges


def _agrees(printed: list[str], expected: list[str]) -> bool:
    """Whether lines are as expected, where a line `…` stands for any number of lines."""
    pattern = "\n".join("*" if line == "…" else _literal(line) for line in expected)
    return fnmatch.fnmatchcase("\n".join(printed), pattern)


def _literal(line: str) -> str:
    """A pattern for a line; the last digits of a score depend on what computes it."""
    literal = re.sub(r"([\[*?])", r"[\1]", line)
    return re.sub(r"^0\.\d\d  ", "0.[0-9][0-9]  ", literal)


@pytest.mark.timeout(180)
def test_the_transcript_is_true(tmp_path: Path) -> None:
    shutil.copy(_ROOT / "notebooks" / "data" / "penguins_raw.csv", tmp_path)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    exchanges = _transcript()
    assert len(exchanges) >= 6
    for exchange in exchanges:
        done = subprocess.run(
            ["bash", "-c", exchange.command],
            cwd=tmp_path,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert _agrees(done.stdout.splitlines(), exchange.expected), (exchange, done)


def test_files_that_are_named_exist() -> None:
    for name in re.findall(r"\]\(([A-Z]\w+(?:\.md)?)\)", _README):
        assert (_ROOT / name).is_file(), name
    for folder in re.findall(r"^\| `(\w+)/` \|", _README, re.MULTILINE):
        assert (_ROOT / folder).is_dir(), folder


def test_python_examples_compile() -> None:
    for block in re.findall(r"```python\n(.*?)```", _README, re.DOTALL):
        lines = [line for line in block.splitlines() if not line.startswith("%")]
        source = "async def example():\n    pass\n" + "\n".join(f"    {line}" for line in lines)
        assert compile(source, "README.md", "exec").co_names
