"""Two versions of a skill on a terminal: in two columns if it is wide, else as a patch."""

from __future__ import annotations

import difflib
import shutil
from collections.abc import Callable, Iterator, Sequence

from agent.cli.table import one_line
from agent.render import Paper, safe
from tools_registry.review.comparing import Comparison, Version, unified
from tools_registry.review.looks import short
from tools_registry.skills.skill import Evidence
from tools_registry.source import lines_of

WIDE = 110
"""Columns of a terminal from which two versions fit side by side."""

UNMEASURED = "as claimed by the file; not measured on this machine"
"""What is said of evidence that anybody who writes the file could have written."""

_CONTEXT = 3
_RED, _GREEN, _DIM, _BOLD = "31", "32", "2", "1"
_STYLES = {"-": _RED, "+": _GREEN, "@": "36"}
Row = tuple[str, str, str]
"""A mark (` `, `<`, `>`, `|`, `…`), and the left and the right half of a line."""


def show(found: Comparison, paper: Paper, width: int | None = None) -> None:
    """Show a comparison: facts, code, tests, evidence.

    Args:
        found: What to show.
        paper: Where.
        width: Columns; by default the terminal's, and narrow where there is none.
    """
    narrow = 80 if not paper.is_terminal else shutil.get_terminal_size().columns
    edge = width or narrow
    paper.line(f"{found.skill.signature}", _BOLD)
    paper.line(f"  {found.old.label}  →  {found.new.label}", _DIM)
    if found.skill.reason:
        paper.line(f"  {one_line(found.skill.reason)}", _DIM)
    if found.note:
        paper.line(f"  {found.note}", "33")
    paper.line(f"  content {short(found.skill.content)}", _DIM)
    draw = _columns if edge >= WIDE and found.old.source else _patch
    for title, old, new in (
        ("code", found.old.source, found.new.source),
        ("tests", found.old.tests, found.new.tests),
    ):
        paper.line(f"\n{title}", _BOLD)
        draw(paper, old, new, title, edge)
    paper.line("\nevidence", _BOLD)
    if found.new.evidence and not found.new.measured:
        paper.line(f"  {UNMEASURED}", "33")
    for text, style in _evidence(found.old, found.new):
        paper.line(f"  {one_line(text)}", style)


def _patch(paper: Paper, old: str, new: str, title: str, edge: int) -> None:
    if old == new:
        paper.line("  no difference", _DIM)
    elif not old:
        for line in lines_of(new):
            paper.line(f"+{line}", _GREEN)
    else:
        for line in unified(old, new, title).split("\n")[2:]:
            paper.line(line, _STYLES.get(line[:1], ""))


def _columns(paper: Paper, old: str, new: str, title: str, edge: int) -> None:
    if old == new:
        paper.line("  no difference", _DIM)
        return
    half = (edge - 3) // 2
    for mark, left, right in _near(list(rows(lines_of(old), lines_of(new)))):
        for first, a, b in _folded(left, right, half):
            sign = mark if first or mark == "|" else " "
            paper.columns(
                (f"{a:<{half}}", _RED if mark in "<|" else ""),
                (f" {sign} ", _DIM),
                (b, _GREEN if mark in ">|" else ""),
            )


def rows(old: Sequence[str], new: Sequence[str]) -> Iterator[Row]:
    """Two texts line beside line."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        left, right = old[a:b], new[c:d]
        for i in range(max(len(left), len(right))):
            one = left[i] if i < len(left) else None
            two = right[i] if i < len(right) else None
            yield _mark(tag, one, two), one or "", two or ""


def _mark(tag: str, left: str | None, right: str | None) -> str:
    if tag == "equal":
        return " "
    return ">" if left is None else "<" if right is None else "|"


def _near(found: list[Row]) -> Iterator[Row]:
    """The lines that differ, with a few around them."""
    changed = [i for i, row in enumerate(found) if row[0] != " "]
    near = {j for i in changed for j in range(i - _CONTEXT, i + _CONTEXT + 1)}
    skipped: list[Row] = []
    for i, row in enumerate(found):
        if i not in near:
            skipped.append(row)
            continue
        yield from skipped if len(skipped) < 2 else [("…", "…", "…")]
        skipped = []
        yield row


def _folded(left: str, right: str, width: int) -> Iterator[tuple[bool, str, str]]:
    """A long line goes on below itself: what is cut off could be what matters."""
    pieces = list(map(_fold(width), (left, right)))
    for i in range(max(map(len, pieces))):
        a, b = (piece[i] if i < len(piece) else "" for piece in pieces)
        yield i == 0, a, b


def _fold(width: int) -> Callable[[str], list[str]]:
    def fold(line: str) -> list[str]:
        text = safe(line.expandtabs(4))
        return [text[i : i + width] for i in range(0, len(text), width)] or [""]

    return fold


def _evidence(old: Version, new: Version) -> Iterator[tuple[str, str]]:
    """What speaks for the new version, and what spoke for the old one where that differs."""
    before = {item.signal: item for item in old.evidence}
    for item in new.evidence:
        was = before.pop(item.signal, None)
        when = "before" if old.measured else "before, as its file claims"
        told = f"  ({when}: {_verdict(was)})" if was and was != item else ""
        yield _verdict(item, item.signal) + told, "" if item.passed else _RED
    for item in before.values():
        yield f"gone: {_verdict(item, item.signal)}", _DIM
    if not new.evidence:
        yield "none on record", _RED


def _verdict(item: Evidence, signal: str = "") -> str:
    mark = "✓" if item.passed else "✗"
    return " ".join(filter(None, [mark, signal and f"{signal:<12}", item.detail])).rstrip()
