"""Which version of a skill a person has looked at: that one, and no other, is what they approve."""

from __future__ import annotations

import contextlib
from pathlib import Path

from sessions.errors import AgentError, RefusedError, UsageError
from tools_registry.own_files import locked, read_json, write_json
from tools_registry.skills.skill import Skill

_MOST = 1_000
"""Looks that are remembered, the newest."""

_LEAST = 12
"""Fewest digits by which a version is named."""


class Looks:
    """What was shown, by workspace and name, in the person's own data directory.

    Args:
        folder: Where it is remembered.
        workspace: Whose skills these are.
    """

    def __init__(self, folder: Path, workspace: Path) -> None:
        self._file = folder / "looks.json"
        self._workspace = str(workspace.resolve())

    def note(self, skill: Skill) -> None:
        """Remember that this was shown; nothing happens if that can't be written."""
        self._change(skill, skill.content)

    def forget(self, skill: Skill) -> None:
        """A decision was made about it."""
        if self.of(skill):
            self._change(skill, "")

    def of(self, skill: Skill) -> str:
        """The content that was shown last; "" if none was."""
        found = self._known().get(self._key(skill), "")
        return found if isinstance(found, str) else ""

    def _change(self, skill: Skill, content: str) -> None:
        with contextlib.suppress(AgentError), locked(self._file.parent):
            known = self._known()
            known.pop(self._key(skill), None)
            if content:
                known[self._key(skill)] = content
            write_json(self._file, dict(list(known.items())[-_MOST:]), mode=0o600)

    def _known(self) -> dict[str, object]:
        known = read_json(self._file)
        return known if isinstance(known, dict) else {}

    def _key(self, skill: Skill) -> str:
        return f"{self._workspace}\0{skill.kind}\0{skill.name}"


def check_expected(skill: Skill, expected: str) -> None:
    """Let nothing be approved but the version that is meant.

    Args:
        skill: As it lies there.
        expected: Its content, or how that begins, with `sha256:` or without; "" for any.

    Raises:
        UsageError: If that can't be a content.
        RefusedError: If it is another version.
    """
    digits = expected.removeprefix("sha256:")
    if not expected:
        return
    if len(digits) < _LEAST or set(digits) - set("0123456789abcdef"):
        msg = f"{expected[:80]!r} is no hash: agent skills diff {skill.name} shows it"
        raise UsageError(msg)
    if not skill.content.removeprefix("sha256:").startswith(digits):
        msg = (
            f"{skill.name} is not the version that was meant: it is {short(skill.content)}, not "
            f"{short(expected)}; look again with agent skills diff {skill.name}"
        )
        raise RefusedError(msg)


def check_looked(skill: Skill, shown: str) -> None:
    """Let nothing be approved that has changed since it was shown.

    Args:
        skill: As it lies there.
        shown: The content that was shown last, or "".

    Raises:
        RefusedError: If it is another one now.
    """
    if shown and shown != skill.content:
        msg = (
            f"{skill.name} has changed since it was shown ({short(shown)}, now "
            f"{short(skill.content)}): look again with agent skills diff {skill.name}"
        )
        raise RefusedError(msg)


def short(content: str) -> str:
    """A content as people copy it."""
    return content.removeprefix("sha256:")[:16]
