"""What was rejected and why, so that it is not proposed again.

The team shares `rejected.json` beside the skills; what a person rejected here is also in the
ledger, which no workspace can write. Each knows the exact content and the code's form: the same
statements with other comments, docstrings or spaces are the same skill.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sessions.errors import AgentError, RefusedError
from tools_registry.files import FileRefusedError, Folder
from tools_registry.review.message import clean
from tools_registry.skills.ledger import FORM, Ledger
from tools_registry.skills.skill import Skill
from tools_registry.source import SourceError, parse

FILE = "rejected.json"
_LIMIT = 4 << 20
_LONGEST_NAME, _LONGEST_REASON = 80, 1000
_DOCUMENTED = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, kw_only=True)
class Rejection:
    """One no.

    Attributes:
        name: The skill.
        reason: Why, for people and for models that would try again.
        content: Hash of what was rejected.
        form: Hash of its code without comments, docstrings and spaces.
        time: UTC time, ISO 8601 with `Z`.
    """

    name: str
    reason: str
    content: str = ""
    form: str = ""
    time: str = ""


class Rejections:
    """The rejections that hold in a workspace.

    Args:
        path: The folder `learned_skills`.
        ledger: What was rejected on this machine.
    """

    def __init__(self, path: Path, ledger: Ledger) -> None:
        self._path = path
        self._ledger = ledger

    def all(self) -> tuple[Rejection, ...]:
        """Those of the team's file, in its order; none if it is not there or no such file."""
        try:
            with Folder.open(self._path) as folder:
                entries = json.loads(folder.read(FILE, limit=_LIMIT))
        except (OSError, FileRefusedError, ValueError, RecursionError):
            return ()
        return tuple(map(_rejection, filter(_sound, entries if isinstance(entries, list) else [])))

    def add(self, rejection: Rejection) -> None:
        """Keep one: in the ledger first, which counts, then in the team's file.

        Raises:
            AgentError: If one of them can't be written.
        """
        self._ledger.rejected(rejection.content, rejection.name, rejection.reason)
        self._ledger.rejected(rejection.form, rejection.name, rejection.reason)
        self._write([*self._others(rejection), rejection])

    def take_back(self, skill: Skill) -> None:
        """Forget a rejection of what a person has approved now."""
        form = form_of(skill.source)
        if self._ledger.verdict(form) is not None:
            self._ledger.approved(form, skill.name)
        kept = self._others(Rejection(name="", reason="", content=skill.content, form=form))
        if len(kept) != len(self.all()):
            self._write(kept)

    def find(self, source: str, content: str = "") -> Rejection | None:
        """The rejection that a piece of code falls under.

        Args:
            source: The code.
            content: Its content hash, if it has one already.
        """
        form = form_of(source)
        known = self._ledger.verdicts([content, form])
        for key in (content, form):
            verdict = known.get(key)
            if verdict is not None and verdict.rejected is not None:
                return Rejection(name=verdict.name, reason=verdict.rejected)
            if verdict is not None and verdict.approved:
                return None
        same = (r for r in self.all() if form == r.form or (content and content == r.content))
        return next(same, None)

    def check(self, source: str, content: str = "") -> None:
        """Refuse code that was rejected before.

        Raises:
            RefusedError: With the reason that was given then.
        """
        found = self.find(source, content)
        if found is not None:
            msg = f"this code was rejected before, as {found.name}: {found.reason}"
            raise RefusedError(msg)

    def _others(self, new: Rejection) -> list[Rejection]:
        return [r for r in self.all() if r.content != new.content and r.form != new.form]

    def _write(self, rejections: Iterable[Rejection]) -> None:
        """One line each, so that two people's lists merge."""
        rows = [json.dumps(asdict(r), ensure_ascii=True) for r in rejections]
        text = "[\n" + ",\n".join(rows) + "\n]\n" if rows else "[]\n"
        try:
            with Folder.open(self._path) as folder:
                folder.write(FILE, text.encode())
        except (OSError, FileRefusedError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            msg = f"the rejection is noted on this machine, but not in {self._path / FILE}: {why}"
            raise AgentError(msg) from error


def form_of(source: str) -> str:
    """A hash of what the code does, not of how it is written down."""
    try:
        tree = parse(source)
        for node in ast.walk(tree):
            if isinstance(node, _DOCUMENTED):
                node.body = _without_docstring(node.body)
        text = ast.dump(tree)
    except (SourceError, RecursionError):
        text = source
    return FORM + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _without_docstring(body: list[Any]) -> list[Any]:
    match body:
        case [ast.Expr(value=ast.Constant(value=str())), *rest]:
            return rest
    return body


def _sound(entry: object) -> bool:
    names = ("name", "reason", "content", "form", "time")
    if not isinstance(entry, dict):
        return False
    return "name" in entry and all(isinstance(entry.get(name, ""), str) for name in names)


def _rejection(entry: Mapping[str, str]) -> Rejection:
    """What is shown of it is a line, whoever wrote it."""
    return Rejection(
        name=clean(entry["name"])[:_LONGEST_NAME],
        reason=clean(entry.get("reason", ""))[:_LONGEST_REASON],
        content=entry.get("content", ""),
        form=entry.get("form", ""),
        time=entry.get("time", ""),
    )
