"""Several processes index and search one collection while its tools come and go."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools_registry.search.keyword_index import KeywordIndex
from tools_registry.tool import Tool

PROGRAM = """
import random, sys
from pathlib import Path
from tools_registry.search.keyword_index import KeywordIndex
from tools_registry.tool import Tool

def tool(name):
    return Tool(name=name, kind="user", module="m", category="c", signature="s", summary=name,
                doc="", file=Path("x"))

file, seed, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
generator = random.Random(seed)
for turn in range(rounds):
    names = [f"shared{n}" for n in range(50)]
    names += [f"own{seed}x{generator.randrange(400)}" for _ in range(300)]
    generator.shuffle(names)
    index = KeywordIndex([tool(name) for name in names], file)
    index.update()
    for name in generator.sample(names, 5):
        found = [names[n] for n in index.scores(name)]
        assert name in found and set(found) == {name}, (name, found)
    print(turn, flush=True)
"""


def tool(name: str) -> Tool:
    return Tool(
        name=name,
        kind="user",
        module="m",
        category="c",
        signature="s",
        summary=name,
        doc="",
        file=Path("x"),
    )


def start(file: Path, seed: int, rounds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(file), str(seed), str(rounds)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_each_finds_its_own_tools_and_no_others(tmp_path: Path) -> None:
    running = [start(tmp_path / "index.sqlite", seed, 8) for seed in range(3)]
    ended = [process.communicate(timeout=100) for process in running]

    assert [errors for _, errors in ended] == [""] * 3
    assert [output.split()[-1] for output, _ in ended] == ["7"] * 3


@pytest.mark.parametrize("lines", [0, 1, 3])
def test_a_killed_process_tears_nothing(tmp_path: Path, lines: int) -> None:
    file = tmp_path / "index.sqlite"
    KeywordIndex([tool("kept")], file).update()
    process = start(file, 1, 1000)
    assert process.stdout is not None
    for _ in range(lines):
        process.stdout.readline()
    process.kill()
    process.communicate()

    index = KeywordIndex(
        [tool("kept"), tool("new"), *(tool(f"shared{n}") for n in range(50))], file
    )
    index.update()
    assert index.complete
    assert list(index.scores("kept")) == [0]
    assert list(index.scores("new")) == [1]
    assert list(index.scores("shared7")) == [9]
    assert start(file, 2, 1).communicate(timeout=60)[1] == ""
