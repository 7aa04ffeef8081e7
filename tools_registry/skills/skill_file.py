"""The form of a skill file: code first, then a record of its validation in comments.

The record has the shape of inline script metadata (PEP 723), so it needs no second file, and Python
and every linter leave it alone:

    # /// skill
    # status = "approved"
    # ...
    # ///

Its `content` is a hash of code and tests: whatever was edited by hand after the validation shows.
"""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from typing import Any, get_args

from tools_registry.skills.skill import Evidence, Provenance, SkillDraft
from tools_registry.tool import SkillStatus

_START = "# /// skill\n"
_END = "\n# ///"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, kw_only=True)
class Record:
    """The part of a skill file that says how it was validated."""

    status: SkillStatus = "stale"
    content: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    evidence: tuple[Evidence, ...] = ()


def render(draft: SkillDraft) -> str:
    """The text of a skill file."""
    source = split(draft.source)[0]
    lines = _lines(draft, content_hash(source, draft.tests))
    return source + "\n\n" + "".join(f"# {line}\n" for line in ["/// skill", *lines, "///"])


def split(text: str) -> tuple[str, Record]:
    """Code and record of a skill file; without a sound record it counts as stale."""
    code, toml = _cut(text.rstrip("\n"))
    return code.rstrip("\n") + "\n", Record() if toml is None else _record(toml)


def _cut(text: str) -> tuple[str, str | None]:
    """What stands before the block that ends the text, and the block without its `#`."""
    start = text.rfind("\n" + _START) + 1
    if not text.endswith(_END) or not text.startswith(_START, start):
        return text, None
    lines = text[start + len(_START) : -len(_END)].split("\n")
    if not all(line == "#" or line.startswith("# ") for line in lines):
        return text, None
    return text[:start], "\n".join(line[2:] for line in lines)


def content_hash(source: str, tests: str) -> str:
    """What `content` must be; the length keeps a line from moving between the two."""
    text = f"{len(source)}\n{source}{tests}"
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _lines(draft: SkillDraft, content: str) -> list[str]:
    provenance = draft.provenance
    lines = [
        f"status = {_quote(draft.status)}",
        f"created = {_quote(provenance.created)}",
        f"model = {_quote(provenance.model)}",
        f"session = {_quote(provenance.session_id)}",
        f"commit = {_quote(provenance.commit)}",
        f"content = {_quote(content)}",
    ]
    for item in draft.evidence:
        lines += [
            "[[evidence]]",
            f"signal = {_quote(item.signal)}",
            f"passed = {str(item.passed).lower()}",
            f"detail = {_quote(item.detail)}",
        ]
    return lines


def _quote(text: str) -> str:
    """A TOML string on one line; nothing invisible is left unescaped."""
    return '"' + "".join(map(_escape, text)) + '"'


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"  # half a character, which TOML can't say
    return f"\\U{ord(char):08x}"


def _record(toml: str) -> Record:
    try:
        return _checked(tomllib.loads(toml))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, RecursionError):
        return Record()


def _checked(table: dict[str, Any]) -> Record:
    if table["status"] not in get_args(SkillStatus):
        raise KeyError(table["status"])
    return Record(
        status=table["status"],
        content=_str(table["content"]),
        provenance=Provenance(
            model=_str(table.get("model", "")),
            session_id=_str(table.get("session", "")),
            created=_str(table.get("created", "")),
            commit=_str(table.get("commit", "")),
        ),
        evidence=tuple(map(_evidence, table.get("evidence", []))),
    )


def _evidence(item: dict[str, Any]) -> Evidence:
    if not isinstance(item["passed"], bool):
        raise TypeError(item)
    return Evidence(
        signal=_str(item["signal"]), passed=item["passed"], detail=_str(item.get("detail", ""))
    )


def _str(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value
