"""The form of a skill file: code first, then a record of its validation in comments.

The record has the shape of inline script metadata (PEP 723), so it needs no second file, and Python
and every linter leave it alone:

    # /// skill
    # status = "approved"
    # created = "2026-11-21T00:48:15Z"
    # content = "sha256:…"
    # evidence = [
    #   { signal = "tests", passed = true, detail = "4 of 4 passed" },
    # ]
    # ///

Its `content` is a hash of code, tests and the skills that the code imports: whatever was edited by
hand after the validation shows. One line for each check, in the order of the gates, keeps the
difference between two versions short.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field
from itertools import accumulate
from types import MappingProxyType
from typing import Any, get_args

from tools_registry.skills.skill import Evidence, Provenance, SkillDraft
from tools_registry.source import SourceError, parse
from tools_registry.tool import SkillStatus

_START = "# /// skill\n"
_END = "\n# ///"
_STATUS = re.compile(r'^# status = "[a-z]*"$', re.MULTILINE)
_LONGEST = 64 * 1024
_LINES = 400
_LINE = 1000
"""Most characters, lines, and characters of a line of a record that is read: a parser for TOML can
be kept busy for long."""

_MERGED = 4
"""Most further records that are taken out: a merge in git may keep those of all sides."""

_MOST = 50
_DETAIL = 300
"""Most checks of a record, and characters of each text in it, as written."""

_NOTHING: Mapping[str, str] = MappingProxyType({})
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(frozen=True, kw_only=True)
class Record:
    """The part of a skill file that says how it was validated."""

    status: SkillStatus = "stale"
    content: str = ""
    provenance: Provenance = field(default_factory=Provenance)
    evidence: tuple[Evidence, ...] = ()


def render(draft: SkillDraft, skills: Mapping[str, str] = _NOTHING) -> str:
    """The text of a skill file.

    Args:
        draft: The skill.
        skills: Contents of the skills that it imports, by name.
    """
    source = split(draft.source)[0]
    lines = _lines(draft, content_of(draft, skills))
    return source + "\n\n" + "".join(f"# {line}\n" for line in ["/// skill", *lines, "///"])


def split(text: str) -> tuple[str, Record]:
    """Code and record of a skill file, the last if it has several; stale without a sound one."""
    code, toml = _cut(text.rstrip("\n"))
    for _ in range(_MERGED):
        code, older = _cut(code.rstrip("\n"))
        if older is None:
            break
    return code.rstrip("\n") + "\n", Record() if toml is None else _record(toml)


def marked(text: str, status: SkillStatus) -> str:
    """A skill file with another status in its record; all else stays, and all if it has none.

    Args:
        text: The file.
        status: What it is to say.
    """
    span = _span(text)
    if span is None:
        return text
    record = _STATUS.sub(f'# status = "{status}"', text[slice(*span)], count=1)
    return text[: span[0]] + record + text[span[1] :]


def _cut(text: str) -> tuple[str, str | None]:
    """What stands around the last block of a record, and the block without its `#`."""
    span = _span(text)
    if span is None:
        return text, None
    start, end = span
    lines = text[start + len(_START) : end - len(_END)].split("\n")
    return text[:start] + text[end + 1 :], "\n".join(line[2:] for line in lines)


def _span(text: str) -> tuple[int, int] | None:
    """Where the last block of a record begins and ends; None if there is no such block."""
    start = text.rfind("\n" + _START) + 1
    end = (text + "\n").find(_END + "\n", start)
    if end < 0 or not text.startswith(_START, start):
        return None
    lines = text[start + len(_START) : end].split("\n")
    if not all(line == "#" or line.startswith("# ") for line in lines):
        return None
    end += len(_END)
    code = text[:start] + text[end + 1 :]
    return None if len(code) > start and not _same_code(text, code) else (start, end)


def _same_code(text: str, other: str) -> bool:
    """Whether two texts differ in comments alone: what was cut out was no part of a string."""
    try:
        return ast.dump(parse(text)) == ast.dump(parse(other))
    except (SourceError, RecursionError):
        return False


def content_of(draft: SkillDraft, skills: Mapping[str, str] = _NOTHING) -> str:
    """What the `content` of a draft will be; see `content_hash`."""
    agent = draft.name if draft.kind == "agent" else ""
    return content_hash(split(draft.source)[0], draft.tests, skills, agent)


def content_hash(
    source: str, tests: str, skills: Mapping[str, str] = _NOTHING, agent: str = ""
) -> str:
    """What `content` must be; the lengths keep a line from moving from one part to the next.

    Args:
        source: The code, without the record.
        tests: The code of its tests.
        skills: Contents of the skills that it imports, by name; theirs cover what they import.
        agent: Name of the sub-agent that the code describes, which a skill of the same code, or
            an agent of another name, is not; "" for a skill.
    """
    text = f"{len(source)}\n{source}{tests}"
    if skills:
        imported = "".join(f"{name} {skills[name]}\n" for name in sorted(skills))
        text = f"{len(source)} {len(tests)}\n{source}{tests}{imported}"
    if agent:
        text = f"agent {agent}\n{text}"
    return "sha256:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def claim_hash(source: str, tests: str, record: Record) -> str:
    """What the ledger knows evidence by, with the code that it is about: `content` leaves it out.

    Args:
        source: The code, without the record.
        tests: The code of its tests.
        record: With the evidence.
    """
    evidence = [astuple(item) for item in record.evidence]
    text = json.dumps([record.content, source, tests, evidence])
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(draft: SkillDraft, content: str) -> list[str]:
    """The record in TOML; what is empty is left out."""
    provenance = draft.provenance
    facts = {
        "status": draft.status,
        "created": provenance.created,
        "model": provenance.model,
        "session": provenance.session_id,
        "commit": provenance.commit,
        "content": content,
    }
    lines = [f"{key} = {_quote(text)}" for key, text in facts.items() if text]
    if draft.evidence:
        lines += ["evidence = [", *map(_line, draft.evidence[:_MOST]), "]"]
    return lines


def _line(item: Evidence) -> str:
    facts = [f"signal = {_quote(item.signal)}", f"passed = {str(item.passed).lower()}"]
    if item.detail:
        facts.append(f"detail = {_quote(item.detail)}")
    return f"  {{ {', '.join(facts)} }},"


def _quote(text: str) -> str:
    """A TOML string on one line; nothing invisible is left unescaped."""
    pieces = list(map(_escape, text[: _DETAIL + 1]))
    fitting = sum(1 for length in accumulate(map(len, pieces)) if length <= _DETAIL)
    cut = "" if fitting == len(pieces) else "…"
    return '"' + "".join(pieces[:fitting]) + cut + '"'


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"  # half a character, which TOML can't say
    return f"\\U{ord(char):08x}"


def _record(toml: str) -> Record:
    lines = toml.split("\n")
    if len(toml) > _LONGEST or len(lines) > _LINES or max(map(len, lines)) > _LINE:
        return Record()
    try:
        return _checked(tomllib.loads(toml))
    except (ValueError, KeyError, TypeError, RecursionError):
        return Record()


def _checked(table: dict[str, Any]) -> Record:
    if table["status"] not in get_args(SkillStatus):
        raise ValueError(table["status"])
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
