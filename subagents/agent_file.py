'''The file of a learned sub-agent: `learned_skills/agents/NAME.py`.

It is Python that nobody imports: the host reads it by `ast`, and its functions run in the guarded
kernel alone. At its top level stand a docstring of one sentence, imports, `INSTRUCTIONS` (text),
`ROLE` (plain values) and functions; the public ones are tools of its own.

    """Finds values that stand out, and says why."""

    INSTRUCTIONS = """
    ...
    """

    ROLE = {
        "tier": "fast",
        "tools": ["inspect"],
        "budget": {"requests": 6, "tokens": 60000, "context": 4000},
        "output": {"answer": "str", "values": "list[float]"},
    }
'''

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Self

from sessions.errors import RefusedError, UsageError
from subagents.agent_reading import FileParts, read_parts
from subagents.agent_role import GRANTABLE, RoleParts, read_role
from subagents.plain_types import plain_type
from subagents.prompt import Prompt
from subagents.role import Budget, Role, Tier
from tools_registry.files import FileRefusedError, read_file
from tools_registry.skills.skill_file import content_hash, split
from tools_registry.source import SourceError, decode

__all__ = ["FOLDER", "GRANTABLE", "AgentFile", "load"]

FOLDER = Path("learned_skills", "agents")
"""Where agents lie in a workspace."""

_MOST_BYTES = 64 * 1024
_NO_FIELDS: Mapping[str, str] = MappingProxyType({"answer": "str"})


@dataclass(frozen=True, kw_only=True)
class AgentFile:
    """A sub-agent as its file describes it.

    Attributes:
        name: Of the agent and of its file.
        summary: What it does, in a sentence.
        instructions: What its model is told.
        tier: How able a model it needs.
        tools: Tools of the runner that it wants.
        budget: What one task of it may take.
        output: Fields that it hands back: name → type, e.g. `list[float]`.
        code: Imports and functions; "" if it has none of its own.
    """

    name: str
    summary: str
    instructions: str
    tier: Tier = "fast"
    tools: tuple[str, ...] = ()
    budget: Budget = field(default_factory=Budget)
    output: Mapping[str, str] = field(default_factory=lambda: dict(_NO_FIELDS))
    code: str = ""

    @classmethod
    def parse(cls, name: str, text: str) -> Self:
        """Read the text of a file; nothing in it is run.

        Raises:
            UsageError: Saying all that is wrong with it.
        """
        parts = read_parts(name, split(text)[0])
        role = read_role(parts.role)
        problems = [*parts.problems, *role.problems]
        if problems:
            msg = f"{name[:64]!r} is no agent file: {'; '.join(problems[:8])}"
            raise UsageError(msg)
        return cls._of(name, parts, role)

    @classmethod
    def _of(cls, name: str, parts: FileParts, role: RoleParts) -> Self:
        return cls(
            name=name,
            summary=parts.summary,
            instructions=parts.instructions,
            tier=role.tier,
            tools=role.tools,
            budget=role.budget,
            output=role.output or dict(_NO_FIELDS),
            code=parts.code,
        )

    def render(self) -> str:
        """The text of the file; `parse` gives the same agent back."""
        role = {
            "tier": self.tier,
            "tools": list(self.tools),
            "budget": asdict(self.budget),
            "output": dict(self.output),
        }
        fields = "".join(f"    {json.dumps(k)}: {json.dumps(v)},\n" for k, v in role.items())
        summary = _escaped(self.summary).replace('"', '\\"')
        instructions = _escaped(self.instructions).replace('"""', '\\"\\"\\"')
        head = (
            f'"""{summary}"""\n\nINSTRUCTIONS = """\n{instructions}\n"""\n\nROLE = {{\n{fields}}}\n'
        )
        return head + (f"\n\n{self.code.strip()}\n" if self.code.strip() else "")

    def role(self) -> Role:
        """What the runner can run."""
        from pydantic import create_model

        from subagents.outputs import Output

        fields = {name: (plain_type(kind), ...) for name, kind in self.output.items()}
        output = create_model(f"{self.name}_output", __base__=Output, **fields)  # type: ignore[call-overload]  # fields are known at run time
        return Role(
            name=self.name,
            prompt=Prompt(name=self.name, text=self.instructions),
            tier=self.tier,
            tools=self.tools,
            budget=self.budget,
            output=output,
        )


def load(workspace: Path, name: str, *, approved: Callable[[str], bool]) -> AgentFile:
    """A learned agent by name.

    A workspace may be anyone's, and an agent's instructions are obeyed: one is only used if its
    content was approved on this machine.

    Args:
        workspace: The user's directory.
        name: Name of the agent.
        approved: Whether a content, given by its hash, was approved here.

    Raises:
        UsageError: If there is no such agent, or its file is no agent file.
        RefusedError: If it was not approved as it lies there.
    """
    text = _read(workspace / FOLDER, name)
    agent = AgentFile.parse(name, text)
    if not approved(content_of(text)):
        msg = f"the agent {name!r} was not approved on this machine as it is: review it first"
        raise RefusedError(msg)
    return agent


def content_of(text: str) -> str:
    """The hash by which a file is approved; a record of validation at its end doesn't count."""
    return content_hash(split(text)[0], "")


def _read(folder: Path, name: str) -> str:
    if not name.isidentifier():
        msg = f"{name[:64]!r} can't be the name of an agent"
        raise UsageError(msg)
    try:
        return decode(read_file(folder / f"{name}.py", limit=_MOST_BYTES))
    except FileNotFoundError:
        msg = f"there is no agent {name[:64]!r} in {folder}"
        raise UsageError(msg) from None
    except (FileRefusedError, SourceError, OSError) as error:
        msg = f"the agent {name[:64]!r} can't be used: its file {error}"
        raise UsageError(msg) from None


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\")
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
