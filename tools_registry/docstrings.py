"""Split a Google-style docstring into the parts that a tool shows and that search weighs.

A docstring is data: nothing in it is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

_SECTION = re.compile(r"^(Args|Arguments|Parameters):\s*$")
_SUMMARY = 500
"""Most characters of a summary: it goes into every listing, and to the model."""
_ITEM = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s*(.*)$")


@dataclass(frozen=True, kw_only=True)
class Docstring:
    """What a docstring says.

    Attributes:
        text: All of it, without common indentation.
        summary: The first paragraph as one line, shortened if it is long.
        args: What it says of each parameter, as one line each.
        examples: `>>>` examples as (expression, expected); those that print nothing are left out.
    """

    text: str = ""
    summary: str = ""
    args: dict[str, str] = field(default_factory=dict)
    examples: tuple[tuple[str, str], ...] = ()


def split(text: str) -> Docstring:
    """Take a cleaned docstring (`ast.get_docstring`) apart; any text is accepted."""
    lines = text.splitlines()
    return Docstring(
        text=text,
        summary=_summary(lines),
        args=_args(lines),
        examples=tuple(_examples(lines)),
    )


def _summary(lines: Iterable[str]) -> str:
    first: list[str] = []
    for line in lines:
        if not line.strip():
            break
        first.append(line.strip())
    summary = " ".join(first)
    return summary if len(summary) <= _SUMMARY else f"{summary[: _SUMMARY - 1]}…"


def _args(lines: list[str]) -> dict[str, str]:
    """The items of the Args section; deeper lines continue the item above."""
    args: dict[str, str] = {}
    name, margin = "", None
    for line in _section(lines):
        indent = len(line) - len(line.lstrip())
        margin = indent if margin is None else margin
        item = _ITEM.match(line.strip()) if indent <= margin else None
        if item:
            name = item[1]
            args[name] = item[2]
        elif name:
            args[name] = f"{args[name]} {line.strip()}".strip()
    return args


def _section(lines: list[str]) -> Iterator[str]:
    """The indented lines below `Args:`."""
    inside = False
    for line in lines:
        if _SECTION.match(line):
            inside = True
        elif inside and line.strip():
            if not line[0].isspace():
                return
            yield line


def _examples(lines: list[str]) -> Iterator[tuple[str, str]]:
    source: list[str] = []
    want: list[str] = []
    for line in [*(line.strip() for line in lines), ""]:
        if line.startswith("... ") and source and not want:
            source.append(line[4:])
        elif line.startswith(">>> ") or not line:
            if source and want:
                yield "\n".join(source), "\n".join(want)
            source, want = ([line[4:]] if line else []), []
        elif source:
            want.append(line)
