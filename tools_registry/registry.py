"""The registry: every callable tool of a workspace, and the search over them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Self

from sessions.errors import UsageError
from tools_registry.core_tools import core_tools
from tools_registry.files import Problem
from tools_registry.imported import imported_tools
from tools_registry.search.search import Search
from tools_registry.search.usage import Usage
from tools_registry.skills.library import MODULE, SkillLibrary
from tools_registry.skills.skill import Skill
from tools_registry.skills.skill_name import explain_unknown
from tools_registry.source import Origin, parse_tools
from tools_registry.tool import Hit, Kind, SkillStatus, Tool


class Registry:
    """Core tools, skills and what the person has added; a snapshot of when it was opened.

    Attributes:
        skills: The skill library of the workspace.
        problems: Files that were skipped, and why.
        usage: What was learned from use; search goes by it.
    """

    def __init__(
        self,
        tools: Iterable[Tool],
        *,
        skills: SkillLibrary,
        problems: Iterable[Problem] = (),
        weights: Path | None = None,
        usage: Usage | None = None,
    ) -> None:
        self._tools: dict[str, Tool] = {}
        clashes = [clash for tool in tools if (clash := self._add(tool))]
        self.problems = (*problems, *clashes)
        self.skills = skills
        self.usage = usage
        self._search = Search(
            tuple(self._tools.values()),
            weights=weights,
            collection=_collection(skills.workspace),
            usage=usage,
        )

    @classmethod
    def open(cls, workspace: Path | str = ".", *, weights: Path | None = None) -> Self:
        """Read core tools, the skills of a workspace and what the person added; writes nothing.

        Args:
            workspace: The user's directory; it need not have any skills.
            weights: Folder of the embedding weights; by default where `weights.locate` finds
                them. Without them search goes by keywords alone.
        """
        library = SkillLibrary(workspace)
        tools, problems = core_tools()
        skills, skill_problems = library.scan()
        own = [*tools, *(_as_tool(skill) for skill in skills if skill.usable)]
        imported, import_problems = imported_tools(Path(workspace), {tool.name for tool in own})
        return cls(
            [*own, *imported],
            skills=library,
            problems=[*problems, *skill_problems, *import_problems],
            weights=weights,
            usage=Usage.open(),
        )

    def tools(self) -> tuple[Tool, ...]:
        """Everything callable, core tools first; stale and rejected skills are left out."""
        return tuple(self._tools.values())

    def get(self, name: str) -> Tool:
        """One tool.

        Raises:
            UsageError: If there is none of that name, or it is a skill that may not be used; the
                message has the nearest, or the reason.
        """
        tool = self._tools.get(name)
        if tool is None:
            raise UsageError(self._explain_absent(name))
        return tool

    def search(
        self,
        query: str,
        limit: int = 5,
        *,
        kind: Kind | None = None,
        category: str | None = None,
        status: SkillStatus | None = None,
    ) -> list[Hit]:
        """The tools that fit a request best.

        Args:
            query: Any text; one step of a task works better than a whole task.
            limit: Most hits returned.
            kind: Only tools from there.
            category: Only tools of that group.
            status: Only skills whose review is that far.

        Returns:
            Best first, empty if nothing fits.
        """
        wanted = {"kind": kind, "category": category, "status": status}
        given = {name: value for name, value in wanted.items() if value is not None}

        def fits(tool: Tool) -> bool:
            return all(getattr(tool, name) == value for name, value in given.items())

        ranked = self._search.rank(query, limit, fits if given else None)
        return [_hit(tool, score) for tool, score in ranked]

    def wait(self) -> None:
        """Return when all tools are indexed; until then search makes do with what there is."""
        self._search.wait()

    @property
    def embedding(self) -> tuple[bool, str]:
        """Whether search also goes by meaning; if not, why and what to do."""
        return self._search.embedding

    def _explain_absent(self, name: str) -> str:
        for skill in self.skills.list():
            if skill.name == name:
                return f"skill {name} is {skill.status} and not used: {skill.reason}"
        return explain_unknown("tool", name, self._tools)

    def _add(self, tool: Tool) -> Problem | None:
        """Take a tool in unless its name is taken: a skill can't pose as a core tool."""
        first = self._tools.setdefault(tool.name, tool)
        if first is tool:
            return None
        return Problem(file=tool.file, message=f"{tool.name} is already defined in {first.file}")


def _as_tool(skill: Skill) -> Tool:
    if skill.tool is not None:
        return replace(skill.tool, status=skill.status)
    origin = Origin(
        kind="skill",
        module=f"{MODULE}.{skill.name}",
        category="skill",
        file=skill.file,
        status=skill.status,
    )
    return next(tool for tool in parse_tools(skill.source, origin) if tool.name == skill.name)


def _collection(workspace: Path) -> str:
    """What the index of a workspace is called."""
    place = os.fsencode(workspace.resolve())
    return hashlib.blake2b(place, digest_size=12).hexdigest()


def _hit(tool: Tool, score: float) -> Hit:
    return Hit(
        name=tool.name,
        kind=tool.kind,
        signature=tool.signature,
        summary=tool.summary,
        score=max(round(score, 4), 0.0001),
        category=tool.category,
        status=tool.status,
    )
