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
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Self

from sessions.errors import UsageError
from subagents.agent_reading import FileParts, read_parts
from subagents.agent_role import GRANTABLE, RoleParts, read_role
from subagents.plain_types import plain_type
from subagents.prompt import Prompt
from subagents.role import Budget, Role, Tier
from tools_registry.skills.skill_file import split

__all__ = ["GRANTABLE", "AgentFile"]

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

    @property
    def signature(self) -> str:
        """How it is asked and what it hands back, on one line."""
        fields = ", ".join(f"{name}: {kind}" for name, kind in self.output.items())
        return f"{self.name}(task: str) -> {{{fields}}}"

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


def _escaped(text: str) -> str:
    text = text.replace("\\", "\\\\")
    return "".join(c if c.isprintable() or c == "\n" else ascii(c)[1:-1] for c in text)
