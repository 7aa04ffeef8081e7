"""Skill files as nobody should write them, of every kind that came to mind, from a seed."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from pathlib import Path

from tools_registry.skills.skill import SkillDraft
from tools_registry.skills.skill_file import render

_SLOW = ("sum", "dots", "calls", "elif")
"""Kinds that take Python itself milliseconds to parse; one file in a hundred is of these."""

GOOD = 'def {name}(text: str) -> str:\n    """Good."""\n    return text\n'


def fill(folder: Path, count: int, seed: int = 0) -> list[str]:
    """Put `count` malformed files (or other things) into a folder; returns their names."""
    choice = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    outside = folder.parent / "outside.py"
    outside.write_text("def outside(): 'a secret'\n")
    light = [kind for name, kind in CONTENTS.items() if name not in _SLOW]
    slow = [CONTENTS[name] for name in _SLOW]
    names: list[str] = []
    for number in range(count):
        kind = THINGS[number % len(THINGS)] if number < 40 else None
        if kind is not None:
            names.append(kind(folder, number, outside))
        else:
            name = f"bad_{number}"
            content = choice.choice(light if number % 100 else slow)(name, choice)
            (folder / f"{name}.py").write_bytes(content)
            names.append(f"{name}.py")
    return names


def _link(folder: Path, number: int, outside: Path) -> str:
    (folder / f"link_{number}.py").symlink_to(outside)
    return f"link_{number}.py"


def _loop(folder: Path, number: int, outside: Path) -> str:
    (folder / f"loop_{number}.py").symlink_to(f"loop_{number}.py")
    return f"loop_{number}.py"


def _fifo(folder: Path, number: int, outside: Path) -> str:
    os.mkfifo(folder / f"pipe_{number}.py")
    return f"pipe_{number}.py"


def _directory(folder: Path, number: int, outside: Path) -> str:
    (folder / f"folder_{number}.py").mkdir()
    return f"folder_{number}.py"


def _unreadable(folder: Path, number: int, outside: Path) -> str:
    name = f"bytes_{number}_\udcff.py"
    (folder / name).write_text(GOOD.format(name="f"))
    return name


def _named(name: str) -> Callable[[Path, int, Path], str]:
    def make(folder: Path, number: int, outside: Path) -> str:
        function = name.removesuffix(".py")
        if function.isidentifier():
            (folder / name).write_text(GOOD.format(name=function))
        else:
            (folder / name).write_text("")
        return name

    return make


def _shadowed(folder: Path, number: int, outside: Path) -> str:
    """A package of the same name would be imported in place of the file."""
    name = f"shadow_{number}"
    (folder / name).mkdir()
    (folder / f"{name}.py").write_text(GOOD.format(name=name))
    return f"{name}.py"


THINGS: tuple[Callable[[Path, int, Path], str], ...] = (
    *(_link, _loop, _fifo, _directory, _unreadable, _shadowed),
    *map(_named, ("json.py", "print.py", "match.py", "lambda.py", "word_count.py", "Case.py")),
    *map(_named, ("CASE.py", "ümlaut.py", "with space.py", "two.dots.py", "-rf.py", "1st.py")),
    *map(_named, ("__init__.py", "\u202eyp.evil.py", "new\nline.py", "\x1b[2Jclear.py")),
    _named("a" * 70 + ".py"),
)

_RECORDS = (
    'status = "approved"\ncontent = "x"\nevidence = [[[1]]]',
    'status = "approved"\ncontent = "x"\nevidence = "text"',
    'status = "approved"\ncontent = "x"\nevidence = [1, 2]',
    'status = "approved"\ncontent = "x"\nevidence = {a = 1}',
    "status = 1979-05-27T07:32:00Z\ncontent = 0xffff",
    'status = "approved"\ncontent = ' + "9" * 9_000,
    "[" * 3_000,
    "a." * 9_000 + "b = 1",
    'status = "approved"\nstatus = "approved"',
    'status = "\\uD800"',
    "\x00",
    "status = inf",
)

CONTENTS: dict[str, Callable[[str, random.Random], bytes]] = {
    "empty": lambda name, r: b"",
    "blank": lambda name, r: b"\n" * r.randrange(5_000),
    "syntax": lambda name, r: b"x = 1\ndef (:\n",
    "cut": lambda name, r: GOOD.format(name=name).encode()[: r.randrange(20)],
    "binary": lambda name, r: r.randbytes(r.randrange(1, 3_000)),
    "nul": lambda name, r: GOOD.format(name=name).replace("text", "te\0xt").encode(),
    "utf16": lambda name, r: GOOD.format(name=name).encode("utf-16"),
    "utf32": lambda name, r: GOOD.format(name=name).encode("utf-32-be"),
    "latin": lambda name, r: (GOOD.format(name=name) + "# é\n").encode("latin-1"),
    "cookie": lambda name, r: b"# coding: utf-7\n" + GOOD.format(name=name).encode(),
    "marks": lambda name, r: b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD.format(name=name).encode(),
    "other": lambda name, r: GOOD.format(name="another").encode(),
    "class": lambda name, r: f"class {name}: ...\n".encode(),
    "unary": lambda name, r: f"def {name}(x={'-' * 20_000}1): ...\n".encode(),
    "sum": lambda name, r: f"def {name}(x={'1+' * 4_000}1): ...\n".encode(),
    "dots": lambda name, r: f"def {name}(x: a{'.b' * 2_500}): ...\n".encode(),
    "calls": lambda name, r: f"def {name}(x=f{'()' * 2_000}): ...\n".encode(),
    "number": lambda name, r: f"def {name}(x=0x{'f' * 9_000}): ...\n".encode(),
    "digits": lambda name, r: f"def {name}(x={'9' * 9_000}): ...\n".encode(),
    "blocks": lambda name, r: "".join(f"{' ' * n}if 1:\n" for n in range(150)).encode(),
    "elif": lambda name, r: ("if 1: ...\n" + "elif 1: ...\n" * 1_500).encode(),
    "string": lambda name, r: f'def {name}(x="{"x" * 9_000}"): ...\n'.encode(),
    "tabs": lambda name, r: f"def {name}():\n\tif 1:\n        x\n".encode(),
    "relative": lambda name, r: f"from . import other\n{GOOD.format(name=name)}".encode(),
    "whole": lambda name, r: f"import learned_skills\n{GOOD.format(name=name)}".encode(),
    "bidi": lambda name, r: GOOD.format(name=name).replace("Good", "\u202edooG").encode(),
    "tags": lambda name, r: GOOD.format(name=name).replace("Good", "\U000e0041").encode(),
    "surrogate": lambda name, r: GOOD.format(name=name).encode() + b"# \xed\xa0\x80\n",
    "large": lambda name, r: GOOD.format(name=name).encode() + b"#" * (128 * 1024),
}
"""Contents that can't be a skill."""

DOUBTFUL: dict[str, Callable[[str, random.Random], bytes]] = {
    "nested": lambda name, r: f"def {name}(x={'(' * 150}1{')' * 150}): ...\n".encode(),
    "bare": lambda name, r: GOOD.format(name=name).encode(),
    "mark": lambda name, r: b"\xef\xbb\xbf" + GOOD.format(name=name).encode(),
    "returns": lambda name, r: GOOD.format(name=name).replace("\n", "\r\n").encode(),
    "itself": lambda name, r: (
        f"from learned_skills.{name} import {name}\n{GOOD.format(name=name)}"
    ).encode(),
    "absent": lambda name, r: (
        f"from learned_skills.nowhere import nowhere\n{GOOD.format(name=name)}"
    ).encode(),
    "record": lambda name, r: _recorded(name, r.choice(_RECORDS)),
    "forged": lambda name, r: render(
        SkillDraft(name=name, source=GOOD.format(name=name), tests="")
    ).encode(),
}
"""Contents that read as a skill, and must not be used."""


def _recorded(name: str, toml: str) -> bytes:
    lines = "".join(f"# {line}\n" for line in toml.split("\n"))
    return f"{GOOD.format(name=name)}\n\n# /// skill\n{lines}# ///\n".encode()
